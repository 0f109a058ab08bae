using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Tests.Inventory;
using Templater.Pipeline.Tests.Rendering;

namespace Templater.Pipeline.Tests.Routing.Traefik;

/// <summary>The subset of Traefik's labels: what is honoured.</summary>
public sealed class TraefikDialectTests
{
    internal static readonly RoutingPolicy Policy = new() { Dialects = [Dialect.Templater, Dialect.Dotege, Dialect.NginxProxy, Dialect.Traefik] };

    private const string Rule = "traefik.http.routers.shop.rule";
    private const string Port = "traefik.http.services.shop.loadbalancer.server.port";
    private const string Users = "ops:$2b$04$B9Vp61n4dEKT3QwFiG3M1ulN0LdqQ8zI7iDFQPKn0pZrMQszDZw6a";

    internal static Container Shop(params (string Key, string Value)[] labels) =>
        Given.Container("shop", [(Rule, "Host(`shop.example.com`)"), .. labels]);

    private static RoutingResult Routed(params Container[] containers) =>
        Given.Routed(Given.Snapshot([Given.Proxy(), .. containers]) with { Certificates = [Given.Pair("shop", "shop.example.com")] }, Policy);

    private static VirtualHost HostOf(params (string Key, string Value)[] labels) => Routed(Shop(labels)).Host("shop.example.com");

    private static string R(string option) => "traefik.http.routers.shop." + option;

    [Test]
    public void IsReadOnlyWhereTheOperatorAsks() =>
        Assert.That((Given.Routed(Shop()).FateOf("shop").Reason, Routed(Shop()).FateOf("shop").Reason), Is.EqualTo((ReasonIds.NoHost, (string?)null)));

    [Test]
    public void AnotherDialectThatNamesAHostComesFirst()
    {
        var result = Routed(Shop(("templater.host", "other.example.com")));
        Assert.That(result.VirtualHosts.Select(static host => host.Name), Is.EqualTo(new[] { "other.example.com" }));
    }

    [TestCase("true", null)]
    [TestCase("1", null)]
    [TestCase("T", null)]
    [TestCase("false", ReasonIds.Disabled)]
    [TestCase("0", ReasonIds.Disabled)]
    [TestCase("yes", ReasonIds.InvalidValue)]
    [TestCase("", ReasonIds.InvalidValue)]
    public void EnableDecides(string value, string? reason) =>
        Assert.That(Routed(Shop(("traefik.enable", value))).FateOf("shop").Reason, Is.EqualTo(reason));

    [TestCase(null, false)]
    [TestCase("true", true)]
    public void WhereContainersMustAskTheyAskInTheirOwnWords(string? enable, bool isRouted)
    {
        (string, string)[] labels = enable is null ? [] : [("traefik.enable", enable)];
        var result = Given.Routed(Policy with { EnableDefault = false }, Shop(labels));
        Assert.That(result.FateOf("shop").Reason is null, Is.EqualTo(isRouted));
    }

    [Test]
    public void TheNativeWordCountsMore() =>
        Assert.That(Routed(Shop(("traefik.enable", "true"), ("templater.enable", "false"))).FateOf("shop").Reason, Is.EqualTo(ReasonIds.Disabled));

    [Test]
    public void DisabledThereItMayNameAHostInOtherWords()
    {
        var result = Given.Routed(Policy with { Dialects = [Dialect.Traefik, Dialect.NginxProxy] }, Shop(("traefik.enable", "false")).WithEnv(("VIRTUAL_HOST", "env.example.com")));
        Assert.That(result.VirtualHosts.Select(static host => host.Name), Is.EqualTo(new[] { "env.example.com" }));
    }

    [TestCase("traefik.docker.network", "traefik.docker.network")]
    [TestCase("Traefik.Swarm.Network", "Traefik.Swarm.Network")]
    [TestCase("templater.network", "templater.network")]
    public void ANetworkThatIsNotThereIsSaidInTheWordsThatNamedIt(string label, string named)
    {
        var fate = Routed(Shop((label, "elsewhere"))).FateOf("shop");
        Assert.That((fate.Reason, fate.Detail), Is.EqualTo((ReasonIds.NetworkNotFound, $"it is on [front], not on [elsewhere] as {named} asks. Attach it, or change the name.")));
    }

    [Test]
    public void KeysAreTheSameInUpperAndLowerCase()
    {
        var result = Routed(Given.Container("shop",
            ("Traefik.HTTP.Routers.Shop.Rule", "Host(`shop.example.com`)"),
            ("traefik.http.routers.shop.EntryPoints", "WebSecure"),
            ("traefik.http.services.API.loadBalancer.server.port", "9000")));
        Assert.That(result.Host("shop.example.com").Routes.Single().Upstream.Servers.Single().Port, Is.EqualTo(9000));
    }

    [TestCase("web", "", HttpsMode.Off, MissingPair.Usual)]
    [TestCase("web,websecure", "", HttpsMode.Optional, MissingPair.Usual)]
    [TestCase("", "", HttpsMode.Optional, MissingPair.Usual)]
    [TestCase("websecure", "", HttpsMode.Redirect, MissingPair.Refuse)]
    [TestCase("websecure", "true", HttpsMode.Redirect, MissingPair.Refuse)]
    [TestCase("web, websecure", "true", HttpsMode.Redirect, MissingPair.Refuse)]
    [TestCase("", "true", HttpsMode.Redirect, MissingPair.Refuse)]
    [TestCase("web", "false", HttpsMode.Off, MissingPair.Usual)]
    public void EntryPointsAndTlsSayWhatHttpAndHttpsDo(string entryPoints, string tls, HttpsMode mode, MissingPair withoutPair)
    {
        (string, string)[] labels = [.. entryPoints.Length > 0 ? [(R("entrypoints"), entryPoints)] : Array.Empty<(string, string)>(), .. tls.Length > 0 ? [(R("tls"), tls)] : Array.Empty<(string, string)>()];
        var https = HostOf(labels).Https;
        Assert.That((https.Mode, https.WithoutPair, https.Hsts), Is.EqualTo((mode, withoutPair, (string?)null)));
    }

    [TestCase("true", 308)]
    [TestCase("false", 307)]
    public void ARouterThatOnlyRedirectsBelongsToTheOneThatAnswers(string permanent, int code)
    {
        var result = Routed(Shop(
            (R("entrypoints"), "websecure"), (R("tls"), "true"),
            ("traefik.http.routers.plain.rule", "Host(`shop.example.com`)"), ("traefik.http.routers.plain.entrypoints", "web"), ("traefik.http.routers.plain.middlewares", "tls@docker"),
            ("traefik.http.middlewares.tls.redirectscheme.scheme", "https"), ("traefik.http.middlewares.tls.redirectscheme.permanent", permanent)));
        var host = result.Host("shop.example.com");
        Assert.That((host.Routes.Length, host.Https.Mode, host.Https.WithoutPair, host.Https.RedirectCode), Is.EqualTo((1, HttpsMode.Redirect, MissingPair.Refuse, code)));
        Assert.That(result.Findings, Is.Empty);
    }

    [Test]
    public void TheSameRouterForHttpAndHttpsIsOneRoute()
    {
        var host = HostOf((R("entrypoints"), "websecure"), (R("tls"), "true"), ("traefik.http.routers.plain.rule", "Host(`shop.example.com`)"), ("traefik.http.routers.plain.entrypoints", "web"));
        Assert.That((host.Routes.Single().Upstream.Servers.Length, host.Https.Mode), Is.EqualTo((1, HttpsMode.Optional)));
    }

    [Test]
    public void WhatAnswersHttpsAloneKeepsItsWholeHostFromPlainHttp()
    {
        var host = HostOf((R("entrypoints"), "web"), ("traefik.http.routers.admin.rule", "Host(`shop.example.com`) && PathPrefix(`/admin`)"), ("traefik.http.routers.admin.entrypoints", "websecure"));
        Assert.That((host.Routes.Length, host.Https.Mode, host.Https.WithoutPair), Is.EqualTo((2, HttpsMode.Redirect, MissingPair.Refuse)));
    }

    [Test]
    public void WhatAnswersHttpsAloneIsNotServedWhereAnOlderContainerSaysHttp()
    {
        var older = Given.Container("older", (Rule, "Host(`shop.example.com`)"), (R("entrypoints"), "web")).Since(TimeSpan.FromDays(2));
        var result = Routed(older, Given.Container("admin", ("traefik.http.routers.admin.rule", "Host(`shop.example.com`) && PathPrefix(`/admin`)"), ("traefik.http.routers.admin.entrypoints", "websecure")));
        var admin = result.Host("shop.example.com").Routes.Single(static route => route.Path.Text == "/admin");
        Assert.That((result.Host("shop.example.com").Https.Mode, admin.Upstream.Servers.Length), Is.EqualTo((HttpsMode.Off, 0)));
    }

    [TestCase("8080", 8080)]
    [TestCase(null, 3000)]
    public void TakesThePortOfTheServiceElseTheLowestExposed(string? port, int expected)
    {
        (string, string)[] labels = port is null ? [] : [(Port, port)];
        var route = Routed(Shop(labels).Exposing(9090, 3000, 8080)).Host("shop.example.com").Routes.Single();
        Assert.That(route.Upstream.Servers.Single().Port, Is.EqualTo(expected));
    }

    [TestCase("http", UpstreamProtocol.Http)]
    [TestCase("HTTPS", UpstreamProtocol.Https)]
    public void TakesTheScheme(string scheme, UpstreamProtocol protocol) =>
        Assert.That(HostOf(("traefik.http.services.shop.loadbalancer.server.scheme", scheme)).Routes.Single().Upstream.Protocol, Is.EqualTo(protocol));

    [TestCase("sticky.cookie", "true", "SERVERID")]
    [TestCase("sticky.cookie.name", "lb", "lb")]
    [TestCase("sticky.cookie", "false", "")]
    public void TakesTheCookie(string option, string value, string cookie)
    {
        var snapshot = Given.Snapshot(Given.Proxy(), Shop(("traefik.http.services.shop.loadbalancer." + option, value)));
        var upstream = Given.Routed(snapshot, Policy, ProxyKind.HAProxy).Host("shop.example.com").Routes.Single().Upstream;
        Assert.That((upstream.Sticky == StickyMode.Cookie, upstream.StickyCookie), Is.EqualTo((cookie.Length > 0, cookie)));
    }

    [Test]
    public void SeveralServicesAreToldApartByName()
    {
        var result = Routed(Shop(
            (R("service"), "web"), ("traefik.http.services.web.loadbalancer.server.port", "3000"),
            ("traefik.http.routers.api.rule", "Host(`shop.example.com`) && PathPrefix(`/api`)"), ("traefik.http.routers.api.service", "api@docker"), ("traefik.http.services.api.loadbalancer.server.port", "9000")));
        Assert.That(
            result.Host("shop.example.com").Routes.Select(static route => $"{route.Path.Text} {route.Upstream.Servers.Single().Port}").Order(StringComparer.Ordinal),
            Is.EqualTo(new[] { "/ 3000", "/api 9000" }));
    }

    [Test]
    public void PrefixesMayEndWithinASegment()
    {
        var route = Routed(Given.Container("shop", (Rule, "Host(`shop.example.com`) && PathPrefix(`/app`)"))).Host("shop.example.com").Routes.Single();
        Assert.That((route.Path.Text, route.Path.IsRaw), Is.EqualTo(("/app", true)));
    }

    [TestCase("/app", "/app", "/app False /")]
    [TestCase("/app/", "/app", "/app/ True /")]
    [TestCase("/app/", "/app/", "/app/ True /")]
    [TestCase("/app/v1", "/app", "/app/v1 True /v1")]
    [TestCase("/app", "/other", "/app True ")]
    [TestCase("/app", "/other,/app", "/app False /")]
    [TestCase("/app", "/", "/app True ")]
    public void StripsAPrefix(string path, string prefixes, string expected)
    {
        var route = Routed(Given.Container("shop",
            (Rule, $"Host(`shop.example.com`) && PathPrefix(`{path}`)"), (R("middlewares"), "strip"), ("traefik.http.middlewares.strip.stripprefix.prefixes", prefixes)))
            .Host("shop.example.com").Routes.Single();
        Assert.That($"{route.Path.Text} {route.Path.IsRaw} {route.Rewrite}", Is.EqualTo(expected));
        Assert.That(route.RequestHeaders.Select(static change => change.Name), route.Rewrite is null ? Is.Empty : Is.EqualTo(new[] { "X-Forwarded-Prefix" }));
    }

    [Test]
    public void ALoginOnAStrippedPrefixHoldsWithinTheSegmentToo()
    {
        var routes = Routed(Given.Container("shop",
            (Rule, "Host(`shop.example.com`) && PathPrefix(`/app`)"), (R("middlewares"), "strip,login"), ("traefik.http.middlewares.strip.stripprefix.prefixes", "/app"), ("traefik.http.middlewares.login.basicauth.users", Users)))
            .Host("shop.example.com").Routes;
        Assert.That(routes.Select(static route => (route.Path.IsRaw, route.Auth?.Users.Length)).OrderBy(static item => item.IsRaw), Is.EqualTo(new[] { (false, 1), (true, (int?)1) }));
    }

    [Test]
    public void AsksForALogin()
    {
        var route = HostOf((R("middlewares"), "login"), ("traefik.http.middlewares.login.basicauth.users", Users), ("traefik.http.middlewares.login.basicauth.realm", "staff")).Routes.Single();
        Assert.That((route.Auth?.Users.Single().Name, route.Auth?.Realm), Is.EqualTo(("ops", "staff")));
    }

    [TestCase("docker")]
    [TestCase("swarm")]
    public void TakesItsNetwork(string group)
    {
        var result = Routed(Shop(($"traefik.{group}.network", "nowhere")));
        Assert.That(result.FateOf("shop").Reason, Is.EqualTo(ReasonIds.NetworkNotFound));
    }

    [TestCase("swarm", "true", "10.0.1.2")]
    [TestCase("docker", "1", "10.0.1.2")]
    [TestCase("docker", "false", "10.0.1.11 10.0.1.12")]
    public void AServiceMayBeAddressedAsAWhole(string group, string value, string addresses)
    {
        var service = GivenSwarm.Service("shop", (Rule, "Host(`shop.example.com`)"), (Port, "80"), ($"traefik.{group}.lbswarm", value));
        var routed = Given.Routed(Given.Snapshot([.. GivenSwarm.Merged([service], [GivenSwarm.Task("shop", 1), GivenSwarm.Task("shop", 2)])]), Policy);
        Assert.That(string.Join(' ', routed.Host("shop.example.com").Routes.Single().Upstream.Servers.Select(static server => server.Address).Order(StringComparer.Ordinal)), Is.EqualTo(addresses));
    }

    [TestCase("ZeroSSL", "zerossl")]
    [TestCase("le", "letsencrypt zerossl")]
    public void AResolverAsksForACertificate(string resolver, string authorities)
    {
        var policy = Policy with { Acme = GivenAcme.Policy with { IsDefault = false } };
        var routed = Given.Routed(policy, Shop((R("tls.certresolver"), resolver)));
        Assert.That(routed.Findings.Single().Message, Does.EndWith("One is obtained; templater certs tells how that goes."));
        Assert.That(string.Join(' ', routed.Host("shop.example.com").Https.Acme!.Authorities), Is.EqualTo(authorities));
        Assert.That(Given.Routed(policy, Shop((R("tls"), "true"))).Host("shop.example.com").Https.Acme, Is.Null, "nobody asked");
    }

    [Test]
    public void SaysThatNobodyObtainsCertificates() =>
        Assert.That(
            Routed(Shop((R("tls.certresolver"), "le"))).Findings.Select(static finding => (finding.Reason, finding.Label)),
            Is.EqualTo(new[] { (ReasonIds.UnsupportedOption, (string?)R("tls.certresolver")) }));

    [Test]
    public void SaysThatStreamsAreNotRead() =>
        Assert.That(
            Routed(Shop(("traefik.tcp.routers.db.rule", "HostSNI(`*`)"))).Findings.Select(static finding => (finding.Reason, finding.Label)),
            Is.EqualTo(new[] { (ReasonIds.UnsupportedOption, (string?)"traefik.tcp.routers.db.rule") }));

    [Test]
    public void ItsOrderChangesNothing()
    {
        ImmutableArray<Container> all = [Shop((R("entrypoints"), "web")), Given.Container("b", ("traefik.http.routers.b.rule", "Host(`shop.example.com`) && PathPrefix(`/b`)")), Given.Container("c", ("traefik.http.routers.c.rule", "Host(`shop.example.com`)"), ("traefik.http.routers.c.priority", "7"))];
        var first = Given.Dump(Given.Routed(Given.Snapshot(Given.Proxy()) with { Containers = [Given.Proxy(), .. all] }, Policy));
        var second = Given.Dump(Given.Routed(Given.Snapshot(Given.Proxy()) with { Containers = [.. all.Reverse(), Given.Proxy()] }, Policy));
        Assert.That(second, Is.EqualTo(first));
    }
}
