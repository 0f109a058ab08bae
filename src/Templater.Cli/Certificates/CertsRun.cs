using System.Globalization;
using Templater.Cli.Status;

namespace Templater.Cli.Certificates;

/// <summary><c>certs</c> and <c>certs check</c>: tells of the certificates that a Templater obtains.</summary>
/// <param name="context">What is known of it.</param>
internal sealed class CertsRun(CertsContext context)
{
    /// <summary>Lists all that are wanted.</summary>
    /// <param name="asJson">As an array.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<int> ListAsync(bool asJson, CancellationToken cancellationToken)
    {
        var report = context.Report();
        var wanted = CertsContext.Wanted(report);
        var text = asJson ? StatusDocument.CertificatesOf(report) : CertificatesText.Of(wanted, report.Now) is { Length: > 0 } list ? list : "no certificate is wanted\n";
        await context.Surroundings.Output.WriteAsync(text.AsMemory(), cancellationToken);
        context.TellWhoIsGone(report);
        return ExitCode.Done;
    }

    /// <summary>Tells which are missing, have ended, or failed at the last attempt.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>3 when there are such, else 4 when nobody renews them.</returns>
    public async Task<int> CheckAsync(CancellationToken cancellationToken)
    {
        var report = context.Report();
        var wanted = CertsContext.Wanted(report);
        var bad = wanted.Where(certificate => certificate.LastError is not null || certificate.NotAfter is not { } end || end <= report.Now).ToList();
        var text = bad.Count == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{wanted.Count} {(wanted.Count == 1 ? "certificate" : "certificates")}, none missing, ended or failed\n")
            : CertificatesText.Of(bad, report.Now);
        await context.Surroundings.Output.WriteAsync(text.AsMemory(), cancellationToken);
        context.TellWhoIsGone(report);
        return bad.Count > 0 ? ExitCode.Invalid : report.IsRunning ? ExitCode.Done : ExitCode.Environment;
    }
}
