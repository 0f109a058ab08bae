using System.Text;
using System.Text.RegularExpressions;
using Templater.Pipeline.Deployment.Proving.Nginx;

namespace Templater.Pipeline.Deployment.Checks;

/// <summary>
/// <c>nginx -t</c> of this image on a whole configuration. A test creates the pid file that it is told of, for its own user alone: an
/// empty one at the proxy's place would break <c>nginx -s reload</c>, and one of root's the start of an nginx that another user runs.
/// </summary>
/// <param name="program">Path of nginx.</param>
/// <param name="scratch">A writable directory for the pid file that the test creates.</param>
/// <param name="runner">Runs it.</param>
internal sealed partial class NginxChecker(string program, string scratch, CommandRunner runner) : IConfigChecker
{
    private const string DuplicatePid = "\"pid\" directive is duplicate";
    private const string CopySuffix = ".pid-elsewhere";

    public string Description => program + " -t";

    public async Task<Version?> VersionAsync(CancellationToken cancellationToken) =>
        ProgramVersion.Read(await runner.RunAsync([program, "-v"], CommandRunner.DefaultTimeLimit, cancellationToken));

    public async Task<CheckResult> CheckAsync(string candidate, string live, CancellationToken cancellationToken) =>
        CheckerOutput.Judge(await TestAsync(candidate, cancellationToken), candidate, live);

    /// <summary>Runs the test.</summary>
    /// <param name="candidate">A whole configuration.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<CommandResult> TestAsync(string candidate, CancellationToken cancellationToken)
    {
        var copy = await CopyAsync(candidate, cancellationToken);
        try
        {
            var pid = $"pid {Path.Combine(scratch, "nginx-check.pid")};";
            var file = copy ?? candidate;
            var result = await TestAsync(file, ["-g", pid], cancellationToken);
            if (result.ExitCode == 0 || !result.Output.Contains(DuplicatePid, StringComparison.Ordinal))
                return result with { Output = result.Output.Replace(file, candidate, StringComparison.Ordinal) };
        }
        finally
        {
            if (copy is not null)
                UnixFile.Discard(copy);
        }

        // Two, or one in a file that it includes, which is the operator's.
        return await TestAsync(candidate, [], cancellationToken);
    }

    /// <summary>The same configuration without its one line about a pid file, all others where they were; null when there is not exactly one that is plain.</summary>
    internal static string? WithoutPid(string text)
    {
        var lines = text.Split('\n');
        return PidLines(text) is [var line] && PidDirective().Match(lines[line - 1]) is { Success: true, Groups: var groups }
            && string.Join('\n', [.. lines[..(line - 1)], lines[line - 1].Remove(groups[1].Index, groups[1].Length), .. lines[line..]]) is var rest && PidLines(rest).Count == 0
            ? rest
            : null;
    }

    private Task<CommandResult> TestAsync(string file, string[] options, CancellationToken cancellationToken) =>
        runner.RunAsync([program, "-t", "-q", "-e", "stderr", "-c", file, .. options], CommandRunner.DefaultTimeLimit, cancellationToken);

    // Beside the candidate, because that is where nginx looks for what it includes. Where there is no room for it, the test goes on without.
    private static async Task<string?> CopyAsync(string candidate, CancellationToken cancellationToken)
    {
        var copy = candidate + CopySuffix;
        try
        {
            if (WithoutPid(await File.ReadAllTextAsync(candidate, Encoding.Latin1, cancellationToken)) is not { } text)
                return null;
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            await using var file = new FileStream(copy, options);
            await file.WriteAsync(Encoding.Latin1.GetBytes(text), cancellationToken);
            return copy;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            UnixFile.Discard(copy);
            return null;
        }
    }

    private static List<int> PidLines(string text)
    {
        var (depth, found) = (0, new List<int>());
        foreach (var directive in NginxDirectives.Of(text))
        {
            if (directive.Mark == NginxMark.Simple && depth == 0 && directive.Words[0] == "pid")
                found.Add(directive.Line);
            depth += directive.Mark switch { NginxMark.Begin => 1, NginxMark.End => -1, _ => 0 };
        }

        return found;
    }

    // Without quotes, on one line: what is written otherwise is left alone.
    [GeneratedRegex(@"(?:^|[;}\s])(pid[ \t]+[^\s;""'{}\\$#]+[ \t]*;)", RegexOptions.CultureInvariant)]
    private static partial Regex PidDirective();
}
