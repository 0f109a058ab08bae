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

    /// <summary>The first <c>FILE:LINE</c> for that file; nginx, HAProxy and most others write it so.</summary>
    public static int? LineOf(string output, string file)
    {
        try
        {
            var match = Regex.Match(output, Regex.Escape(file) + @":(\d{1,9})", RegexOptions.CultureInvariant, MatchLimit);
            return match.Success ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : null;
        }
        catch (RegexMatchTimeoutException)
        {
            return null;
        }
    }

    public static bool IsAboutPermissions(string output) => Permissions().IsMatch(output);

    // nginx writes "(13: Permission denied)", HAProxy "unable to load ...: Permission denied"; 30 is a read-only root.
    [GeneratedRegex(@"\(13: |Permission denied|\(30: |Read-only file system|invalid option: ""e""", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Permissions();
}
