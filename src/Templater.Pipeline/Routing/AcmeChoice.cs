using System.Collections.Immutable;
using Templater.Acme;
using Templater.Acme.Protocol;

namespace Templater.Pipeline.Routing;

/// <summary>The certificates that a virtual host wants to be obtained, as labels and settings say. Immutable.</summary>
public sealed record AcmeChoice
{
    /// <summary>
    /// Names that labels ask to be in one certificate: exact, addresses or <c>*.name</c>, lower case, without doubles, the
    /// certificate's own first; empty = a certificate for the names of the host.
    /// </summary>
    public ImmutableArray<string> Names { get; init; } = [];

    /// <summary>True when each of <see cref="Names"/> is a certificate of its own.</summary>
    public bool IsSplit { get; init; }

    /// <summary>Names of the operator's certification authorities, in order of preference; not empty.</summary>
    public required ImmutableArray<string> Authorities { get; init; }

    /// <summary>How control of the names is proven, one of <see cref="ChallengeType"/>.</summary>
    public string Challenge { get; init; } = ChallengeType.Http01;

    /// <summary>Name of the operator's DNS provider; null where the challenge needs none.</summary>
    public string? Dns { get; init; }

    /// <summary>The authority's profile; null = its default.</summary>
    public string? Profile { get; init; }

    /// <summary>True when nothing is ordered of an authority that does not have the profile.</summary>
    public bool RequiresProfile { get; init; }

    /// <summary>Kind of the key.</summary>
    public KeyType KeyType { get; init; }
}
