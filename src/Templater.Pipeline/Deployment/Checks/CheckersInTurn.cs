namespace Templater.Pipeline.Deployment.Checks;

/// <summary>Two checkers that must both accept: the second judges what the first has accepted.</summary>
/// <param name="first">Asked first.</param>
/// <param name="second">Asked then.</param>
internal sealed class CheckersInTurn(IConfigChecker first, IConfigChecker second) : IConfigChecker
{
    public string Description => $"{first.Description}, and {second.Description}";

    public Task<Version?> VersionAsync(CancellationToken cancellationToken) => second.VersionAsync(cancellationToken);

    public async Task<CheckResult> CheckAsync(string candidate, string live, CancellationToken cancellationToken)
    {
        var result = await first.CheckAsync(candidate, live, cancellationToken);
        return result is CheckResult.Accepted ? await second.CheckAsync(candidate, live, cancellationToken) : result;
    }
}
