using Templater.Pipeline;
using Templater.Pipeline.Certificates.Keeping;

namespace Templater.Cli.Certificates;

/// <summary><c>certs roll-over</c>: asks the Templater that runs to give an account another key.</summary>
/// <param name="context">What is known of it.</param>
internal sealed class CertsRollOver(CertsContext context)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    /// <summary>Asks, and waits until that was taken up: the proxies are told first, which takes its time.</summary>
    /// <param name="authority">Name of the CA that the account is at.</param>
    /// <param name="cancellationToken">Ends the wait; what was asked stays asked.</param>
    public async Task<int> RunAsync(string authority, CancellationToken cancellationToken)
    {
        context.Program.Require("give an account another key");
        var request = new KeeperRequest(KeeperRequestKind.RollOver, Find(authority));
        var requests = new KeeperRequests(context.Directory);
        context.Program.Permitted(() => { requests.Ask(request); return true; });
        for (var end = context.Now + Patience; requests.IsPending(request);)
        {
            if (context.Now >= end)
                throw new CommandFailedException(ExitCode.Environment, ReasonIds.AcmeFailed, $"{VisibleText.Of(request.Name)}: it was not taken up within {Patience.TotalSeconds:0} s that the account is to get another key. templater status tells what the Templater that runs does.");
            await Task.Delay(Look, context.Surroundings.Time, cancellationToken);
        }

        await context.SayAsync($"{VisibleText.Of(request.Name)}: the account gets another key as soon as none of its orders is under way and every proxy answers with that; the log tells when", cancellationToken);
        return ExitCode.Done;
    }

    private string Find(string authority)
    {
        var known = CertsContext.Wanted(context.Report()).Select(static certificate => certificate.Authority).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return known.Find(one => string.Equals(one, authority, StringComparison.OrdinalIgnoreCase)) ?? throw new CommandFailedException(ExitCode.Invalid, ReasonIds.InvalidInput,
            $"no certificate is of a CA called \"{VisibleText.Of(authority)}\"{(known.Count == 0 ? "" : $"; there are those of {string.Join(", ", known.Select(VisibleText.Of))}")}.");
    }
}
