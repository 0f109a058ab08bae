using System.Collections.Immutable;
using Templater.Acme;
using Templater.Acme.Protocol;

namespace Templater.Pipeline.Certificates.Wanted;

/// <summary>What the hosts of a certificate that is not there are meanwhile.</summary>
public enum HostsWithoutPair
{
    /// <summary>No host wants it, or they have another pair.</summary>
    Other,

    /// <summary>Plain http serves all of them.</summary>
    Served,

    /// <summary>Plain http refuses one of them at least: what is for https alone is never sent without.</summary>
    Refused,
}

/// <summary>A certificate that is to be there, be it to be obtained, to be kept or to be renewed. Immutable.</summary>
public sealed record WantedCertificate
{
    /// <summary>Its stable name: the name that it is first of all for, lower case, <c>*.</c> kept. No two that are wanted share one.</summary>
    public required string Name { get; init; }

    /// <summary>Names and addresses to be in it, lower case, ordinal order, without doubles; not empty.</summary>
    public required ImmutableArray<string> Names { get; init; }

    /// <summary>Names of certification authorities, in order of preference; not empty.</summary>
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

    /// <summary>Outputs that serve a name of it, ordinal order; empty for one that only the settings ask for.</summary>
    public ImmutableArray<string> Outputs { get; init; } = [];

    /// <summary>The virtual host that asks for it, for messages; null for one that only the settings ask for.</summary>
    public string? Host { get; init; }

    /// <summary>What its hosts are without it.</summary>
    public HostsWithoutPair WithoutIt { get; init; }

    /// <summary>Whether two say the same, whatever objects they are made of.</summary>
    public bool Equals(WantedCertificate? other) => other is not null
        && Name == other.Name && Challenge == other.Challenge && Dns == other.Dns && Profile == other.Profile && RequiresProfile == other.RequiresProfile
        && KeyType == other.KeyType && Host == other.Host && WithoutIt == other.WithoutIt
        && Names.SequenceEqual(other.Names, StringComparer.Ordinal) && Authorities.SequenceEqual(other.Authorities, StringComparer.Ordinal)
        && Outputs.SequenceEqual(other.Outputs, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Names.Length, Authorities.Length, Challenge, KeyType);
}
