using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Templater.Pipeline.Deployment.Proving;

/// <summary>How far a proxy is with a reload, as its log tells.</summary>
internal enum ReloadStage
{
    /// <summary>Nothing is said against the new configuration.</summary>
    Quiet,

    /// <summary>New workers may be there and still end on it.</summary>
    Loading,

    /// <summary>It complains, and may take the configuration all the same.</summary>
    Complaining,

    /// <summary>It keeps its old configuration.</summary>
    Refused,
}

/// <summary>What a proxy wrote about a reload.</summary>
/// <param name="Stage">How far it is.</param>
/// <param name="Reasons">Its complaints, oldest first.</param>
internal sealed record ReloadLog(ReloadStage Stage, ImmutableArray<string> Reasons)
{
    /// <summary>False when a refusal may have been missed.</summary>
    public bool IsWhole { get; init; } = true;
}

/// <summary>Finds in a proxy's log what it says about reloads.</summary>
/// <param name="Lines">The lines that do.</param>
/// <param name="Read">What such lines mean, oldest first.</param>
internal sealed partial record ReloadWords(Regex Lines, Func<ImmutableArray<string>, ReloadLog> Read)
{
    /// <summary>nginx: what is an emergency to it while it runs concerns its configuration.</summary>
    public static readonly ReloadWords Nginx = new(NginxLines(), ReadNginx);

    /// <summary>
    /// HAProxy: also a backend without servers is an alert, and some alerts about a configuration end with "Continuing." So
    /// only the master's word that it has failed counts, which it says last.
    /// </summary>
    public static readonly ReloadWords HAProxy = new(HAProxyLines(), ReadHAProxy);

    /// <summary>The lines of a log that are about reloads.</summary>
    public ImmutableArray<string> LinesIn(string log) => [.. Lines.Matches(log).Select(static match => match.Value)];

    /// <summary>The complaints in a log, oldest first, whatever became of them.</summary>
    public ImmutableArray<string> ReasonsIn(string log) => Read(LinesIn(log)).Reasons;

    // It complains about a port five times before it gives up, and may still get it.
    private static ReloadLog ReadNginx(ImmutableArray<string> lines)
    {
        if (lines.IsEmpty)
            return new ReloadLog(ReloadStage.Quiet, []);
        var tries = lines.Any(static line => line.Contains("bind() to ", StringComparison.Ordinal))
            && !lines.Any(static line => line.Contains("still could not bind()", StringComparison.Ordinal));
        return new ReloadLog(tries ? ReloadStage.Complaining : ReloadStage.Refused, lines);
    }

    private static ReloadLog ReadHAProxy(ImmutableArray<string> lines)
    {
        ImmutableArray<string> reasons = [.. lines.Where(static line => line.StartsWith("[ALERT]", StringComparison.Ordinal))];
        var verdict = lines.LastOrDefault(static line => line.StartsWith("[WARNING]", StringComparison.Ordinal));
        if (verdict is not null)
            return new ReloadLog(ReloadStage.Refused, reasons.IsEmpty ? [verdict] : reasons);
        // From 3.1 on the worker is there first and reads the configuration then.
        var begun = lines.Count(static line => line.Contains(" : Initializing new worker (", StringComparison.Ordinal));
        var done = lines.Count(static line => line.EndsWith(" : Loading success.", StringComparison.Ordinal));
        return new ReloadLog(begun > done ? ReloadStage.Loading : ReloadStage.Quiet, reasons);
    }

    // Anchored: an access log line repeats what strangers send, and must never look like a refusal.
    [GeneratedRegex(@"^(nginx: \[emerg\] .*|\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[emerg\] \d+#\d+: .*)$", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex NginxLines();

    // Up to 2.3 a date stands before the process id, and nothing before the complaint; the words for a failure are those of
    // up to 2.4, of up to 3.0, and two of 3.1 on.
    [GeneratedRegex(
        @"^(\[ALERT\] +(\d+/\d+ )?\(\d+\) : (config : |parsing \[|Error\(s\) found in |Fatal errors found in |Proxy '|Binding \[|Starting |\[[^\]]*\.main\(\)\] ).*"
        + @"|\[WARNING\] +(\d+/\d+ )?\(\d+\) : (Reexecuting Master process in waitpid mode|Loading failure!|Failed to load worker!|Master failed to (load|parse) new configuration.*)"
        + @"|\[NOTICE\] +\(\d+\) : (Initializing new worker \(\d+\)|Loading success\.))$",
        RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex HAProxyLines();
}
