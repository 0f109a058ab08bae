using System.Collections.Immutable;
using System.Diagnostics;
using Templater.Pipeline.Deployment.Proving;
using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Deployment;

/// <summary>What one attempt to deliver an owed reload came to.</summary>
internal abstract record DeliveryResult
{
    private DeliveryResult()
    {
    }

    public ImmutableArray<Finding> Findings { get; init; } = [];

    public sealed record Settled(DeliveryPhase Phase, string How) : DeliveryResult;

    /// <summary>Nobody could be told, or not everybody.</summary>
    public sealed record StillOwed(string Why, bool WaitsForProxy) : DeliveryResult;

    /// <param name="By">The proxy.</param>
    /// <param name="Output">Its reasons.</param>
    /// <param name="IsOnlyTarget">True when no other proxy can have taken the configuration.</param>
    public sealed record Refused(string By, string Output, bool IsOnlyTarget) : DeliveryResult;

    /// <summary>Told, and not live by the deadline.</summary>
    public sealed record NotSeen(string Why) : DeliveryResult;
}

/// <summary>
/// One attempt: finds the proxies, tells those that are not settled yet, and waits for the proof. Every target has its own
/// debt: who is settled is noted, so that a failure of one does not reload the others again. A crash between telling and
/// proof leaves the debt, because nobody saw what came of it.
/// </summary>
/// <param name="reloader">Finds and tells.</param>
/// <param name="proof">Proves.</param>
/// <param name="time">The clock.</param>
/// <param name="note">Writes the changed entry to the journal.</param>
internal sealed class Delivery(IReloader reloader, IProof proof, TimeProvider time, Action<JournalEntry> note)
{
    private readonly List<ProofRequest> _told = [];
    private readonly List<Settlement> _settled = [];
    private readonly List<string> _failures = [];
    private JournalEntry _entry = null!;

    /// <summary>True when at least one proxy was told during this attempt.</summary>
    public bool HasReloaded { get; private set; }

    public async Task<DeliveryResult> RunAsync(JournalEntry entry, CancellationToken cancellationToken)
    {
        _entry = entry;
        var search = await reloader.FindAsync(cancellationToken);
        if (search.IsNobody)
            return new DeliveryResult.Settled(DeliveryPhase.NotNeeded, "nobody is to be told");
        if (search.Targets.IsEmpty)
            return new DeliveryResult.StillOwed(search.Waiting, search.WaitsForProxy) { Findings = search.Findings };
        foreach (var target in search.Targets)
        {
            if (!_entry.Targets.Contains(target.Key) && await TellAsync(target, cancellationToken) is { } refusal)
                return new DeliveryResult.Refused(target.Name, refusal.Output, search.Targets.Length == 1);
        }

        var problem = await ProveAsync(search.Targets.Length == 1, cancellationToken);
        NoteSettled();
        if (problem is not null)
            return problem;
        if (_failures.Count > 0)
            return new DeliveryResult.StillOwed(string.Join("; ", _failures), WaitsForProxy: false) { Findings = [.. _failures.Select(DeployFindings.ReloadFailed)] };
        return _entry.Targets.IsEmpty
            ? new DeliveryResult.StillOwed("the proxy ended before it could be told", WaitsForProxy: true)
            : new DeliveryResult.Settled(Phase(), string.Join("; ", _settled.Select(settlement => settlement.How).Distinct(StringComparer.Ordinal)));
    }

    private async Task<ReloadAnswer.Refused?> TellAsync(IReloadTarget target, CancellationToken cancellationToken)
    {
        if (target.Started > _entry.Swapped)
        {
            _settled.Add(new Settlement(target.Key, DeliveryPhase.NotNeeded, $"{target.Name} started with it"));
            return null;
        }

        if (await proof.IsLiveAsync(target, _entry, cancellationToken))
        {
            _settled.Add(new Settlement(target.Key, DeliveryPhase.Proven, $"{target.Name} runs it already"));
            return null;
        }

        var baseline = await proof.CaptureAsync(target, cancellationToken);
        var told = time.GetUtcNow();
        var answer = await target.ReloadAsync(cancellationToken);
        HasReloaded |= answer is not ReloadAnswer.Gone;
        switch (answer)
        {
            case ReloadAnswer.Delivered:
                NoteTold(told);
                _told.Add(new ProofRequest(target, _entry, baseline, told));
                return null;
            case ReloadAnswer.Accepted(var how):
                NoteTold(told);
                _settled.Add(new Settlement(target.Key, DeliveryPhase.Proven, how));
                return null;
            case ReloadAnswer.Refused refused:
                return refused;
            case ReloadAnswer.Failed(var why):
                _failures.Add(why);
                return null;
            case ReloadAnswer.Gone:
                return null;
            default:
                throw new UnreachableException();
        }
    }

    private async Task<DeliveryResult?> ProveAsync(bool isOnlyTarget, CancellationToken cancellationToken)
    {
        DeliveryResult? problem = null;
        var results = await Task.WhenAll(_told.Select(request => proof.ProveAsync(request, cancellationToken)));
        foreach (var (request, result) in _told.Zip(results))
        {
            switch (result)
            {
                case ProofResult.Proven(var how):
                    _settled.Add(new Settlement(request.Target.Key, DeliveryPhase.Proven, how));
                    break;
                case ProofResult.Impossible:
                    _settled.Add(new Settlement(request.Target.Key, DeliveryPhase.Unproven, $"{request.Target.Name} was told"));
                    break;
                case ProofResult.Refused(var output):
                    problem = new DeliveryResult.Refused(request.Target.Name, output, isOnlyTarget);
                    break;
                case ProofResult.NotSeen(var why):
                    problem ??= new DeliveryResult.NotSeen(why);
                    break;
                default:
                    throw new UnreachableException();
            }
        }

        return problem;
    }

    private DeliveryPhase Phase()
    {
        if (_settled.Any(settlement => settlement.Phase == DeliveryPhase.Unproven))
            return DeliveryPhase.Unproven;
        return _settled.Any(settlement => settlement.Phase == DeliveryPhase.Proven) ? DeliveryPhase.Proven : DeliveryPhase.NotNeeded;
    }

    private void NoteTold(DateTimeOffset told)
    {
        _entry = _entry with { Phase = DeliveryPhase.Delivered, Delivered = told };
        note(_entry);
    }

    private void NoteSettled()
    {
        var targets = _entry.Targets.Concat(_settled.Select(settlement => settlement.Key)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        _entry = _entry with { Targets = [.. targets] };
        note(_entry);
    }

    private sealed record Settlement(string Key, DeliveryPhase Phase, string How);
}
