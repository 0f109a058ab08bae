using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Deployment.Proving;

/// <summary>A proxy that exits on a bad configuration took a new one if it still runs a moment later (Centauri).</summary>
/// <param name="time">The clock.</param>
internal sealed class StillRunningProof(TimeProvider time) : IProof
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    public bool CanProve => true;

    public Task<bool> IsLiveAsync(IReloadTarget target, JournalEntry entry, CancellationToken cancellationToken) => Task.FromResult(false);

    public async Task<ProofBaseline> CaptureAsync(IReloadTarget target, CancellationToken cancellationToken) =>
        new(await PidsAsync(target, cancellationToken));

    public async Task<ProofResult> ProveAsync(ProofRequest request, CancellationToken cancellationToken)
    {
        if (request.Baseline.Workers is not { } before)
            return new ProofResult.Impossible();
        await Task.Delay(Moment, time, cancellationToken);
        var now = await PidsAsync(request.Target, cancellationToken);
        return now is not null && before.IsSubsetOf(now)
            ? new ProofResult.Proven($"{request.Target.Name} still runs after {Moment.TotalSeconds:0} s")
            : new ProofResult.NotSeen($"{request.Target.Name} ended within {Moment.TotalSeconds:0} s after the reload");
    }

    private static async Task<System.Collections.Immutable.ImmutableHashSet<int>?> PidsAsync(IReloadTarget target, CancellationToken cancellationToken) =>
        await target.ProcessesAsync(cancellationToken) is { } all ? [.. all.Select(process => process.Pid)] : null;
}
