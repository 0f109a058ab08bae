using Templater.Acme.Protocol;
using Templater.Cli.Logging;
using Templater.Cli.Options;
using Templater.Pipeline;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Deployment;

namespace Templater.Cli.Certificates;

/// <summary><c>certs revoke</c>: has a certificate revoked by its CA, and another one ordered with another key where it is wanted.</summary>
/// <param name="context">What is known.</param>
internal sealed class CertsRevoke(CertsContext context)
{
    private const string KeyCompromise = "keyCompromise";

    /// <summary>Reasons, called as in RFC 5280 section 5.3.1.</summary>
    public static readonly (string Name, RevocationReason Reason)[] Reasons =
    [
        ("unspecified", RevocationReason.Unspecified),
        (KeyCompromise, RevocationReason.KeyCompromise),
        ("affiliationChanged", RevocationReason.AffiliationChanged),
        ("superseded", RevocationReason.Superseded),
        ("cessationOfOperation", RevocationReason.CessationOfOperation),
    ];

    /// <summary>Revokes it.</summary>
    /// <param name="name">The certificate's name, or a name in it.</param>
    /// <param name="reason">One of <see cref="Reasons"/>; null for none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<int> RunAsync(string name, string? reason, CancellationToken cancellationToken)
    {
        var stored = context.StoredOrFail(name);
        var authority = AuthorityOf(stored);
        var why = reason ?? Reasons[0].Name;
        RevocationProof proof;
        try
        {
            proof = await new CertificateRevocation(authority, AccountAt(authority), $"templater/{CommandLine.Version}", context.Surroundings.Time)
                .RevokeAsync(stored, Reasons.First(one => one.Name == why).Reason, cancellationToken);
        }
        catch (AcmeException exception)
        {
            throw new CommandFailedException(ExitCode.Environment, ReasonIds.AcmeFailed, $"{stored.Name} is not revoked: {VisibleText.Of(exception.Message).TrimEnd('.')}.");
        }

        await context.SayAsync($"{stored.Name}: revoked at {VisibleText.Of(authority.Name)} ({why}), by {(proof == RevocationProof.Account ? "the account that ordered it" : "its own key")}", cancellationToken);
        if (proof == RevocationProof.CertificateKey && why != KeyCompromise)
            await context.SayAsync($"{stored.Name}: no account here may revoke it. CAs such as Let's Encrypt note {KeyCompromise} then, and sign for this key no more: whoever else uses it needs another one", cancellationToken);
        await NoteAsync(stored, cancellationToken);
        return await ReplaceAsync(stored, cancellationToken);
    }

    // It is revoked, whatever the disk does.
    private async Task NoteAsync(StoredCertificate stored, CancellationToken cancellationToken)
    {
        try
        {
            await context.Store.NoteRevokedAsync(stored.Name, stored.Life.Id, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogWriter.ForDiagnostics(context.Surroundings, context.Settings).WriteAll(
                [new Finding(FindingSeverity.Warning, ReasonIds.OutputFailed, $"that the certificate for {stored.Name} is revoked cannot be noted beside it: {exception.Message.TrimEnd('.')}. Do not go back to it with templater certs restore.")]);
        }
    }

    // Without a state directory there is none, and who ran with it may have been another user.
    private Account? AccountAt(AcmeAuthority authority)
    {
        try
        {
            return StateDirectory.Problem(context.Directory) is null ? new AcmeState(StateDirectory.Open(context.Directory), context.Surroundings.Time).Accounts.Known(authority.Directory) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private AcmeAuthority AuthorityOf(StoredCertificate stored)
    {
        if (stored.Life.NotAfter <= context.Now)
            throw new CommandFailedException(ExitCode.Invalid, ReasonIds.InvalidInput, $"the certificate for {stored.Name} has ended {context.Moment(stored.Life.NotAfter)}: nobody takes it any more, and no CA revokes it.");
        if (stored.Authority is not { } directory)
            throw new CommandFailedException(ExitCode.Invalid, ReasonIds.InvalidInput, $"it is not known which CA issued the certificate for {stored.Name}, since another program obtained it. Revoke it with that one.");
        var bundle = context.Settings.Get(CertificateSettings.Bundle);
        return context.Settings.Acme?.Authorities.Values.FirstOrDefault(known => known.Directory == directory)
            ?? new AcmeAuthority(directory.Authority, directory) { CaBundle = bundle.Length > 0 ? bundle : null };
    }

    // Who stops here has a certificate that clients refuse: whether it is replaced is always said.
    private async Task<int> ReplaceAsync(StoredCertificate stored, CancellationToken cancellationToken)
    {
        var report = context.Report();
        var wanted = report.Told?.Certificates is { } all ? CertsContext.Find(all, stored.Name) : null;
        if (wanted is null && report.Told is { AwaitsCertificates: false })
        {
            await context.SayAsync($"{stored.Name}: nobody wants it, so it is not ordered anew", cancellationToken);
            return ExitCode.Done;
        }

        var request = new KeeperRequest(KeeperRequestKind.Replace, stored.Name) { Id = stored.Life.Id };
        if (wanted is not null && report.IsRunning)
            return await new CertsOrder(context).AskAsync(wanted, request, cancellationToken);
        context.Program.Permitted(() => { new KeeperRequests(context.Directory).Ask(request); return true; });
        await context.SayAsync($"{stored.Name}: it is ordered anew, with another key, by the Templater that runs next with {context.Directory}, if it is wanted then", cancellationToken);
        return ExitCode.Done;
    }
}
