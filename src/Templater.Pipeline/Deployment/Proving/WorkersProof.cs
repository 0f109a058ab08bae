using System.Collections.Immutable;
using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Deployment.Proving;

/// <summary>
/// New workers run, and the log holds no refusal that was not there before. Less than reading the generation back, but it
/// needs nothing but a look at the processes. Where these cannot be seen, the log alone can still tell of a refusal.
/// </summary>
/// <param name="titles">What workers look like.</param>
/// <param name="deadline">How long to wait.</param>
/// <param name="time">The clock.</param>
internal sealed class WorkersProof(WorkerTitles titles, TimeSpan deadline, TimeProvider time) : IProof
{
    /// <summary>nginx tries to bind for 2.5 s. Loading a big configuration gets time of its own.</summary>
    public static readonly TimeSpan NginxDeadline = TimeSpan.FromSeconds(3);

    /// <summary>How the reason of a refusal comes to be known that could not be read here.</summary>
    public const string WayToTheLog =
        "Where its container is labelled templater.proxy=OUTPUT, and GET /containers/*/logs is allowed, the reason is read there";

    // A worker that dies at once must not count.
    private const int SightingsNeeded = 2;

    // The shorter, the less of a busy site's log is read again and again. An engine elsewhere may have a clock behind ours.
    private static readonly TimeSpan LogMargin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan OtherClockMargin = TimeSpan.FromSeconds(60);

    public bool CanProve => true;

    public Task<bool> IsLiveAsync(IReloadTarget target, JournalEntry entry, CancellationToken cancellationToken) => Task.FromResult(false);

    public async Task<ProofBaseline> CaptureAsync(IReloadTarget target, CancellationToken cancellationToken)
    {
        var start = time.GetUtcNow() - (target.SharesClock ? LogMargin : OtherClockMargin);
        var workers = await WorkersAsync(target, cancellationToken);
        var log = await LogAsync(target, start, cancellationToken);
        return new ProofBaseline(workers) { LogStart = start, Lines = titles.Words.LinesIn(log?.Text ?? "") };
    }

    public async Task<ProofResult> ProveAsync(ProofRequest request, CancellationToken cancellationToken)
    {
        var sightings = 0;
        var sight = new Sight(null, null);
        var result = await Polling.UntilAsync(
            async () =>
            {
                sight = await LookAsync(request, cancellationToken);
                if (sight.Log is { Stage: ReloadStage.Refused } refusal)
                    return Refused(refusal);
                if (request.Baseline.Workers is not { } before)
                    return sight.Log is null ? new ProofResult.Impossible(IsBlind: true) : null;
                sightings = sight.Workers is { } now && sight.Log is not { Stage: ReloadStage.Loading } && IsNewGeneration(before, now) ? sightings + 1 : 0;
                return sightings >= SightingsNeeded ? new ProofResult.Proven("new workers, nothing refused in the log") : (ProofResult?)null;
            },
            request.Told,
            deadline + request.LoadTime,
            time,
            cancellationToken);
        return result ?? AfterDeadline(request, sight);
    }

    /// <summary>What the log says of the reload that is to be proven; null when it cannot be read.</summary>
    public static async Task<ReloadLog?> ReadLogAsync(ProofRequest request, WorkerTitles titles, CancellationToken cancellationToken) =>
        await LogAsync(request.Target, request.Baseline.LogStart, cancellationToken) is { } log
            ? titles.Words.Read(New(titles.Words.LinesIn(log.Text), request.Baseline.Lines)) with { IsWhole = log.IsWhole }
            : null;

    /// <summary>A refusal with its reasons.</summary>
    public static ProofResult.Refused Refused(ReloadLog log) => new(ShownText.Block(string.Join('\n', log.Reasons)));

    private ProofResult AfterDeadline(ProofRequest request, Sight sight)
    {
        if (sight.Log is { Stage: ReloadStage.Complaining } complaint)
            return Refused(complaint);
        return request.Baseline.Workers is null
            ? new ProofResult.Impossible(IsBlind: sight.Log is not { IsWhole: true })
            : new ProofResult.NotSeen(
                $"{request.Target.Name} has no new workers after {(deadline + request.LoadTime).TotalSeconds:0.###} s{(sight.Log is null ? "; why stands in its own log. " + WayToTheLog : "")}");
    }

    // A crashed worker is replaced by one that runs the old configuration, so where old workers can be told they must be gone.
    private bool IsNewGeneration(ImmutableHashSet<int> before, ImmutableHashSet<int> now) =>
        titles.ShowsRetirement ? !now.IsEmpty && !now.Overlaps(before) : !now.IsSubsetOf(before);

    // Workers first: what the log says of those that were seen is then in it.
    private async Task<Sight> LookAsync(ProofRequest request, CancellationToken cancellationToken)
    {
        ImmutableHashSet<int>? workers = null;
        try
        {
            workers = await WorkersAsync(request.Target, cancellationToken);
        }
        catch (IOException)
        {
            // It may be seen the next time.
        }

        return new Sight(workers, await ReadLogAsync(request, titles, cancellationToken));
    }

    // Some log drivers cannot be read at all: the workers tell most of it.
    private static async Task<ContainerLog?> LogAsync(IReloadTarget target, DateTimeOffset since, CancellationToken cancellationToken)
    {
        try
        {
            return await target.LogsSinceAsync(since, cancellationToken);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static ImmutableArray<string> New(ImmutableArray<string> now, ImmutableArray<string> before)
    {
        var rest = now.ToList();
        foreach (var known in before)
            rest.Remove(known);
        return [.. rest];
    }

    private async Task<ImmutableHashSet<int>?> WorkersAsync(IReloadTarget target, CancellationToken cancellationToken) =>
        await target.ProcessesAsync(cancellationToken) is { } all
            ? [.. all.Where(process => titles.IsWorker(process, all)).Select(static process => process.Pid)]
            : null;

    private sealed record Sight(ImmutableHashSet<int>? Workers, ReloadLog? Log);
}
