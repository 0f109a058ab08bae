using System.Collections.Immutable;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Routing;

/// <summary>How a host pattern selects requests.</summary>
public enum HostMatch
{
    /// <summary>One DNS name.</summary>
    Exact,
    /// <summary><c>*.example.com</c>: any name below a parent.</summary>
    Wildcard,
    /// <summary>A regular expression over the whole name.</summary>
    Regex,
    /// <summary>An IPv4 or IPv6 address.</summary>
    Ip,
    /// <summary>Every name that nobody else claims.</summary>
    Default,
}

/// <summary>
/// What a request's host must look like. For <see cref="HostMatch.Exact"/>, <see cref="HostMatch.Wildcard"/> and
/// <see cref="HostMatch.Ip"/> the text is validated, lower case, punycode, without trailing dot and safe to print
/// anywhere; for <see cref="HostMatch.Regex"/> it is the untrusted expression without the leading <c>~</c>; for
/// <see cref="HostMatch.Default"/> it is <c>*</c>.
/// </summary>
/// <param name="Match">The kind of pattern.</param>
/// <param name="Text">The pattern.</param>
public sealed record HostPattern(HostMatch Match, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => Match == HostMatch.Regex ? "~" + Text : Text;
}

/// <summary>How a path selects requests.</summary>
public enum PathMatch
{
    /// <summary>A prefix on segment borders; <c>/</c> matches everything.</summary>
    Prefix,
    /// <summary>The whole path.</summary>
    Exact,
    /// <summary>A regular expression.</summary>
    Regex,
}

/// <summary>What a request's path must look like; the text is untrusted and must be quoted.</summary>
/// <param name="Match">The kind of pattern.</param>
/// <param name="Text">Begins with <c>/</c> unless it is a regular expression.</param>
public sealed record PathPattern(PathMatch Match, string Text)
{
    /// <summary>True for a prefix that may end within a segment: <c>/app</c> also matches <c>/application</c>.</summary>
    public bool IsRaw { get; init; }

    /// <summary>
    /// True for a prefix that is tried before the regular expressions. The same path without that is the same place, so this
    /// is no part of equality.
    /// </summary>
    public bool BeatsRegex { get; init; }

    /// <inheritdoc/>
    public bool Equals(PathPattern? other) => other is not null && Match == other.Match && Text == other.Text && IsRaw == other.IsRaw;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Match, Text, IsRaw);

    /// <summary>Matches every path.</summary>
    public static readonly PathPattern Root = new(PathMatch.Prefix, "/");
}

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

    /// <summary>What nginx tells about itself: on, off or build; null = its own default.</summary>
    public string? ServerTokens { get; init; }

    /// <summary>What clients have to show; null = nothing.</summary>
    public ClientAuth? ClientAuth { get; init; }

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
}

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

/// <summary>Match -> upstream (or redirect), with what happens on the way.</summary>
public sealed record Route
{
    /// <summary>Stable key, unique within the output: virtual host name, then the path; untrusted.</summary>
    public required string Key { get; init; }

    /// <summary>The path this route answers.</summary>
    public required PathPattern Path { get; init; }

    /// <summary>Replaces the matched prefix; null leaves the path alone. Untrusted.</summary>
    public string? Rewrite { get; init; }

    /// <summary>
    /// What the path becomes in the way of nginx; null where <see cref="Rewrite"/> says it. Where it has no variables,
    /// <see cref="Rewrite"/> is the same text, and takes the place of the matched path as it is, without care for slashes.
    /// </summary>
    public Destination? Destination { get; init; }

    /// <summary>Folder of a FastCGI application's files, as the application sees it; null = the proxy's usual one. Untrusted.</summary>
    public string? FastCgiRoot { get; init; }

    /// <summary>Answer with a redirect instead of proxying.</summary>
    public RouteRedirect? RedirectTo { get; init; }

    /// <summary>Winner of conflicts; order among regular expressions; higher first.</summary>
    public int Priority { get; init; }

    /// <summary>The pool of servers; it may have no usable server, which answers 503.</summary>
    public required Upstream Upstream { get; init; }

    /// <summary>Clients that may use the route, CIDR or address; empty = everyone. <c>private</c> is already expanded.</summary>
    public ImmutableArray<string> Allow { get; init; } = [];

    /// <summary>Clients that may not; wins over <see cref="Allow"/>.</summary>
    public ImmutableArray<string> Deny { get; init; } = [];

    /// <summary>Who has to log in, after <see cref="Allow"/> and <see cref="Deny"/>; null = nobody.</summary>
    public BasicAuth? Auth { get; init; }

    /// <summary>True when nobody is served because what restricts the route cannot be honoured.</summary>
    public bool IsClosed { get; init; }

    /// <summary>Time-outs towards the upstream.</summary>
    public RouteTimeouts Timeouts { get; init; } = new();

    /// <summary>Largest request body in bytes; 0 = no limit.</summary>
    public long MaxBody { get; init; }

    /// <summary>False for server-sent events: answers are passed on as they come.</summary>
    public bool Buffering { get; init; } = true;

    /// <summary>Changes to the answer's headers, in order of operation, then name.</summary>
    public ImmutableArray<HeaderChange> ResponseHeaders { get; init; } = [];

    /// <summary>Changes to the request's headers, in order of operation, then name.</summary>
    public ImmutableArray<HeaderChange> RequestHeaders { get; init; } = [];

    /// <summary><c>templater.data.*</c> of the deciding container, untrusted.</summary>
    public ImmutableSortedDictionary<string, string> Data { get; init; } = Ordinal.Empty;

    /// <summary>Containers behind the route, in server order.</summary>
    public ImmutableArray<ContainerId> Containers { get; init; } = [];
}

/// <summary>Target of <c>redirect.to</c>.</summary>
/// <param name="Url">Absolute http or https URL, syntax-checked, without the trailing <c>!</c>; untrusted.</param>
/// <param name="AppendPath">True when path and query of the request are appended.</param>
/// <param name="Code">301, 302, 307 or 308.</param>
public sealed record RouteRedirect(string Url, bool AppendPath, int Code);

/// <summary>Time-outs towards the upstream.</summary>
public sealed record RouteTimeouts
{
    /// <summary>Time to connect.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Silence of the upstream.</summary>
    public TimeSpan Server { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Silence on an upgraded connection; below the 15 minutes of a Swarm VIP.</summary>
    public TimeSpan Tunnel { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>True when a label set <see cref="Tunnel"/> (nginx has no separate one and then uses the longer).</summary>
    public bool TunnelIsSet { get; init; }
}

/// <summary>What is done with a header.</summary>
public enum HeaderOperation
{
    /// <summary>Remove it.</summary>
    Delete,
    /// <summary>Replace it.</summary>
    Set,
    /// <summary>Add another one.</summary>
    Add,
    /// <summary>Set it if absent.</summary>
    Default,
}

/// <summary>One change to a header.</summary>
/// <param name="Operation">What is done.</param>
/// <param name="Name">An HTTP token (RFC 9110 5.6.2), validated, printable anywhere.</param>
/// <param name="Value">Untrusted, without control characters; empty for <see cref="HeaderOperation.Delete"/>.</param>
public sealed record HeaderChange(HeaderOperation Operation, string Name, string Value);

/// <summary>Protocol spoken to the container.</summary>
public enum UpstreamProtocol
{
    /// <summary>HTTP/1.1.</summary>
    Http,
    /// <summary>HTTP/1.1 over TLS.</summary>
    Https,
    /// <summary>HTTP/2 without TLS.</summary>
    H2c,
    /// <summary>gRPC.</summary>
    Grpc,
    /// <summary>gRPC over TLS.</summary>
    Grpcs,
    /// <summary>FastCGI.</summary>
    FastCgi,
    /// <summary>uwsgi.</summary>
    Uwsgi,
}

/// <summary>How requests are spread over servers.</summary>
public enum BalanceAlgorithm
{
    /// <summary>In turns.</summary>
    RoundRobin,
    /// <summary>To the one with the fewest connections.</summary>
    LeastConn,
    /// <summary>By client address.</summary>
    Source,
    /// <summary>By request URI.</summary>
    Uri,
    /// <summary>At random.</summary>
    Random,
}

/// <summary>
/// What nginx-proxy's label asks of a proxy beyond an algorithm that both know. Made by a closed grammar, so that it is safe to print.
/// </summary>
/// <param name="Nginx">The directive of nginx without its semicolon.</param>
/// <param name="HAProxy">What follows <c>balance</c> in HAProxy; null = the algorithm says it all.</param>
public sealed record BalanceMethod(string Nginx, string? HAProxy);

/// <summary>Session affinity.</summary>
public enum StickyMode
{
    /// <summary>None.</summary>
    Off,
    /// <summary>By client address.</summary>
    Source,
    /// <summary>By a cookie.</summary>
    Cookie,
}

/// <summary>The pool behind a route (nginx <c>upstream</c>, HAProxy <c>backend</c>).</summary>
public sealed record Upstream
{
    /// <summary>
    /// Name of at most 100 characters out of <c>[a-z0-9._-]</c>, unique within the output, derived from host and path.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>Protocol spoken to the servers.</summary>
    public UpstreamProtocol Protocol { get; init; }

    /// <summary>Algorithm.</summary>
    public BalanceAlgorithm Balance { get; init; }

    /// <summary>What was asked for beyond the algorithm; null = nothing.</summary>
    public BalanceMethod? BalanceMethod { get; init; }

    /// <summary>Affinity.</summary>
    public StickyMode Sticky { get; init; }

    /// <summary>Cookie name for <see cref="StickyMode.Cookie"/>, an HTTP token.</summary>
    public string StickyCookie { get; init; } = "";

    /// <summary>Idle connections kept; 0 = off.</summary>
    public int Keepalive { get; init; }

    /// <summary>Connections per server; 0 = unlimited.</summary>
    public int MaxConnections { get; init; }

    /// <summary>Name sent upstream as SNI and Host, a validated DNS name; null = the request's.</summary>
    public string? ServerName { get; init; }

    /// <summary>How the servers' certificate is verified; null = not at all.</summary>
    public UpstreamVerify? Verify { get; init; }

    /// <summary>Active check by the proxy; null = none.</summary>
    public UpstreamCheck? Check { get; init; }

    /// <summary>The servers by slot; may be empty.</summary>
    public ImmutableArray<UpstreamServer> Servers { get; init; } = [];

    /// <summary>Slots to declare in proxies that fill them at run time.</summary>
    public int SlotCapacity { get; init; }
}

/// <summary>An active check of each server by the proxy.</summary>
/// <param name="Path">Path of an HTTP check, untrusted; null checks that the port accepts connections.</param>
/// <param name="Interval">Time between checks.</param>
/// <param name="Rise">Good answers until a server counts as up, 1 to 10.</param>
/// <param name="Fall">Bad answers until it counts as down, 1 to 10.</param>
public sealed record UpstreamCheck(string? Path, TimeSpan Interval, int Rise, int Fall)
{
    /// <summary>Good answers where no label says another number.</summary>
    public const int DefaultRise = 2;

    /// <summary>Bad answers where no label says another number.</summary>
    public const int DefaultFall = 3;

    /// <summary>Time between checks where no label says another.</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(2);
}

/// <summary>What a server may be given.</summary>
public enum ServerState
{
    /// <summary>New requests.</summary>
    Up,
    /// <summary>Nothing.</summary>
    Down,
    /// <summary>Only what it has.</summary>
    Drain,
}

/// <summary>One address and port in an upstream.</summary>
public sealed record UpstreamServer
{
    /// <summary>The container; null for a static server.</summary>
    public ContainerId? Container { get; init; }

    /// <summary>Slot number within the upstream, from 1.</summary>
    public int Slot { get; init; }

    /// <summary>IPv4 or IPv6 address without brackets, or a DNS name; validated.</summary>
    public required string Address { get; init; }

    /// <summary>Port, 1 to 65535.</summary>
    public required int Port { get; init; }

    /// <summary>Share, 0 to 256; 0 = drain.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Used only when all others are down.</summary>
    public bool Backup { get; init; }

    /// <summary>What it may be given.</summary>
    public ServerState State { get; init; }

    /// <summary>True when <see cref="Address"/> is a name that the proxy looks up while it runs.</summary>
    public bool IsLookedUp { get; init; }

    /// <summary>True when its container was told to stop: it drains, where another server can take over.</summary>
    public bool IsEnding { get; init; }
}
