using System.Collections.Immutable;
using System.Diagnostics;
using Templater.Pipeline.Deployment.Checks;

namespace Templater.Pipeline.Deployment;

// From a file in place to a live configuration, or back.
public sealed partial class Deployer
{
    private readonly Lock _wakeLock = new();
    private TaskCompletionSource _wake = NewWake();
    private DateTimeOffset? _lastReload;
    private DateTimeOffset? _lastAttempt;
    private volatile int _failures;
    private volatile bool _waitsForProxy;
    private string _waiting = "";
    private Finding? _journalProblem;

    private async Task<DeployOutcome> SettleAsync(ImmutableArray<Finding> findings, CancellationToken cancellationToken)
    {
        var entry = State.Current!;
        if (NextDue() > Now)
        {
            Wake();
            return With(new DeployOutcome.Owed(entry.Generation, _waiting.Length > 0 ? _waiting : $"reloads are at least {_parts.Debt.Interval.TotalSeconds:0.###} s apart", _waitsForProxy), findings);
        }

        var delivery = new Delivery(_parts.Reloader, _parts.Proof, _parts.Time, changed => Note(State with { Current = changed }));
        var result = await delivery.RunAsync(entry, cancellationToken);
        _lastAttempt = Now;
        if (delivery.HasReloaded)
            _lastReload = State.Current!.Delivered ?? Now;
        var outcome = result switch
        {
            DeliveryResult.Settled settled => Settle(settled),
            DeliveryResult.StillOwed owed => StayOwed(owed),
            DeliveryResult.NotSeen unseen when State.Current!.UnprovenDeliveries + 1 < DebtPolicy.MaxUnprovenDeliveries => TellAgain(unseen),
            DeliveryResult.NotSeen unseen => PutBack(unseen.Why, refusedBy: null, mayKeepOld: false),
            DeliveryResult.Refused refused => PutBack(refused.Output, refused.By, refused.IsOnlyTarget && !_parts.ReloadsAfterRefusal),
            _ => throw new UnreachableException(),
        };
        Wake();
        return With(outcome, [.. findings, .. result.Findings]);
    }

    private DeployOutcome Settle(DeliveryResult.Settled settled)
    {
        var entry = State.Current! with { Phase = settled.Phase, Settled = Now, Result = settled.How };
        Note(State with { Current = entry });
        KeepLive(entry);
        BeginDebt();
        return settled.Phase == DeliveryPhase.Proven
            ? new DeployOutcome.Live(entry.Generation, settled.How)
            : new DeployOutcome.Delivered(entry.Generation, settled.How);
    }

    private DeployOutcome.Owed StayOwed(DeliveryResult.StillOwed owed)
    {
        _failures++;
        _waiting = owed.Why;
        _waitsForProxy = owed.WaitsForProxy;
        return new DeployOutcome.Owed(State.Current!.Generation, owed.Why, owed.WaitsForProxy);
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

    /// <summary>Puts the last good file back, so that a restart of the proxy is safe too.</summary>
    /// <param name="why">What the proxy said, or what was not seen.</param>
    /// <param name="refusedBy">The proxy that refused; null when it only did not become live.</param>
    /// <param name="mayKeepOld">True when every proxy certainly still runs the old configuration and need not be told.</param>
    private DeployOutcome PutBack(string why, string? refusedBy, bool mayKeepOld)
    {
        var failed = State.Current!;
        var (restored, problem) = Restore(failed);
        var line = CheckerOutput.LineOf(why, Path.GetFileName(_parts.File.Path));
        Note(State with
        {
            Current = failed with
            {
                Phase = restored is null ? DeliveryPhase.Failed : DeliveryPhase.RolledBack,
                Settled = Now,
                Result = ShownText.OneLine(why),
            },
        });
        if (restored is not null)
            BeginRestored(restored, failed, mayKeepOld);
        BeginDebt();
        DeployOutcome outcome = refusedBy is null
            ? new DeployOutcome.Failed(failed.Generation, why, restored is not null)
            {
                Findings = [DeployFindings.Unproven($"generation {failed.Generation} did not become live: {why}. {DeployFindings.Restored(restored?.Generation)}", again: false)],
            }
            : new DeployOutcome.Refused(failed.Generation, ShownText.Block(why), line, restored is not null)
            {
                Findings = [DeployFindings.RefusedByProxy(refusedBy, failed.Generation, why, line, restored?.Generation)],
            };
        return Fail(problem is null ? outcome : With(outcome, [problem]), failed.Generation);
    }

    private (GoodGeneration? Restored, Finding? Problem) Restore(JournalEntry failed)
    {
        if (State.LastGood is not { } good || good.Content == failed.Content)
            return (null, null);
        try
        {
            if (_parts.Journal.ReadGood() is not { } content)
                return (null, null);
            using var candidate = _parts.File.WriteCandidate(content, good.Generation);
            candidate.Swap();
            return (good, null);
        }
        catch (OutputFileException error)
        {
            return (null, error.Finding);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return (null, DeployFindings.GoodUnreadable(error.Message));
        }
    }

    private void BeginRestored(GoodGeneration good, JournalEntry failed, bool mayKeepOld) => Note(State.Begin(new JournalEntry
    {
        Generation = good.Generation,
        Content = good.Content,
        PrintsGeneration = good.PrintsGeneration,
        Phase = mayKeepOld ? DeliveryPhase.Proven : DeliveryPhase.Swapped,
        Cause = $"put back: generation {failed.Generation} was not taken",
        Desired = Now,
        Swapped = Now,
        Settled = mayKeepOld ? Now : null,
    }));

    private void KeepLive(JournalEntry entry)
    {
        if (_parts.File.Read() is not { } content || ContentHash.Of(content) != entry.Content)
            return;
        try
        {
            _parts.Journal.KeepGood(new GoodGeneration(entry.Generation, entry.Content, entry.PrintsGeneration, Now), content);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _journalProblem = DeployFindings.JournalUnwritable(error.Message);
        }
    }

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

    private DeployOutcome With(DeployOutcome outcome, ImmutableArray<Finding> findings)
    {
        var all = findings.AddRange(outcome.Findings);
        return outcome with { Findings = _journalProblem is { } problem ? all.Add(problem) : all };
    }

    private DateTimeOffset NextDue() => _parts.Debt.NextDelivery(Now, _lastReload, _failures, _lastAttempt);

    private void BeginDebt()
    {
        _failures = 0;
        _waiting = "";
        _waitsForProxy = false;
        Wake();
    }

    private async Task WaitUntilDueAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task wake;
            lock (_wakeLock)
                wake = _wake.Task;
            if (State.Current is not { IsOwed: true })
            {
                await wake.WaitAsync(cancellationToken);
                continue;
            }

            var wait = NextDue() - Now;
            if (wait <= TimeSpan.Zero)
                return;
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
