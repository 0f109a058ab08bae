using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Grouping;

/// <summary>What one claim asks of its route and upstream; where containers share one, the deciding one's holds.</summary>
internal sealed record RouteSettings
{
    /// <summary>Number that means "twice the servers" in <see cref="Keepalive"/>.</summary>
    public const int AutoKeepalive = -1;

    /// <summary>Status of a redirect for which no label says another.</summary>
    public const int DefaultRedirectCode = 308;

    /// <summary>Replaces the matched prefix.</summary>
    public string? Rewrite { get; init; }

    /// <summary>What the path becomes in the way of nginx; null where <see cref="Rewrite"/> says it.</summary>
    public Destination? Destination { get; init; }

    /// <summary>Folder of a FastCGI application's files; null = the proxy's usual one.</summary>
    public string? FastCgiRoot { get; init; }

    /// <summary>File of a FastCGI application that answers for a folder; null = the proxy's usual one.</summary>
    public string? FastCgiIndex { get; init; }

    /// <summary>Pages in the place of errors, single statuses before classes.</summary>
    public ImmutableArray<ErrorPage> ErrorPages { get; init; } = [];

    /// <summary>Redirect instead of proxying.</summary>
    public RouteRedirect? RedirectTo { get; init; }

    /// <summary>Protocol spoken to the servers.</summary>
    public UpstreamProtocol Protocol { get; init; }

    /// <summary>SNI and Host sent upstream; null = the request's.</summary>
    public string? ServerName { get; init; }

    /// <summary>Algorithm.</summary>
    public BalanceAlgorithm Balance { get; init; }

    /// <summary>What was asked for beyond the algorithm; null = nothing.</summary>
    public BalanceMethod? BalanceMethod { get; init; }

    /// <summary>Affinity.</summary>
    public StickyMode Sticky { get; init; }

    /// <summary>Cookie of the affinity.</summary>
    public string StickyCookie { get; init; } = "";

    /// <summary>Idle connections, or <see cref="AutoKeepalive"/>.</summary>
    public int Keepalive { get; init; } = AutoKeepalive;

    /// <summary>Connections per server; 0 = unlimited.</summary>
    public int MaxConnections { get; init; }

    /// <summary>Active check; null = none.</summary>
    public UpstreamCheck? Check { get; init; }

    /// <summary>Time-outs.</summary>
    public RouteTimeouts Timeouts { get; init; } = new();

    /// <summary>Request body in bytes; 0 = no limit.</summary>
    public long MaxBody { get; init; }

    /// <summary>Answers are buffered.</summary>
    public bool Buffering { get; init; } = true;

    /// <summary>Changes to answers, in order of operation, then name.</summary>
    public ImmutableArray<HeaderChange> ResponseHeaders { get; init; } = [];

    /// <summary>Changes to requests, in order of operation, then name.</summary>
    public ImmutableArray<HeaderChange> RequestHeaders { get; init; } = [];

    /// <summary>Clients that may; empty = all.</summary>
    public ImmutableArray<string> Allow { get; init; } = [];

    /// <summary>The operator's file that says it in the place of <see cref="Allow"/>; null = there is none.</summary>
    public IncludedFile? AccessFile { get; init; }

    /// <summary>Clients that may not.</summary>
    public ImmutableArray<string> Deny { get; init; } = [];

    /// <summary>Who has to log in; null = nobody.</summary>
    public RouteLogin? Login { get; init; }

    /// <summary>Who is asked about each request; null = nobody.</summary>
    public ForwardAuth? ForwardAuth { get; init; }

    /// <summary>How the servers' certificate is verified; null = not at all.</summary>
    public UpstreamVerify? Verify { get; init; }

    /// <summary>Data for templates.</summary>
    public ImmutableSortedDictionary<string, string> Data { get; init; } = Ordinal.Empty;

    /// <summary>
    /// The settings by label key: as text that shows differences, and as text for people. Values of headers may be credentials and
    /// are never shown. Who may reach the route is compared apart.
    /// </summary>
    public IEnumerable<RouteFact> Facts()
    {
        foreach (var (key, text) in PlainFacts())
            yield return new RouteFact(key, text, text);
        yield return new RouteFact("response", Headers(ResponseHeaders, withValues: true), Headers(ResponseHeaders, withValues: false));
        yield return new RouteFact("request", Headers(RequestHeaders, withValues: true), Headers(RequestHeaders, withValues: false));
    }

    private IEnumerable<(string Key, string Text)> PlainFacts()
    {
        yield return ("rewrite", Destination?.Nginx ?? Rewrite ?? "none");
        yield return ("fastcgi.root", FastCgiRoot ?? "none");
        yield return ("fastcgi.index", FastCgiIndex ?? "none");
        yield return ("errors", ErrorPages.Length > 0 ? string.Join(", ", ErrorPages) : "none");
        yield return ("redirect.to", RedirectTo is null ? "none" : RedirectTo.Url + (RedirectTo.AppendPath ? "" : "!"));
        yield return ("redirect.code", Number(RedirectTo?.Code ?? DefaultRedirectCode));
        yield return ("protocol", Word(Protocol));
        yield return ("upstream.server-name", ServerName ?? "none");
        yield return ("balance", BalanceMethod?.Nginx ?? Word(Balance));
        yield return ("sticky", StickyCookie.Length > 0 ? $"cookie:{StickyCookie}" : Word(Sticky));
        yield return ("keepalive", Keepalive == AutoKeepalive ? "auto" : Number(Keepalive));
        yield return ("maxconn", Number(MaxConnections));
        yield return ("check", Check is null ? "off" : Check.Path ?? "tcp");
        yield return ("check.interval", Quantities.Text(Check?.Interval ?? UpstreamCheck.DefaultInterval));
        yield return ("check.rise", Number(Check?.Rise ?? UpstreamCheck.DefaultRise));
        yield return ("check.fall", Number(Check?.Fall ?? UpstreamCheck.DefaultFall));
        yield return ("timeout.connect", Quantities.Text(Timeouts.Connect));
        yield return ("timeout.server", Quantities.Text(Timeouts.Server));
        yield return ("timeout.tunnel", Quantities.Text(Timeouts.Tunnel));
        yield return ("max-body", Number(MaxBody));
        yield return ("buffering", Buffering ? "on" : "off");
        yield return ("deny", Deny.Length > 0 ? string.Join(' ', Deny) : "nobody");
    }

    /// <summary>The clients that a list admits, for messages.</summary>
    /// <param name="allow">The list.</param>
    public static string AllowText(ImmutableArray<string> allow) => allow.Length > 0 ? string.Join(' ', allow) : "everyone";

    /// <summary>The word that labels use for a choice.</summary>
    /// <param name="choice">The choice.</param>
    public static string Word<T>(T choice)
        where T : struct, Enum => choice.ToString().ToLowerInvariant();

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Headers(ImmutableArray<HeaderChange> changes, bool withValues) => changes.Length == 0
        ? "none"
        : string.Join(", ", changes.Select(change => $"{Word(change.Operation)} {change.Name}{(withValues ? ": " + change.Value : "")}"));
}

/// <summary>One setting of a route, by label key.</summary>
/// <param name="Key">The label's key.</param>
/// <param name="Text">Text that shows differences.</param>
/// <param name="Shown">Text for people.</param>
internal sealed record RouteFact(string Key, string Text, string Shown);
