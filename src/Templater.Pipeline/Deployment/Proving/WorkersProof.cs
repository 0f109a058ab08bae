using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Deployment.Proving;

/// <summary>How to tell the workers of a proxy among its processes, and its refusals in its log.</summary>
/// <param name="IsWorker">Whether a process, seen among all of them, is a current worker.</param>
/// <param name="Refusal">Lines by which the proxy says that it keeps its old configuration.</param>
/// <param name="FinalRefusal">What such lines contain once a port could not be had for good.</param>
/// <param name="ShowsRetirement">True when a worker that only finishes its connections is not counted as a worker.</param>
internal sealed partial record WorkerTitles(
    Func<ProxyProcess, ImmutableArray<ProxyProcess>, bool> IsWorker, Regex Refusal, string FinalRefusal, bool ShowsRetirement)
{
    /// <summary>nginx: titles tell; a worker that finishes its connections says so in its title.</summary>
    public static readonly WorkerTitles Nginx = new(
        (process, _) => process.Title.StartsWith("nginx: worker process", StringComparison.Ordinal)
            && !process.Title.Contains("is shutting down", StringComparison.Ordinal),
        NginxRefusal(),
        "still could not bind()",
        ShowsRetirement: true);

    /// <summary>HAProxy: the children of the master; from its own socket only workers are listed.</summary>
    public static readonly WorkerTitles HAProxy = new(
        (process, all) => process.Title == "haproxy worker" || all.Any(other => other.Pid == process.ParentPid),
        HAProxyRefusal(),
        "",
        ShowsRetirement: false);

    // Anchored: an access log line repeats what strangers send, and must never look like a refusal.
    [GeneratedRegex(@"^(nginx: \[emerg\] .*|\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[emerg\] \d+#\d+: .*)$", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex NginxRefusal();

    [GeneratedRegex(@"^\[ALERT\] +\(\d+\) : .*$", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex HAProxyRefusal();
}

/// <summary>
/// New workers run, and the log since the signal holds no refusal. Less than reading the generation back, but it needs
/// nothing but a look at the processes.
/// </summary>
/// <param name="titles">What workers look like.</param>
/// <param name="deadline">How long to wait.</param>
/// <param name="time">The clock.</param>
internal sealed class WorkersProof(WorkerTitles titles, TimeSpan deadline, TimeProvider time) : IProof
{
    /// <summary>nginx tries to bind for 2.5 s; the rest is for loading.</summary>
    public static readonly TimeSpan NginxDeadline = TimeSpan.FromSeconds(5);

    // A worker that dies at once must not count.
    private const int SightingsNeeded = 2;

    public bool CanProve => true;

    public Task<bool> IsLiveAsync(IReloadTarget target, JournalEntry entry, CancellationToken cancellationToken) => Task.FromResult(false);

    public Task<ProofBaseline> CaptureAsync(IReloadTarget target, CancellationToken cancellationToken) => LookAsync(target, titles, cancellationToken);

    public static async Task<ProofBaseline> LookAsync(IReloadTarget target, WorkerTitles titles, CancellationToken cancellationToken) =>
        new((await WorkersAsync(target, titles, cancellationToken)));

    public async Task<ProofResult> ProveAsync(ProofRequest request, CancellationToken cancellationToken)
    {
        if (request.Baseline.Workers is not { } before)
            return new ProofResult.Impossible();
        var sightings = 0;
        var result = await Polling.UntilAsync(
            async () =>
            {
                if (await FinalRefusalAsync(request, cancellationToken) is { } refusal)
                    return refusal;
                var now = await WorkersAsync(request.Target, titles, cancellationToken);
                sightings = now is not null && IsNewGeneration(before, now) ? sightings + 1 : 0;
                return sightings >= SightingsNeeded ? new ProofResult.Proven("new workers, nothing refused in the log") : null;
            },
            deadline,
            time,
            cancellationToken);
        return result ?? await AfterDeadlineAsync(request, cancellationToken);
    }

    // A crashed worker is replaced by one that runs the old configuration, so where old workers can be told they must be gone.
    private bool IsNewGeneration(ImmutableHashSet<int> before, ImmutableHashSet<int> now) =>
        titles.ShowsRetirement ? !now.IsEmpty && !now.Overlaps(before) : !now.IsSubsetOf(before);

    private async Task<ProofResult> AfterDeadlineAsync(ProofRequest request, CancellationToken cancellationToken) =>
        await RefusalsAsync(request, cancellationToken) is { Length: > 0 } refusals
            ? new ProofResult.Refused(refusals)
            : new ProofResult.NotSeen($"{request.Target.Name} has no new workers after {deadline.TotalSeconds:0.###} s");

    private async Task<ProofResult?> FinalRefusalAsync(ProofRequest request, CancellationToken cancellationToken)
    {
        var refusals = await RefusalsAsync(request, cancellationToken);
        if (refusals.Length == 0)
            return null;
        // nginx complains about a port five times before it gives up, and may still get it.
        var isUndecided = refusals.Contains("bind() to ", StringComparison.Ordinal)
            && !refusals.Contains(titles.FinalRefusal, StringComparison.Ordinal);
        return isUndecided ? null : new ProofResult.Refused(refusals);
    }

    private async Task<string> RefusalsAsync(ProofRequest request, CancellationToken cancellationToken)
    {
        var log = await request.Target.LogsSinceAsync(request.Told, cancellationToken) ?? "";
        return ShownText.Block(string.Join('\n', titles.Refusal.Matches(log).Select(match => match.Value)));
    }

    private static async Task<ImmutableHashSet<int>?> WorkersAsync(IReloadTarget target, WorkerTitles titles, CancellationToken cancellationToken) =>
        await target.ProcessesAsync(cancellationToken) is { } all
            ? [.. all.Where(process => titles.IsWorker(process, all)).Select(process => process.Pid)]
            : null;
}
