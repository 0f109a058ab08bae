using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Deployment.Proving;

/// <summary>Nothing can be proven: delivered is final.</summary>
internal sealed class NoProof : IProof
{
    public bool CanProve => false;

    public Task<bool> IsLiveAsync(IReloadTarget target, JournalEntry entry, CancellationToken cancellationToken) => Task.FromResult(false);

    public Task<ProofBaseline> CaptureAsync(IReloadTarget target, CancellationToken cancellationToken) => Task.FromResult(ProofBaseline.None);

    public Task<ProofResult> ProveAsync(ProofRequest request, CancellationToken cancellationToken) =>
        Task.FromResult<ProofResult>(new ProofResult.Impossible(IsBlind: true));
}
