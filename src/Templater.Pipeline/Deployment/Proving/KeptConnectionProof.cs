using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Deployment.Proving;

/// <summary>
/// Centauri answers nothing over the network, so that nothing can be proven; but it closes the connection over a configuration
/// that it does not take, and dials again.
/// </summary>
/// <param name="times">How long that takes.</param>
/// <param name="time">The clock.</param>
internal sealed class KeptConnectionProof(CentauriTimes times, TimeProvider time) : IProof
{
    public bool CanProve => false;

    public Task<bool> IsLiveAsync(IReloadTarget target, JournalEntry entry, CancellationToken cancellationToken) => Task.FromResult(false);

    public Task<ProofBaseline> CaptureAsync(IReloadTarget target, CancellationToken cancellationToken) => Task.FromResult(ProofBaseline.None);

    public async Task<ProofResult> ProveAsync(ProofRequest request, CancellationToken cancellationToken)
    {
        if (request.Target is not CentauriReloader.Target { Session: var session })
            return new ProofResult.Impossible(IsBlind: true);
        if (session.UntilKept is var rest && rest > TimeSpan.Zero)
            await FirstOfAsync(session.Ended, rest, cancellationToken);
        if (!session.IsDoubtful)
            return new ProofResult.Impossible(IsBlind: false);
        await FirstOfAsync(session.Refused, times.ToRedial, cancellationToken);
        return session.Refused.IsCompleted
            ? new ProofResult.Refused("it closed the connection over it, and dialled again")
            : new ProofResult.NotSeen($"{request.Target.Name} closed the connection right after it");
    }

    private async Task FirstOfAsync(Task task, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(task, Task.Delay(patience, time, abandoned.Token));
        await abandoned.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }
}
