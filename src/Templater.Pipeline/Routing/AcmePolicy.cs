using System.Collections.Immutable;
using System.Net;
using Templater.Acme;
using Templater.Acme.Protocol;

namespace Templater.Pipeline.Routing;

/// <summary>What labels may choose about certificates, and what holds where they choose nothing. Immutable; holds no secret.</summary>
public sealed record AcmePolicy
{
    /// <summary>True when hosts that say nothing about it get certificates.</summary>
    public bool IsDefault { get; init; } = true;

    /// <summary>Names of the authorities that hosts without a choice use, in order of preference; not empty.</summary>
    public required ImmutableArray<string> Preferred { get; init; }

    /// <summary>Directory URLs of all authorities that may be chosen, by name.</summary>
    public required ImmutableSortedDictionary<string, Uri> Authorities { get; init; }

    /// <summary>Names of the DNS providers that may be chosen, ordinal order.</summary>
    public ImmutableArray<string> Dns { get; init; } = [];

    /// <summary>The default challenge, one of <see cref="ChallengeType"/>.</summary>
    public string Challenge { get; init; } = ChallengeType.Http01;

    /// <summary>Directory below which answers to http-01 are written, <c>.well-known/acme-challenge/TOKEN</c>, for the proxy to serve; null = they are not written.</summary>
    public string? Webroot { get; init; }

    /// <summary>Where Templater answers http-01 and tls-alpn-01 itself, for the proxy to hand on to; null = it does not.</summary>
    public IPEndPoint? Listen { get; init; }

    /// <summary>True when the proxy answers http-01 by the account's thumbprint, so that virtual hosts have one.</summary>
    public bool IsStateless => Webroot is null && Listen is null;

    /// <summary>True when the settings, whatever labels say, prove a name by tls-alpn-01: by default, or for a certificate that they ask for.</summary>
    public bool ProvesByTls { get; init; }

    /// <summary>The default DNS provider; null = none.</summary>
    public string? DefaultDns { get; init; }

    /// <summary>The default profile; null = the authority's.</summary>
    public string? Profile { get; init; }

    /// <summary>True when nothing is ordered of an authority that does not have the default profile.</summary>
    public bool RequiresProfile { get; init; }

    /// <summary>Wildcards that are obtained for the names one label below them, <c>*.example.com</c>.</summary>
    public ImmutableArray<string> Wildcards { get; init; } = [];

    /// <summary>The default kind of key.</summary>
    public KeyType KeyType { get; init; }

    /// <summary>True for a challenge that proves wildcards.</summary>
    /// <param name="challenge">One of <see cref="ChallengeType"/>.</param>
    public static bool ProvesWildcards(string challenge) => challenge is ChallengeType.Dns01 or ChallengeType.DnsPersist01;
}
