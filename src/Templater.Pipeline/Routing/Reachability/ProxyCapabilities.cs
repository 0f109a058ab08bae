using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Reachability;

/// <summary>
/// What the proxy of an output cannot do. A wish that only makes things nicer is dropped with a warning; one without
/// which the route would be wrong or open refuses it.
/// </summary>
internal sealed class ProxyCapabilities(ProxyContext proxy, ContainerFindings findings)
{
    /// <summary>nginx speaks HTTP/2 to upstreams since this version.</summary>
    private static readonly Version NginxWithUpstreamHttp2 = new(1, 29, 4);

    private string Name => proxy.Kind switch
    {
        ProxyKind.Nginx => "nginx",
        ProxyKind.HAProxy => "HAProxy",
        ProxyKind.Centauri => "Centauri",
        _ => "this proxy",
    };

    /// <summary>The claim with what the proxy cannot do taken out, or refused.</summary>
    /// <param name="claim">The claim.</param>
    public RouteClaim Fit(RouteClaim claim)
    {
        if (Impossible(claim) is { } what)
        {
            findings.Warn(ReasonIds.UnsupportedOption, $"container {findings.Name} is not routed for {Untrusted.Shown(string.Join(", ", claim.Hosts))}: {what} is not available in {Name}.");
            claim = claim with { Refusal = claim.Refusal ?? new Refusal(ReasonIds.UnsupportedOption, $"{what} is not available in {Name}.") };
        }

        var settings = claim.Settings;
        if (settings.Sticky == StickyMode.Cookie && proxy.Kind == ProxyKind.Nginx)
            settings = Ignored("sticky=cookie", settings with { Sticky = StickyMode.Off, StickyCookie = "" });
        if (settings.Check is not null && proxy.Kind is ProxyKind.Nginx or ProxyKind.Centauri)
            settings = Ignored("check", settings with { Check = null });
        if (proxy.Kind != ProxyKind.Centauri)
            return claim with { Settings = settings };
        if (settings.Sticky != StickyMode.Off)
            settings = Ignored("sticky", settings with { Sticky = StickyMode.Off, StickyCookie = "" });
        if (settings.RequestHeaders.Length > 0)
            settings = Ignored("request.*", settings with { RequestHeaders = [] });
        return claim with { Settings = settings };
    }

    private RouteSettings Ignored(string key, RouteSettings settings)
    {
        findings.Warn(ReasonIds.UnsupportedOption, $"container {findings.Name}: {key} is not available in {Name}; it is ignored.");
        return settings;
    }

    private string? Impossible(RouteClaim claim) => proxy.Kind switch
    {
        ProxyKind.Nginx when claim.Settings.Protocol == UpstreamProtocol.H2c && !(proxy.Version >= NginxWithUpstreamHttp2) => $"the protocol h2c (before {NginxWithUpstreamHttp2})",
        ProxyKind.HAProxy when claim.Settings.Protocol is UpstreamProtocol.FastCgi or UpstreamProtocol.Uwsgi => $"the protocol {RouteSettings.Word(claim.Settings.Protocol)}",
        ProxyKind.Centauri => ImpossibleInCentauri(claim),
        _ => null,
    };

    private static string? ImpossibleInCentauri(RouteClaim claim)
    {
        if (claim.Settings.Protocol != UpstreamProtocol.Http)
            return $"the protocol {RouteSettings.Word(claim.Settings.Protocol)}";
        if (claim.Path != PathPattern.Root)
            return "a path";
        if (claim.Settings.Allow.Length + claim.Settings.Deny.Length > 0)
            return "an access list";
        if (claim.Settings.RedirectTo is not null || claim.Settings.Rewrite is not null)
            return claim.Settings.RedirectTo is not null ? "redirect.to" : "rewrite";
        return claim.Hosts.Any(host => host.Match == HostMatch.Regex) ? "a regular expression as host" : null;
    }
}
