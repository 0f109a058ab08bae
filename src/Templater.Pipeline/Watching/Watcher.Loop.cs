using System.Collections.Immutable;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Watching;

// Read, doubt, apply, wait.
public sealed partial class Watcher
{
    // Whatever a pipeline asks for, the loop does not spin.
    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(100);

    // An engine that writes to a slow disk needs as long to list what it has reported.
    private static readonly TimeSpan LateListPatience = TimeSpan.FromSeconds(1);

    // Owned by the loop.
    private CauseBatch _pending = new();
    private ImmutableArray<RouteClaim> _routes = [];
    private ShrinkGuard.Doubt? _doubt;
    private TimeSpan? _again;
    private bool _isFirst = true;
    private bool _hasBooted;

    private async Task LoopAsync(CancellationToken cancellationToken)
    {
        await WaitForListeningAsync(cancellationToken);
        while (true)
        {
            var wait = await LookAsync(cancellationToken);
            await _settle.WaitAsync(wait, cancellationToken);
        }
    }

    // What happens after the subscription is reported and what happened before is listed: only then may the list be read.
    private async Task WaitForListeningAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(_listening.Task, Task.Delay(FirstBootPatience, _time, stop.Token));
        await stop.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        if (!_listening.Task.IsCompleted)
            await FirstBootAsync(cancellationToken);
        // The wait for calm is for later events, not for the first look.
        _settle.Forget();
    }

    /// <summary>One look at everything.</summary>
    /// <returns>When to look again if nothing happens.</returns>
    private async Task<TimeSpan> LookAsync(CancellationToken cancellationToken)
    {
        TakeArrived();
        Snapshot snapshot;
        var asked = _time.GetUtcNow();
        try
        {
            snapshot = await _source.ReadAsync(cancellationToken);
        }
        catch (SnapshotFailedException failure)
        {
            // Nothing is written from a list that is not complete: what is live stays.
            NoteFailedRead(failure);
            await FirstBootAsync(cancellationToken);
            return _readBackoff.Next();
        }

        NoteCompleteRead(snapshot);
        var late = TakeArrived();
        // A recorded snapshot holds what was known when it was made.
        if (snapshot.Engine is not null && snapshot.TakenAt >= asked)
        {
            lock (_lock)
                snapshot = _lifecycle.Complete(snapshot);
        }

        lock (_lock)
            _known = snapshot.Lifecycle ?? new Lifecycle();

        var routes = _pipeline.RoutesOf(snapshot);
        var now = Uptime;
        var before = _doubt;
        _doubt = ShrinkGuard.Judge(_routes, routes, _pending.Explanation, _doubt, now);
        if (_doubt is not null)
        {
            if (before is null)
                WatchLog.Doubted(_logger, _routes.Length - routes.Length, _routes.Length);
            return ShrinkGuard.WaitFor(_doubt, now);
        }

        await ApplyAsync(snapshot, routes, late, cancellationToken);
        return NextLook();
    }

    private CauseBatch TakeArrived()
    {
        lock (_lock)
        {
            var arrived = _arrived;
            _pending.Add(arrived);
            _arrived = new CauseBatch();
            return arrived;
        }
    }

    private async Task ApplyAsync(
        Snapshot snapshot, ImmutableArray<RouteClaim> routes, CauseBatch late, CancellationToken cancellationToken)
    {
        var since = _pending.Since;
        var cause = _isFirst && !_pending.HasStories ? Cause.Start : _pending.ToCause(Cause.NothingInParticular);
        WatchLog.Look(_logger, snapshot.Containers.Length, cause.Text);
        lock (_lock)
            _reported.Clear();
        var report = await _pipeline.ApplyAsync(snapshot, cause, cancellationToken);
        _routes = routes;
        _pending = _pending.Remainder(late, routes.SelectMany(static route => route.Containers).ToHashSet(), expectation => expectation.IsMissedIn(snapshot.Containers));
        _isFirst = false;
        _hasBooted = true;
        _again = report.AgainAfter;
        if (_pending.AwaitsList && !(_again < LateListPatience))
            _again = LateListPatience;
        Note(report, cause.Text, Uptime - since);
    }

    private async Task FirstBootAsync(CancellationToken cancellationToken)
    {
        if (_hasBooted)
            return;
        _hasBooted = true;
        Note(await _pipeline.FirstBootAsync(cancellationToken), Cause.Start.Text, null);
    }

    private TimeSpan NextLook()
    {
        var wait = _again is { } again && again < _options.Resync ? again : _options.Resync;
        if (wait < LeastWait)
            wait = LeastWait;
        lock (_lock)
            return _lost is { } lost && Uptime - lost.Since < LostPatience && LostPatience < wait ? LostPatience : wait;
    }
}
