using Templater.Acme;

namespace Templater.Pipeline.Certificates.Challenges;

/// <summary>
/// http-01 that the proxy answers out of its configuration, from the thumbprint of the account's key: nothing is presented and nothing
/// taken away. That the proxy has that thumbprint is looked at before anything is ordered.
/// </summary>
public sealed class StatelessSolver : IChallengeSolver
{
    /// <inheritdoc/>
    public string Type => ChallengeType.Http01;

    /// <inheritdoc/>
    public Task PresentAsync(PendingChallenge challenge, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task CleanUpAsync(PendingChallenge challenge, CancellationToken cancellationToken) => Task.CompletedTask;
}
