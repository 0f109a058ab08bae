using System.Collections.Immutable;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Routing;

/// <summary>What a host does with http and https.</summary>
public enum HttpsMode
{
    /// <summary>http redirects to https once a pair exists; until then http is served.</summary>
    Redirect,
    /// <summary>Both are served.</summary>
    Optional,
    /// <summary>Only https; http answers 503 (except challenges).</summary>
    Only,
    /// <summary>No https.</summary>
    Off,
}

/// <summary>Protocol and cipher set (Mozilla's recommendations).</summary>
public enum TlsPolicy
{
    /// <summary>TLS 1.3 only.</summary>
    Modern,
    /// <summary>TLS 1.2 and 1.3.</summary>
    Intermediate,
    /// <summary>For very old clients.</summary>
    Old,
}

/// <summary>What http does for a host that is meant to have https, while there is no pair.</summary>
public enum MissingPair
{
    /// <summary>A redirect waits and serves; what only https may have answers 503.</summary>
    Usual,
    /// <summary>It serves.</summary>
    Serve,
    /// <summary>It never serves: it redirects to https, or answers 503.</summary>
    Refuse,
}

/// <summary>Where plain http answers challenges for certificates.</summary>
public enum ChallengeMode
{
    /// <summary>Wherever http answers for the host.</summary>
    Always,
    /// <summary>Only where http serves nothing else.</summary>
    WithoutSite,
    /// <summary>Nowhere: the path belongs to the containers.</summary>
    Never,
}

/// <summary>HTTPS of one virtual host.</summary>
public sealed record HttpsPolicy
{
    /// <summary>What was asked for.</summary>
    public HttpsMode Mode { get; init; } = HttpsMode.Redirect;

    /// <summary>The pair that covers the primary name; null while there is none.</summary>
    public CertificatePair? Certificate { get; init; }

    /// <summary>The pair that is there for the primary name and cannot be used; null when there is none, or a better one.</summary>
    public UnusablePair? Unusable { get; init; }

    /// <summary>Status of the redirect from http to https.</summary>
    public int RedirectCode { get; init; } = 308;

    /// <summary>Status of that redirect for other methods than GET and HEAD; null = the same.</summary>
    public int? NonGetRedirectCode { get; init; }

    /// <summary>What http does while there is no pair.</summary>
    public MissingPair WithoutPair { get; init; }

    /// <summary>True when the pair is the one called <c>default</c>, which covers no name of the host.</summary>
    public bool IsDefaultPair { get; init; }

    /// <summary>Validated Strict-Transport-Security value; null when none is sent.</summary>
    public string? Hsts { get; init; }

    /// <summary>HTTP/2 offered.</summary>
    public bool Http2 { get; init; } = true;

    /// <summary>HTTP/3 offered.</summary>
    public bool Http3 { get; init; }

    /// <summary>Protocol and cipher set.</summary>
    public TlsPolicy Policy { get; init; } = TlsPolicy.Intermediate;

    /// <summary>Where http answers challenges.</summary>
    public ChallengeMode Challenges { get; init; }

    /// <summary>The certificates that are to be obtained for the host; null = none.</summary>
    public AcmeChoice? Acme { get; init; }

    /// <summary>
    /// By name of the host: the thumbprint of the account that orders for it next, by which plain http answers challenges; empty
    /// where it answers none.
    /// </summary>
    public ImmutableSortedDictionary<string, string> Thumbprints { get; init; } = Ordinal.Empty;

    /// <summary>True when http must not serve, because https is meant and its pair cannot be used.</summary>
    public bool IsWithheld => Certificate is null && Unusable is not null
        && (Mode == HttpsMode.Redirect || (Mode == HttpsMode.Only && WithoutPair == MissingPair.Serve));

    /// <summary>True when http serves nothing, whether there is a pair or not.</summary>
    public bool IsPlainRefused => Mode switch
    {
        HttpsMode.Only => WithoutPair != MissingPair.Serve,
        HttpsMode.Redirect => WithoutPair == MissingPair.Refuse,
        _ => false,
    };

    /// <summary>True when http must redirect now.</summary>
    public bool RedirectsNow => Mode == HttpsMode.Redirect && (Certificate is not null || WithoutPair == MissingPair.Refuse);
}
