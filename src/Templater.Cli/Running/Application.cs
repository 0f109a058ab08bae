using System.Collections.Immutable;
using Templater.Pipeline;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Watching;

namespace Templater.Cli.Running;

/// <summary>What came of one snapshot in one output.</summary>
/// <param name="Result">The delivery.</param>
/// <param name="Findings">What is to be said about containers and the template.</param>
/// <param name="Slots">Slots in effect; null when nothing was rendered.</param>
/// <param name="RecheckAt">When time alone will change the decision.</param>
internal sealed record Application(
    OutputResult Result, ImmutableArray<Finding> Findings, SlotAssignment? Slots = null, DateTimeOffset? RecheckAt = null);
