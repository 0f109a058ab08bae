using System.Globalization;
using System.Text.RegularExpressions;

namespace Templater.Pipeline.Deployment.Checks;

/// <summary>Reads what nginx, HAProxy and other checkers write when they do not exit with 0.</summary>
internal static partial class CheckerOutput
{
    private static readonly TimeSpan MatchLimit = TimeSpan.FromSeconds(1);

    private const int SignalledCode = 128;
    private const int LastSignal = 64;

    public static CheckResult Judge(CommandResult result, string candidate, string live)
    {
        if (result.Problem is { } problem)
            return new CheckResult.Unusable(problem);
        if (result.ExitCode == 0)
            return new CheckResult.Accepted();
        // It has not judged when it was killed, as whoever takes too much memory is.
        if (result.ExitCode is > SignalledCode and <= SignalledCode + LastSignal)
            return new CheckResult.Unusable($"it was ended by signal {result.ExitCode - SignalledCode}");
        var line = LineOf(result.Output, candidate);
        var text = result.Output.Replace(candidate, live, StringComparison.Ordinal);
        // A key that only the proxy may read, a full disk: that says nothing about the configuration.
        return IsAboutPermissions(text) || result.ExitCode is 126 or 127
            ? new CheckResult.Unusable($"{ShownText.OneLine(Stamps().Replace(text, ""))} (the checker runs as {UnixFile.OwnIdentity})")
            : new CheckResult.Refused(ShownText.Block(text), line);
    }

    /// <summary>
    /// The line of that file which is complained about; null when it is none, or one of another file. nginx ends its last
    /// complaint with <c>in FILE:LINE</c>, and quotes anything before that; HAProxy and most others begin with
    /// <c>FILE:LINE</c>, and quote anything after it. Both warn of other lines, of which none is refused.
    /// </summary>
    /// <param name="output">What was written.</param>
    /// <param name="file">The path of the file, or its name alone where nobody knows where it lies.</param>
    public static int? LineOf(string output, string file)
    {
        var at = Position(file);
        try
        {
            var match = NginxRefusal().IsMatch(output)
                ? Regex.Match(output, @"\[emerg\][^\n]* in " + at + @"\s*$", RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.RightToLeft, MatchLimit)
                : HAProxyRefusal().IsMatch(output)
                ? Regex.Match(output, @"^\[ALERT\][^\n]*?[\s\[""'(]" + at, RegexOptions.CultureInvariant | RegexOptions.Multiline, MatchLimit)
                : Regex.Match(output, @"(?<![^\s\[""'(])" + at, RegexOptions.CultureInvariant, MatchLimit);
            return match.Success ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : null;
        }
        catch (RegexMatchTimeoutException)
        {
            return null;
        }
    }

    // A name alone is also what a program prints that was given a path below its own directory.
    private static string Position(string file)
    {
        var name = Regex.Escape(Path.GetFileName(file));
        return (file.Contains('/', StringComparison.Ordinal) ? $"(?:{Regex.Escape(file)}|{name})" : $@"(?:[^\n]*/)?{name}") + @":(\d{1,9})";
    }

    // What a label says stands in quotes behind that.
    [GeneratedRegex(@"^[^\n\[""']*\[emerg\]", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Multiline)]
    private static partial Regex NginxRefusal();

    [GeneratedRegex(@"^\[ALERT\]", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Multiline)]
    private static partial Regex HAProxyRefusal();

    // Time and process begin each of nginx's lines: with them the same complaint would be news every time.
    [GeneratedRegex(@"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d (?=\[)|(?<=\] )\d+#\d+: ", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Stamps();

    public static bool IsAboutPermissions(string output) => Permissions().IsMatch(output);

    // nginx writes "(13: Permission denied)", OpenSSL "system library:fopen:Permission denied", HAProxy "...: Permission
    // denied." at the end of the line; 28 is a full disk, 30 a read-only root, 122 a quota. What a label
    // says stands in quotes before all that.
    [GeneratedRegex(@"\((13|28|30|122): [A-Z][^()""]*\)( in [^ ""]+:\d+)?\s*$|system library:[^:""]*:Permission denied|: (Permission denied|Read-only file system|No space left on device)\.?\s*$|^nginx: invalid option: ""e""", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Multiline)]
    private static partial Regex Permissions();
}
