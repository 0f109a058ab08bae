using System.Collections.Immutable;
using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Deployment.Proving;

/// <summary>How to tell the workers of a proxy among its processes, and what it says of a reload in its log.</summary>
/// <param name="IsWorker">Whether a process, seen among all of them, is a current worker.</param>
/// <param name="Words">What it says of a reload.</param>
/// <param name="ShowsRetirement">True when a worker that only finishes its connections is not counted as a worker.</param>
internal sealed record WorkerTitles(Func<ProxyProcess, ImmutableArray<ProxyProcess>, bool> IsWorker, ReloadWords Words, bool ShowsRetirement)
{
    /// <summary>nginx: titles tell; a worker that finishes its connections says so in its title.</summary>
    public static readonly WorkerTitles Nginx = new(
        (process, _) => process.Title.StartsWith("nginx: worker process", StringComparison.Ordinal)
            && !process.Title.Contains("is shutting down", StringComparison.Ordinal),
        ReloadWords.Nginx,
        ShowsRetirement: true);

    /// <summary>HAProxy: the children of the master that are HAProxy too; from its own socket only workers are listed.</summary>
    public static readonly WorkerTitles HAProxy = new(
        static (process, all) => process.Title == "haproxy worker"
            || (IsHAProxy(process) && all.Any(other => other.Pid == process.ParentPid && IsHAProxy(other))),
        ReloadWords.HAProxy,
        ShowsRetirement: false);

    /// <summary>
    /// Sets of workers that a proxy has beside the current one; null when there is no current one, as in its first moments, or after
    /// a reload of HAProxy 3 that failed, when the worker that serves counts as old.
    /// </summary>
    /// <param name="all">Its processes.</param>
    public int? Draining(ImmutableArray<ProxyProcess> all)
    {
        var current = all.Count(process => IsWorker(process, all));
        if (current == 0)
            return null;
        // A set of nginx has as many workers as the current one; those of HAProxy's processes cannot be told apart, and each is a set.
        var old = all.Count(static process => process.Title.StartsWith("nginx: worker process", StringComparison.Ordinal) && process.Title.Contains("is shutting down", StringComparison.Ordinal));
        return ShowsRetirement ? (old + current - 1) / current : all.Count(static process => process.Title == OldHAProxyWorker) is > 0 and var named ? named : current - 1;
    }

    /// <summary>The same of a proxy as it is now.</summary>
    /// <exception cref="IOException">Its processes cannot be seen right now.</exception>
    public async Task<int?> DrainingAsync(IReloadTarget target, CancellationToken cancellationToken) =>
        await target.ProcessesAsync(cancellationToken) is { } all ? Draining(all) : null;

    /// <summary>How an old worker of HAProxy is called where its master tells them apart.</summary>
    public const string OldHAProxyWorker = "old haproxy worker";

    // An init process or a health check may well name haproxy among its words.
    private static bool IsHAProxy(ProxyProcess process) =>
        Path.GetFileName(process.Title.Split(' ', 2)[0]).StartsWith("haproxy", StringComparison.Ordinal);
}
