using System.Collections.Immutable;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Routing;

/// <summary>A set of host names that are answered the same way by one output's proxy.</summary>
public sealed record VirtualHost
{
    /// <summary>
    /// A stable, printable name: the primary host name, or for a regular expression <c>regex-</c> and sixteen hex digits of
    /// its SHA-256, or <c>default</c>. Unique within one output.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>The primary pattern.</summary>
    public required HostPattern Pattern { get; init; }

    /// <summary>Further patterns answered the same way, in label order.</summary>
    public ImmutableArray<HostPattern> Aliases { get; init; } = [];

    /// <summary>Port for plain HTTP as the client sees it.</summary>
    public int HttpPort { get; init; } = 80;

    /// <summary>Port for HTTPS as the client sees it.</summary>
    public int HttpsPort { get; init; } = 443;

    /// <summary>What http and https do.</summary>
    public required HttpsPolicy Https { get; init; }

    /// <summary>
    /// The same for aliases that another pair covers than the primary name, or none; empty but where
    /// <see cref="ProxyContext.JoinsPairs"/> holds.
    /// </summary>
    public ImmutableArray<AliasHttps> AliasHttps { get; init; } = [];

    /// <summary>What nginx tells about itself: on, off or build; null = its own default.</summary>
    public string? ServerTokens { get; init; }

    /// <summary>Who makes the certificate, where the proxy makes its own: lego or selfsigned; null = whom it likes.</summary>
    public string? CertificateProvider { get; init; }

    /// <summary>Names of the certificate that the proxy makes, exact or <c>*.name</c>; empty = those of the host.</summary>
    public ImmutableArray<string> CertificateNames { get; init; } = [];

    /// <summary>What clients have to show; null = nothing.</summary>
    public ClientAuth? ClientAuth { get; init; }

    /// <summary>The operator's directives for the host as a whole (nginx); null = there are none.</summary>
    public IncludedFile? Include { get; init; }

    /// <summary>Anybody may ask what is known about it, as nginx-proxy's debug endpoint tells (nginx).</summary>
    public bool IsDebugged { get; init; }

    /// <summary>Names that only redirect to the primary, path kept.</summary>
    public ImmutableArray<HostPattern> RedirectFrom { get; init; } = [];

    /// <summary>Status of that redirect.</summary>
    public int RedirectCode { get; init; } = 308;

    /// <summary>
    /// The routes, in the order in which they must be tried: exact, then regular expressions by priority, then prefixes
    /// with the longest first (the root prefix, which matches everything, is last); ties by text. Never empty.
    /// </summary>
    public required ImmutableArray<Route> Routes { get; init; }

    /// <summary><c>templater.data.*</c> of the deciding container, untrusted.</summary>
    public ImmutableSortedDictionary<string, string> Data { get; init; } = Ordinal.Empty;

    /// <summary>Containers that contribute to this host, by name.</summary>
    public ImmutableArray<ContainerId> Containers { get; init; } = [];

    /// <summary>What http and https do for one of the names that are served.</summary>
    /// <param name="name">The name.</param>
    public HttpsPolicy HttpsOf(HostPattern name)
    {
        foreach (var alias in AliasHttps)
            if (alias.Name == name)
                return alias.Https;
        return Https;
    }
}

/// <summary>What http and https do for an alias with a pair of its own, or without one.</summary>
/// <param name="Name">The alias.</param>
/// <param name="Https">As for the primary name, but for the pair.</param>
public sealed record AliasHttps(HostPattern Name, HttpsPolicy Https);
