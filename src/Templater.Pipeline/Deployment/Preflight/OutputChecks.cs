using Templater.Docker;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Deployment.Preflight;

/// <summary>The checks of one output. Pure.</summary>
internal static class OutputChecks
{
    // It may do anything.
    private const string NotRun = " is run for a new file, and not here";
    private const string NotLookedAt = "not looked at, because the engine was not read";

    public static PreflightItem File(OutputFacts output) => output.Obstacle is { } obstacle
        ? new PreflightItem("file", output.Name, output.Path, [obstacle, .. output.FileFindings])
        : new PreflightItem("file", output.Name, $"{output.Path} can be written{(output.IsGroupLink ? ": it is the link of its group" : "")}", output.FileFindings);

    public static PreflightItem Proxy(PreflightFacts facts, OutputFacts output)
    {
        if (facts.Snapshot is not { } snapshot)
            return new PreflightItem("proxy", output.Name, NotLookedAt) { IsUnknown = true };
        var findings = ProxyPreflight.Examine(snapshot, output.Proxy, output.Path).AddRange(MountsCheck.Examine(snapshot, Proxies(facts, output), output.Path));
        return new PreflightItem("proxy", output.Name, Names(Proxies(facts, output)) is { Length: > 0 } names ? names : "no container is known to be the proxy", findings);
    }

    public static PreflightItem Keys(PreflightFacts facts, OutputFacts output)
    {
        var findings = KeysCheck.Examine(Proxies(facts, output), facts.Snapshot?.Self, output.Keys);
        var fact = output.Keys.Length switch
        {
            0 when facts.Snapshot is null => NotLookedAt,
            0 => "there are none",
            1 => "1 looked at",
            var many => $"{many} looked at",
        };
        return new PreflightItem("keys", output.Name, fact, findings) { IsUnknown = facts.Snapshot is null };
    }

    public static PreflightItem Reload(OutputFacts output) => new(
        "reload",
        output.Name,
        output.Settings.Reload is ReloadSpec.None ? "nobody is told"
        : output.Settings.Reload is ReloadSpec.Push push ? $"Centauri connects to {push.Address}"
        : output.Targets.IsEmpty ? "nobody to be told" : string.Join(", ", output.Targets.Select(Untrusted.Shown)),
        output.TargetFindings);

    public static PreflightItem Checker(OutputFacts output) => new(
        "checker",
        output.Name,
        output.Checker is { } checker ? checker + (output.Settings.Validate is ValidateSpec.Command or ValidateSpec.Exec ? NotRun : "")
        : output.Settings.Validate is ValidateSpec.None ? "nobody"
        : output.Settings.IsFragment ? "the proxy itself: a part of a configuration cannot be judged alone (included_by names what includes it; validate: command: or exec: may judge it with the rest)"
        : "the proxy itself",
        output.CheckerFindings);

    public static PreflightItem Proof(PreflightFacts facts, OutputFacts output)
    {
        var fact = output.Settings.Verify switch
        {
            VerifySpec.Http http => $"{http.Url.Scheme}://{http.Url.Authority} is asked",
            VerifySpec.Command command => $"{ShownText.OneLine(command.Words[0])}{NotRun}",
            VerifySpec.None => "none: what is delivered counts as live",
            _ => output.Settings.Reload switch
            {
                ReloadSpec.HAProxy => "a variable over the master socket",
                ReloadSpec.Push => "a connection that stays",
                ReloadSpec.None or ReloadSpec.Command or ReloadSpec.Http => "none: what is delivered counts as live",
                { Restarts: true } => "the proxy's new run, its processes and its log",
                _ => "the proxy's processes and its log",
            },
        };
        if (output.ProofFact.Length > 0)
            fact = $"{fact}; {output.ProofFact}";
        var purposes = output.Settings.EngineCalls & CallPurposes.Verify;
        var closed = facts.Calls.Where(trial => trial.Outcome == CallOutcome.Forbidden && (trial.Call.Purpose & purposes) != 0).Select(static trial => $"{trial.Call}").ToList();
        return new PreflightItem("proof", output.Name, fact, closed.Count == 0 ? output.ProofFindings :
        [
            .. output.ProofFindings,
            new Finding(
                FindingSeverity.Warning,
                ReasonIds.ReloadUnproven,
                $"a reload of output \"{output.Name}\" cannot be proven, nor a refusal explained: {string.Join(" and ", closed)} {(closed.Count == 1 ? "is" : "are")} refused by the engine at {facts.Engine}. Allow {(closed.Count == 1 ? "it" : "them")} there, or set verify to another proof."),
        ]);
    }

    private static IEnumerable<Container> Proxies(PreflightFacts facts, OutputFacts output) =>
        facts.Snapshot?.Containers.Where(container => output.Proxy.Containers.Contains(container.Id)) ?? [];

    private static string Names(IEnumerable<Container> containers) =>
        string.Join(", ", containers.Select(static container => $"{Untrusted.Shown(container.Name)} ({container.State.ToString().ToLowerInvariant()})"));
}
