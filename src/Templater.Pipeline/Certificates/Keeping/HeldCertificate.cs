using System.Collections.Immutable;
using Templater.Pipeline.Certificates.Renewal;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>A certificate that is stored, as far as planning looks at it. Immutable.</summary>
/// <param name="Life">When it ends, and what it is known by.</param>
/// <param name="Names">Names in it, ordinal order.</param>
/// <param name="Authority">Name of the authority that issued it; empty where that is not known, as for one that was imported.</param>
public sealed record HeldCertificate(CertificateLife Life, ImmutableArray<string> Names, string Authority)
{
    /// <summary>Other names of the same authority; usually none.</summary>
    public ImmutableArray<string> OtherNames { get; init; } = [];

    /// <summary>When it was stored; null where that is not known.</summary>
    public DateTimeOffset? StoredAt { get; init; }

    /// <summary>True when it is known to be revoked.</summary>
    public bool IsRevoked { get; init; }

    /// <summary>By what its authority can be asked about it (RFC 9773 section 4.1); null where it names no issuer's key.</summary>
    public string? RenewalId { get; init; }

    /// <summary>True when an authority of this name issued it.</summary>
    /// <param name="authority">The name.</param>
    public bool IsFrom(string authority) => Authority == authority || OtherNames.Contains(authority, StringComparer.Ordinal);
}
