using System.Collections.Immutable;
using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Deployment;

// When what is owed is due, and what the journal says of it.
public sealed partial class Deployer
{
    /// <summary>How often a proxy that runs what is in place is asked whether it still does.</summary>
    internal static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(60);

    private readonly Lock _wakeLock = new();
    private TaskCompletionSource _wake = NewWake();

    // Timestamps: a wall clock that is set back must not hold a reload up.
    private long? _lastAttempt;

    // When those that run what is in place were asked whether they do, or were told it.
    private long? _lastAsked;

    // Another output tells the same proxies before their interval is over, and this one has not tried to since that began.
    private volatile bool _goesAlong;

    // Since when a reload waits for old workers; a newer file does not begin to wait anew.
    private long? _heldSince;
    // Since when a proxy that is there has said nothing about the file in place.
    private long? _silentSince;
    private volatile bool _mayWait;
    private volatile int _failures;
    private volatile bool _waitsForProxy;
    private volatile bool _looksForNewProxies;
    private volatile bool _hasProxyEnded;
    private string _waiting = "";
    private Finding? _journalProblem;

    // The journal may be writable when the file that would be put back is not.
    private Finding? _keepProblem;
    private Finding? _archiveProblem;

    // In place, and the disk could not promise to keep it.
    private Finding? _unsynced;

    // After the rename there is no way back: a journal that cannot be written is reported, the reload goes on.
    private void Note(JournalState state)
    {
        try
        {
            _parts.Journal.Write(state);
            _journalProblem = null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _journalProblem = DeployFindings.JournalUnwritable(error.Message);
        }
    }

    // What another output may not wait with is read by the same proxies: then it is one reload.
    private TimeSpan DueIn() => (_goesAlong && _parts.Reloads.IsHurried ? new DebtPolicy(TimeSpan.Zero) : Debt).Wait(_parts.Reloads.SinceLast, Failures, Since(_lastAttempt));

    private void GoAlong()
    {
        _goesAlong = true;
        Wake();
    }

    // The more patient outputs of the same proxy hold up only what may wait.
    private DebtPolicy Debt => MayWait ? _parts.Reloads.Debt : _parts.Debt;

    private bool MayWait => _mayWait && State.Current?.Generation == _wanted;

    private int Failures => _hasProxyEnded ? 0 : _failures;

    // Others of the same proxy that tell it at that moment wait for this one.
    private bool IsHeldByInterval => State.Current is { IsOwed: true } && _unproven is null && Failures == 0 && DueIn() > TimeSpan.Zero;

    // Ends a step.
    private void Leave()
    {
        _parts.Reloads.Hold(Output, IsHeldByInterval);
        _gate.Release();
    }

    private TimeSpan? Since(long? timestamp) => timestamp is { } moment ? _parts.Time.GetElapsedTime(moment) : null;

    // What was told before this run counts, for another output's interval too, and as just now when the clock was set back since.
    private long? LastReloadBefore()
    {
        if (Now - State.Current?.Delivered is not { } ago)
            return null;
        var passed = ago > TimeSpan.Zero ? ago : TimeSpan.Zero;
        return _parts.Time.GetTimestamp() - (long)(passed.TotalSeconds * _parts.Time.TimestampFrequency);
    }

    /// <summary>Another file is in place: what was said and begun about the former one is over.</summary>
    private void BeginDebt(ImmutableArray<Finding> swapFindings)
    {
        _swapFindings = swapFindings;
        _standing = [];
        _unproven = null;
        _silentSince = null;
        _otherwise = [];
        CalmDown();
    }

    // It fetches what is live by itself: only what is owed is tried at once.
    private void OnReaderAppeared()
    {
        _failures = 0;
        Wake();
    }

    private void CalmDown()
    {
        _failures = 0;
        _waiting = "";
        _waitsForProxy = false;
        Wake();
    }

    /// <summary>
    /// A proxy that was not there when a live generation was delivered (paused, or one more of them) has not been told. Its
    /// debt alone is opened again.
    /// </summary>
    private async Task LookForNewProxiesAsync(CancellationToken cancellationToken)
    {
        // A delivery that is being proven goes on with those that it found: when it has ended the others are looked for.
        if (!_looksForNewProxies || _unproven is not null)
            return;
        _looksForNewProxies = false;
        if (State.Current is not { IsLive: true } live)
            return;
        var search = await _parts.Reloader.FindAsync(cancellationToken);
        _targetNotes = search.Notes;
        if (search.Targets.Any(target => !live.Targets.Contains(target.Key)))
            Note(State with { Current = live with { Phase = DeliveryPhase.Swapped, OwedAnew = Now } });
    }

    private bool IsToBeAskedAgain => State.Current is { IsLive: true } && UntilAskedAgain <= TimeSpan.Zero;

    private TimeSpan UntilAskedAgain => AskAgainAfter - (Since(_lastAsked) ?? AskAgainAfter);

    /// <summary>
    /// A proxy that restarts by itself may come up with another file, and only where it is a container does anybody tell. So who runs
    /// what is in place is asked at a calm interval; the debt of one that does not any more is opened again. One that does not even then is only asked,
    /// until it answers otherwise.
    /// </summary>
    /// <returns>True when there is something else to say about those that were found.</returns>
    private async Task<bool> AskAgainAsync(CancellationToken cancellationToken)
    {
        if (!IsToBeAskedAgain)
            return false;
        var former = _lastAsked;
        _lastAsked = _parts.Time.GetTimestamp();
        var live = State.Current!;
        if (await MakingWayAsync(token => AskAsync(live, token), Timeout.InfiniteTimeSpan, cancellationToken) is not { } answers)
        {
            // Whoever wanted to go on in the middle of it must not put it off again and again.
            _lastAsked = former;
            return false;
        }

        if (!answers.Changed.IsEmpty)
        {
            var otherwise = live.RunningOtherwise.Except(answers.Changed).Concat(answers.Otherwise).Order(StringComparer.Ordinal);
            Note(State with { Current = live with { Phase = DeliveryPhase.Swapped, OwedAnew = Now, Targets = live.Targets.RemoveRange(answers.Changed), RunningOtherwise = [.. otherwise] } });
        }

        var isNews = !answers.Notes.SequenceEqual(_targetNotes) || !answers.Still.SequenceEqual(_otherwise);
        (_targetNotes, _otherwise) = (answers.Notes, answers.Still);
        return isNews;
    }

    private async Task<Answers?> AskAsync(JournalEntry live, CancellationToken cancellationToken)
    {
        var (changed, otherwise, still) = (new List<string>(), new List<string>(), new List<Finding>());
        var search = await _parts.Reloader.FindAsync(cancellationToken);
        foreach (var target in search.Targets)
        {
            var isKnown = live.Targets.Contains(target.Key);
            var runsIt = isKnown ? await StillRunsAsync(target, live, cancellationToken) : !_parts.Reloader.HasSilentRuns;
            // What another run said is not what this one says.
            var didNot = isKnown && live.RunningOtherwise.Contains(target.Key) && _clock.IsAfter(target.Began, live.Settled, Delivery.StartMargin) != true;
            if (didNot && runsIt != true)
                still.Add(DeployFindings.RunsOtherwise(target.Name));
            else if (didNot || runsIt == false)
                changed.Add(target.Key);
            // A run of which nobody tells has said nothing: it is told until it is proven.
            if (isKnown && !didNot && runsIt == false)
                otherwise.Add(target.Key);
        }

        return new Answers([.. changed], [.. otherwise], [.. still], search.Notes);
    }

    /// <param name="Changed">Keys of proxies that answer otherwise than before, or of runs that began since.</param>
    /// <param name="Otherwise">Those of them that do not run what is live.</param>
    /// <param name="Still">What to say about those that did not before, and do not now.</param>
    /// <param name="Notes">What the operator should know about those that were found.</param>
    private sealed record Answers(ImmutableArray<string> Changed, ImmutableArray<string> Otherwise, ImmutableArray<Finding> Still, ImmutableArray<Finding> Notes);

    private async Task<bool?> StillRunsAsync(IReloadTarget target, JournalEntry live, CancellationToken cancellationToken)
    {
        try
        {
            return await _parts.Proof.StillRunsAsync(target, live, cancellationToken);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private async Task WaitUntilDueAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task wake;
            lock (_wakeLock)
                wake = _wake.Task;
            if (_looksForNewProxies || _unproven is not null || IsAsked)
                return;
            _parts.Requests?.RemoveStuck();
            var (isOwed, isLive) = (State.Current is { IsOwed: true }, State.Current is { IsLive: true });
            if (!isOwed && !isLive && _parts.Requests is null)
            {
                await wake.WaitAsync(cancellationToken);
                continue;
            }

            var wait = isOwed ? DueIn() : isLive ? UntilAskedAgain : RequestPoll;
            if (wait <= TimeSpan.Zero)
                return;
            if (_parts.Requests is not null && wait > RequestPoll)
                wait = RequestPoll;
            using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(wake, Task.Delay(wait, _parts.Time, abandoned.Token));
            await abandoned.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private void Wake()
    {
        lock (_wakeLock)
        {
            _wake.TrySetResult();
            _wake = NewWake();
        }
    }

    private static TaskCompletionSource NewWake() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
