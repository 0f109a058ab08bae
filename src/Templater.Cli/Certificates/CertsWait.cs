using Templater.Pipeline;
using Templater.Pipeline.Certificates.Keeping;

namespace Templater.Cli.Certificates;

/// <summary>Asks the Templater that runs for something, and looks again and again until it is done.</summary>
/// <param name="context">What is known of it.</param>
internal sealed class CertsWait(CertsContext context)
{
    /// <summary>How long is waited.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>Asks and waits.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="look">Looks once, told whether what was asked still lies there unread: the exit code at the end, null before it. Says what is waited for.</param>
    /// <param name="late">What is said when it takes too long.</param>
    /// <param name="cancellationToken">Ends the wait; what was asked stays asked.</param>
    /// <exception cref="CommandFailedException">It takes too long.</exception>
    public async Task<int> AskAsync(KeeperRequest request, Func<bool, Task<int?>> look, string late, CancellationToken cancellationToken)
    {
        var requests = new KeeperRequests(context.Directory);
        context.Program.Permitted(() => { requests.Ask(request); return true; });
        var end = context.Now + Patience;
        while (true)
        {
            if (await look(requests.IsPending(request)) is { } exitCode)
                return exitCode;
            if (context.Now >= end)
                throw new CommandFailedException(ExitCode.Environment, ReasonIds.AcmeFailed, late);
            await Task.Delay(Interval, context.Surroundings.Time, cancellationToken);
        }
    }
}
