using Templater.Cli.Status;
using Templater.Pipeline;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Watching;

namespace Templater.Cli.Certificates;

/// <summary><c>certs renew</c> and <c>certs issue</c>: asks the Templater that runs for a certificate, and waits for it.</summary>
/// <param name="context">What is known of it.</param>
internal sealed class CertsOrder(CertsContext context)
{
    /// <summary>Asks for another one.</summary>
    /// <param name="name">The certificate's name, or a name in it.</param>
    /// <param name="cancellationToken">Ends the wait; what was asked stays asked.</param>
    public Task<int> RenewAsync(string name, CancellationToken cancellationToken)
    {
        context.Program.Require("renew a certificate");
        var before = context.Find(name);
        return AskAsync(before, new(KeeperRequestKind.Renew, before.Name), cancellationToken);
    }

    /// <summary>Asks for one that is not there.</summary>
    /// <param name="name">The certificate's name, or a name in it.</param>
    /// <param name="cancellationToken">Ends the wait; what was asked stays asked.</param>
    public Task<int> IssueAsync(string name, CancellationToken cancellationToken)
    {
        context.Program.Require("order a certificate");
        var before = context.Find(name);
        if (before.NotAfter is { } end && end > context.Now)
            throw new CommandFailedException(ExitCode.Invalid, ReasonIds.InvalidInput,
                $"the certificate for {VisibleText.Of(before.Name)} is there, and ends {context.Moment(end)}. templater certs renew {VisibleText.Of(before.Name)} asks for another one.");
        return AskAsync(before, new(KeeperRequestKind.Issue, before.Name), cancellationToken);
    }

    /// <summary>Asks, and waits until there is another certificate than before.</summary>
    /// <param name="before">How it stands now.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="cancellationToken">Ends the wait; what was asked stays asked.</param>
    /// <exception cref="CommandFailedException">It fails, or takes too long.</exception>
    public Task<int> AskAsync(CertificateState before, KeeperRequest request, CancellationToken cancellationToken)
    {
        var activity = "";
        // What the status shows is not always what holds: somebody may have restored another one, or imported it, just now.
        var known = new[] { before.Id, StoredId(before.Name) };
        return new CertsWait(context).AskAsync(
            request, LookAsync, $"{VisibleText.Of(before.Name)}: no new certificate within {CertsWait.Patience.TotalMinutes:0} minutes. templater certs tells what it waits for.", cancellationToken);

        async Task<int?> LookAsync(bool isPending)
        {
            var now = CertsContext.Find(context.ReportOfTheOneAsked(before.Name), before.Name);
            if (!isPending && now is { NotAfter: { } until, IsRevoked: false } && !known.Contains(now.Id, StringComparer.Ordinal))
            {
                await context.SayAsync($"{VisibleText.Of(now.Name)}: {(before.NotAfter is null ? "issued" : "renewed")}, ends {context.Moment(until)}", cancellationToken);
                return ExitCode.Done;
            }

            // Without a time of a next attempt it goes on: another CA is asked, for instance.
            if (now is { LastError: { } error, NextAt: not null } && (now.Failed > before.Failed || error != before.LastError))
                throw new CommandFailedException(ExitCode.Environment, ReasonIds.AcmeFailed, $"{VisibleText.Of(now.Name)}: {VisibleText.Of(error).TrimEnd('.')}. It is tried again by itself; templater certs tells when.");
            if (CertificatesText.Work(now, context.Now) is { Length: > 0 } work && work != activity)
                await context.SayAsync($"{VisibleText.Of(now.Name)}{activity = work}", cancellationToken);
            return null;
        }
    }

    // The program that was asked reads it, whoever asks.
    private string? StoredId(string name)
    {
        try
        {
            return CertificateStore.IsName(name) ? context.Store.Find(name)?.Life.Id : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
