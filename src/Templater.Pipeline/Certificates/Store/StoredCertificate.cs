using System.Collections.Immutable;
using System.Security.Cryptography;
using Templater.Acme;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Renewal;

namespace Templater.Pipeline.Certificates.Store;

/// <summary>A certificate of the store, with its key. No text of it holds the key.</summary>
public sealed record StoredCertificate
{
    /// <summary>What it is called: in lower case, the first of the names that were wanted, <c>*.</c> included.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for: names and addresses in lower case, ordinal order. Exactly those of the chain.</summary>
    public required ImmutableArray<string> Names { get; init; }

    /// <summary>The chain; its first certificate is that of the key.</summary>
    public required CertificateChain Chain { get; init; }

    /// <summary>Its key.</summary>
    public required PrivateKey Key { get; init; }

    /// <summary>The directory of the CA that it was ordered from; null for one that another program obtained.</summary>
    public Uri? Authority { get; init; }

    /// <summary>The profile that was asked for and given; null for the CA's default.</summary>
    public string? Profile { get; init; }

    /// <summary>When it was stored.</summary>
    public DateTimeOffset StoredAt { get; init; }

    /// <summary>What decides when it is renewed; its id is the one of RFC 9773 where it has one.</summary>
    public CertificateLife Life => new(RenewalId ?? Convert.ToHexStringLower(Chain.Leaf.GetCertHash(HashAlgorithmName.SHA256)), Chain.NotBefore, Chain.NotAfter);

    /// <summary>What a CA calls it in renewals (RFC 9773 section 4.1); null where it does not name its issuer's key.</summary>
    public string? RenewalId => CertificateId.Of(Chain.Leaf);

    /// <summary>One that was obtained just now.</summary>
    /// <param name="name">What it is to be called.</param>
    /// <param name="issued">What the CA gave.</param>
    /// <param name="authority">The CA's directory.</param>
    /// <param name="now">The present.</param>
    public static StoredCertificate Of(string name, IssuedCertificate issued, Uri authority, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(issued);
        return new StoredCertificate
        {
            Name = name,
            Names = Sorted(issued.Identifiers),
            Chain = issued.Chain,
            Key = issued.Key,
            Authority = authority,
            Profile = issued.Profile,
            StoredAt = now,
        };
    }

    /// <summary>The values of identifiers, as <see cref="Names"/> has them.</summary>
    internal static ImmutableArray<string> Sorted(IEnumerable<Identifier> identifiers) =>
        [.. identifiers.Select(static one => one.Value).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    internal static StoredCertificate? Of(CertificateFacts facts, CertificateChain chain, PrivateKey key)
    {
        if (!key.Fits(chain.Leaf))
            return null;
        return new StoredCertificate
        {
            Name = facts.Name,
            Names = Sorted(chain.Identifiers),
            Chain = chain,
            Key = key,
            Authority = Uri.TryCreate(facts.Authority, UriKind.Absolute, out var authority) ? authority : null,
            Profile = facts.Profile,
            StoredAt = facts.StoredAt,
        };
    }
}

/// <summary>The file form of what a chain does not say of its certificate.</summary>
internal sealed record CertificateFacts(string Name, string? Authority, string? Profile, DateTimeOffset StoredAt, int Format = Deployment.StateDirectory.Format)
{
    public static CertificateFacts Of(StoredCertificate certificate) => new(certificate.Name, certificate.Authority?.AbsoluteUri, certificate.Profile, certificate.StoredAt);
}
