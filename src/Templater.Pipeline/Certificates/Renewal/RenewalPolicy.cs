using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Templater.Pipeline.Certificates.Renewal;

/// <summary>
/// When a certificate is renewed. Pure: what is random in it is drawn from the certificate's id, so that the same certificate and
/// window always give the same instant, also after a restart, without anything that has to be kept.
/// </summary>
public sealed record RenewalPolicy
{
    /// <summary>Part of the lifetime that is left at a renewal, unless the operator says otherwise.</summary>
    public const double DefaultFractionLeft = 1.0 / 3;

    /// <summary>The same for certificates that live shorter than <see cref="ShortLife"/>: what fails must have time to be tried again.</summary>
    public const double FractionLeftOfShortLives = 0.5;

    /// <summary>Below this lifetime a certificate is short-lived; the bound that Let's Encrypt names to those who renew by a fraction.</summary>
    public static readonly TimeSpan ShortLife = TimeSpan.FromDays(10);

    // Where a CA suggests an instant beyond this, it has forgotten the certificate, or is wrong.
    private const double LatestFractionLeft = 1.0 / 20;

    // Certificates of one birth are not to be renewed in one second.
    private const double Jitter = 0.1;

    /// <summary>Part of the lifetime that is left at a renewal; above 0, below 1. Null for the default of each lifetime.</summary>
    public double? FractionLeft { get; init; }

    /// <summary>
    /// The instant of renewal: a random point of the window that the CA suggests; without one, when the fraction of the lifetime is
    /// left, or up to a tenth of that fraction earlier; where more than half is left, up to a tenth of what has gone by then.
    /// </summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="window">What a CA suggested last; null for nothing. One that is of another certificate or inverted is as none.</param>
    public DateTimeOffset DueAt(CertificateLife certificate, SuggestedWindow? window)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        if (window is null || !window.IsFor(certificate))
        {
            var left = FractionLeft ?? (certificate.Lifetime < ShortLife ? FractionLeftOfShortLives : DefaultFractionLeft);
            return certificate.NotAfter - (certificate.Lifetime * (left + (Jitter * Math.Min(left, 1 - left) * Draw(certificate.Id))));
        }

        var suggested = window.Start + ((window.End - window.Start) * Draw(string.Create(CultureInfo.InvariantCulture, $"{certificate.Id} {window.Start.UtcTicks} {window.End.UtcTicks}")));
        var latest = certificate.NotAfter - (certificate.Lifetime * LatestFractionLeft);
        return suggested < latest ? suggested : latest;
    }

    /// <summary>
    /// True when it is to be renewed now. Never before the start of its validity: then it is the clock that is wrong, and a new
    /// certificate would not be valid either.
    /// </summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="window">What a CA suggested last; null for nothing.</param>
    /// <param name="now">The wall clock.</param>
    public bool IsDue(CertificateLife certificate, SuggestedWindow? window, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return now >= certificate.NotBefore && now >= DueAt(certificate, window);
    }

    /// <summary>A number from 0 inclusive to 1 exclusive, evenly spread over the texts.</summary>
    private static double Draw(string text)
    {
        const int Unused = 64 - 53;
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), digest);
        return (BinaryPrimitives.ReadUInt64BigEndian(digest) >> Unused) / (double)(1L << 53);
    }
}
