using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

public sealed class NativeLabelTests
{
    private static Route RouteWith(string key, string value, ProxyKind kind = ProxyKind.HAProxy) =>
        Given.Routed(Given.Snapshot(Given.Proxy(), Given.Hosted("shop", "shop.example.com", (key, value))), kind: kind)
            .Host("shop.example.com").Routes.Single();

    private static readonly TestCaseData[] RouteKeys =
    [
        Case("templater.path", "/api", route => route.Path, new PathPattern(PathMatch.Prefix, "/api")),
        Case("templater.rewrite", "/", route => route.Rewrite, "/"),
        Case("templater.port", "9000", route => route.Upstream.Servers[0].Port, 9000),
        Case("templater.protocol", "grpcs", route => route.Upstream.Protocol, UpstreamProtocol.Grpcs),
        Case("templater.upstream.server-name", "Inner.example.com", route => route.Upstream.ServerName, "inner.example.com"),
        Case("templater.weight", "7", route => route.Upstream.Servers[0].Weight, 7),
        Case("templater.weight", "0", route => route.Upstream.Servers[0].State, ServerState.Drain),
        Case("templater.drain", "yes", route => route.Upstream.Servers[0].State, ServerState.Drain),
        Case("templater.backup", "on", route => route.Upstream.Servers[0].Backup, true),
        Case("templater.balance", "leastconn", route => route.Upstream.Balance, BalanceAlgorithm.LeastConn),
        Case("templater.sticky", "source", route => route.Upstream.Sticky, StickyMode.Source),
        Case("templater.sticky", "cookie:SID", route => route.Upstream.StickyCookie, "SID"),
        Case("templater.keepalive", "off", route => route.Upstream.Keepalive, 0),
        Case("templater.keepalive", "16", route => route.Upstream.Keepalive, 16),
        Case("templater.maxconn", "50", route => route.Upstream.MaxConnections, 50),
        Case("templater.check", "/healthz", route => route.Upstream.Check, new UpstreamCheck("/healthz", TimeSpan.FromSeconds(2), 2, 3)),
        Case("templater.timeout.connect", "1s", route => route.Timeouts.Connect, TimeSpan.FromSeconds(1)),
        Case("templater.timeout.server", "5m", route => route.Timeouts.Server, TimeSpan.FromMinutes(5)),
        Case("templater.timeout.tunnel", "1h", route => route.Timeouts.TunnelIsSet, true),
        Case("templater.max-body", "10m", route => route.MaxBody, 10L << 20),
        Case("templater.buffering", "off", route => route.Buffering, false),
        Case("templater.priority", "-5", route => route.Priority, -5),
        Case("templater.redirect.to", "https://example.org/new", route => route.RedirectTo, new RouteRedirect("https://example.org/new", true, 308)),
        Case("templater.redirect.to", "https://example.org/new!", route => route.RedirectTo, new RouteRedirect("https://example.org/new", false, 308)),
        Case("templater.response.set.X-A", "50% off", route => route.ResponseHeaders.Single(), new HeaderChange(HeaderOperation.Set, "X-A", "50% off")),
        Case("templater.response.delete", "Server", route => route.ResponseHeaders.Single(), new HeaderChange(HeaderOperation.Delete, "Server", "")),
        Case("templater.request.default.X-B", "v", route => route.RequestHeaders.Single(), new HeaderChange(HeaderOperation.Default, "X-B", "v")),
        Case("templater.deny", "192.0.2.0/24", route => route.Deny.Single(), "192.0.2.0/24"),
        Case("templater.data.team", "a;b", route => route.Data["team"], "a;b"),
    ];

    private static TestCaseData Case(string key, string value, Func<Route, object?> select, object expected) =>
        new TestCaseData(key, value, select, expected).SetArgDisplayNames(key, value);

    [TestCaseSource(nameof(RouteKeys))]
    public void ReadsARouteKey(string key, string value, Func<Route, object?> select, object expected) =>
        Assert.That(select(RouteWith(key, value)), Is.EqualTo(expected));

    [TestCase("templater.weight", "257")]
    [TestCase("templater.balance", "fastest")]
    [TestCase("templater.sticky", "cookie:a b")]
    [TestCase("templater.keepalive", "0")]
    [TestCase("templater.maxconn", "0")]
    [TestCase("templater.check", "healthz")]
    [TestCase("templater.check.rise", "11")]
    [TestCase("templater.timeout.server", "60")]
    [TestCase("templater.timeout.connect", "0s")]
    [TestCase("templater.max-body", "big")]
    [TestCase("templater.buffering", "perhaps")]
    [TestCase("templater.priority", "1001")]
    [TestCase("templater.hsts", "max-age=1\r\nX: y")]
    [TestCase("templater.https.code", "303")]
    [TestCase("templater.listen.https", "0")]
    [TestCase("templater.tls.policy", "best")]
    [TestCase("templater.http2", "2")]
    [TestCase("templater.rewrite", "x")]
    [TestCase("templater.response.set.X-A", "a\r\nb")]
    [TestCase("templater.response.set.X A", "v")]
    [TestCase("templater.request.set.Host", "evil.example.com")]
    [TestCase("templater.request.add.X-Forwarded-For", "127.0.0.1")]
    [TestCase("templater.request.delete", "Content-Length")]
    [TestCase("templater.health", "sometimes")]
    [TestCase("templater.ready-after", "11m")]
    [TestCase("templater.upstream.server-name", "a b")]
    public void IgnoresABadValueWithAWarning(string key, string value)
    {
        var result = Given.Routed(Given.Hosted("shop", "shop.example.com", (key, value)));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.FateOf("shop").Reason, Is.Null);
            Assert.That(result.Findings.Single().Reason, Is.EqualTo(ReasonIds.InvalidValue));
            Assert.That(result.Findings.Single().Message, Does.StartWith($"container \"shop\": {key}").And.EndWith("was expected. It has no effect."));
        }
    }

    [Test]
    public void TheLegalWordsOfAChoiceAreListedAsSuch() => Assert.That(
        Given.Routed(Given.Hosted("shop", "shop.example.com", ("templater.https", "yes"))).Findings.Single().Message,
        Does.Contain("templater.https=\"yes\": one of redirect, optional, only, off was expected."));

    [TestCase("templater.port", "http", ReasonIds.InvalidPort)]
    [TestCase("templater.protocol", "gopher", ReasonIds.InvalidValue)]
    [TestCase("templater.upstream.group", "A B", ReasonIds.InvalidValue)]
    [TestCase("templater.https", "sometimes", ReasonIds.InvalidValue)]
    [TestCase("templater.tls.certificate", "../secret", ReasonIds.InvalidValue)]
    [TestCase("templater.redirect.to", "javascript:x", ReasonIds.InvalidValue)]
    [TestCase("templater.allow", "10.0.0.0/99", ReasonIds.InvalidValue)]
    [TestCase("templater.deny", "", ReasonIds.InvalidValue)]
    [TestCase("templater.enable", "perhaps", ReasonIds.InvalidValue)]
    [TestCase("templater.upstream.verify", "true", ReasonIds.InvalidValue)]
    [TestCase("templater.upstream.verify", "../ca.pem", ReasonIds.InvalidValue)]
    [TestCase("templater.tls.client-auth", "required", ReasonIds.InvalidValue)]
    [TestCase("templater.tls.client-auth", "perhaps", ReasonIds.InvalidValue)]
    [TestCase("templater.tls.client-ca", "ca.pem", ReasonIds.InvalidValue)]
    [TestCase("templater.tls.client-ca", "../ca.pem", ReasonIds.InvalidValue)]
    [TestCase("templater.auth.basic", "ops:$2y$05$abcdef", ReasonIds.AuthUnusable)]
    [TestCase("templater.auth.basic.file", "users", ReasonIds.AuthUnusable)]
    [TestCase("templater.auth.basic.file", "/etc/shadow", ReasonIds.InvalidValue)]
    [TestCase("templater.auth.forward", "authelia", ReasonIds.InvalidValue)]
    public void RefusesTheRouteWhenAKeyFailsClosed(string key, string value, string reason)
    {
        var result = Given.Routed(Given.Hosted("shop", "shop.example.com", (key, value)));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.FateOf("shop").Reason, Is.EqualTo(reason));
            Assert.That(result.Findings.Select(finding => finding.Reason), Is.EqualTo(new[] { reason }));
            Assert.That(result.Host("shop.example.com").Routes.Single().Upstream.Servers, Is.Empty);
        }
    }

    [Test]
    public void NeverRepeatsAPasswordHash()
    {
        var result = Given.Routed(Given.Hosted("shop", "shop.example.com", ("templater.auth.basic", "ops:$2y$05$abcdef")));
        Assert.That(Given.Dump(result), Does.Not.Contain("abcdef"));
    }

    [Test]
    public void RefusesAllRoutesWhenAHostKeyOfOneFailsClosed()
    {
        var result = Given.Routed(Given.Hosted(
            "shop", "shop.example.com", ("templater.routes.a.path", "/a"), ("templater.routes.b.path", "/b"), ("templater.routes.b.https", "maybe")));
        Assert.That(result.Host("shop.example.com").Routes.SelectMany(route => route.Upstream.Servers), Is.Empty);
    }

    [Test]
    public void RefusesAnOverlongValueOfAKeyThatFailsClosed()
    {
        var result = Given.Routed(Given.Hosted("shop", "shop.example.com", ("templater.allow", "private " + new string(' ', 2000))));
        Assert.That(result.FateOf("shop").Reason, Is.EqualTo(ReasonIds.InvalidValue));
    }

    [TestCase("templater.upstream.verify", "false")]
    [TestCase("templater.tls.client-auth", "off")]
    [TestCase("templater.acme", "false")]
    [TestCase("templater.endpoints", "tasks")]
    public void TakesAnUnsupportedKeyThatAsksForNothing(string key, string value) =>
        Assert.That(Given.Routed(Given.Hosted("shop", "shop.example.com", (key, value))).Findings, Is.Empty);

    [TestCase("templater.acme.names", "a.example.com")]
    public void UnsupportedOptionIsSaidAndIgnored(string key, string value)
    {
        var result = Given.Routed(Given.Hosted("shop", "shop.example.com", (key, value)));
        Assert.That((result.FateOf("shop").Reason, result.Findings.Single().Reason), Is.EqualTo(((string?)null, ReasonIds.UnsupportedOption)));
    }

    [Test]
    public void NamedRoutesTakeTheOtherKeysAsDefaults()
    {
        var result = Given.Routed(Given.Hosted(
            "shop",
            "shop.example.com",
            ("templater.routes.web.port", "3000"),
            ("templater.routes.api.path", "/api"),
            ("templater.routes.api.port", "9000"),
            ("templater.routes.api.rewrite", "/"),
            ("templater.routes.api.timeout.server", "5m"),
            ("templater.timeout.server", "10s"),
            ("templater.response.default.X-Frame-Options", "DENY")).Exposing(3000, 9000));
        var routes = result.Host("shop.example.com").Routes;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(routes.Select(route => route.Path.Text), Is.EqualTo(new[] { "/api", "/" }));
            Assert.That(routes.Select(route => route.Upstream.Servers[0].Port), Is.EqualTo(new[] { 9000, 3000 }));
            Assert.That(routes.Select(route => route.Timeouts.Server.TotalSeconds), Is.EqualTo(new[] { 300d, 10d }));
            Assert.That(routes.Select(route => route.ResponseHeaders.Length), Is.EqualTo(new[] { 1, 1 }));
            Assert.That(routes.Select(route => route.Upstream.Name), Is.EqualTo(new[] { "shop.example.com-api", "shop.example.com" }));
            Assert.That(result.Findings, Is.Empty);
        }
    }

    [Test]
    public void ReadsTheKeysOfTheHost()
    {
        var host = Given.Routed(Given.Hosted(
            "shop",
            "shop.example.com",
            ("templater.https", "optional"),
            ("templater.https.code", "301"),
            ("templater.hsts", "31536000"),
            ("templater.http2", "false"),
            ("templater.http3", "true"),
            ("templater.tls.policy", "modern"),
            ("templater.listen.http", "8080"),
            ("templater.listen.https", "8443"),
            ("templater.redirect.from", "www.shop.example.com"),
            ("templater.redirect.code", "301"))).Host("shop.example.com");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(host.Https, Is.EqualTo(new HttpsPolicy
            {
                Mode = HttpsMode.Optional,
                RedirectCode = 301,
                Hsts = "max-age=31536000",
                Http2 = false,
                Http3 = true,
                Policy = TlsPolicy.Modern,
            }));
            Assert.That((host.HttpPort, host.HttpsPort, host.RedirectCode), Is.EqualTo((8080, 8443, 301)));
            Assert.That(host.RedirectFrom.Single().Text, Is.EqualTo("www.shop.example.com"));
        }
    }

    [TestCase("X-Frame-Options", "x-frame-options")]
    [TestCase("x-frame-options", "X-Frame-Options")]
    public void AHeaderOfTheRouteWinsHoweverItIsSpelt(string shared, string own)
    {
        var route = Given.Routed(Given.Hosted("shop", "shop.example.com", ($"templater.response.set.{shared}", "SAMEORIGIN"), ($"templater.routes.web.response.set.{own}", "DENY")))
            .Host("shop.example.com").Routes.Single();
        Assert.That(route.ResponseHeaders, Is.EqualTo(new[] { new HeaderChange(HeaderOperation.Set, own, "DENY") }));
    }

    [Test]
    public void CookieAffinityIsUnsupportedInNginx()
    {
        var snapshot = Given.Snapshot(Given.Proxy(), Given.Hosted("shop", "shop.example.com", ("templater.sticky", "cookie")));
        Assert.That(Given.Routed(snapshot).Messages(ReasonIds.UnsupportedOption), Is.EqualTo(
            new[] { "warning unsupported-option: container \"shop\": sticky=cookie is not available in nginx; it is ignored." }));
    }

    [TestCase("fastcgi", ProxyKind.HAProxy)]
    [TestCase("h2c", ProxyKind.Nginx)]
    [TestCase("https", ProxyKind.Centauri)]
    public void UnsupportedOptionRefusesAProtocolTheProxyCannotSpeak(string protocol, ProxyKind kind)
    {
        var snapshot = Given.Snapshot(
            Given.Proxy() with { Image = new("", "nginx", "1.28", "") }, Given.Hosted("shop", "shop.example.com", ("templater.protocol", protocol)));
        Assert.That(Given.Routed(snapshot, kind: kind).FateOf("shop").Reason, Is.EqualTo(ReasonIds.UnsupportedOption));
    }
}
