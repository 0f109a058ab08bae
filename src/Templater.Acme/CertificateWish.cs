using Templater.Acme.Protocol;

namespace Templater.Acme;

/// <summary>The certificate that is wanted.</summary>
/// <param name="Identifiers">What it is for; at least one.</param>
public sealed record CertificateWish(IReadOnlyList<Identifier> Identifiers)
{
    /// <summary>The kind of key to make for it, where <see cref="Key"/> is null.</summary>
    public KeyType KeyType { get; init; }

    /// <summary>A key to use again, as for a renewal with the same one; null to make a new one.</summary>
    public PrivateKey? Key { get; init; }

    /// <summary>The CA's profile; null for its default.</summary>
    public string? Profile { get; init; }

    /// <summary>Whether the order fails where the CA does not have the profile; else it is left out, with a notice.</summary>
    public bool RequiresProfile { get; init; }

    /// <summary>The certificate that it renews (<see cref="CertificateId"/>): CAs let such orders past their limits. Null for none.</summary>
    public string? Replaces { get; init; }

    /// <summary>Common name of the authority that the chain should end at; where none does, the CA's default chain is taken, with a notice.</summary>
    public string? PreferredRoot { get; init; }

    /// <summary>Whether names that the CA does not sign for, or whose validation failed, are left out and the rest is ordered.</summary>
    public bool AllowsSubset { get; init; }

    /// <summary>An order that was begun for the same identifiers and not ended; null for none.</summary>
    public PendingOrder? Pending { get; init; }
}

/// <summary>A certificate that was obtained: looked at, but not yet stored anywhere.</summary>
/// <param name="Chain">The certificates; the first is for the key and for exactly the identifiers.</param>
/// <param name="Key">Its private key.</param>
/// <param name="Identifiers">What it is for.</param>
public sealed record IssuedCertificate(CertificateChain Chain, PrivateKey Key, IReadOnlyList<Identifier> Identifiers)
{
    /// <summary>The profile that was asked for and given; null for the CA's default.</summary>
    public string? Profile { get; init; }

    /// <summary>What was left out of the wish, with the reason (<see cref="CertificateWish.AllowsSubset"/>).</summary>
    public IReadOnlyList<(Identifier Identifier, string Reason)> LeftOut { get; init; } = [];
}
