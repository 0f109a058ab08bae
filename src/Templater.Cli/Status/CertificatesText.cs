using System.Globalization;
using System.Text;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Watching;

namespace Templater.Cli.Status;

/// <summary>Tells people of certificates: a line for each, and one for what failed.</summary>
internal static class CertificatesText
{
    /// <summary>The lines; empty when there are none.</summary>
    /// <param name="certificates">The certificates.</param>
    /// <param name="now">The time.</param>
    public static string Of(IEnumerable<CertificateState> certificates, DateTimeOffset now)
    {
        var text = new StringBuilder();
        foreach (var one in certificates)
        {
            var authority = one.Authority is { } name ? $"{VisibleText.Of(name)}, " : "";
            text.Append(CultureInfo.InvariantCulture, $"{VisibleText.Of(one.Name)}: {(one.NotAfter is { } end ? $"{authority}{(end > now ? "ends" : "ended")} {StatusWords.Moment(end, now)}" : Missing(one))}{(one.IsRevoked ? ", revoked" : Renewal(one, now))}{Work(one, now)}\n");
            if (one.LastError is { } error)
                text.Append(CultureInfo.InvariantCulture, $"  {(one.Failed == 1 ? "failed" : $"failed {one.Failed} times")}: {VisibleText.Of(error)}\n");
        }

        return text.ToString();
    }

    /// <summary>A line for each account that is given another key, or was.</summary>
    /// <param name="changes">The accounts.</param>
    /// <param name="now">The time.</param>
    public static string Of(IEnumerable<KeyChange> changes, DateTimeOffset now) =>
        string.Concat(changes.Select(one => $"account at {VisibleText.Of(one.Authority)}: {Stage(one, now)}\n"));

    /// <summary>What may keep certificates from being obtained at all: every error that is about no container.</summary>
    /// <param name="report">The report.</param>
    public static IEnumerable<FindingStatus> Obstacles(StatusReport report) =>
        (report.Told?.Findings ?? []).Where(static finding => finding is { Severity: "error", Container: null });

    private static string Stage(KeyChange change, DateTimeOffset now) => change switch
    {
        { EndedAt: null } => $"is given another key, waits: {VisibleText.Of(change.WaitsFor ?? "")}",
        { EndedAt: { } at, Refusal: { } refusal } => $"keeps its key, since {StatusWords.Moment(at, now)}: {VisibleText.Of(refusal)}",
        { EndedAt: { } at } => $"has another key since {StatusWords.Moment(at, now)}",
    };

    /// <summary>What is done about it now, as the rest of a line; empty when nothing is.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="now">The time.</param>
    public static string Work(CertificateState certificate, DateTimeOffset now)
    {
        var next = certificate.NextAt is { } at ? $", next attempt {StatusWords.Moment(at, now)}" : "";
        // After a failure it waits for what is told beside it.
        return certificate.WaitsFor is { } what && what != certificate.LastError ? $", waits: {VisibleText.Of(what).TrimEnd('.')}{next}"
            : certificate.Activity == "ordering" ? ", being ordered" : next;
    }

    /// <summary>What is said of one that is not there.</summary>
    /// <param name="certificate">The certificate.</param>
    public static string Missing(CertificateState certificate) => certificate.HasPlaceholder ? "not there yet, a placeholder is shown" : "not there yet";

    private static string Renewal(CertificateState certificate, DateTimeOffset now) => certificate.RenewAt is { } at
        ? $", renewed {(at > now ? "about " + StatusWords.Moment(at, now) : "now")}{(certificate.IsSuggested ? " as its CA suggests" : "")}" : "";
}
