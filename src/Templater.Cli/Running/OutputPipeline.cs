using System.Collections.Immutable;
using Templater.Pipeline;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Preflight;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Watching;
using Templater.Pipeline.Watching.Metrics;

namespace Templater.Cli.Running;

/// <summary>Routes, renders and deploys every output of one set of settings.</summary>
/// <param name="stages">The outputs.</param>
/// <param name="memory">What snapshots are completed with.</param>
/// <param name="control">Told about every snapshot, so that reloads find their targets; null without an engine.</param>
/// <param name="onStart">Told once, when the engine has answered or was waited for in vain.</param>
/// <param name="stateDirectory">A state directory that has to outlive the container, which is said where it does not; null = it need not.</param>
/// <param name="meter">Counts what becomes of generations; null = nobody does.</param>
internal sealed class OutputPipeline(
    ImmutableArray<OutputStage> stages, SnapshotMemory memory, DockerContainerControl? control, Action<EngineDescription?> onStart, string? stateDirectory, RunMeter? meter = null) : IOutputPipeline
{
    private bool _hasStarted;

    /// <inheritdoc/>
    public ImmutableArray<RouteClaim> RoutesOf(Snapshot snapshot) =>
    [
        .. stages.SelectMany(stage => stage.Route(snapshot).VirtualHosts)
            .SelectMany(static host => host.Routes.Select(route => (Host: host, Route: route)))
            .Where(static pair => pair.Route.Upstream.Servers.Any(static server => server.State != ServerState.Down))
            .Select(static pair => new RouteClaim(pair.Host.Pattern.ToString(), pair.Route.Path.Text, pair.Route.Containers)),
    ];

    /// <inheritdoc/>
    public async Task<OutputReport> ApplyAsync(Snapshot snapshot, Cause cause, CancellationToken cancellationToken)
    {
        Start(snapshot.Engine);
        if (control is not null)
            control.Latest = snapshot;
        var results = ImmutableArray.CreateBuilder<OutputResult>();
        var findings = new List<Finding>(memory.Findings);
        if (stateDirectory is not null && StateCheck.Examine(stateDirectory, snapshot, mounts: "") is { } lost)
            findings.Add(lost);
        DateTimeOffset? again = null;
        // A slow proxy holds up nobody but itself.
        var applications = await Task.WhenAll(stages.Select(stage => stage.ApplyAsync(snapshot, cause, cancellationToken)));
        foreach (var (stage, application) in stages.Zip(applications))
        {
            memory.Keep(stage.Plan.Definition.Name, application.Slots);
            meter?.Note(stage.Plan.Definition.Name, stage.Deployer.Status);
            results.Add(application.Result);
            findings.AddRange(application.Findings);
            again = application.RecheckAt is { } at && (again is null || at < again) ? at : again;
        }

        TimeSpan? after = again is { } time && time > snapshot.TakenAt ? time - snapshot.TakenAt : null;
        if (memory.AgainAfter is { } patience && !(after < patience))
            after = patience;
        return new OutputReport(results.ToImmutable(), [.. findings.Distinct()], after);
    }

    /// <inheritdoc/>
    public async Task<OutputReport> FirstBootAsync(CancellationToken cancellationToken)
    {
        Start(null);
        var empty = memory.Assembler.Assemble(new Snapshot { TakenAt = memory.Now });
        var results = ImmutableArray.CreateBuilder<OutputResult>();
        var findings = new List<Finding>(memory.Findings);
        foreach (var stage in stages)
        {
            var application = await stage.WriteFirstAsync(empty, cancellationToken);
            results.Add(application.Result);
            findings.AddRange(application.Findings);
        }

        return new OutputReport(results.ToImmutable(), [.. findings.Distinct()]);
    }

    private void Start(EngineDescription? engine)
    {
        if (_hasStarted)
            return;
        _hasStarted = true;
        onStart(engine);
    }
}
