using Templater.Acme.Protocol;

namespace Templater.Pipeline.Routing.Grouping;

/// <summary>What one claim asks about certificates to be obtained; null means that it asks nothing.</summary>
internal sealed record AcmeSettings
{
    /// <summary>Whether one is wanted.</summary>
    public bool? IsWanted { get; init; }

    /// <summary>Names to be in it, one space apart.</summary>
    public string? Names { get; init; }

    /// <summary>Each of the names is a certificate of its own.</summary>
    public bool? IsSplit { get; init; }

    /// <summary>Names of the operator's authorities in order of preference, one space apart.</summary>
    public string? Authorities { get; init; }

    /// <summary>How control of names is proven, one of <see cref="Templater.Acme.ChallengeType"/>.</summary>
    public string? Challenge { get; init; }

    /// <summary>Name of one of the operator's DNS providers.</summary>
    public string? Dns { get; init; }

    /// <summary>The authority's profile; with <c>!</c> in front it is required.</summary>
    public string? Profile { get; init; }

    /// <summary>Kind of the key.</summary>
    public KeyType? KeyType { get; init; }
}
