using System.Collections.Immutable;
using Templater.Pipeline.Certificates;

namespace Templater.Pipeline.Inventory;

/// <summary>
/// What the keeper of certificates tells routing: by which account each certification authority would order, and which
/// certificates are ordered elsewhere than at their first authority. Immutable; holds no secret.
/// </summary>
public sealed record AcmeAnswers
{
    /// <summary>By name of a certification authority: the thumbprint (RFC 7638) of the key of the account that orders there next.</summary>
    public ImmutableSortedDictionary<string, string> Thumbprints { get; init; } = Ordinal.Empty;

    /// <summary>By name of a certificate: the authority that orders for it next, where that is not the first of those that it may have.</summary>
    public ImmutableSortedDictionary<string, string> Turned { get; init; } = Ordinal.Empty;

    /// <summary>Pairs that stand for certificates which are not there yet, by name, then path; they are no certificates.</summary>
    public ImmutableArray<CertificatePair> Placeholders { get; init; } = [];
}
