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
        var watch = new WorkersWatch(this, request);
        return await Polling.UntilAsync(() => watch.LookAsync(cancellationToken), request.Told, deadline + request.LoadTime, time, cancellationToken)
            ?? watch.AfterDeadline(deadline + request.LoadTime);
    }

    /// <summary>What the log says of the reload that is to be proven; null when it cannot be read.</summary>
    public static async Task<ReloadLog?> ReadLogAsync(ProofRequest request, WorkerTitles titles, CancellationToken cancellationToken) =>
        await LogAsync(request.Target, request.Baseline.LogStart, cancellationToken) is { } log
            ? titles.Words.Read(New(titles.Words.LinesIn(log.Text), request.Baseline.Lines)) with { IsWhole = log.IsWhole }
            : null;

    /// <summary>A refusal with its reasons.</summary>
    public static ProofResult.Refused Refused(ReloadLog log) => new(ShownText.Block(string.Join('\n', log.Reasons)));

    // A crashed worker is replaced by one that runs the old configuration, so where old workers can be told they must be gone.
    internal bool IsNewGeneration(ImmutableHashSet<int> before, ImmutableHashSet<int> now) =>
        titles.ShowsRetirement ? !now.IsEmpty && !now.Overlaps(before) : !now.IsSubsetOf(before);

    // Workers first: what the log says of those that were seen is then in it.
    internal async Task<WorkersSight> LookAsync(ProofRequest request, CancellationToken cancellationToken)
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

        return new WorkersSight(workers, await ReadLogAsync(request, titles, cancellationToken));
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

}
