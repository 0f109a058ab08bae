namespace Templater.Pipeline.Deployment.Checks;

/// <summary><c>nginx -t</c> on a configuration that includes the output, in a copy of it where the candidate stands in for the live file.</summary>
/// <param name="nginx">The test of whole configurations.</param>
/// <param name="main">The configuration that includes the output.</param>
/// <param name="scratch">A directory for the copy, for nobody else; it is made and removed.</param>
internal sealed class NginxPartChecker(NginxChecker nginx, string main, string scratch) : IConfigChecker
{
    public string Description => $"{nginx.Description} of {main}";

    public Task<Version?> VersionAsync(CancellationToken cancellationToken) => nginx.VersionAsync(cancellationToken);

    public async Task<CheckResult> CheckAsync(string candidate, string live, CancellationToken cancellationToken)
    {
        var (file, place) = (Path.GetFullPath(candidate), Path.GetFullPath(live));
        try
        {
            var result = await TestAsync(file, place, cancellationToken) is { } test
                ? CheckerOutput.Judge(test, file, place)
                : new CheckResult.Unusable($"{main} does not include {place}, nor does a file that it includes. Correct included_by, or mount the output's directory here where the proxy sees it");
            // What is refused without it, too, is no fault of the candidate's.
            return result is CheckResult.Refused { Line: null } && await WithoutAsync(place, cancellationToken) is { } own ? own : result;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return new CheckResult.Unusable($"the configuration of {main} cannot be copied: {ShownText.OneLine(error.Message)}");
        }
        finally
        {
            UnixFile.DiscardFolder(scratch);
        }
    }

    private async Task<CheckResult?> WithoutAsync(string live, CancellationToken cancellationToken)
    {
        var empty = scratch + ".empty";
        await File.WriteAllTextAsync(empty, "", cancellationToken);
        try
        {
            return await TestAsync(empty, live, cancellationToken) is { } test && CheckerOutput.Judge(test, empty, live) is CheckResult.Refused own
                ? new CheckResult.Unusable($"{main} is refused without {live}, too: {ShownText.OneLine(own.Output)}")
                : null;
        }
        finally
        {
            UnixFile.Discard(empty);
        }
    }

    private async Task<CommandResult?> TestAsync(string candidate, string live, CancellationToken cancellationToken)
    {
        if (Directory.Exists(scratch))
            Directory.Delete(scratch, recursive: true);
        Directory.CreateDirectory(scratch);
        var copies = NginxIncludes.Write(main, live, candidate, scratch);
        if (copies.Count == 0)
            return null;
        var result = await nginx.TestAsync(copies[0].Copy, cancellationToken);
        var output = copies.Aggregate(result.Output, static (text, file) => text.Replace(file.Copy, file.Original, StringComparison.Ordinal));
        // What was not copied lies in the copy where it lies below the root.
        return result with { Output = output.Replace(scratch + "/", "/", StringComparison.Ordinal) };
    }
}
