using System.Collections.Immutable;
using Templater.Pipeline;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Preflight;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Watching;
using Templater.Pipeline.Watching.Metrics;

namespace Templater.Cli.Running;

/// <summary>Routes, renders and deploys every output of one set of settings.</summary>
internal sealed class OutputPipeline : IOutputPipeline
{
    /// <summary>How long a look waits for an output; what takes longer is told of when it ends, and the other outputs go on.</summary>
    /// <remarks>Longer than the 3 s in which most proofs come.</remarks>
    internal static readonly TimeSpan LookPatience = TimeSpan.FromSeconds(4);

    private readonly ImmutableArray<OutputLane> _lanes;
    private readonly SnapshotMemory _memory;
    private readonly TimeProvider _time;
    private bool _hasStarted;

    /// <summary>Creates it; nothing is begun.</summary>
    /// <param name="stages">The outputs.</param>
    /// <param name="memory">What snapshots are completed with.</param>
    /// <param name="time">The clock.</param>
    public OutputPipeline(ImmutableArray<OutputStage> stages, SnapshotMemory memory, TimeProvider time)
    {
        _lanes = [.. stages.Select(stage => new OutputLane(stage, () => AskForLook(), time))];
        _memory = memory;
        _time = time;
    }

    /// <summary>Told about every snapshot, so that reloads find their targets; null without an engine.</summary>
    public DockerContainerControl? Control { get; init; }

    /// <summary>Told once, when the engine has answered or was waited for in vain.</summary>
    public Action<EngineDescription?> OnStart { get; init; } = static _ => { };

    /// <summary>A state directory that has to outlive the container, which is said where it does not; null = it need not.</summary>
    public string? StateDirectory { get; init; }

    /// <summary>Counts what becomes of generations; null = nobody does.</summary>
    public RunMeter? Meter { get; init; }

    /// <summary>Told what became of an output after the look that began it had ended, why it was begun, and after what time to look again although nothing happens.</summary>
    public Action<OutputResult, string, TimeSpan?> OnLate { get; init; } = static (_, _, _) => { };

    /// <summary>Told, at the end of a look, what was looked at; tells what is to be said beside what outputs say.</summary>
    public Func<Snapshot, IEnumerable<Finding>> OnLook { get; init; } = static _ => [];

    /// <summary>Told, on any thread, that an output which could not take part in a look is free.</summary>
    public Action AskForLook { get; init; } = static () => { };

    /// <inheritdoc/>
    public ImmutableArray<RouteClaim> RoutesOf(Snapshot snapshot) => [.. _lanes.SelectMany(lane => lane.RoutesOf(snapshot))];

    /// <inheritdoc/>
    public async Task<OutputReport> ApplyAsync(Snapshot snapshot, Cause cause, CancellationToken cancellationToken)
    {
        Start(snapshot.Engine);
        if (Control is not null)
            Control.Latest = snapshot;
        var begun = new List<OutputLane>();
        foreach (var lane in _lanes)
            if (await lane.JoinAsync(cause))
                begun.Add(lane);
        // All have joined before the first tells anybody.
        begun.ForEach(lane => lane.Start(snapshot, cancellationToken));
        await WaitAsync(begun, cancellationToken);
        var results = ImmutableArray.CreateBuilder<OutputResult>();
        var findings = new List<Finding>();
        if (StateDirectory is not null && StateCheck.Examine(StateDirectory, snapshot, mounts: "") is { } lost)
            findings.Add(lost);
        TimeSpan? after = null;
        foreach (var lane in _lanes)
        {
            var application = begun.Contains(lane) ? await EndedAsync(lane, snapshot) : null;
            if (application is not null)
                Keep(lane, application);
            application ??= lane.Stage.StillGoingOn();
            results.Add(application.Whole);
            after = application.AgainAfter(snapshot.TakenAt) is { } again && !(after < again) ? again : after;
        }

        // Also what keeping the slots of this look came to.
        findings.AddRange(_memory.Findings);
        findings.AddRange(OnLook(snapshot));
        if (_memory.AgainAfter is { } patience && !(after < patience))
            after = patience;
        return new OutputReport(results.ToImmutable(), [.. findings.Distinct()], after);
    }

    /// <summary>Ends when no output is busy any more, and never fails.</summary>
    public Task IdleAsync() => Task.WhenAll(_lanes.Select(static lane => Task.WhenAny(lane.Ended)));

    // A slow proxy holds up nobody but itself.
    private async Task WaitAsync(List<OutputLane> begun, CancellationToken cancellationToken)
    {
        var all = Task.WhenAll(begun.Select(static lane => lane.Run!));
        if (all.IsCompleted)
            return;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(all, Task.Delay(LookPatience, _time, stop.Token));
        await stop.CancelAsync();
        // Whoever ends the program gives them a moment.
        if (cancellationToken.IsCancellationRequested)
            await all;
    }

    // What is not over is waited for by itself from now on.
    private async Task<Application?> EndedAsync(OutputLane lane, Snapshot snapshot)
    {
        if (lane.Run!.IsCompleted)
            return await lane.Run;
        lane.FinishLate((application, cause, took) =>
        {
            Keep(lane, application);
            OnLate(application.Whole, cause.Text, application.AgainAfter(snapshot.TakenAt, took));
        });
        return null;
    }

    private void Keep(OutputLane lane, Application application)
    {
        var name = lane.Stage.Plan.Definition.Name;
        _memory.Keep(name, application.Slots);
        Meter?.Note(name, lane.Stage.Deployer.Status);
    }

    /// <inheritdoc/>
    public async Task<OutputReport> FirstBootAsync(CancellationToken cancellationToken)
    {
        Start(null);
        var empty = _memory.Assembler.Assemble(new Snapshot { TakenAt = _memory.Now });
        var results = ImmutableArray.CreateBuilder<OutputResult>();
        foreach (var lane in _lanes)
        {
            var application = await lane.Stage.WriteFirstAsync(empty, cancellationToken);
            results.Add(application.Whole);
        }

        return new OutputReport(results.ToImmutable(), [.. _memory.Findings.Distinct()]);
    }

    private void Start(EngineDescription? engine)
    {
        if (_hasStarted)
            return;
        _hasStarted = true;
        OnStart(engine);
    }
}
