using System.Collections.Immutable;
using Templater.Language;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Routing;
using static Templater.Pipeline.Rendering.Model.ModelValues;

namespace Templater.Pipeline.Rendering.Model;

/// <summary>What templates see of virtual hosts, their names and certificates.</summary>
internal static class VirtualHostModel
{
    public static readonly ModelObject<Scoped<CertificatePair>> Certificate = new("certificate",
    [
        new("name", Untrusted, "Name by which labels choose it.", pair => UntrustedText(pair.Value.Name)),
        new("chain_path", Untrusted, "File with the chain, as the proxy sees it.", pair => UntrustedText(pair.Scope.Paths.Of(pair.Value.ChainPath))),
        new("key_path", Untrusted, "File with the key, as the proxy sees it.", pair => UntrustedText(pair.Scope.Paths.Of(pair.Value.KeyPath))),
        new("combined", Flag, "Whether chain and key are one file.", pair => Truth(pair.Value.IsCombined)),
        new("dhparam", Untrusted.OrNull(), "File of the operator with parameters for the Diffie-Hellman exchange with it, as the proxy sees it; null for none.", pair =>
            UntrustedText(pair.Scope.Parameters(pair.Value) is { } file ? pair.Scope.Paths.Of(file.Path) : null)),
        new("names", PlainList, "Names and addresses it is valid for.", pair => PlainTexts(pair.Value.Names)),
        new("not_before", Date, "Start of validity.", pair => Moment(pair.Value.NotBefore)),
        new("not_after", Date, "End of validity.", pair => Moment(pair.Value.NotAfter)),
        new("fingerprint", Plain, "SHA-256 of the leaf, hex.", pair => PlainText(pair.Value.Fingerprint)),
    ]);

    public static readonly ModelObject<HostPattern> Pattern = new("host_name",
    [
        new("match", Plain, "exact, wildcard, regex, ip or default (what nobody else claims).", pattern => Word(pattern.Match)),
        new("name", Plain, "The name: lower case and punycode, *.parent for a wildcard; empty for regex and default.", pattern => PlainText(Name(pattern))),
        new("parent", Plain, "What a wildcard's names end in, with a dot in front; empty for all others.", pattern => PlainText(Parent(pattern))),
        new("regex", Untrusted, "The expression; empty for all others.", pattern => UntrustedText(pattern.Match == HostMatch.Regex ? pattern.Text : "")),
    ]);

    public static readonly ModelObject<Scoped<Site>> Site = new("site",
    [
        new("key", Plain, "Unique within the output.", site => PlainText(site.Value.Key)),
        new("names", new TemplateType.ListOf(Pattern.Type), "The names.", site => Pattern.ListOf(site.Value.Names)),
        new("certificate", Certificate.Type.OrNull(), "The pair that covers them; null while there is none.", site => Pair(site.Value.Certificate, site.Scope)),
        new("http", Plain, "What plain http does: serve, redirect (to https) or unavailable (503).", site => Word(site.Value.Http)),
        new("https", Flag, "Whether https answers.", site => Truth(site.Value.IsHttpsServed)),
        new("moved_to", Plain.OrNull(), "URL without path that all requests are redirected to; null for a site with routes.", site => PlainText(site.Value.MovedTo)),
        new("thumbprint", Plain.OrNull(), "What plain http answers certificate challenges with: TOKEN.THUMBPRINT, for every token of letters, digits, _ and -; null for not at all. HAProxy has them in proxy.challenges.", site =>
            PlainText(site.Value.Thumbprint)),
        new("default", Flag, "Whether it answers names that nobody else claims.", site => Truth(site.Value.IsDefault)),
    ], isOwner: true, areMany: true);

    public static readonly ModelObject<AcmeChoice> Acme = new("acme",
    [
        new("names", PlainList, "Names that labels ask to be in it; empty is the names of the host.", choice => PlainTexts(choice.Names)),
        new("authorities", PlainList, "Names of certification authorities, in order of preference.", choice => List(choice.Authorities.Select(OwnText))),
        new("challenge", Plain, "http-01, dns-01, dns-persist-01 or tls-alpn-01.", choice => OwnText(choice.Challenge)),
    ]);

    public static readonly ModelObject<Scoped<HttpsPolicy>> Https = new("https",
    [
        new("mode", Plain, "redirect, optional, only or off.", https => Word(https.Value.Mode)),
        new("certificate", Certificate.Type.OrNull(), "The pair of the primary name; null while there is none.", https => Pair(https.Value.Certificate, https.Scope)),
        new("withheld", Flag, "Whether there is no certificate only because the one that is there cannot be used; http must not serve instead then.", https =>
            Truth(https.Value.IsWithheld)),
        new("redirect_code", Number, "Status of the redirect from http.", https => Whole(https.Value.RedirectCode)),
        new("non_get_redirect_code", Number, "Status of that redirect for other methods than GET and HEAD.", https =>
            Whole(https.Value.NonGetRedirectCode ?? https.Value.RedirectCode)),
        new("challenges", Plain, "Where http answers certificate challenges: always, withoutsite (only where it serves nothing else) or never.", https => Word(https.Value.Challenges)),
        new("acme", Acme.Type.OrNull(), "The certificate that is obtained for it; null for none.", https => Optional(Acme, https.Value.Acme)),
        new("redirects_now", Flag, "Whether http redirects to https now.", https => Truth(https.Value.RedirectsNow)),
        new("hsts", Untrusted.OrNull(), "Value of Strict-Transport-Security; null for none.", https => UntrustedText(https.Value.Hsts)),
        new("http2", Flag, "HTTP/2 offered.", https => Truth(https.Value.Http2)),
        new("http3", Flag, "HTTP/3 offered.", https => Truth(https.Value.Http3)),
        new("policy", Plain, "modern, intermediate or old.", https => Word(https.Value.Policy)),
    ], areMany: true);

    public static readonly ModelObject<VirtualHost> Listen = new("listen",
    [
        new("http", Number, "Port for http.", host => Whole(host.HttpPort)),
        new("https", Number, "Port for https.", host => Whole(host.HttpsPort)),
    ]);

    public static readonly ModelObject<VirtualHost> Redirects = new("redirects",
    [
        new("from", new TemplateType.ListOf(Pattern.Type), "Names that only redirect to the primary.", host => Pattern.ListOf(host.RedirectFrom)),
        new("code", Number, "Status of that redirect.", host => Whole(host.RedirectCode)),
    ]);

    public static readonly ModelObject<Scoped<ClientAuth>> Client = new("client_auth",
    [
        new("mode", Plain, "optional or required.", auth => Word(auth.Value.Mode)),
        new("file", Untrusted, "File with the authorities, as the proxy sees it.", auth => UntrustedText(auth.Scope.Paths.Of(auth.Value.Path))),
        new("revocations", Untrusted.OrNull(), "File with revoked certificates, as the proxy sees it; null for none.", auth =>
            UntrustedText(auth.Value.RevocationsPath is { } path ? auth.Scope.Paths.Of(path) : null)),
    ]);

    public static readonly ModelObject<Scoped<VirtualHost>> Host = new("virtual_host",
    [
        new("name", Plain, "Stable printable name, unique within the output: normally the primary host name.", host => PlainText(host.Value.Name)),
        new("primary", Pattern.Type, "The primary name.", host => TemplateValue.From(Pattern.Of(host.Value.Pattern))),
        new("match", Plain, "How the primary name selects: exact, wildcard, regex, ip or default.", host => Word(host.Value.Pattern.Match)),
        new("aliases", new TemplateType.ListOf(Pattern.Type), "Further names that are answered alike.", host => Pattern.ListOf(host.Value.Aliases)),
        new("listen", Listen.Type, "Ports as the client sees them.", host => TemplateValue.From(Listen.Of(host.Value))),
        new("https", Https.Type, "What http and https do.", host => TemplateValue.From(Https.Of(new Scoped<HttpsPolicy>(host.Value.Https, host.Scope)))),
        new("server_tokens", Plain.OrNull(), "What nginx tells about itself: on, off or build; null for its own default.", host => OwnText(host.Value.ServerTokens)),
        new("certificate_provider", Plain.OrNull(), "Who makes the certificate in Centauri: lego or selfsigned; null for its default.", host => OwnText(host.Value.CertificateProvider)),
        new("certificate_names", PlainList, "Names of the certificate that Centauri makes; empty is those of the host.", host => PlainTexts(host.Value.CertificateNames)),
        new("client_auth", Client.Type.OrNull(), "Certificates that clients have to show; null is none.", host =>
            Optional(Client, host.Value.ClientAuth is { } auth ? new Scoped<ClientAuth>(auth, host.Scope) : null)),
        new("include", RouteModel.Included.Type.OrNull(), "The operator's file with directives for it as a whole; null for none.", host => RouteModel.File(host.Value.Include, host.Scope)),
        new("debug", Untrusted.OrNull(), "What anybody may ask about it where nginx-proxy is replaced: a JSON object in ASCII with the members global and vhost; null for nothing.", host =>
            UntrustedText(host.Scope.Debug?.About(host.Value, host.Scope))),
        new("redirects", Redirects.Type, "Names that only redirect.", host => TemplateValue.From(Redirects.Of(host.Value))),
        new("sites", new TemplateType.ListOf(Site.Type), "All its names, grouped by the certificate that covers them.", host => List(Sites(host), host.Scope, static (site, scope) => scope.Site(site))),
        new("routes", new TemplateType.ListOf(RouteModel.Route.Type), "Its routes, in the order in which they must be tried.", host =>
            List(host.Value.Routes, host.Scope, static (route, scope) => scope.Route(route))),
        new("locations", new TemplateType.ListOf(RouteModel.Location.Type), "The routes as places that do not overlap, in the order in which they must be tried.", host =>
            List(Locations.Of(host.Value), host.Scope, static (location, scope) => scope.Location(location))),
        new("copied_headers", PlainList, "Headers that those who are asked about requests say to containers behind any of its routes: clients must not say them on any.", host =>
            PlainTexts(CopiedHeaders(host.Value))),
        new("mixed_access", Flag, "Whether its routes admit different clients: then paths with a semicolon, a backslash or a control character are to be refused, which applications may read as other paths.", host =>
            Truth(AdmitsDifferently(host.Value))) { IsKept = true },
        new("data", UntrustedMap, "Labels templater.data.*, without the prefix.", host => UntrustedEntries(host.Value.Data, "data")),
        new("containers", new TemplateType.ListOf(ContainerModel.Container.Type), "Containers behind it.", host => host.Scope.Containers(host.Value.Containers)),
    ], isOwner: true, areMany: true);

    public static readonly ModelObject<Scoped<SiteName>> SitePattern = new("pattern",
    [
        new("match", Plain, "exact, wildcard, regex, ip or default.", source => Word(source.Value.Pattern.Match)),
        new("name", Plain, "As in host_name.", source => PlainText(Name(source.Value.Pattern))),
        new("parent", Plain, "As in host_name.", source => PlainText(Parent(source.Value.Pattern))),
        new("regex", Untrusted, "As in host_name.", source => UntrustedText(source.Value.Pattern.Match == HostMatch.Regex ? source.Value.Pattern.Text : "")),
        new("site", Site.Type, "The site that answers.", source => source.Scope.Site(source.Value.Site)),
        new("host", Host.Type, "The virtual host.", source => source.Scope.Host(source.Value.Site.Host)),
    ], isOwner: true, areMany: true);

    /// <summary>What tells which pair a name of a host has: members of its sites and of its policy for https. What the ports of streams show is none of a host.</summary>
    public static readonly (Shape Shape, string Member)[] FactsOfAPair =
    [
        (Site.Shape, "certificate"),
        (Https.Shape, "certificate"), (Https.Shape, "withheld"), (Https.Shape, "redirects_now"),
    ];

    // Hardly any host asks somebody else about requests.
    private static ImmutableArray<string> CopiedHeaders(VirtualHost host) => host.Routes.All(static route => route.ForwardAuth is null) ? [] : [.. host.Routes
        .SelectMany(static route => route.ForwardAuth?.Headers ?? []).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase)];

    private static bool AdmitsDifferently(VirtualHost host) =>
        host.Routes.Length > 1 && host.Routes.Select(Admitted).Distinct(StringComparer.Ordinal).Skip(1).Any();

    private static string Admitted(Route route) => route.IsClosed
        ? "nobody"
        : string.Join(' ', [.. route.Allow.Order(StringComparer.Ordinal), "/", .. route.Deny.Order(StringComparer.Ordinal), "/", route.Auth?.Digest ?? "", "/", route.ForwardAuth?.Name ?? "", "/", route.AccessFile?.Path ?? "", "/", route.Include?.Path ?? "", "/", route.Override?.Path ?? ""]);

    /// <summary>A pair, or null.</summary>
    public static TemplateValue Pair(CertificatePair? pair, ModelScope scope) =>
        Optional(Certificate, pair is null ? null : new Scoped<CertificatePair>(pair, scope));

    private static ImmutableArray<Site> Sites(Scoped<VirtualHost> host) => host.Scope.Sites(host.Value);

    private static string Name(HostPattern pattern) => pattern.Match switch
    {
        HostMatch.Regex or HostMatch.Default => "",
        HostMatch.Ip when pattern.Text.Contains(':', StringComparison.Ordinal) && !pattern.Text.StartsWith('[') => $"[{pattern.Text}]",
        _ => pattern.Text,
    };

    private static string Parent(HostPattern pattern) => pattern.Match == HostMatch.Wildcard ? pattern.Text[1..] : "";
}
