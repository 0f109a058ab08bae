using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Deployment.Proving;

/// <summary>
/// A proxy that is restarted, and of which nothing else can be seen: that its new run stays up, for which every delivery waits, is
/// the proof.
/// </summary>
internal sealed class RestartProof : IProof
{
    public bool CanProve => true;

    public Task<bool> IsLiveAsync(IReloadTarget target, JournalEntry entry, CancellationToken cancellationToken) => Task.FromResult(false);

    public Task<ProofBaseline> CaptureAsync(IReloadTarget target, CancellationToken cancellationToken) => Task.FromResult(ProofBaseline.None);

    public Task<ProofResult> ProveAsync(ProofRequest request, CancellationToken cancellationToken) =>
        Task.FromResult<ProofResult>(new ProofResult.Impossible(IsBlind: false));
}
