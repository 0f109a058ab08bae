using System.Diagnostics;
using Templater.Pipeline.Deployment.Checks;
using Templater.Pipeline.Deployment.Proving;
using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Deployment;

// What was seen of those that were told.
internal sealed partial class Delivery
{
    /// <summary>Waits for the proof of those that were told. May be given up and gone on with: no deadline begins anew.</summary>
    public async Task<DeliveryResult> ProveAsync(CancellationToken cancellationToken)
    {
        var results = await Task.WhenAll(_told.Select(request => ProveAsync(request, cancellationToken)));
        var problems = _told.Zip(results).Select(pair => Judge(pair.First, pair.Second)).OfType<DeliveryResult>().ToList();
        NoteSettled();
        // What one proxy runs is no bad configuration: the others are told again, and nobody loses it.
        if (!_entry.HasProof && (problems.Find(static problem => problem is DeliveryResult.Refused) ?? problems.FirstOrDefault()) is { } problem)
            return problem;
        if (_hasEnded && await CrashAsync(alsoRunning: true, cancellationToken) is { } crash)
            return crash;
        _failures.AddRange(problems.Select(static problem => new ReloadAnswer.Failed(problem switch
        {
            DeliveryResult.Refused refused => $"{refused.By} refused what another proxy runs: \"{Complaint.Of(refused.Output, null)}\"",
            DeliveryResult.NotSeen unseen => unseen.Why,
            _ => throw new UnreachableException(),
        })));
        return Sum();
    }

    private async Task<ProofResult> ProveAsync(ProofRequest request, CancellationToken cancellationToken)
    {
        var result = await parts.Proof.ProveAsync(request, cancellationToken);
        if (!request.HasStartedWithIt || result is not (ProofResult.Impossible or ProofResult.NotSeen))
            return result;
        var rest = TimeToStayUp - parts.Time.GetElapsedTime(request.Told);
        if (rest > TimeSpan.Zero)
            await Task.Delay(rest, parts.Time, cancellationToken);
        return await HasEndedAsync(request.Target, cancellationToken) ? new ProofResult.Ended() : result;
    }

    private DeliveryResult? Judge(ProofRequest request, ProofResult result)
    {
        switch (result)
        {
            case ProofResult.Ended:
                _hasEnded = true;
                return null;
            case ProofResult.Proven or ProofResult.Impossible when request.IsRestarted:
                // It stayed up for a while, which was waited for where there is no more to be seen.
                request.Target.StaysUp();
                _settled.Add(new Settlement(
                    request.Target,
                    parts.Proof.CanProve ? DeliveryPhase.Proven : DeliveryPhase.Unproven,
                    result is ProofResult.Proven shown ? $"{request.Target.Name} was restarted with it: {shown.How}" : $"{request.Target.Name} was restarted with it"));
                return null;
            case ProofResult.Proven when request.HasStartedWithIt:
                request.Target.StaysUp();
                _settled.Add(new Settlement(request.Target, DeliveryPhase.Proven, $"{request.Target.Name} started with it"));
                return null;
            case ProofResult.Impossible when request.HasStartedWithIt:
                request.Target.StaysUp();
                // Of what is restarted it is the proof that a run with it stays up, whoever began that.
                _settled.Add(new Settlement(
                    request.Target, request.Target.IsRestarted && parts.Proof.CanProve ? DeliveryPhase.Proven : DeliveryPhase.NotNeeded, $"{request.Target.Name} started with it"));
                return null;
            case ProofResult.Proven when request.Target.View?.SingleFile is { } single:
                _settled.Add(new Settlement(request.Target, DeliveryPhase.Unproven, $"{request.Target.Name} was told, but mounts the single file {ShownText.OneLine(single)}"));
                return null;
            case ProofResult.Proven { Note: var note } proven:
                _settled.Add(new Settlement(request.Target, DeliveryPhase.Proven, proven.How));
                if (note is not null)
                    _findings.Add(note);
                return null;
            case ProofResult.Impossible(var isBlind):
                _settled.Add(new Settlement(request.Target, DeliveryPhase.Unproven, $"{request.Target.Name} was told"));
                if (isBlind && parts.Proof.CanProve && parts.Checker is null)
                    _findings.Add(DeployFindings.Blind(request.Target.Name));
                return null;
            case ProofResult.NotYet notYet:
                _isUnread = true;
                _behind.Add(notYet.Why);
                if (notYet.Note is { } advice)
                    _heldUp.Add(advice);
                return null;
            case ProofResult.Refused(var output):
                return new DeliveryResult.Refused(request.Target.Name, output, IsNothingTaken)
                {
                    HasEnded = request.HasStartedWithIt,
                    Config = request.Target.View?.Path,
                };
            case ProofResult.NotSeen when _entry.RunningOtherwise.Contains(request.Target.Key):
                // It said so before. What it shows may be of something else for ever, and each time it would be told in vain.
                _unseen.Add(request.Target.Key);
                _settled.Add(new Settlement(request.Target, DeliveryPhase.Unproven, $"{request.Target.Name} was told once more, and says that it runs another configuration"));
                return null;
            case ProofResult.NotSeen unseen:
                return new DeliveryResult.NotSeen(request.Target.Name, unseen.Why) { Lines = unseen.Lines };
            default:
                throw new UnreachableException();
        }
    }

    // The only proxy refused it whole.
    private bool IsNothingTaken => _search.Targets.Length == 1 && !_mayBeHalfTold;
}
