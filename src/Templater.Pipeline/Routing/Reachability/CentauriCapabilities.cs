using System.Collections.Immutable;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Reachability;

/// <summary>
/// Centauri knows names, upstreams and headers of the answer, and has its own mind about everything else: each other wish is
/// said and taken out.
/// </summary>
internal sealed class CentauriCapabilities(ProxyContext proxy, RoutingPolicy policy, ContainerFindings findings)
{
    /// <summary>Centauri shows other pages in the place of errors since this version, and ends where an older one reads of them.</summary>
    private static readonly Version WithErrorPages = new(2, 8);

    private static readonly RouteTimeouts UsualTimeouts = new();

    /// <summary>The claim without what only makes things nicer.</summary>
    /// <param name="claim">The claim.</param>
    public RouteClaim Fit(RouteClaim claim)
    {
        foreach (var wish in Wishes(claim).Concat(Wishes(claim.Host)))
            findings.Warn(ReasonIds.UnsupportedOption, $"container {findings.Name}: {wish} is not available in Centauri; it is ignored.");
        return claim with
        {
            Hosts = WithoutPatterns(claim.Hosts),
            Weight = claim.Weight == 0 ? 0 : 1,
            Settings = claim.Settings with { Sticky = StickyMode.Off, StickyCookie = "", Check = null, RequestHeaders = [], ErrorPages = Pages(claim.Settings.ErrorPages) },
            Host = claim.Host with
            {
                HttpPort = null,
                HttpsPort = null,
                HttpsCode = null,
                NonGetCode = null,
                Certificate = null,
                RedirectCode = null,
                Https = claim.Host.Https is HttpsMode.Off or HttpsMode.Optional ? null : claim.Host.Https,
            },
        };
    }

    /// <summary>What Centauri cannot do and without which the route would be wrong or open; null for none.</summary>
    /// <param name="claim">The claim.</param>
    public static string? Impossible(RouteClaim claim)
    {
        if (claim.Settings.Protocol != UpstreamProtocol.Http)
            return $"the protocol {RouteSettings.Word(claim.Settings.Protocol)}";
        if (claim.Path != PathPattern.Root)
            return "a path";
        if (claim.Settings.Allow.Length + claim.Settings.Deny.Length > 0)
            return "an access list";
        if (claim.Settings.RedirectTo is not null || claim.Settings.Rewrite is not null || claim.Settings.Destination is not null)
            return claim.Settings.RedirectTo is not null ? "redirect.to" : "rewrite";
        return claim.Hosts.Any(IsServed) ? null : Kind(claim.Hosts[0]);
    }

    private ImmutableArray<ErrorPage> Pages(ImmutableArray<ErrorPage> pages)
    {
        if (pages.Length > 0 && proxy.Version is { } version && version < WithErrorPages)
        {
            findings.Warn(ReasonIds.UnsupportedOption, $"container {findings.Name}: errors.* needs Centauri {WithErrorPages}; it is ignored.");
            return [];
        }

        var kept = ImmutableArray.CreateBuilder<ErrorPage>(pages.Length);
        foreach (var page in pages)
            if (IsShown(page))
                kept.Add(page);
            else
                findings.Warn(ReasonIds.UnsupportedOption, $"container {findings.Name}: errors.{page.Status}: the path {Untrusted.Shown(page.Path)} is not available in Centauri; it is ignored.", page.Label);
        return kept.ToImmutable();
    }

    // A query belongs to a path that is more than a slash, and may not be empty; a slash alone is the path that was asked for.
    private static bool IsShown(ErrorPage page) =>
        page.Path != "/" && !page.Path.StartsWith("/?", StringComparison.Ordinal) && !page.Path.EndsWith('?');

    private ImmutableArray<HostPattern> WithoutPatterns(ImmutableArray<HostPattern> hosts)
    {
        if (!hosts.Any(IsServed))
            return hosts;
        foreach (var host in hosts.Where(host => !IsServed(host)))
        {
            findings.Warn(
                ReasonIds.UnsupportedOption,
                $"container {findings.Name} is not routed for {Untrusted.Shown(host.ToString())}: {Kind(host)} is not available in Centauri.",
                host: host.ToString());
        }

        return [.. hosts.Where(IsServed)];
    }

    private static bool IsServed(HostPattern host) => host.Match is HostMatch.Exact or HostMatch.Default;

    private static string Kind(HostPattern host) => host.Match switch
    {
        HostMatch.Regex => "a regular expression as host",
        HostMatch.Wildcard => "a wildcard as host",
        _ => "an address as host",
    };

    private IEnumerable<string> Wishes(RouteClaim claim)
    {
        var (settings, timeouts) = (claim.Settings, claim.Settings.Timeouts);
        (string Wish, bool IsAsked)[] wishes =
        [
            ("weight", claim.Weight > 1),
            ($"balance={RouteSettings.Word(settings.Balance)}", settings.Balance != policy.Balance || settings.BalanceMethod is not null),
            ("sticky", settings.Sticky != StickyMode.Off),
            ("keepalive", settings.Keepalive != RouteSettings.AutoKeepalive),
            ("maxconn", settings.MaxConnections > 0),
            ("check", settings.Check is not null),
            ("timeout.connect", timeouts.Connect != UsualTimeouts.Connect),
            ("timeout.server", timeouts.Server != UsualTimeouts.Server),
            ("timeout.tunnel", timeouts.TunnelIsSet),
            ("max-body", settings.MaxBody != policy.MaxBody),
            ("buffering=off", !settings.Buffering),
            ("upstream.server-name", settings.ServerName is not null),
            ("request.*", settings.RequestHeaders.Length > 0),
        ];
        return wishes.Where(item => item.IsAsked).Select(item => item.Wish);
    }

    private IEnumerable<string> Wishes(HostSettings host)
    {
        (string Wish, bool IsAsked)[] wishes =
        [
            ("listen.http", host.HttpPort is { } http && http != policy.HttpPort),
            ("listen.https", host.HttpsPort is { } https && https != policy.HttpsPort),
            ($"https={(host.Https is { } mode ? RouteSettings.Word(mode) : "")}", host.Https is HttpsMode.Off or HttpsMode.Optional),
            ("NON_GET_REDIRECT", host.NonGetCode is not null),
            ("https.code", host.HttpsCode is { } code && code != policy.HttpsCode),
            ($"http2={(host.Http2 == true ? "true" : "false")}", host.Http2 is { } http2 && http2 != policy.Http2),
            ($"tls.policy={(host.TlsPolicy is { } tls ? RouteSettings.Word(tls) : "")}", host.TlsPolicy is { } asked && asked != policy.TlsPolicy),
            ("tls.certificate", host.Certificate is not null),
            ("redirect.code", host is { RedirectCode: not null, RedirectFrom: not null }),
        ];
        return wishes.Where(item => item.IsAsked).Select(item => item.Wish);
    }
}
