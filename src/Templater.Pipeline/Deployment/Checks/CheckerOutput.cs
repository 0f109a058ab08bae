using System.Globalization;
using System.Text.RegularExpressions;

namespace Templater.Pipeline.Deployment.Checks;

/// <summary>Reads what nginx, HAProxy and other checkers write when they do not exit with 0.</summary>
internal static partial class CheckerOutput
{
    private static readonly TimeSpan MatchLimit = TimeSpan.FromSeconds(1);

    public static CheckResult Judge(CommandResult result, string candidate, string live)
    {
        if (result.Problem is { } problem)
            return new CheckResult.Unusable(problem);
        if (result.ExitCode == 0)
            return new CheckResult.Accepted();
        var line = LineOf(result.Output, candidate);
        var text = result.Output.Replace(candidate, live, StringComparison.Ordinal);
        // A key that only the proxy may read, a log directory that is not there: that says nothing about the configuration.
        return IsAboutPermissions(text) || result.ExitCode is 126 or 127
            ? new CheckResult.Unusable($"{ShownText.OneLine(text)} (the checker runs as {UnixFile.OwnIdentity})")
            : new CheckResult.Refused(ShownText.Block(text), line);
    }

    /// <summary>
    /// The line of that file which is complained about. nginx ends its last complaint with <c>in FILE:LINE</c>, and quotes
    /// anything before that; HAProxy and most others begin with <c>FILE:LINE</c>, and quote anything after it.
    /// </summary>
    public static int? LineOf(string output, string file)
    {
        try
        {
            var name = Regex.Escape(file) + @":(\d{1,9})";
            var match = Regex.Match(output, @"\[emerg\][^\n]* in [^\n]*" + name + @"\s*$", RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.RightToLeft, MatchLimit);
            // HAProxy warns before it refuses, and of other lines.
            if (!match.Success)
                match = Regex.Match(output, @"^\[ALERT\][^\n]*?" + name, RegexOptions.CultureInvariant | RegexOptions.Multiline, MatchLimit);
            if (!match.Success)
                match = Regex.Match(output, name, RegexOptions.CultureInvariant, MatchLimit);
            return match.Success ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : null;
        }
        catch (RegexMatchTimeoutException)
        {
            return null;
        }
    }

    public static bool IsAboutPermissions(string output) => Permissions().IsMatch(output);

    // nginx writes "(13: Permission denied)", OpenSSL "system library:fopen:Permission denied", HAProxy "...: Permission
    // denied." at the end of the line; 30 is a read-only root. What a label says stands in quotes before all that.
    [GeneratedRegex(@"\((13|30): [A-Z][^()""]*\)( in [^ ""]+:\d+)?\s*$|system library:[^:""]*:Permission denied|: (Permission denied|Read-only file system)\.?\s*$|^nginx: invalid option: ""e""", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Multiline)]
    private static partial Regex Permissions();
}
