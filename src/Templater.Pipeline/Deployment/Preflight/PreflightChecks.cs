using System.Collections.Immutable;

namespace Templater.Pipeline.Deployment.Preflight;

/// <summary>All checks, in the order in which a mistake is best mended. Pure.</summary>
public static class PreflightChecks
{
    /// <summary>Makes them.</summary>
    /// <param name="facts">What they look at.</param>
    public static ImmutableArray<PreflightItem> Of(PreflightFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var items = ImmutableArray.CreateBuilder<PreflightItem>();
        items.Add(EngineChecks.Engine(facts));
        if (!facts.Calls.IsEmpty)
            items.Add(EngineChecks.Calls(facts));
        items.Add(State(facts));
        items.AddRange(AcmeChecks.Of(facts.Acme));
        foreach (var output in facts.Outputs)
        {
            items.Add(OutputChecks.File(output));
            items.Add(OutputChecks.Proxy(facts, output));
            items.Add(OutputChecks.Keys(facts, output));
            items.Add(OutputChecks.Checker(output));
            items.Add(OutputChecks.Reload(output));
            items.Add(OutputChecks.Proof(facts, output));
        }

        return items.ToImmutable();
    }

    private static PreflightItem State(PreflightFacts facts) => facts.StateObstacle is { } obstacle
        ? new PreflightItem("state", null, facts.StateDirectory, [new Finding(FindingSeverity.Error, ReasonIds.StateUnusable, obstacle)])
        : StateCheck.Examine(facts.StateDirectory, facts.Snapshot, facts.Mounts) is { } lost
        ? new PreflightItem("state", null, facts.StateDirectory, [lost])
        : new PreflightItem("state", null, $"{facts.StateDirectory} can be written and outlives the container");
}
