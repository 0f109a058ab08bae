using System.Collections.Immutable;
using Templater.Cli.Options;
using Templater.Pipeline;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Watching;

namespace Templater.Cli.Running;

/// <summary>One output in the running program: routes, renders, deploys, and leaves out containers that make a check fail.</summary>
/// <param name="output">Its settings and template.</param>
/// <param name="deployer">Deploys it.</param>
internal sealed class OutputStage(LoadedOutput output, Deployer deployer)
{
    // Each round costs a check, and without a checker a reload.
    private const int MaxRounds = 5;

    private readonly Quarantine _quarantine = new();
    private ImmutableArray<HostSummary> _hosts = [];
    private string _proxies = "";

    /// <summary>Its settings.</summary>
    public OutputPlan Plan => output.Plan;

    /// <summary>Its deployer.</summary>
    public Deployer Deployer => deployer;

    /// <summary>Files whose change asks for another look.</summary>
    public IEnumerable<string> Files => output.Files;

    /// <summary>What is routed when nobody is left out.</summary>
    public RoutingResult Route(Snapshot snapshot) => output.Route(snapshot);

    /// <summary>Brings a snapshot to life.</summary>
    public async Task<Application> ApplyAsync(Snapshot snapshot, Cause cause, CancellationToken cancellationToken)
    {
        if (cause.FilesChanged || cause.ReloadRequested)
            output.Reload();
        if (cause.ReloadRequested)
            deployer.ForgetFailure();
        NoticeProxies(snapshot);
        _quarantine.Release(snapshot);
        var refusals = new List<Finding>();
        for (var round = 1; ; round++)
        {
            var held = _quarantine.Apply(snapshot);
            var rendering = output.Render(held, cancellationToken);
            var findings = Findings(held, rendering, refusals);
            if (rendering?.File is not { } file)
                return new Application(OutputResults.Of(Plan.Definition.Path, deployer, null, _hosts), findings, null, rendering?.Routing.RecheckAt);
            var outcome = await deployer.DeployAsync(file, cause.Text, cancellationToken);
            if (outcome is DeployOutcome.Refused { Line: { } line } refused && round < MaxRounds
                && _quarantine.Blame(held, file, line, refused.Output) is not null)
            {
                refusals.AddRange(refused.Findings);
                continue;
            }

            _hosts = OutputResults.Summaries(rendering.Routing);
            return new Application(
                OutputResults.Of(Plan.Definition.Path, deployer, outcome, _hosts), findings, rendering.Routing.Slots, rendering.Routing.RecheckAt);
        }
    }

    /// <summary>Writes a first file with no containers, if there is none.</summary>
    public async Task<Application> WriteFirstAsync(Snapshot empty, CancellationToken cancellationToken)
    {
        var rendering = output.Render(empty, cancellationToken);
        var outcome = rendering?.File is { } file ? await deployer.WriteFirstAsync(file, cancellationToken) : null;
        return new Application(OutputResults.Of(Plan.Definition.Path, deployer, outcome, []), output.Findings(rendering));
    }

    /// <summary>The result of a debt that was settled between two looks.</summary>
    public OutputResult Settled(DeployOutcome outcome) => OutputResults.Of(Plan.Definition.Path, deployer, outcome, _hosts);

    private ImmutableArray<Finding> Findings(Snapshot snapshot, OutputRendering? rendering, List<Finding> refusals)
    {
        var proxy = rendering?.Routing.Proxy ?? OutputRouting.Proxy(Plan, snapshot);
        return
        [
            .. deployer.Damage is { } damage ? [damage] : Array.Empty<Finding>(),
            .. ProxyPreflight.Examine(snapshot, proxy, Plan.Definition.Path),
            .. ProxyUnknown(snapshot, proxy),
            .. _quarantine.Findings, .. refusals,
            // Routing knows only that a container is left out, not which line was refused.
            .. output.Findings(rendering).Where(finding => finding.Reason != ReasonIds.Quarantined || !_quarantine.Says(finding.Container)),
        ];
    }

    // Said only where containers may be out of reach: offline, and with a proxy that never was, there is nothing to narrow.
    private Finding[] ProxyUnknown(Snapshot snapshot, ProxyContext proxy) =>
        proxy.IsKnown || Plan.Definition.Kind == ProxyKind.Other || snapshot.Networks.IsEmpty ? [] :
        [
            new Finding(FindingSeverity.Info, ReasonIds.ProxyUnknown,
                $"output \"{Plan.Definition.Name}\": the proxy is not known, so all networks count as reachable. Label it {Plan.Policy.LabelPrefix}.proxy={Plan.Definition.Name} to narrow that."),
        ];

    // A proxy that has appeared or was restarted since the last look may take what is owed.
    private void NoticeProxies(Snapshot snapshot)
    {
        var ids = OutputRouting.Proxy(Plan, snapshot).Containers;
        var proxies = string.Join(' ', snapshot.Containers.Where(container => ids.Contains(container.Id) && container.State == ContainerState.Running)
            .Select(static container => $"{container.Id}@{container.Started:O}"));
        if (proxies.Length > 0 && proxies != _proxies)
            deployer.OnProxyStarted();
        _proxies = proxies;
    }
}
