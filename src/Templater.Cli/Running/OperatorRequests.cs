using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Deployment;

namespace Templater.Cli.Running;

/// <summary>Takes what an operator asks for about certificates to the keeper.</summary>
/// <param name="directory">The state directory, where it is asked.</param>
/// <param name="time">The clock.</param>
internal sealed class OperatorRequests(StateDirectory directory, TimeProvider time)
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    /// <summary>Works until cancelled.</summary>
    /// <param name="keeper">Does what is asked.</param>
    /// <param name="cancellationToken">Ends it; what was not taken is taken by the next process.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task RunAsync(CertificateKeeper keeper, CancellationToken cancellationToken)
    {
        var requests = new KeeperRequests(directory.Path);
        while (true)
        {
            await Task.Delay(Poll, time, cancellationToken);
            await requests.TakeAsync(request => TakeAsync(keeper, request, cancellationToken));
        }
    }

    // False when it is to be asked again.
    private static async Task<bool> TakeAsync(CertificateKeeper keeper, KeeperRequest request, CancellationToken cancellationToken)
    {
        switch (request.Kind)
        {
            case KeeperRequestKind.Renew:
                keeper.Hurry(request.Name);
                keeper.Renew(request.Name);
                break;
            case KeeperRequestKind.Issue:
                keeper.Hurry(request.Name);
                break;
            case KeeperRequestKind.Replace:
                return await keeper.RevokedAsync(request.Name, request.Id, cancellationToken);
            case KeeperRequestKind.RollOver:
                keeper.RollOver(request.Name);
                break;
        }

        return await keeper.RememberAsync(cancellationToken);
    }
}
