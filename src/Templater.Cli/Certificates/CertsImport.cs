using System.Collections.Immutable;
using Templater.Cli.Logging;
using Templater.Pipeline;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Certificates.Store.Import;
using Templater.Pipeline.Deployment;

namespace Templater.Cli.Certificates;

/// <summary><c>certs import</c>: takes over certificates and accounts that another ACME client keeps.</summary>
/// <param name="context">What is known.</param>
internal sealed class CertsImport(CertsContext context)
{
    private readonly List<Finding> _refused = [];

    /// <summary>Takes them over.</summary>
    /// <param name="folder">Where the other program keeps them.</param>
    /// <param name="cancellationToken">Ends it between two of them.</param>
    /// <returns>3 when something was not taken.</returns>
    public async Task<int> RunAsync(string folder, CancellationToken cancellationToken)
    {
        if (context.Settings.Acme is not { } plan)
            throw new CommandFailedException(ExitCode.Usage, ReasonIds.InvalidSetting,
                "with these settings no certificates are obtained, so nobody would renew what is imported: set acme_email, and give this command the settings of templater run. Pairs that others renew are used as they lie in certs_dir.");
        var reading = Read(folder);
        foreach (var certificate in Latest(reading.Certificates))
            await TakeAsync(certificate, cancellationToken);
        if (!reading.Accounts.IsEmpty)
            await TakeAsync(reading.Accounts, plan, cancellationToken);
        LogWriter.ForDiagnostics(context.Surroundings, context.Settings).WriteAll([.. reading.Findings, .. _refused]);
        return reading.Findings.IsEmpty && _refused.Count == 0 ? ExitCode.Done : ExitCode.Invalid;
    }

    private static ImportReading Read(string folder)
    {
        if (!Directory.Exists(folder))
            throw new CommandFailedException(ExitCode.Invalid, ReasonIds.InvalidInput, $"there is no directory {VisibleText.Of(folder)}.");
        ImportReading reading;
        try
        {
            reading = CertificateImport.Read(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.Environment, ReasonIds.InvalidInput, $"{VisibleText.Of(folder)} cannot be read: {FileTrouble.Of(exception)}");
        }

        return !reading.Certificates.IsEmpty || !reading.Accounts.IsEmpty || !reading.Findings.IsEmpty ? reading
            : throw new CommandFailedException(ExitCode.Invalid, ReasonIds.InvalidInput,
                $"{VisibleText.Of(folder)} holds nothing of certbot (/etc/letsencrypt), lego (.lego), acme.sh (~/.acme.sh), acme-companion (/etc/acme.sh) or Dotege (/data/certs).");
    }

    // Clients keep some twice, such as with a key of each kind.
    private static IEnumerable<ImportedCertificate> Latest(ImmutableArray<ImportedCertificate> certificates) => certificates
        .GroupBy(static one => one.Chain.Identifiers[0].Value, StringComparer.Ordinal).Select(static same => same.MaxBy(static one => one.Chain.NotAfter)!);

    private async Task TakeAsync(ImportedCertificate imported, CancellationToken cancellationToken)
    {
        var certificate = imported.ToStored(context.Now);
        if (certificate.Life.NotAfter <= context.Now)
            Refuse(imported.Source, $"the certificate for {certificate.Name} has ended {context.Moment(certificate.Life.NotAfter)}");
        else if (context.Readable(() => context.Store.Find(certificate.Name)) is { } there && there.Life.NotAfter >= certificate.Life.NotAfter)
            await context.SayAsync($"{certificate.Name}: the one that is there stays, it ends {context.Moment(there.Life.NotAfter)}", cancellationToken);
        else
            await SaveAsync(imported.Source, certificate, cancellationToken);
    }

    private async Task SaveAsync(string source, StoredCertificate certificate, CancellationToken cancellationToken)
    {
        try
        {
            await context.Store.SaveAsync(certificate, cancellationToken);
            await context.SayAsync($"{certificate.Name}: imported from {VisibleText.Of(source)}, ends {context.Moment(certificate.Life.NotAfter)}", cancellationToken);
        }
        catch (OutputFileException exception) when (exception.Finding.Reason == ReasonIds.CertificateInvalid)
        {
            _refused.Add(exception.Finding);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What stops one stops the others, too.
            throw context.Unusable(exception);
        }
    }

    private async Task TakeAsync(ImmutableArray<ImportedAccount> accounts, AcmePlan plan, CancellationToken cancellationToken)
    {
        try
        {
            var store = new AcmeState(StateDirectory.Open(context.Directory), context.Surroundings.Time).Accounts;
            foreach (var account in accounts)
            {
                if (DirectoryOf(account, plan) is not { } directory)
                    Refuse(account.Source, $"the account is at {VisibleText.Of(account.Host)}, which is none of the CAs of the settings");
                else if (await store.AdoptAsync(directory, account.Key, account.Url, account.Contacts, cancellationToken))
                    await context.SayAsync($"account at {directory.Authority}: imported from {VisibleText.Of(account.Source)}", cancellationToken);
                else
                    Refuse(account.Source, $"there is an account at {directory.Authority} already, which stays. Import before Templater runs for the first time to go on with the other one");
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.Environment, ReasonIds.StateUnusable, $"the state directory {context.Directory} cannot be used: {FileTrouble.Of(exception)} Ask inside the container that runs Templater, as its user.");
        }
    }

    private static Uri? DirectoryOf(ImportedAccount account, AcmePlan plan) =>
        plan.Authorities.Values.Select(static authority => authority.Directory).FirstOrDefault(directory => account.Directory is { } told ? told == directory : directory.Authority == account.Host);

    private void Refuse(string source, string why) =>
        _refused.Add(new Finding(FindingSeverity.Warning, ReasonIds.InvalidInput, $"{VisibleText.Of(source)} is not taken over: {why}."));
}
