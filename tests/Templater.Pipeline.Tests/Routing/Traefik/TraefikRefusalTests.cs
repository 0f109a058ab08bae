using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing.Traefik;

/// <summary>What of Traefik is not honoured refuses the router with one reason, and leaves its place closed.</summary>
public sealed class TraefikRefusalTests
{
    private const string Users = "ops:$2b$04$B9Vp61n4dEKT3QwFiG3M1ulN0LdqQ8zI7iDFQPKn0pZrMQszDZw6a";

    /// <summary>Options of Traefik's routers besides those that are read (its reference of Docker labels).</summary>
    private static readonly string[] RouterOptions =
    [
        "ruleSyntax", "tls.options", "tls.domains[0].main", "tls.domains[0].sans", "observability.accesslogs", "observability.metrics",
        "observability.tracing", "parentRefs", "rule.extra", "",
    ];

    /// <summary>Options of its services.</summary>
    private static readonly string[] ServiceOptions =
    [
        "loadbalancer.server.url", "loadbalancer.server.weight", "loadbalancer.server.preservepath", "loadbalancer.serverstransport", "loadbalancer.strategy",
        "loadbalancer.healthcheck.path", "loadbalancer.healthcheck.interval", "loadbalancer.healthcheck.headers.X-Foo", "loadbalancer.healthcheck.hostname",
        "loadbalancer.healthcheck.port", "loadbalancer.healthcheck.scheme", "loadbalancer.healthcheck.timeout", "loadbalancer.healthcheck.followredirects",
        "loadbalancer.passivehealthcheck.maxfailedattempts", "loadbalancer.sticky", "loadbalancer.sticky.cookie.httponly", "loadbalancer.sticky.cookie.secure",
        "loadbalancer.sticky.cookie.samesite", "loadbalancer.sticky.cookie.maxage", "loadbalancer.sticky.cookie.path", "loadbalancer.sticky.cookie.domain",
        "loadbalancer.responseforwarding.flushinterval", "weighted.services[0].name", "mirroring.service", "failover.service",
    ];

    /// <summary>Its middlewares, but for the three that are read, and the options of these three that are not.</summary>
    private static readonly string[] Middlewares =
    [
        "addprefix.prefix", "buffering.maxRequestBodyBytes", "chain.middlewares", "circuitbreaker.expression", "compress", "compress.excludedcontenttypes",
        "contenttype", "digestauth.users", "errors.status", "forwardauth.address", "grpcweb.alloworigins", "headers.customrequestheaders.X-A",
        "headers.customresponseheaders.X-A", "headers.stsseconds", "headers.accesscontrolallowmethods", "ipallowlist.sourcerange", "ipwhitelist.sourcerange",
        "inflightreq.amount", "passtlsclientcert.pem", "plugin.mine.option", "ratelimit.average", "redirectregex.regex", "replacepath.path",
        "replacepathregex.regex", "retry.attempts", "stripprefixregex.regex", "stripprefix.forceslash", "redirectscheme.port", "redirectscheme.unknown",
        "basicauth.usersfile", "basicauth.removeheader", "basicauth.headerfield",
    ];

    private static string R(string option) => "traefik.http.routers.shop." + option;

    private static RoutingResult Routed(params Container[] containers) => Given.Routed(TraefikDialectTests.Policy, containers);

    [TestCaseSource(nameof(RouterOptions))]
    public void AnotherOptionOfItsRouterRefusesIt(string option) => IsRefused(TraefikDialectTests.Shop((R(option).TrimEnd('.'), "true")));

    [TestCaseSource(nameof(ServiceOptions))]
    public void AnotherOptionOfItsServiceRefusesIt(string option) => IsRefused(TraefikDialectTests.Shop(("traefik.http.services.s." + option, "1")));

    [TestCaseSource(nameof(Middlewares))]
    public void AnotherMiddlewareOrOptionRefusesIt(string option) =>
        IsRefused(TraefikDialectTests.Shop((R("middlewares"), "m"), ("traefik.http.middlewares.m." + option, "true")));

    [TestCase("middlewares", "auth@file")]
    [TestCase("middlewares", "auth@kubernetescrd")]
    [TestCase("middlewares", "elsewhere")]
    [TestCase("service", "api@internal")]
    [TestCase("service", "api@file")]
    [TestCase("service", "elsewhere")]
    [TestCase("entrypoints", "admin")]
    [TestCase("entrypoints", "web,admin")]
    [TestCase("entrypoints", "")]
    public void AReferenceToWhatIsNotHereRefusesIt(string option, string value) => IsRefused(TraefikDialectTests.Shop((R(option), value)));

    [TestCase("traefik.port")]
    [TestCase("traefik.tags")]
    [TestCase("traefik.constraint-label")]
    [TestCase("traefik.frontend.rule")]
    [TestCase("traefik.docker.allownonrunning")]
    [TestCase("traefik.tls.stores.default.defaultcertificate.certfile")]
    public void AnotherLabelOfTheContainerRefusesAllOfIt(string label) => IsRefused(TraefikDialectTests.Shop((label, "x")));

    [TestCase("priority", "many")]
    [TestCase("priority", "1001")]
    [TestCase("tls", "yes")]
    [TestCase("tls", "")]
    [TestCase("rule", "Host(`shop.example.com`) && ClientIP(`10.0.0.0/8`)")]
    public void ABadValueRefusesTheRouter(string option, string value) =>
        Assert.That(Routed(Given.Container("shop", [(R("rule2"), "x"), .. option == "rule" ? Array.Empty<(string, string)>() : [(R("rule"), "Host(`shop.example.com`)")], (R(option), value)])).FateOf("shop").Reason, Is.Not.Null);

    [TestCase("loadbalancer.server.port", "0", ReasonIds.InvalidPort)]
    [TestCase("loadbalancer.server.port", "http", ReasonIds.InvalidPort)]
    [TestCase("loadbalancer.server.scheme", "ftp", ReasonIds.InvalidValue)]
    [TestCase("loadbalancer.passhostheader", "false", ReasonIds.UnsupportedOption)]
    [TestCase("loadbalancer.sticky.cookie", "maybe", ReasonIds.InvalidValue)]
    [TestCase("loadbalancer.sticky.cookie.name", "a b", ReasonIds.InvalidValue)]
    public void ABadValueOfItsServiceRefusesTheRouter(string option, string value, string reason) =>
        IsRefused(TraefikDialectTests.Shop(("traefik.http.services.s." + option, value)), reason);

    [TestCase("stripprefix.prefixes", "app", ReasonIds.InvalidValue)]
    [TestCase("stripprefix.prefixes", "", ReasonIds.InvalidValue)]
    [TestCase("stripprefix.prefixes", "/app", ReasonIds.UnsupportedOption)]
    [TestCase("redirectscheme.scheme", "http", ReasonIds.UnsupportedOption)]
    [TestCase("redirectscheme.permanent", "true", ReasonIds.UnsupportedOption)]
    [TestCase("basicauth.users", "ops", ReasonIds.AuthUnusable)]
    [TestCase("basicauth.users", "ops:y$05", ReasonIds.AuthUnusable)]
    [TestCase("basicauth.users", "ops:secret", ReasonIds.AuthUnusable)]
    [TestCase("basicauth.users", "", ReasonIds.AuthUnusable)]
    [TestCase("basicauth.realm", "x", ReasonIds.UnsupportedOption)]
    public void ABadMiddlewareRefusesTheRouter(string option, string value, string reason) =>
        IsRefused(TraefikDialectTests.Shop((R("middlewares"), "m"), ("traefik.http.middlewares.m." + option, value)), reason);

    [Test]
    public void ALoginThatTheProxyCannotCheckRefusesTheRouter()
    {
        var shop = TraefikDialectTests.Shop((R("middlewares"), "m"), ("traefik.http.middlewares.m.basicauth.users", "ops:$apr1$H6uskkkW$IgXLP6ewTrSuBkTrqE8wj/"));
        var snapshot = Given.Snapshot(Given.Proxy(), shop);
        Assert.That(Given.Routed(snapshot, TraefikDialectTests.Policy).FateOf("shop").Reason, Is.Null);
        Assert.That(Given.Routed(snapshot, TraefikDialectTests.Policy, ProxyKind.HAProxy).FateOf("shop").Reason, Is.Not.Null);
    }

    [Test]
    public void ARouterWithoutARuleHasNoHost()
    {
        var result = Routed(Given.Container("shop", (R("entrypoints"), "web")));
        Assert.That(result.FateOf("shop").Reason, Is.EqualTo(ReasonIds.NoHost));
        Assert.That(result.VirtualHosts, Is.Empty);
    }

    [Test]
    public void ARefusedRouterLeavesItsPlaceClosedAndTheOthersOpen()
    {
        var result = Routed(TraefikDialectTests.Shop(
            ("traefik.http.routers.admin.rule", "Host(`shop.example.com`) && PathPrefix(`/admin`)"), ("traefik.http.routers.admin.middlewares", "auth@file")));
        Assert.That(
            result.Host("shop.example.com").Routes.Select(static route => $"{route.Path.Text} {route.Upstream.Servers.Length}").Order(StringComparer.Ordinal),
            Is.EqualTo(new[] { "/ 1", "/admin 0" }));
    }

    [TestCase("", 1)]
    [TestCase("login", 0)]
    public void WhatARouterWithoutAPlaceClosesIsNotOpenedByAnother(string middlewares, int servers)
    {
        (string, string)[] more = middlewares.Length > 0 ? [("traefik.http.routers.admin.middlewares", middlewares)] : [];
        var result = Routed(TraefikDialectTests.Shop([("traefik.http.routers.admin.rule", "Host(`shop.example.com`) && Path(`/admin`)"), .. more]));
        Assert.That(result.Host("shop.example.com").Routes.Single().Upstream.Servers, Has.Length.EqualTo(servers));
    }

    [Test]
    public void TwoRoutersAtOnePlaceThatDifferAreBothRefused()
    {
        var result = Routed(TraefikDialectTests.Shop(
            (R("entrypoints"), "web"), ("traefik.http.routers.safe.rule", "Host(`shop.example.com`)"), ("traefik.http.routers.safe.entrypoints", "websecure"),
            ("traefik.http.routers.safe.middlewares", "m"), ("traefik.http.middlewares.m.basicauth.users", Users)));
        Assert.That(result.VirtualHosts.SelectMany(static host => host.Routes).SelectMany(static route => route.Upstream.Servers), Is.Empty);
        Assert.That(result.Messages(ReasonIds.UnsupportedOption).Count(), Is.EqualTo(2));
    }

    [Test]
    public void ARouterThatTraefikWouldHideDoesNotAppear()
    {
        var result = Routed(TraefikDialectTests.Shop((R("priority"), "900"), ("traefik.http.routers.old.rule", "Host(`shop.example.com`) && PathPrefix(`/old`)")));
        Assert.That(result.Host("shop.example.com").Routes.Single(static route => route.Path.Text == "/old").Upstream.Servers, Is.Empty);
    }

    [Test]
    public void ARedirectToHttpsThatNobodyAnswersIsRefused() =>
        IsRefused(TraefikDialectTests.Shop((R("entrypoints"), "web"), (R("middlewares"), "m"), ("traefik.http.middlewares.m.redirectscheme.scheme", "https")));

    [Test]
    public void TwoSpellingsOfOneKeyRefuseTheContainer() =>
        IsRefused(TraefikDialectTests.Shop(("traefik.http.services.s.loadbalancer.server.port", "80"), ("traefik.http.services.S.loadbalancer.server.port", "81")), ReasonIds.InvalidValue);

    [Test]
    public void TooManyRoutersAreNone()
    {
        var labels = Enumerable.Range(0, 51).Select(static number => ($"traefik.http.routers.r{number:d2}.rule", $"Host(`h{number}.example.com`)")).ToArray();
        var result = Routed(Given.Container("shop", labels));
        Assert.That((result.VirtualHosts.Length, result.FateOf("shop").Reason), Is.EqualTo((0, ReasonIds.InvalidValue)));
    }

    [TestCase("m", "basicauth.users", Users, true)]
    [TestCase("auth@file", "compress", "true", true)]
    [TestCase("m", "stripprefix.prefixes", "/a", false)]
    [TestCase("m", "compress", "true", false)]
    public void ARestrictionBesideAHostOfAnotherDialectIsNotForgotten(string middlewares, string option, string value, bool isRefused)
    {
        var result = Routed(TraefikDialectTests.Shop(("templater.host", "native.example.com"), (R("middlewares"), middlewares), ("traefik.http.middlewares.m." + option, value)));
        Assert.That(result.FateOf("shop").Reason, Is.EqualTo(isRefused ? ReasonIds.UnsupportedOption : null));
    }

    [Test]
    public void NoMessageTellsAHash()
    {
        var result = Routed(TraefikDialectTests.Shop((R("middlewares"), "m"), ("traefik.http.middlewares.m.basicauth.users", Users), ("traefik.http.middlewares.m.basicauth.headerfield", Users)));
        Assert.That(result.Findings.Select(static finding => finding.ToString() + finding.Value), Is.Not.Empty.And.All.Not.Contains("B9Vp61n4"));
    }

    private static void IsRefused(Container shop, string reason = ReasonIds.UnsupportedOption)
    {
        var result = Routed(shop);
        Assert.That((result.FateOf("shop").Reason, result.VirtualHosts.SelectMany(static host => host.Routes).Sum(static route => route.Upstream.Servers.Length)), Is.EqualTo((reason, 0)));
        Assert.That(result.Findings.Select(static finding => finding.Reason), Is.EqualTo(new[] { reason }));
    }
}
