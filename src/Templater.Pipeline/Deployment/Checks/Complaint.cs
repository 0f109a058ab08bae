using System.Globalization;
using System.Text.RegularExpressions;

namespace Templater.Pipeline.Deployment.Checks;

/// <summary>What a checker or a proxy complains about, without what it says around it: times, process numbers and summaries.</summary>
internal static partial class Complaint
{
    /// <summary>The complaint on one line.</summary>
    /// <param name="output">What was written.</param>
    /// <param name="line">The line of the configuration that is named beside it anyway.</param>
    public static string Of(string output, int? line)
    {
        var all = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var complaints = all.Where(static text => !Talk().IsMatch(text)).Select(static text => Prefix().Replace(text, "")).ToList();
        if (complaints.Count == 0)
            complaints = [.. all.Select(static text => Prefix().Replace(text, ""))];
        if (line is { } number && complaints.Count > 0 && Position().Match(complaints[0]) is { Success: true } at
            && at.Groups[1].Value == number.ToString(CultureInfo.InvariantCulture))
            complaints[0] = complaints[0][at.Length..];
        return ShownText.OneLine(string.Join('\n', complaints));
    }

    // "2026/01/31 12:00:00 [emerg] 1#1: " of nginx and "[ALERT]    (1) : config : " of HAProxy: nothing of it helps, and the time
    // makes each message a new one.
    [GeneratedRegex(@"^((nginx: )?(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d )?\[[a-z]+\] (\d+#\d+: )?|\[(ALERT|WARNING)\] +\(\d+\) : (config : )?)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Prefix();

    // What HAProxy tells about itself and what it only warns of, and its summaries after the reasons.
    [GeneratedRegex(@"^(\[(NOTICE|WARNING)\] +\(\d+\) : .*|\[ALERT\] +\(\d+\) : config : (Error\(s\) found in configuration file : .*|Fatal errors found in configuration\.))$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Talk();

    [GeneratedRegex(@"^parsing \[[^\]]*:(\d{1,9})\] ?: ", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Position();
}
