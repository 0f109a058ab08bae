using System.Collections.Immutable;
using Templater.Pipeline;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Watching;

namespace Templater.Cli.Running;

/// <summary>What came of one snapshot in one output.</summary>
/// <param name="Result">The delivery.</param>
/// <param name="Findings">What is to be said about containers and the template.</param>
/// <param name="Slots">Slots in effect; null when nothing was rendered.</param>
/// <param name="RecheckAt">When time alone will change the decision, by the snapshot's clock.</param>
/// <param name="RetryAfter">How long after its end it is to be tried again; null when nothing failed that may pass by itself.</param>
internal sealed record Application(
    OutputResult Result, ImmutableArray<Finding> Findings, SlotAssignment? Slots = null, DateTimeOffset? RecheckAt = null, TimeSpan? RetryAfter = null)
{
    /// <summary>The result, with all that there is to say.</summary>
    public OutputResult Whole => Result with { LookFindings = Findings };

    /// <summary>When to look again although nothing happens, counted from the end; null = no need.</summary>
    /// <param name="taken">When the snapshot was taken.</param>
    /// <param name="since">How long the end is past the snapshot, as far as it is known; what has come meanwhile is due at once.</param>
    public TimeSpan? AgainAfter(DateTimeOffset taken, TimeSpan since = default)
    {
        TimeSpan? due = RecheckAt > taken ? RecheckAt.Value - taken - since : null;
        if (due < TimeSpan.Zero)
            due = TimeSpan.Zero;
        return due is null || RetryAfter < due ? RetryAfter : due;
    }
}
