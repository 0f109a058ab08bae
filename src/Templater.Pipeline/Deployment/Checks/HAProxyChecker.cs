namespace Templater.Pipeline.Deployment.Checks;

/// <summary><c>nginx -t</c> of this image on a whole configuration.</summary>
/// <param name="program">Path of nginx.</param>
/// <param name="scratch">A writable directory for the pid file that the test creates.</param>
/// <param name="runner">Runs it.</param>
internal sealed class NginxChecker(string program, string scratch, CommandRunner runner) : IConfigChecker
{
    private const string DuplicatePid = "\"pid\" directive is duplicate";

    public string Description => program + " -t";

    public async Task<Version?> VersionAsync(CancellationToken cancellationToken) =>
        ProgramVersion.Read(await runner.RunAsync([program, "-v"], CommandRunner.DefaultTimeLimit, cancellationToken));

    public async Task<CheckResult> CheckAsync(string candidate, string live, CancellationToken cancellationToken)
    {
        // The test creates the pid file it would use: an empty one at the default place would break "nginx -s reload".
        var pid = $"pid {Path.Combine(scratch, "nginx-check.pid")};";
        var result = await runner.RunAsync(
            [program, "-t", "-q", "-e", "stderr", "-c", candidate, "-g", pid], CommandRunner.DefaultTimeLimit, cancellationToken);
        if (result.ExitCode != 0 && result.Output.Contains(DuplicatePid, StringComparison.Ordinal))
            result = await runner.RunAsync([program, "-t", "-q", "-e", "stderr", "-c", candidate], CommandRunner.DefaultTimeLimit, cancellationToken);
        return CheckerOutput.Judge(result, candidate, live);
    }
}

/// <summary><c>haproxy -c</c> of this image. Without <c>-q</c>, which hides the reason of a refusal too.</summary>
/// <param name="program">Path of haproxy.</param>
/// <param name="runner">Runs it.</param>
internal sealed class HAProxyChecker(string program, CommandRunner runner) : IConfigChecker
{
    public string Description => program + " -c";

    public async Task<Version?> VersionAsync(CancellationToken cancellationToken) =>
        ProgramVersion.Read(await runner.RunAsync([program, "-v"], CommandRunner.DefaultTimeLimit, cancellationToken));

    public async Task<CheckResult> CheckAsync(string candidate, string live, CancellationToken cancellationToken)
    {
        var result = await runner.RunAsync([program, "-c", "-f", candidate], CommandRunner.DefaultTimeLimit, cancellationToken);
        return CheckerOutput.Judge(result, candidate, live);
    }
}
