using System.Collections.Immutable;
using System.Diagnostics;
using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Deployment;

// From a file in place to a live configuration.
public sealed partial class Deployer
{
    /// <summary>How long a caller waits for a proof; after that the debt loop goes on waiting, and other outputs are served.</summary>
    internal static readonly TimeSpan ProofPatience = TimeSpan.FromSeconds(3);

    private readonly Lock _provingLock = new();
    private CancellationTokenSource? _proving;
    private int _entering;
    private bool _isTelling;

    // Told, and the wait for its proof was given up for a moment.
    private Delivery? _unproven;

    // What holds until the next swap, and until the next attempt: said again by every outcome until then.
    private ImmutableArray<Finding> _swapFindings = [];
    private ImmutableArray<Finding> _standing = [];
    private ImmutableArray<Finding> _overdue = [];

    // What holds until the next search for proxies.
    private ImmutableArray<Finding> _targetNotes = [];

    // About those that say they run something else although they were told: holds until they are asked again.
    private ImmutableArray<Finding> _otherwise = [];

    // What one was told of that made a reload necessary: holds until the next delivery.
    private ImmutableArray<Finding> _advice = [];

    /// <summary>A proxy is not told any more, whatever came of it. Raised on the thread that told it, within the step.</summary>
    public event Action? Told;

    /// <summary>True while a proxy is being told, which may take as long as it takes to restart: until then nothing else is done for the output.</summary>
    public bool IsTelling
    {
        get
        {
            lock (_provingLock)
                return _isTelling;
        }
    }

    /// <summary>Takes the gate from a proof that is being waited for, so that a newer file never waits for an older one.</summary>
    /// <returns>
    /// What there is to say without the gate, because this very file is being told or proven: nobody waits for it here, and its
    /// proof does not begin anew at every look. Else null.
    /// </returns>
    private async Task<DeployOutcome?> EnterAsync(RenderedFile file, CancellationToken cancellationToken)
    {
        Task entered;
        lock (_provingLock)
        {
            if ((_isTelling || _proving is not null) && !IsAsked && IsInPlaceAndWanted(file))
                return _failed is { } failed ? StillFailed(failed) : Waiting(State.Current!);
            entered = QueueAsync(cancellationToken);
        }

        await entered;
        return null;
    }

    /// <summary>Takes the gate from a proof that is being waited for; the proof goes on afterwards.</summary>
    private Task EnterAsync(CancellationToken cancellationToken)
    {
        lock (_provingLock)
            return QueueAsync(cancellationToken);
    }

    // To be called while the lock is held.
    private async Task QueueAsync(CancellationToken cancellationToken)
    {
        _entering++;
        // First in the queue, then the cancellation: what follows a proof may run within it, and would take the gate again.
        var entered = _gate.WaitAsync(cancellationToken);
        _proving?.Cancel();
        try
        {
            await entered;
        }
        finally
        {
            lock (_provingLock)
                _entering--;
        }
    }

    private bool IsInPlaceAndWanted(RenderedFile file) =>
        file.Generation == _wanted && _stopped.IsEmpty && State.Current is { IsOwed: true } current && current.Generation == file.Generation
        && current.Content == OutputSet.Of(file).Digest && current.Content == _parts.File.Digest();

    /// <returns>Null when an endless patience was ended by somebody who has a newer file.</returns>
    private async Task<DeployOutcome?> SettleAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var entry = State.Current!;
        var delivery = _unproven;
        DeliveryResult? result = null;
        if (delivery is null)
        {
            if (DueIn() > TimeSpan.Zero)
            {
                Wake();
                return Waiting(entry);
            }

            _goesAlong = false;
            if (_parts.File.Digest() != entry.Content)
                return Displaced(entry);
            delivery = new Delivery(_parts, _clock, entry, changed => Note(State with { Current = changed }))
            {
                MayWait = MayWait,
                Interval = Debt.Interval,
                Waited = Since(_heldSince) ?? TimeSpan.Zero,
                Certificates = _certificates is { } known && known.Generation == entry.Generation ? known.Pairs : null,
            };
            result = await TellAsync(delivery, cancellationToken);
            (_targetNotes, _advice) = (delivery.Notes, delivery.Advice);
            _lastAttempt = _parts.Time.GetTimestamp();
            _hasProxyEnded = false;
            if (delivery.HasTold)
                _heldSince = null;
        }

        _unproven = delivery;
        result ??= await ProveAsync(delivery, patience, cancellationToken);
        if (result is null)
        {
            Wake();
            return patience == Timeout.InfiniteTimeSpan ? null : Waiting(entry);
        }

        _unproven = null;
        _otherwise = delivery.Otherwise;
        var outcome = Judge(result);
        _standing = ReferenceEquals(outcome, _failed) ? [] : outcome.Findings;
        Wake();
        return Said(outcome);
    }

    private async Task<DeliveryResult?> TellAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        lock (_provingLock)
            _isTelling = true;
        _parts.Reloads.BeginTelling(Output, MayWait || _parts.Debt.Interval >= _parts.Reloads.Debt.Interval);
        try
        {
            return await delivery.TellAsync(cancellationToken);
        }
        finally
        {
            _parts.Reloads.EndTelling(Output);
            lock (_provingLock)
                _isTelling = false;
            Told?.Invoke();
        }
    }

    private Task<DeliveryResult?> ProveAsync(Delivery delivery, TimeSpan patience, CancellationToken cancellationToken) =>
        MakingWayAsync<DeliveryResult>(async token => await delivery.ProveAsync(token), patience, cancellationToken);

    /// <summary>Waits for something that whoever wants the gate may interrupt.</summary>
    /// <returns>Null when the patience was over first, or somebody else wants to go on.</returns>
    private async Task<T?> MakingWayAsync<T>(Func<CancellationToken, Task<T?>> wait, TimeSpan patience, CancellationToken cancellationToken)
        where T : class
    {
        using var limit = new CancellationTokenSource(patience, _parts.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        lock (_provingLock)
        {
            if (_entering > 0)
                return null;
            _proving = either;
        }

        try
        {
            return await wait(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            lock (_provingLock)
                _proving = null;
        }
    }

    private DeployOutcome Judge(DeliveryResult result)
    {
        if (result is not DeliveryResult.StillOwed)
            _overdue = [];
        _silentSince = result is DeliveryResult.StillOwed { SilenceLimit: not null } ? _silentSince ?? _parts.Time.GetTimestamp() : null;
        // Whoever else refuses it: what one proxy runs is worth coming back to. Unproven files are not, where there is a proof.
        if (State.Current is { } entry && (entry.HasProof || (!_parts.Proof.CanProve && result is DeliveryResult.Settled { Phase: DeliveryPhase.Unproven })))
            KeepLive(entry);
        return result switch
        {
            DeliveryResult.Settled settled => Settle(settled),
            DeliveryResult.StillOwed { SilenceLimit: { } limit } silent when Since(_silentSince) >= limit && MayPutBack => PutBack(
                $"{silent.Why}, and was silent for more than {limit.TotalSeconds:0.###} s", refused: null),
            DeliveryResult.StillOwed owed => StayOwed(owed),
            DeliveryResult.NotSeen unseen when State.Current!.UnprovenDeliveries + 1 < DebtPolicy.MaxUnprovenDeliveries => TellAgain(unseen),
            DeliveryResult.NotSeen { Lines.IsEmpty: false } unseen => PutBack(
                unseen.Why, new DeliveryResult.Refused(unseen.By, unseen.Why, IsNothingTaken: false) { Lines = unseen.Lines }),
            DeliveryResult.NotSeen unseen => PutBack(unseen.Why, refused: null),
            DeliveryResult.Refused { HasEnded: true } refused when State.LastGood is not { } good || good.Content == State.Current!.Content => StayRefused(refused),
            DeliveryResult.Refused refused => PutBack(refused.Output, refused),
            _ => throw new UnreachableException(),
        };
    }

    private DeployOutcome Settle(DeliveryResult.Settled settled)
    {
        var entry = State.Current! with { Phase = settled.Phase, Settled = Now, Result = settled.How };
        Note(State with { Current = entry });
        if (entry.IsLive)
            Archive(entry);
        _lastAsked = _parts.Time.GetTimestamp();
        if (entry.Generation == _wanted)
            ForgetFailure();
        CalmDown();
        return settled.Phase == DeliveryPhase.Proven
            ? new DeployOutcome.Live(entry.Generation, settled.How) { Findings = settled.Findings }
            : new DeployOutcome.Delivered(entry.Generation, settled.How) { Findings = settled.Findings };
    }

    private DeployOutcome.Owed StayOwed(DeliveryResult.StillOwed owed)
    {
        if (owed.IsTooSoon)
            return new DeployOutcome.Owed(State.Current!.Generation, TooSoon, WaitsForProxy: false);
        // Old workers are looked at again and again; what else is in the way, ever more seldom.
        _failures = owed.IsHeld ? 1 : _failures + 1;
        if (owed.IsHeld)
            _heldSince ??= _parts.Time.GetTimestamp();
        _waiting = owed.Why;
        _waitsForProxy = owed.WaitsForProxy;
        // What was said once is not unsaid by the next file, for which the proxy is missing just as well.
        _overdue = _failures > owed.QuietAttempts || owed.Findings.SequenceEqual(_overdue) ? owed.Findings : [];
        return new DeployOutcome.Owed(State.Current!.Generation, owed.Why, owed.WaitsForProxy) { Findings = _overdue };
    }

    // Nothing better could be put in its place, and what it ends of may be mended without another file.
    private DeployOutcome.Refused StayRefused(DeliveryResult.Refused refused)
    {
        _failures++;
        _waiting = $"{refused.By} ended on it";
        _waitsForProxy = false;
        _overdue = [];
        return Refusal(State.Current!, refused, restored: null, _parts.File.Read());
    }

    private DeployOutcome.Owed TellAgain(DeliveryResult.NotSeen unseen)
    {
        Note(State with { Current = State.Current! with { UnprovenDeliveries = State.Current!.UnprovenDeliveries + 1 } });
        _waiting = unseen.Why;
        _waitsForProxy = false;
        return new DeployOutcome.Owed(State.Current!.Generation, unseen.Why, WaitsForProxy: false)
        {
            Findings = [DeployFindings.Unproven(unseen.Why, again: true)],
        };
    }

    // Somebody else wrote the file: telling a proxy to read it would call live what nobody rendered.
    private DeployOutcome Displaced(JournalEntry entry)
    {
        const string Why = "the file on disk is not the one that was written";
        Note(State with { Current = entry with { Phase = DeliveryPhase.Failed, Settled = Now, Result = Why } });
        CalmDown();
        _standing = [DeployFindings.Displaced(_parts.File.Path)];
        return Said(new DeployOutcome.Failed(entry.Generation, Why, Restored: false) { Findings = _standing });
    }

    private DeployOutcome StillSo() =>
        _failed is { } failed ? StillFailed(failed)
        : State.Current is { IsOwed: true } owed ? Waiting(owed)
        : Said(new DeployOutcome.Unchanged { Findings = _standing });

    private DeployOutcome StillFailed(DeployOutcome failed) => Said(failed with { Findings = failed.Findings.AddRange(_standing) });

    private DeployOutcome Waiting(JournalEntry entry)
    {
        var why = _unproven is not null ? "it was told, and has not been seen to take it yet"
            : _waiting.Length > 0 ? _waiting
            : _isTelling ? "it is being told"
            : TooSoon;
        return Said(new DeployOutcome.Owed(entry.Generation, why, _waitsForProxy) { Findings = _standing });
    }

    private string TooSoon => $"reloads are at least {Debt.Interval.TotalSeconds:0.###} s apart";

    // Whatever an outcome is about, it tells everything that holds: what it leaves out counts as mended. That the wanted
    // generation has failed, or could not be written, still holds when the one that is in its place is live.
    private DeployOutcome Said(DeployOutcome outcome)
    {
        ImmutableArray<Finding> problems = (_journalProblem ?? _keepProblem ?? _archiveProblem) is { } problem ? [problem] : [];
        if (_unsynced is not null)
            problems = problems.Add(_unsynced);
        if (State.Pin is { } pin)
            problems = problems.Add(DeployFindings.Pinned(Output, pin, State.Waiting));
        if (_rollbackProblem is not null)
            problems = problems.Add(_rollbackProblem);
        return outcome with
        {
            Findings = [.. _swapFindings.Concat(_targetNotes).Concat(_advice).Concat(_otherwise).Concat(outcome.Findings).Concat(_failed?.Findings ?? []).Concat(_stopped).Concat(problems).Distinct()],
        };
    }
}
