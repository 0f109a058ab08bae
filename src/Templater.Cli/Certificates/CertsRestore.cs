using Templater.Pipeline;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Deployment;

namespace Templater.Cli.Certificates;

/// <summary><c>certs restore</c>: goes back to the certificate before the one that holds, which the store keeps.</summary>
/// <param name="context">What is known.</param>
internal sealed class CertsRestore(CertsContext context)
{
    /// <summary>Goes back. A Templater that runs sees it by itself, as it does what others put there.</summary>
    /// <param name="name">The certificate's name, or a name in it.</param>
    /// <param name="cancellationToken">Ends it before anything is done.</param>
    public async Task<int> RunAsync(string name, CancellationToken cancellationToken)
    {
        if (context.Settings.Acme is not { } plan)
            throw new CommandFailedException(ExitCode.Usage, ReasonIds.InvalidSetting,
                "with these settings no certificates are obtained, so it is not known how they are kept: set acme_email, and give this command the settings of templater run.");
        var present = context.StoredOrFail(name);
        // Who orders one would put it over the one that is restored, not knowing of it.
        using var claim = context.Readable(() => context.Store.TryClaim(present.Name))
            ?? throw new CommandFailedException(ExitCode.Environment, ReasonIds.NotReadyYet, $"a certificate for {present.Name} is being ordered just now. templater certs tells when that has ended; ask again then.");
        var restored = await RestoreAsync(present, cancellationToken)
            ?? throw new CommandFailedException(ExitCode.Invalid, ReasonIds.InvalidInput, $"no certificate for {present.Name} is kept from before the present one, which ends {context.Moment(present.Life.NotAfter)} and stays.");
        await context.SayAsync($"{restored.Name}: the former one is restored, ends {context.Moment(restored.Life.NotAfter)}{Renewal(plan, restored)}", cancellationToken);
        return ExitCode.Done;
    }

    private async Task<StoredCertificate?> RestoreAsync(StoredCertificate present, CancellationToken cancellationToken)
    {
        try
        {
            return await context.Store.RestorePreviousAsync(present.Name, cancellationToken);
        }
        catch (OutputFileException exception) when (exception.Finding.Reason == ReasonIds.CertificateInvalid)
        {
            throw new CommandFailedException(ExitCode.Invalid, [exception.Finding]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw context.Unusable(exception);
        }
    }

    // Who went back from a renewal is not to wonder at the next one.
    private string Renewal(AcmePlan plan, StoredCertificate restored) =>
        plan.Renewal.IsDue(restored.Life, null, context.Now) ? "; it is due for renewal, and another one is ordered where it is wanted" : "";
}
