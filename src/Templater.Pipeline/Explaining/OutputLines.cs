using System.Collections.Immutable;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Explaining;

/// <summary>Which lines of an output come from some containers, and whether they are live.</summary>
internal static class OutputLines
{
    /// <summary>The lines; null when nothing was rendered.</summary>
    public static ExplainedOutput? Of(ExplainedDecision decision, ImmutableArray<ContainerId> containers)
    {
        if (decision.File is not { } file)
            return null;
        var lines = ImmutableArray.CreateBuilder<LineRange>();
        foreach (var owner in file.Provenance)
        {
            if (!owner.Containers.Any(id => containers.Contains(id)))
                continue;
            if (lines.Count > 0 && lines[^1] is var before && owner.FirstLine <= before.Last + 1)
                lines[^1] = before with { Last = Math.Max(before.Last, owner.LastLine) };
            else
                lines.Add(new LineRange(owner.FirstLine, owner.LastLine));
        }

        return new ExplainedOutput(decision.Path, lines.ToImmutable(), Live(decision.Journal?.Current, file.Generation));
    }

    private static LiveGeneration? Live(JournalEntry? entry, string generation) => entry is null ? null : new LiveGeneration(
        entry.Number, entry.Generation == generation, entry.IsLive, entry.IsLive ? entry.Settled : entry.Swapped, entry.HasProof ? entry.Result : "");
}
