using System.Collections.Immutable;
using System.Text.RegularExpressions;

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

    /// <summary>HAProxy: the children of the master that are HAProxy too; from its own socket only workers are listed.</summary>
    public static readonly WorkerTitles HAProxy = new(
        static (process, all) => process.Title == "haproxy worker"
            || (IsHAProxy(process) && all.Any(other => other.Pid == process.ParentPid && IsHAProxy(other))),
        HAProxyRefusal(),
        "",
        ShowsRetirement: false);

    /// <summary>The refusals in a log, oldest first.</summary>
    public IEnumerable<string> RefusalsIn(string log) => Refusal.Matches(log).Select(static match => match.Value);

    // An init process or a health check may well name haproxy among its words.
    private static bool IsHAProxy(ProxyProcess process) =>
        Path.GetFileName(process.Title.Split(' ', 2)[0]).StartsWith("haproxy", StringComparison.Ordinal);

    // Anchored: an access log line repeats what strangers send, and must never look like a refusal.
    [GeneratedRegex(@"^(nginx: \[emerg\] .*|\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[emerg\] \d+#\d+: .*)$", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex NginxRefusal();

    [GeneratedRegex(@"^\[ALERT\] +\(\d+\) : .*$", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex HAProxyRefusal();
}
