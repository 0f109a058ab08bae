namespace Templater.Pipeline.Deployment.Checks;

/// <summary>What a checker says about a candidate.</summary>
internal abstract record CheckResult
{
    private CheckResult()
    {
    }

    public sealed record Accepted : CheckResult;

    /// <param name="Output">What the checker wrote, fit to be shown, with the live path instead of the candidate's.</param>
    /// <param name="Line">The line it complains about, if it names one.</param>
    public sealed record Refused(string Output, int? Line) : CheckResult;

    /// <summary>The checker itself does not work; nothing is known about the candidate.</summary>
    /// <param name="Why">One line.</param>
    public sealed record Unusable(string Why) : CheckResult;
}

/// <summary>Judges a complete configuration that is not in use yet.</summary>
internal interface IConfigChecker
{
    /// <summary>How the start line calls it.</summary>
    string Description { get; }

    /// <summary>The version of the program that judges; null when it is not a proxy's own program, or does not tell.</summary>
    Task<Version?> VersionAsync(CancellationToken cancellationToken) => Task.FromResult<Version?>(null);

    /// <param name="candidate">The file to judge, beside the live one.</param>
    /// <param name="live">The path it will have.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<CheckResult> CheckAsync(string candidate, string live, CancellationToken cancellationToken);
}
