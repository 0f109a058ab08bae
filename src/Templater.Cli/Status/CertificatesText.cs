using System.Globalization;
using System.Text;
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
            text.Append(CultureInfo.InvariantCulture, $"{VisibleText.Of(one.Name)}: {(one.NotAfter is { } end ? $"{authority}{(end > now ? "ends" : "ended")} {StatusWords.Moment(end, now)}" : "not there yet")}{(one.IsRevoked ? ", revoked" : Renewal(one, now))}{Work(one, now)}\n");
            if (one.LastError is { } error)
                text.Append(CultureInfo.InvariantCulture, $"  {(one.Failed == 1 ? "failed" : $"failed {one.Failed} times")}: {VisibleText.Of(error)}\n");
        }

        return text.ToString();
    }

    /// <summary>What is done about it now, as the rest of a line; empty when nothing is.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="now">The time.</param>
    public static string Work(CertificateState certificate, DateTimeOffset now)
    {
        var next = certificate.NextAt is { } at ? $", next attempt {StatusWords.Moment(at, now)}" : "";
        // After a failure it waits for what is told beside it.
        return certificate.WaitsFor is { } what && what != certificate.LastError ? $", waits: {VisibleText.Of(what)}{next}"
            : certificate.Activity == "ordering" ? ", being ordered" : next;
    }

    private static string Renewal(CertificateState certificate, DateTimeOffset now) => certificate.RenewAt is { } at
        ? $", renewed {(at > now ? "about " + StatusWords.Moment(at, now) : "now")}{(certificate.IsSuggested ? " as its CA suggests" : "")}" : "";
}
