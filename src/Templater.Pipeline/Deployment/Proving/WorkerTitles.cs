using System.Collections.Immutable;

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

    // An init process or a health check may well name haproxy among its words.
    private static bool IsHAProxy(ProxyProcess process) =>
        Path.GetFileName(process.Title.Split(' ', 2)[0]).StartsWith("haproxy", StringComparison.Ordinal);
}
