using System.Collections.Immutable;
using Templater.Docker;

namespace Templater.Pipeline.Deployment.Preflight;

/// <summary>Is the engine there, and does it let through what is needed? Pure.</summary>
internal static class EngineChecks
{
    public static PreflightItem Engine(PreflightFacts facts) => facts.Snapshot is { } snapshot
        ? new PreflightItem("engine", null, $"{facts.Engine}{(snapshot.Engine is { } engine ? $" ({engine.Version}, API {engine.ApiVersion})" : "")}, {snapshot.Containers.Length} containers")
        : new PreflightItem("engine", null, facts.Engine, facts.Trouble is { } trouble ? [trouble] : []);

    public static PreflightItem Calls(PreflightFacts facts)
    {
        if (facts.Calls.All(static trial => trial.Outcome == CallOutcome.NotTried))
            return new PreflightItem("calls", null, $"{facts.Calls.Length} are needed, none was tried: the engine is not there") { IsUnknown = true };
        var findings = facts.Calls.Where(static trial => trial.Outcome == CallOutcome.Forbidden).Select(trial => Forbidden(facts, trial)).ToImmutableArray();
        var (allowed, untried) = (Count(facts, CallOutcome.Allowed), Count(facts, CallOutcome.NotTried));
        var rest = untried == 0 ? ""
            : facts.IsLocalSocket && findings.IsEmpty ? $", {untried} not tried: nothing stands before this socket"
            : $", {untried} not tried, because they change something or there is nobody to try them on";
        return new PreflightItem("calls", null, $"{allowed} of {facts.Calls.Length} needed calls are answered{rest}", findings);
    }

    private static int Count(PreflightFacts facts, CallOutcome outcome) => facts.Calls.Count(trial => trial.Outcome == outcome);

    // Without these it goes on, knowing less.
    private static Finding Forbidden(PreflightFacts facts, CallTrial trial) => new(
        trial.Call.Purpose is CallPurposes.Services || trial.Call.Path == "/info" ? FindingSeverity.Warning : FindingSeverity.Error,
        ReasonIds.CallForbidden,
        $"{(trial.Said.Length > 0 ? trial.Said : $"the engine at {facts.Engine} refused {trial.Call}")}. Needed for: {trial.Call.Need}. Allow it there; the rules are below.")
    {
        Value = trial.Call.ToString(),
    };
}
