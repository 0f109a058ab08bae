using System.Collections.Immutable;
using Templater.Pipeline.Rendering.Quoting;
using Templater.Pipeline.Routing.Access;
using Templater.Pipeline.Routing.Dialects;
using Templater.Pipeline.Routing.Dialects.NginxProxy;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Reachability;

/// <summary>
/// What the proxy of an output cannot do. A wish that only makes things nicer is dropped with a warning; one without
/// which the route would be wrong or open refuses it.
/// </summary>
internal sealed class ProxyCapabilities(ProxyContext proxy, RoutingPolicy policy, ContainerFindings findings)
{
    /// <summary>nginx speaks HTTP/2 to upstreams since this version.</summary>
    private static readonly Version NginxWithUpstreamHttp2 = new(1, 29, 4);

    /// <summary>nginx offers HTTP/2 host by host since this version; before it is an option of the socket.</summary>
    private static readonly Version NginxWithHttp2ByHost = new(1, 25, 1);

    /// <summary>nginx offers HTTP/3 since this version. HAProxy may have been built without it, and nothing tells.</summary>
    private static readonly Version NginxWithHttp3 = new(1, 25);

    private readonly CentauriCapabilities _centauri = new(proxy, policy, findings);

    private static bool HasHttp3(ProxyContext proxy) => proxy.Kind switch
    {
        ProxyKind.Nginx => proxy.Version >= NginxWithHttp3,
        ProxyKind.Other => true,
        _ => false,
    };

    private static string SinceHttp3(ProxyKind kind) => kind switch
    {
        ProxyKind.Nginx => $" before {NginxWithHttp3}",
        ProxyKind.HAProxy => ", which may have been built without it",
        _ => "",
    };

    private string Name => NameOf(proxy.Kind);

    private static string NameOf(ProxyKind kind) => kind switch
    {
        ProxyKind.Nginx => "nginx",
        ProxyKind.HAProxy => "HAProxy",
        ProxyKind.Centauri => "Centauri",
        _ => "this proxy",
    };

    /// <summary>The operator's settings without what the proxy cannot do.</summary>
    /// <param name="proxy">The proxy.</param>
    /// <param name="policy">The settings.</param>
    /// <param name="unsupported">What is to be said about that.</param>
    public static RoutingPolicy Possible(ProxyContext proxy, RoutingPolicy policy, out ImmutableArray<Finding> unsupported)
    {
        unsupported = [];
        if (!policy.Http3 || HasHttp3(proxy))
            return policy;
        unsupported = [new Finding(FindingSeverity.Warning, ReasonIds.UnsupportedOption, $"the setting http3 has no effect, because HTTP/3 is not available in {NameOf(proxy.Kind)}{SinceHttp3(proxy.Kind)}.")];
        return policy with { Http3 = false };
    }

    /// <summary>The claim with what the proxy cannot do taken out, or refused.</summary>
    /// <param name="claim">The claim.</param>
    public RouteClaim Fit(RouteClaim claim)
    {
        if (proxy.Kind == ProxyKind.Centauri)
            claim = _centauri.Fit(claim);
        if (Impossible(claim) is { } what)
        {
            findings.Warn(
                ReasonIds.UnsupportedOption,
                $"container {findings.Name} is not routed for {Untrusted.Shown(string.Join(", ", claim.Hosts))}: {what} is not available in {Name}.");
            // An access list holds for the replicas, too; where there is none at all they would open what it closes.
            var isClosing = proxy.Kind == ProxyKind.Centauri && claim.Settings.Allow.Length + claim.Settings.Deny.Length > 0;
            var refusal = new Refusal(ReasonIds.UnsupportedOption, $"{what} is not available in {Name}.") { Closes = isClosing ? Closure.Place : Closure.Nothing };
            claim = claim with { Refusal = Refusal.Graver(claim.Refusal, refusal) };
        }

        claim = FitClientAuth(FitVerify(FitForwardAuth(FitLogin(claim))));
        AskForHost(claim.Host);
        if (!HasHttp3(proxy))
            claim = claim with { Host = claim.Host with { Http3 = null } };
        if (proxy.Kind != ProxyKind.Nginx)
            claim = claim with { Host = WithoutNginx(claim.Host) };
        claim = claim with { Host = CertificateWishes.Fit(claim.Host, proxy.Kind, Name, findings) };
        var settings = claim.Settings;
        if (settings.Sticky == StickyMode.Cookie && proxy.Kind == ProxyKind.Nginx)
            settings = Ignored("sticky=cookie", settings with { Sticky = StickyMode.Off, StickyCookie = "" });
        if (settings.Check is not null && proxy.Kind == ProxyKind.Nginx)
            settings = Ignored("check", settings with { Check = null });
        if (settings.ErrorPages.Length > 0 && proxy.Kind == ProxyKind.HAProxy)
            settings = Ignored("errors.*", settings with { ErrorPages = [] });
        if (settings is not { FastCgiRoot: null, FastCgiIndex: null } && settings.Protocol != UpstreamProtocol.FastCgi)
            settings = NoFastCgi(settings);
        if (proxy.Kind == ProxyKind.Nginx)
            settings = FitNginx(settings);
        return claim with { Settings = settings };
    }

    private RouteSettings NoFastCgi(RouteSettings settings)
    {
        findings.Warn(ReasonIds.UnsupportedOption, $"container {findings.Name}: fastcgi.root and fastcgi.index need the protocol fastcgi, and it is {RouteSettings.Word(settings.Protocol)}; they are ignored.");
        return settings with { FastCgiRoot = null, FastCgiIndex = null };
    }

    private RouteClaim FitLogin(RouteClaim claim)
    {
        if (claim.Settings.Login is not { } login)
            return claim;
        var (reason, problem) = (ReasonIds.UnsupportedOption, "");
        if (proxy.Kind == ProxyKind.Centauri)
            problem = $"auth.basic is not available in {Name}";
        else if (proxy.IgnoresLogins)
            problem = "auth.basic has no effect in the template of this output, which never looks at the auth of a route";
        else if (login.Users.FirstOrDefault(user => !PasswordHash.CanCheck(proxy.Kind, PasswordHash.SchemeOf(user.Hash))) is { } user)
            (reason, problem) = (ReasonIds.AuthUnusable, $"{Name} cannot check the hash of user \"{Untrusted.Shown(user.Name)}\" in auth.basic; it checks {PasswordHash.Legal(proxy.Kind)}");
        if (problem.Length == 0)
            return claim;
        return Refused(claim, reason, problem, Closure.Place);
    }

    private RouteClaim FitForwardAuth(RouteClaim claim)
    {
        if (claim.Settings.ForwardAuth is null)
            return claim;
        if (proxy.Kind is ProxyKind.HAProxy or ProxyKind.Centauri)
            return Refused(claim, ReasonIds.UnsupportedOption, $"auth.forward is not available in {Name}, which asks nobody else about requests", Closure.Place);
        return proxy.IgnoresForwardAuth
            ? Refused(claim, ReasonIds.UnsupportedOption, "auth.forward has no effect in the template of this output, which never looks at the forward_auth of a route", Closure.Place)
            : claim;
    }

    private RouteClaim FitVerify(RouteClaim claim)
    {
        if (claim.Settings.Verify is null)
            return claim;
        if (proxy.Kind == ProxyKind.Centauri)
            return Refused(claim, ReasonIds.UnsupportedOption, $"upstream.verify is not available in {Name}", Closure.Place);
        return proxy.IgnoresVerify
            ? Refused(claim, ReasonIds.UnsupportedOption, "upstream.verify has no effect in the template of this output, which never looks at the verify of an upstream", Closure.Place)
            : claim;
    }

    private RouteClaim FitClientAuth(RouteClaim claim)
    {
        if (claim.Host.ClientAuth is not { Mode: not ClientAuthMode.Off })
            return claim;
        if (proxy.Kind == ProxyKind.Centauri)
            return Refused(claim, ReasonIds.UnsupportedOption, $"tls.client-auth is not available in {Name}", Closure.Host);
        if (proxy is { Kind: ProxyKind.HAProxy, IgnoresCertificateList: true })
            return Refused(claim, ReasonIds.UnsupportedOption, "tls.client-auth has no effect in the template of this output, which never looks at the certificate_list of the proxy", Closure.Host);
        return proxy.IgnoresClientAuth
            ? Refused(claim, ReasonIds.UnsupportedOption, "tls.client-auth has no effect in the template of this output, which never looks at the client_auth of a host", Closure.Host)
            : claim;
    }

    private RouteClaim Refused(RouteClaim claim, string reason, string problem, Closure closes)
    {
        if (claim.Refusal is null)
            findings.Warn(reason, $"container {findings.Name} is not routed for {Untrusted.Shown(string.Join(", ", claim.Hosts))}: {problem}.", host: claim.Hosts[0].ToString());
        return claim with { Refusal = Refusal.Graver(claim.Refusal, new Refusal(reason, problem + ".") { Closes = closes }) };
    }

    private RouteSettings FitNginx(RouteSettings settings)
    {
        if (settings is { Rewrite: not null } or { Destination: not null } && settings.Protocol is not (UpstreamProtocol.Http or UpstreamProtocol.Https))
            settings = Ignored($"rewrite with the protocol {RouteSettings.Word(settings.Protocol)}", settings with { Rewrite = null, Destination = null });
        if (settings.Protocol is not (UpstreamProtocol.Http or UpstreamProtocol.Https) && settings.ErrorPages.Any(static page => page.Container is null))
        {
            settings = Ignored(
                $"a page in errors.* on the container itself with the protocol {RouteSettings.Word(settings.Protocol)}",
                settings with { ErrorPages = [.. settings.ErrorPages.Where(static page => page.Container is not null)] });
        }

        if (settings.ErrorPages.Any(static page => page.Path.Length == 0))
            settings = Ignored("a page in errors.* without a path", settings with { ErrorPages = [.. settings.ErrorPages.Where(static page => page.Path.Length > 0)] });
        var isVariable = settings.Protocol is UpstreamProtocol.FastCgi or UpstreamProtocol.Uwsgi;
        return settings with
        {
            ResponseHeaders = [.. settings.ResponseHeaders.Where(header => CanChange(header, "response", isReadFirst: header.Operation == HeaderOperation.Default))],
            RequestHeaders =
            [
                .. settings.RequestHeaders.Where(header => CanChange(
                    header, "request", isReadFirst: header.Operation is HeaderOperation.Default or HeaderOperation.Add || isVariable)),
            ],
        };
    }

    // The quoting functions would refuse it, too, but only while the file is rendered, and then the container as a whole.
    private bool CanChange(HeaderChange header, string start, bool isReadFirst)
    {
        var problem = isReadFirst && NginxQuoting.HeaderVariable(header.Name).Problem is not null
            ? "nginx has no variable for its name"
            : NginxQuoting.Evaluated(header.Value).Problem is { } found ? $"its value {found}" : null;
        if (problem is not null)
        {
            findings.Warn(
                ReasonIds.UnsupportedOption,
                $"container {findings.Name}: {start}.{RouteSettings.Word(header.Operation)}.{Untrusted.Shown(header.Name)} is not available in nginx, "
                    + $"because {problem}; it is ignored.");
        }

        return problem is null;
    }

    /// <summary>What belongs to the port and not to a host.</summary>
    private void AskForHost(HostSettings host)
    {
        var isShared = proxy is { Kind: ProxyKind.HAProxy, IgnoresCertificateList: true };
        if (host.TlsPolicy is { } tls && tls != policy.TlsPolicy)
            DifferentPolicy(isShared, $"tls.policy={RouteSettings.Word(tls)}", $"tls_policy={RouteSettings.Word(policy.TlsPolicy)}");
        if (host.Http3 == true && !HasHttp3(proxy))
            findings.Warn(ReasonIds.UnsupportedOption, $"container {findings.Name}: http3=true is not available in {Name}{SinceHttp3(proxy.Kind)}; it is ignored.");
        if ((isShared || (proxy.Kind == ProxyKind.Nginx && !(proxy.Version >= NginxWithHttp2ByHost))) && host.Http2 is { } http2 && http2 != policy.Http2)
            IgnoredOfHost($"http2={(http2 ? "true" : "false")}", $"http2={(policy.Http2 ? "true" : "false")}");
    }

    /// <summary>What only nginx has. HAProxy chooses a pair by the names that it covers, and shows no other.</summary>
    private HostSettings WithoutNginx(HostSettings host)
    {
        if (host.ServerTokens is { } tokens)
            IgnoredWish($"{NginxProxyHost.Tokens}={tokens}");
        if (host.TrustsDefaultPair == true)
            IgnoredWish($"{ProxyLabels.TrustDefault}=true");
        if (host.ShowsDebug == true)
            IgnoredWish($"{ProxyLabels.DebugEndpoint}=true");
        return host with { ServerTokens = null, TrustsDefaultPair = null, ShowsDebug = null };
    }

    private void IgnoredWish(string wish) =>
        findings.Warn(ReasonIds.UnsupportedOption, $"container {findings.Name}: {wish} is not available in {Name}; it is ignored.");

    private void DifferentPolicy(bool isShared, string wish, string setting)
    {
        if (isShared)
            IgnoredOfHost(wish, setting);
        // No two policies have the same versions of TLS.
        else if (proxy.Kind == ProxyKind.Nginx)
        {
            findings.Warn(
                ReasonIds.UnsupportedOption,
                $"container {findings.Name}: {wish} chooses only the ciphers in nginx; the versions of TLS are the same for all hosts, those of the setting {setting}.");
        }
    }

    private void IgnoredOfHost(string wish, string setting) => findings.Warn(
        ReasonIds.UnsupportedOption,
        $"container {findings.Name}: {wish} is not available in {Name} for a single host; it is ignored, and the setting {setting} holds for all.");

    private RouteSettings Ignored(string key, RouteSettings settings)
    {
        findings.Warn(ReasonIds.UnsupportedOption, $"container {findings.Name}: {key} is not available in {Name}; it is ignored.");
        return settings;
    }

    private string? Impossible(RouteClaim claim) => proxy.Kind switch
    {
        ProxyKind.Nginx when claim.Settings.Protocol == UpstreamProtocol.H2c && !(proxy.Version >= NginxWithUpstreamHttp2) => $"the protocol h2c (before {NginxWithUpstreamHttp2})",
        ProxyKind.Nginx when claim.Settings.RedirectTo is { } target && NginxQuoting.Evaluated(target.Url).Problem is { } problem => $"redirect.to to an URL that {problem}",
        ProxyKind.HAProxy when claim.Settings.Protocol is UpstreamProtocol.FastCgi or UpstreamProtocol.Uwsgi => $"the protocol {RouteSettings.Word(claim.Settings.Protocol)}",
        ProxyKind.HAProxy when claim.Settings.Destination is { HasVariables: true } => "a destination with variables",
        ProxyKind.Centauri => CentauriCapabilities.Impossible(claim),
        _ => null,
    };
}
