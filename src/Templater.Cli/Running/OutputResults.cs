using System.Collections.Immutable;
using System.Diagnostics;
using Templater.Pipeline;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Watching;

namespace Templater.Cli.Running;

/// <summary>Says in the loop's words what deployment did.</summary>
internal static class OutputResults
{
    /// <summary>The result of an outcome.</summary>
    /// <param name="path">The output's file.</param>
    /// <param name="deployer">Its deployer.</param>
    /// <param name="outcome">What it did; null when nothing was rendered.</param>
    /// <param name="hosts">Virtual hosts of the generation.</param>
    public static OutputResult Of(string path, Deployer deployer, DeployOutcome? outcome, ImmutableArray<HostSummary> hosts)
    {
        var status = deployer.Status;
        var generation = GenerationOf(outcome) ?? status.Current?.Generation ?? "";
        return new OutputResult
        {
            Output = deployer.Output,
            Path = path,
            Generation = generation,
            Number = status.NumberOf(generation),
            Step = StepOf(outcome),
            AskedFor = status.Pin is { } pin && pin.Generation == generation ? Deployer.RollbackTo(pin) : null,
            Hosts = hosts,
            Exists = status.IsWritten,
            IsUnwritable = outcome is DeployOutcome.Failed failed && failed.Findings.Any(IsAboutWriting),
            OwedSince = status.OwedSince,
            TellsNobody = deployer.TellsNobody,
            WaitsForProxy = status.WaitsForProxy,
            Findings = outcome?.Findings ?? [],
        };
    }

    /// <summary>The hosts of a routing, with their usable servers.</summary>
    public static ImmutableArray<HostSummary> Summaries(RoutingResult routing) =>
    [
        .. routing.VirtualHosts.Select(static host => new HostSummary(
            host.Name,
            host.Routes.SelectMany(static route => route.Upstream.Servers)
                .Where(static server => server.State == ServerState.Up)
                .Select(static server => (server.Container, server.Address, server.Port)).Distinct().Count())),
    ];

    /// <summary>How many containers a routing leaves out, by reason, in ordinal order.</summary>
    public static ImmutableArray<ExcludedContainers> Excluded(RoutingResult routing)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var fate in routing.Fates)
            if (fate.Reason is { } reason)
                counts[reason] = counts.GetValueOrDefault(reason) + 1;
        return [.. counts.Select(static count => new ExcludedContainers(count.Key, count.Value))];
    }

    private static bool IsAboutWriting(Finding finding) => finding.Reason is ReasonIds.OutputDenied or ReasonIds.OutputFailed;

    private static GenerationStep StepOf(DeployOutcome? outcome) => outcome switch
    {
        null or DeployOutcome.Refused or DeployOutcome.Failed => GenerationStep.Rejected,
        DeployOutcome.Unchanged => GenerationStep.Unchanged,
        DeployOutcome.Live => GenerationStep.Live,
        DeployOutcome.Delivered => GenerationStep.Delivered,
        DeployOutcome.Owed => GenerationStep.Written,
        _ => throw new UnreachableException(),
    };

    private static string? GenerationOf(DeployOutcome? outcome) => outcome switch
    {
        DeployOutcome.Live live => live.Generation,
        DeployOutcome.Delivered delivered => delivered.Generation,
        DeployOutcome.Owed owed => owed.Generation,
        DeployOutcome.Refused refused => refused.Generation,
        DeployOutcome.Failed failed => failed.Generation,
        _ => null,
    };
}
