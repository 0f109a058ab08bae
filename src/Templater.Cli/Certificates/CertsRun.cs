using System.Globalization;
using Templater.Cli.Status;
using Templater.Pipeline;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Watching;

namespace Templater.Cli.Certificates;

/// <summary>One <c>certs</c>: tells of the certificates that a Templater obtains, or asks it to renew one.</summary>
/// <param name="surroundings">Output and clock.</param>
/// <param name="directory">The state directory.</param>
/// <param name="program">The program that runs with it.</param>
internal sealed class CertsRun(Surroundings surroundings, string directory, RunningProgram program)
{
    /// <summary>How long is waited for a new certificate.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    /// <summary>Lists all that are wanted.</summary>
    /// <param name="asJson">As an array.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<int> ListAsync(bool asJson, CancellationToken cancellationToken)
    {
        var report = Report();
        var text = asJson ? StatusDocument.CertificatesOf(report) : CertificatesText.Of(Wanted(report), report.Now) is { Length: > 0 } list ? list : "no certificate is wanted\n";
        await surroundings.Output.WriteAsync(text.AsMemory(), cancellationToken);
        return ExitCode.Done;
    }

    /// <summary>Tells which are missing, have ended, or failed at the last attempt.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>3 when there are such.</returns>
    public async Task<int> CheckAsync(CancellationToken cancellationToken)
    {
        var report = Report();
        var wanted = Wanted(report);
        var bad = wanted.Where(certificate => certificate.LastError is not null || certificate.NotAfter is not { } end || end <= report.Now).ToList();
        var text = bad.Count == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{wanted.Count} {(wanted.Count == 1 ? "certificate" : "certificates")}, none missing, ended or failed\n")
            : CertificatesText.Of(bad, report.Now);
        await surroundings.Output.WriteAsync(text.AsMemory(), cancellationToken);
        return bad.Count == 0 ? ExitCode.Done : ExitCode.Invalid;
    }

    /// <summary>Asks for a new one, and waits for it.</summary>
    /// <param name="name">The certificate's name.</param>
    /// <param name="cancellationToken">Ends the wait; what was asked stays asked.</param>
    public async Task<int> RenewAsync(string name, CancellationToken cancellationToken)
    {
        program.Require("renew a certificate");
        var before = Find(name);
        var requests = new RenewalRequests(directory);
        program.Permitted(() => { requests.Ask(before.Name); return true; });
        var end = surroundings.Time.GetUtcNow() + Patience;
        for (var activity = ""; ;)
        {
            var now = Find(name);
            if (!requests.IsPending(before.Name) && now.NotAfter is { } until && now.Id != before.Id)
            {
                await SayAsync($"{VisibleText.Of(now.Name)}: renewed, ends {StatusWords.Moment(until, surroundings.Time.GetUtcNow())}", cancellationToken);
                return ExitCode.Done;
            }

            if (now.LastError is { } error && now.Failed > before.Failed)
                throw new CommandFailedException(ExitCode.Environment, ReasonIds.AcmeFailed, $"{VisibleText.Of(now.Name)}: {VisibleText.Of(error).TrimEnd('.')}. It is tried again by itself; templater certs tells when.");
            if (surroundings.Time.GetUtcNow() >= end)
                throw new CommandFailedException(ExitCode.Environment, ReasonIds.AcmeFailed, $"{VisibleText.Of(now.Name)}: no new certificate within {Patience.TotalMinutes:0} minutes. templater certs tells what it waits for.");
            if (CertificatesText.Work(now, surroundings.Time.GetUtcNow()) is { Length: > 0 } work && work != activity)
                await SayAsync($"{VisibleText.Of(now.Name)}{activity = work}", cancellationToken);
            await Task.Delay(Look, surroundings.Time, cancellationToken);
        }
    }

    private CertificateState Find(string name)
    {
        var wanted = Wanted(Report());
        return wanted.FirstOrDefault(certificate => string.Equals(certificate.Name, name, StringComparison.OrdinalIgnoreCase))
            ?? wanted.FirstOrDefault(certificate => certificate.Names.Contains(name, StringComparer.OrdinalIgnoreCase))
            ?? throw new CommandFailedException(ExitCode.Invalid, ReasonIds.InvalidInput,
                $"no certificate \"{VisibleText.Of(name)}\" is wanted{(wanted.Count == 0 ? "" : $"; there are {string.Join(", ", wanted.Select(static certificate => VisibleText.Of(certificate.Name)))}")}.");
    }

    private StatusReport Report()
    {
        if (StateDirectory.Problem(directory) is { } unusable)
            throw new CommandFailedException(ExitCode.Environment, ReasonIds.StateUnusable, unusable);
        return program.Report();
    }

    private static IReadOnlyList<CertificateState> Wanted(StatusReport report) => report.Told switch
    {
        { Certificates: { } wanted } => wanted,
        { AwaitsCertificates: true } when report.IsRunning => throw new CommandFailedException(
            ExitCode.Environment, ReasonIds.NotReadyYet, "it is not known yet which certificates are wanted: the first look at the containers is not done, or they cannot be obtained now. Ask again in a moment; templater status tells what is in the way."),
        { AwaitsCertificates: true } => throw new CommandFailedException(
            ExitCode.Environment, ReasonIds.TemplaterNotRunning, "the Templater of this state directory ended before it knew which certificates are wanted. Start it with templater run."),
        _ => throw new CommandFailedException(
            ExitCode.Environment, ReasonIds.TemplaterNotRunning, "no Templater that obtains certificates has run with this state directory. They are obtained where acme_email is set."),
    };

    private Task SayAsync(string line, CancellationToken cancellationToken) => surroundings.Output.WriteAsync((line + "\n").AsMemory(), cancellationToken);
}
