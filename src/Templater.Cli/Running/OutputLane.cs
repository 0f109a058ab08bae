using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Watching;

namespace Templater.Cli.Running;

/// <summary>
/// The looks at one output, one at a time. Whoever looks at all outputs waits for none that is busy: that one misses looks, and asks
/// for another when it is free, which knows the latest containers. For one looker; nobody else applies snapshots to the output.
/// </summary>
internal sealed class OutputLane
{
    private readonly OutputStage _stage;
    private readonly Action _askForLook;
    private readonly TimeProvider _time;

    // What was begun last, why and when; nothing at first.
    private Task<Application>? _run;
    private Cause _cause = Cause.Start;
    private long _begun;

    // The same, with what is done about what came of it: until that has ended the output is busy.
    private Task _ended = Task.CompletedTask;

    // Why looks were missed, until one is begun; null while none was.
    private Cause? _missed;
    private ImmutableArray<RouteClaim> _routes = [];

    // Whether those are of an earlier snapshot than the look's.
    private bool _hasOldRoutes;

    // Slots that a look's snapshot may not know: it may have been read before they were kept.
    private volatile SlotAssignment? _lateSlots;

    /// <summary>Creates it; nothing is begun.</summary>
    /// <param name="stage">The output.</param>
    /// <param name="askForLook">Told, on any thread, that another look is worthwhile.</param>
    /// <param name="time">The clock.</param>
    public OutputLane(OutputStage stage, Action askForLook, TimeProvider time)
    {
        _stage = stage;
        _askForLook = askForLook;
        _time = time;
        stage.Deployer.Told += AskIfMissed;
    }

    /// <summary>The output.</summary>
    public OutputStage Stage => _stage;

    /// <summary>What was begun last; null when nothing ever was.</summary>
    public Task<Application>? Run => _run;

    /// <summary>Ends when what was begun last has ended, and what was to be done about it.</summary>
    public Task Ended => _ended;

    private bool IsRunning => !_ended.IsCompleted;

    /// <summary>The routes that have a server; of an output that is busy, those that were known last: then it misses the look that follows.</summary>
    public ImmutableArray<RouteClaim> RoutesOf(Snapshot snapshot) => (_hasOldRoutes = IsRunning) ? _routes : (_routes = _stage.RoutesOf(snapshot));

    /// <summary>Takes part in a look, unless a former one still goes on here, or the proxy is just being told.</summary>
    /// <returns>True when it does: then <see cref="Start"/> has to follow.</returns>
    public async Task<bool> JoinAsync(Cause cause)
    {
        // Noted before it is asked: whoever becomes free after that asks for a look.
        cause = cause.After(_missed);
        Interlocked.Exchange(ref _missed, cause);
        if (_run is { IsCompleted: false } || _stage.Deployer.IsTelling)
            return false;
        // What failed since the last look ends the program, as it does within a look.
        await _ended;
        // It became free too late for this snapshot's routes to have been doubted.
        if (_hasOldRoutes)
        {
            _hasOldRoutes = false;
            _askForLook();
            return false;
        }

        Volatile.Write(ref _missed, null);
        _cause = cause;
        _stage.Deployer.BeginLook();
        return true;
    }

    /// <summary>Begins to bring a snapshot to life.</summary>
    public void Start(Snapshot snapshot, CancellationToken cancellationToken)
    {
        if (_lateSlots is { } slots)
            snapshot = snapshot with { Slots = snapshot.Slots.SetItem(_stage.Plan.Definition.Name, slots) };
        _lateSlots = null;
        _begun = _time.GetTimestamp();
        _ended = _run = ApplyAsync(snapshot, cancellationToken);
    }

    private async Task<Application> ApplyAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        try
        {
            return await _stage.ApplyAsync(snapshot, _cause, cancellationToken);
        }
        finally
        {
            _stage.Deployer.EndLook();
        }
    }

    /// <summary>Waits for what was begun when the look does not any more, and asks for another look if one was missed by then.</summary>
    /// <param name="finish">Given what came of it, why it was begun, and how long ago.</param>
    public void FinishLate(Action<Application, Cause, TimeSpan> finish)
    {
        _ended = FinishLateAsync(_run!, _cause, _begun, finish);
        _ = AskWhenEndedAsync(_ended);
    }

    private async Task FinishLateAsync(Task<Application> run, Cause cause, long begun, Action<Application, Cause, TimeSpan> finish)
    {
        var application = await run;
        _lateSlots = application.Slots;
        finish(application, cause, _time.GetElapsedTime(begun));
    }

    // Only then does a look find it free. What has failed is told by the look.
    private async Task AskWhenEndedAsync(Task ended)
    {
        await Task.WhenAny(ended);
        if (ended.IsCompletedSuccessfully)
            AskIfMissed();
        else
            _askForLook();
    }

    private void AskIfMissed()
    {
        if (Volatile.Read(ref _missed) is not null)
            _askForLook();
    }
}
