using System.Collections.Immutable;
using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Deployment.Proving;

/// <summary>
/// A proxy that exits on a bad configuration took a new one if it still runs a moment later (Centauri), and nothing keeps it from
/// running. Only its first process counts: others, such as health checks, come and go.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class StillRunningProof(TimeProvider time) : IProof
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    public bool CanProve => true;

    public Task<bool> IsLiveAsync(IReloadTarget target, JournalEntry entry, CancellationToken cancellationToken) => Task.FromResult(false);

    public async Task<ProofBaseline> CaptureAsync(IReloadTarget target, CancellationToken cancellationToken) =>
        new(await RootAsync(target, cancellationToken));

    public async Task<ProofResult> ProveAsync(ProofRequest request, CancellationToken cancellationToken)
    {
        if (request.Baseline.Workers is not { } before)
            return new ProofResult.Impossible(IsBlind: true);
        var rest = Moment - time.GetElapsedTime(request.Told);
        if (rest > TimeSpan.Zero)
            await Task.Delay(rest, time, cancellationToken);
        try
        {
            return await JudgeAsync(request, before, cancellationToken);
        }
        catch (IOException error)
        {
            return new ProofResult.NotYet($"whether {request.Target.Name} still runs cannot be seen: {error.Message.TrimEnd('.')}");
        }
    }

    private static async Task<ProofResult> JudgeAsync(ProofRequest request, ImmutableHashSet<int> before, CancellationToken cancellationToken)
    {
        var target = request.Target;
        if (await target.ProcessesAsync(cancellationToken) is not { } all || !before.IsSubsetOf(all.Select(static process => process.Pid)))
            return new ProofResult.NotSeen($"{target.Name} ended within {Moment.TotalSeconds:0} s after the reload");
        // One that cannot have read the file has not taken it; one that was started with it has read it before.
        return !request.HasStartedWithIt && await target.HeldUpAsync(cancellationToken) is { } how
            ? new ProofResult.NotYet($"{target.Name} {how}, so it has not read the file") { Note = DeployFindings.HeldUp(target.Name, how) }
            : new ProofResult.Proven($"{target.Name} still runs after {Moment.TotalSeconds:0} s");
    }

    private static async Task<ImmutableHashSet<int>?> RootAsync(IReloadTarget target, CancellationToken cancellationToken)
    {
        if (await target.ProcessesAsync(cancellationToken) is not { } all)
            return null;
        var pids = all.Select(static process => process.Pid).ToHashSet();
        // A command that was executed in the container has no parent there either, but came later.
        return [.. all.Where(process => !pids.Contains(process.ParentPid)).Select(static process => process.Pid).Order().Take(1)];
    }
}
