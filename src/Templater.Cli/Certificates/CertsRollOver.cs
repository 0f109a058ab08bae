using Templater.Pipeline;
using Templater.Pipeline.Certificates.Keeping;

namespace Templater.Cli.Certificates;

/// <summary><c>certs roll-over</c>: asks the Templater that runs to give an account another key.</summary>
/// <param name="context">What is known of it.</param>
internal sealed class CertsRollOver(CertsContext context)
{
    /// <summary>Asks, tells what is waited for, and waits for the end: orders that are under way end first, and every proxy is told.</summary>
    /// <param name="authority">Name of the CA that the account is at.</param>
    /// <param name="cancellationToken">Ends the wait; what was asked stays asked.</param>
    public Task<int> RunAsync(string authority, CancellationToken cancellationToken)
    {
        context.Program.Require("give an account another key");
        var request = new KeeperRequest(KeeperRequestKind.RollOver, Find(authority));
        var shown = VisibleText.Of(request.Name);
        var before = ChangeOf(request.Name)?.EndedAt;
        var said = "";
        return new CertsWait(context).AskAsync(
            request,
            LookAsync,
            $"{shown}: the account has no other key after {CertsWait.Patience.TotalMinutes:0} minutes. It goes on by itself; templater status tells what it waits for, and that it is done.",
            cancellationToken);

        async Task<int?> LookAsync(bool isPending)
        {
            var change = isPending ? null : ChangeOf(request.Name);
            if (change?.EndedAt is { } at && at != before)
                return await EndAsync(shown, change, cancellationToken);
            if (change?.WaitsFor is { } what && what != said)
                await context.SayAsync($"{shown}: waits: {VisibleText.Of(said = what)}", cancellationToken);
            return null;
        }
    }

    private KeyChange? ChangeOf(string authority) => context.ReportOfTheOneAsked(authority).Told?.KeyChanges?.FirstOrDefault(one => one.Authority == authority);

    private async Task<int> EndAsync(string shown, KeyChange change, CancellationToken cancellationToken)
    {
        if (change.Refusal is { } refusal)
            throw new CommandFailedException(ExitCode.Environment, ReasonIds.AcmeFailed, $"{shown}: the account keeps its key: {VisibleText.Of(refusal).TrimEnd('.')}.");
        await context.SayAsync($"{shown}: the account has another key", cancellationToken);
        return ExitCode.Done;
    }

    private string Find(string authority)
    {
        var known = CertsContext.Wanted(context.Report()).Select(static certificate => certificate.Authority).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return known.Find(one => string.Equals(one, authority, StringComparison.OrdinalIgnoreCase)) ?? throw new CommandFailedException(ExitCode.Invalid, ReasonIds.InvalidInput,
            $"no certificate is of a CA called \"{VisibleText.Of(authority)}\"{(known.Count == 0 ? "" : $"; there are those of {string.Join(", ", known.Select(VisibleText.Of))}")}.");
    }
}
