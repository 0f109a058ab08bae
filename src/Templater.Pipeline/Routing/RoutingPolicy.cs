using System.Collections.Immutable;
using Templater.Pipeline.Routing.Fixed;
using Templater.Pipeline.Routing.Streams;

namespace Templater.Pipeline.Routing;

/// <summary>Which program reads an output.</summary>
public enum ProxyKind
{
    /// <summary>Anything; no rule of a particular proxy applies.</summary>
    Other,
    /// <summary>nginx.</summary>
    Nginx,
    /// <summary>HAProxy.</summary>
    HAProxy,
    /// <summary>Centauri.</summary>
    Centauri,
}

/// <summary>A family of labels or variables that says what a container wants.</summary>
public enum Dialect
{
    /// <summary>The native <c>templater.*</c> labels.</summary>
    Templater,
    /// <summary>Dotege and centauri-docker-confd: <c>com.chameth.*</c>.</summary>
    Dotege,
    /// <summary>nginx-proxy: <c>VIRTUAL_*</c>.</summary>
    NginxProxy,
    /// <summary>A subset of Traefik: <c>traefik.*</c>.</summary>
    Traefik,
}

/// <summary>Same host and path claimed by different applications.</summary>
public enum ConflictRule
{
    /// <summary>Priority, then the older container's application wins.</summary>
    Oldest,
    /// <summary>All of them share the upstream.</summary>
    Merge,
}

/// <summary>Which containers count as ready.</summary>
public enum HealthPolicy
{
    /// <summary>Healthy, or without a health check.</summary>
    Healthy,
    /// <summary>All but unhealthy.</summary>
    Starting,
    /// <summary>All that run.</summary>
    Any,
}

/// <summary>The operator's settings that routing depends on. Immutable.</summary>
public sealed record RoutingPolicy
{
    /// <summary>Name of this instance; empty = none, <c>*</c> = takes all.</summary>
    public string Instance { get; init; } = "";

    /// <summary>Prefix of the native labels, without the dot.</summary>
    public string LabelPrefix { get; init; } = "templater";

    /// <summary>Dialects that are read, in order of precedence.</summary>
    public ImmutableArray<Dialect> Dialects { get; init; } = [Dialect.Templater, Dialect.Dotege, Dialect.NginxProxy];

    /// <summary>Value of <c>enable</c> where it is absent.</summary>
    public bool EnableDefault { get; init; } = true;

    /// <summary>Networks to reach containers by, in order of preference; empty = those of the proxy.</summary>
    public ImmutableArray<string> Networks { get; init; } = [];

    /// <summary>Prefer IPv6 addresses.</summary>
    public bool PreferIPv6 { get; init; }

    /// <summary>Port of containers that expose nothing.</summary>
    public int DefaultPort { get; init; } = 80;

    /// <summary>When a container counts as ready.</summary>
    public HealthPolicy Health { get; init; } = HealthPolicy.Healthy;

    /// <summary>What to do about two applications at one place.</summary>
    public ConflictRule Conflict { get; init; } = ConflictRule.Oldest;

    /// <summary>Lists of clients that labels may name, already addresses and networks.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<string>> AccessLists { get; init; } =
        ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>Users whom labels of Dotege name by their groups, by name.</summary>
    public ImmutableArray<GroupedUser> DotegeUsers { get; init; } = [];

    /// <summary>Which domains may be claimed; null = any.</summary>
    public DomainPolicy? Domains { get; init; }

    /// <summary>Routes to what is no container, by name.</summary>
    public ImmutableArray<StaticRoute> Routes { get; init; } = [];

    /// <summary>Who may be asked about requests where labels name them, by name.</summary>
    public ImmutableSortedDictionary<string, ForwardAuth> ForwardAuths { get; init; } = ImmutableSortedDictionary<string, ForwardAuth>.Empty;

    /// <summary>External port for http.</summary>
    public int HttpPort { get; init; } = 80;

    /// <summary>External port for https.</summary>
    public int HttpsPort { get; init; } = 443;

    /// <summary>Ports that labels may open for streams, ascending.</summary>
    public ImmutableArray<StreamPort> StreamPorts { get; init; } = [];

    /// <summary>Default of <c>https</c>.</summary>
    public HttpsMode Https { get; init; } = HttpsMode.Redirect;

    /// <summary>Default of <c>https.code</c>.</summary>
    public int HttpsCode { get; init; } = 308;

    /// <summary>Default of <c>hsts</c>; null = off.</summary>
    public string? Hsts { get; init; }

    /// <summary>Default of <c>http2</c>.</summary>
    public bool Http2 { get; init; } = true;

    /// <summary>Default of <c>http3</c>.</summary>
    public bool Http3 { get; init; }

    /// <summary>Default of <c>tls.policy</c>.</summary>
    public TlsPolicy TlsPolicy { get; init; } = TlsPolicy.Intermediate;

    /// <summary>What holds where nginx-proxy is replaced; null = nothing of it.</summary>
    public NginxProxyCompat? NginxProxy { get; init; }

    /// <summary>Where challenges are answered for hosts that say nothing about it.</summary>
    public ChallengeMode Challenges { get; init; } = ChallengeMode.Always;

    /// <summary>What labels may choose about certificates to be obtained; null = none are obtained.</summary>
    public AcmePolicy? Acme { get; init; }

    /// <summary>Default of <c>balance</c>.</summary>
    public BalanceAlgorithm Balance { get; init; } = BalanceAlgorithm.RoundRobin;

    /// <summary>Default of <c>max-body</c> in bytes; 0 = no limit.</summary>
    public long MaxBody { get; init; }
}
