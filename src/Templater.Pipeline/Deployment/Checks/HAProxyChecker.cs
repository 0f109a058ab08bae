namespace Templater.Pipeline.Deployment.Checks;

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
