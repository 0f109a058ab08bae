using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Certificates.Wanted;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>What the operator should know of certificates that are not there, or not renewed. Pure.</summary>
public static class CertificateFindings
{
    // A renewal that fails is nobody's trouble yet while so much of the lifetime of most certificates is left.
    private static readonly TimeSpan Near = TimeSpan.FromDays(7);

    /// <summary>One for each certificate whose last attempt failed, in their order.</summary>
    /// <param name="statuses">How it stands with what is wanted.</param>
    /// <param name="now">The wall clock.</param>
    public static ImmutableArray<Finding> Of(ImmutableArray<CertificateStatus> statuses, DateTimeOffset now) =>
        [.. statuses.Where(status => status is { LastError: not null, Activity: not CertificateActivity.Resting }).Select(status => Of(status, now))];

    private static Finding Of(CertificateStatus status, DateTimeOffset now)
    {
        var error = status.LastError!.TrimEnd('.');
        var matter = $"{What(status)} for {status.Name}: {error}.";
        var again = status.NextAt is { } next ? $" {(status.IsPreflight ? "Checked" : "Tried")} again at {Shown(next, now)}" : "";
        var cost = status.IsPreflight ? again.Length > 0 ? "; no attempt was used up." : " No attempt was used up." : again.Length > 0 ? "." : "";
        var rest = status.NotAfter is not { } end ? Meanwhile(status)
            : end > now ? $" The one that is there ends {Shown(end, now)}."
            : $" The one that is there ended {Shown(end, now)}.";
        return new Finding(IsNear(status, now) ? FindingSeverity.Error : FindingSeverity.Warning, status.IsPreflight ? ReasonIds.AcmeUnreachable : ReasonIds.AcmeFailed, matter + again + cost + rest)
        {
            Host = status.Name,
            Matter = matter,
        };
    }

    private static string Meanwhile(CertificateStatus status) => status switch
    {
        { HasPlaceholder: true } => " A placeholder is shown meanwhile.",
        { WithoutIt: HostsWithoutPair.Served } => " http is served meanwhile.",
        { WithoutIt: HostsWithoutPair.Refused } => " What is for https alone is not served meanwhile.",
        _ => "",
    };

    private static string What(CertificateStatus status) => status switch
    {
        { IsPreflight: true } => "no certificate was ordered",
        { NotAfter: null } => "no certificate was obtained",
        _ => "the certificate was not renewed",
    };

    private static bool IsNear(CertificateStatus status, DateTimeOffset now) =>
        status.NotAfter is { } end && status.RenewAt is { } renewAt && end - now < Min(Near, (end - renewAt) / 2);

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static string Shown(DateTimeOffset at, DateTimeOffset now) => at.UtcDateTime.Date == now.UtcDateTime.Date
        ? at.UtcDateTime.ToString("HH:mm", CultureInfo.InvariantCulture)
        : at.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
