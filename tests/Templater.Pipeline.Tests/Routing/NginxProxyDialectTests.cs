using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Tests.Routing;

public sealed class NginxProxyDialectTests
{
    private static Container With(params (string Key, string Value)[] variables) =>
        Given.Container("shop").WithEnv([("VIRTUAL_HOST", "shop.example.com"), .. variables]);

    private static Route RouteWith(params (string Key, string Value)[] variables) =>
        Given.Routed(With(variables)).Host("shop.example.com").Routes.Single();

    [Test]
    public void KeepsItsOwnDefaults()
    {
        var https = Given.Routed(With()).Host("shop.example.com").Https;
        Assert.That((https.Mode, https.RedirectCode, https.Hsts), Is.EqualTo((HttpsMode.Redirect, 301, "max-age=31536000")));
    }

    [TestCase("redirect", HttpsMode.Redirect, "max-age=31536000")]
    [TestCase("noredirect", HttpsMode.Optional, null)]
    [TestCase("nohttp", HttpsMode.Only, "max-age=31536000")]
    [TestCase("nohttps", HttpsMode.Off, "max-age=31536000")]
    public void ReadsTheHttpsMethod(string method, HttpsMode mode, string? hsts)
    {
        var https = Given.Routed(With(("HTTPS_METHOD", method))).Host("shop.example.com").Https;
        Assert.That((https.Mode, https.Hsts), Is.EqualTo((mode, hsts)));
    }

    [Test]
    public void FallsBackToPort80WhenSeveralAreExposed()
    {
        var result = Given.Routed(With().Exposing(3000, 9090));
        Assert.That(result.Host("shop.example.com").Routes.Single().Upstream.Servers.Single().Port, Is.EqualTo(80));
    }

    [TestCase("VIRTUAL_PORT", "9000")]
    [TestCase("VIRTUAL_PORT", "default")]
    public void TakesThePort(string key, string value) =>
        Assert.That(RouteWith((key, value)).Upstream.Servers.Single().Port, Is.EqualTo(value == "default" ? 8080 : 9000));

    [TestCase("/api/", PathMatch.Prefix, "/api/", true)]
    [TestCase("/api", PathMatch.Prefix, "/api", true)]
    [TestCase("/", PathMatch.Prefix, "/")]
    [TestCase("^~ /api", PathMatch.Prefix, "/api", true, true)]
    [TestCase("^~ /", PathMatch.Prefix, "/", false, true)]
    [TestCase("= /exact", PathMatch.Exact, "/exact")]
    [TestCase("~ ^/(a|b)/", PathMatch.Regex, "^/(a|b)/")]
    [TestCase("~* \\.php$", PathMatch.Regex, "(?i)\\.php$")]
    public void ReadsAPath(string text, PathMatch match, string path, bool isRaw = false, bool beatsRegex = false)
    {
        var pattern = RouteWith(("VIRTUAL_PATH", text)).Path;
        Assert.That((pattern.Match, pattern.Text, pattern.IsRaw, pattern.BeatsRegex), Is.EqualTo((match, path, isRaw, beatsRegex)));
    }

    [TestCase("/a { return 200; }")]
    [TestCase("/a; deny all")]
    [TestCase("@named")]
    [TestCase("~ (")]
    [TestCase("!~ x")]
    [TestCase("api")]
    public void RefusesAPathOutsideTheGrammar(string text) =>
        Assert.That(Given.Routed(With(("VIRTUAL_PATH", text))).FateOf("shop").Reason, Is.EqualTo(ReasonIds.InvalidPath));

    [TestCase("/x", "/", "/", "/")]
    [TestCase("/x", "/x/%20", "/x/%20", "/x/%20")]
    [TestCase("/x", "$request_uri", null, null)]
    [TestCase("/x", "$uri$is_args$args", null, null)]
    [TestCase("/x", "/base$request_uri", "/base${request_uri}", null)]
    [TestCase("/x", "/base$uri?a=b&$args", "/base${uri}?a=b&${args}", null)]
    [TestCase("~ ^/(a|b)/(.*)", "/$2/$1x$is_args$args", "/$2/$1x${is_args}${args}", null)]
    public void ReadsADestination(string path, string text, string? nginx, string? rewrite)
    {
        var route = RouteWith(("VIRTUAL_PATH", path), ("VIRTUAL_DEST", text));
        Assert.That((route.Destination?.Nginx, route.Rewrite), Is.EqualTo((nginx, rewrite)));
    }

    [TestCase("/", "$http_x")]
    [TestCase("/", "/$http_x")]
    [TestCase("/", "/$urix")]
    [TestCase("/", "/${uri}")]
    [TestCase("/", "/$")]
    [TestCase("/", "/$1")]
    [TestCase("~ ^/(.*)", "/$0")]
    [TestCase("~ ^/(.*)", "$1")]
    [TestCase("~ ^/(.*)", "/literal")]
    [TestCase("/", "$args")]
    [TestCase("/", "x")]
    [TestCase("/", ".evil.example.org/")]
    [TestCase("/", ":81/")]
    [TestCase("/", "@evil.example.org/")]
    [TestCase("/", "/a; evil")]
    [TestCase("/", "/a?b")]
    [TestCase("/", "/a\"b")]
    [TestCase("/", "/a\\")]
    [TestCase("/", "/a\nb")]
    [TestCase("/", "/a#b")]
    [TestCase("/", "/a{}")]
    public void RefusesADestinationOutsideTheGrammar(string path, string text)
    {
        var result = Given.Routed(With(("VIRTUAL_PATH", path), ("VIRTUAL_DEST", text)));
        Assert.That((result.FateOf("shop").Reason, result.Findings.Single().Label), Is.EqualTo((ReasonIds.InvalidValue, "VIRTUAL_DEST")));
    }

    [TestCase("/base$request_uri", ReasonIds.UnsupportedOption)]
    [TestCase("/base", null)]
    public void HAProxyHasNoVariablesInDestinations(string text, string? reason) =>
        Assert.That(Given.Routed(Given.Snapshot(Given.Proxy(), With(("VIRTUAL_DEST", text))), kind: ProxyKind.HAProxy).FateOf("shop").Reason, Is.EqualTo(reason));

    [Test]
    public void APathIsOnePlaceWithAndWithoutPrecedence()
    {
        var other = Given.Container("web").WithEnv(("VIRTUAL_HOST", "shop.example.com"), ("VIRTUAL_PATH", "/api"));
        Assert.That(Given.Routed(With(("VIRTUAL_PATH", "^~ /api")), other).Host("shop.example.com").Routes.Single().Upstream.Servers.Length, Is.EqualTo(2));
    }

    [TestCase("VIRTUAL_PROTO", "ftp")]
    [TestCase("HTTPS_METHOD", "sometimes")]
    [TestCase("NETWORK_ACCESS", "intern")]
    public void RefusesWhatItCannotRead(string key, string value)
    {
        var result = Given.Routed(With((key, value)));
        Assert.That((result.FateOf("shop").Reason, result.Findings.Single().Label), Is.EqualTo((ReasonIds.InvalidValue, key)));
    }

    [Test]
    public void AnOverlongVariableThatRestrictsRefusesTheContainer() =>
        Assert.That(Given.Routed(With(("NETWORK_ACCESS", "internal" + new string('x', 2000)))).FateOf("shop").Reason, Is.EqualTo(ReasonIds.InvalidValue));

    [Test]
    public void InternalAccessAllowsPrivateClients() =>
        Assert.That(RouteWith(("NETWORK_ACCESS", "internal")).Allow, Is.EqualTo(ClientRange.Private));

    [TestCase("EXTERNAL_HTTP_PORT", "8080", 8080, 443)]
    [TestCase("EXTERNAL_HTTPS_PORT", "8443", 80, 8443)]
    public void ReadsTheExternalPorts(string key, string value, int http, int https)
    {
        var host = Given.Routed(With((key, value))).Host("shop.example.com");
        Assert.That((host.HttpPort, host.HttpsPort), Is.EqualTo((http, https)));
    }

    [TestCase("Mozilla-Modern", TlsPolicy.Modern)]
    [TestCase("Mozilla-Intermediate", TlsPolicy.Intermediate)]
    [TestCase("Mozilla-Old", TlsPolicy.Old)]
    public void ReadsTheTlsPolicy(string value, TlsPolicy policy) =>
        Assert.That(Given.Routed(With(("SSL_POLICY", value))).Host("shop.example.com").Https.Policy, Is.EqualTo(policy));

    [TestCase("SSL_POLICY", "AWS-TLS-1-2-2017-01", ReasonIds.UnsupportedOption)]
    [TestCase("EXTERNAL_HTTP_PORT", "http", ReasonIds.InvalidValue)]
    [TestCase("EXTERNAL_HTTPS_PORT", "0", ReasonIds.InvalidValue)]
    [TestCase("CERT_NAME", "../other", ReasonIds.InvalidValue)]
    [TestCase("HSTS", "maybe", ReasonIds.InvalidValue)]
    [TestCase("SERVER_TOKENS", "off; evil", ReasonIds.InvalidValue)]
    [TestCase("NON_GET_REDIRECT", "302", ReasonIds.InvalidValue)]
    public void WhatOnlyNarrowsIsIgnoredWithAWarning(string key, string value, string reason)
    {
        var result = Given.Routed(With((key, value)));
        Assert.That((result.FateOf("shop").Reason, result.Findings.Single().Reason, result.Findings.Single().Label), Is.EqualTo(((string?)null, reason, key)));
    }

    [TestCase("on")]
    [TestCase("optional")]
    public void ClientCertificatesThatCannotBeAskedForRefuseTheHost(string value)
    {
        var shop = Given.Container("shop", ("com.github.nginx-proxy.nginx-proxy.ssl_verify_client", value));
        Assert.That(Given.Routed(shop.WithEnv(("VIRTUAL_HOST", "shop.example.com"))).FateOf("shop").Reason, Is.EqualTo(ReasonIds.CertificateMissing));
        var native = shop with { Labels = shop.Labels.Add("templater.host", "shop.example.com") };
        Assert.That(Given.Routed(native).FateOf("shop").Reason, Is.EqualTo(ReasonIds.UnsupportedOption));
    }

    [TestCase("false", "", MissingPair.Refuse)]
    [TestCase("F", "redirect", MissingPair.Refuse)]
    [TestCase("false", "nohttp", MissingPair.Refuse)]
    [TestCase("false", "nohttps", MissingPair.Serve)]
    [TestCase("sometimes", "noredirect", MissingPair.Serve)]
    [TestCase("true", "", MissingPair.Serve)]
    [TestCase("", "nohttp", MissingPair.Serve)]
    public void ReadsWhetherAHostIsServedWithoutCertificate(string value, string method, MissingPair expected) =>
        Assert.That(
            Given.Routed(With(("ENABLE_HTTP_ON_MISSING_CERT", value), ("HTTPS_METHOD", method))).Host("shop.example.com").Https.WithoutPair,
            Is.EqualTo(expected));

    [TestCase("")]
    [TestCase("redirect")]
    [TestCase("nohttp")]
    public void AWordThatMayMeanNeverClosesTheHost(string method)
    {
        var result = Given.Routed(With(("ENABLE_HTTP_ON_MISSING_CERT", "never"), ("HTTPS_METHOD", method)));
        Assert.That((result.FateOf("shop").Reason, result.Host("shop.example.com").Routes.Single().IsClosed), Is.EqualTo((ReasonIds.InvalidValue, true)));
    }

    [Test]
    public void AHostThatMustNotBeServedWithoutCertificateIsReported()
    {
        var finding = Given.Routed(With(("ENABLE_HTTP_ON_MISSING_CERT", "false"))).Findings.Single();
        Assert.That((finding.Reason, finding.Host), Is.EqualTo((ReasonIds.CertificateMissing, "shop.example.com")));
    }

    [Test]
    public void NativeHttpsOnlyIsNotSoftenedByAnotherContainer()
    {
        var native = Given.Container("native", ("templater.host", "shop.example.com"), ("templater.path", "/x"), ("templater.https", "only"));
        Assert.That(Given.Routed(With(("HTTPS_METHOD", "nohttp")).In("p", "a"), native.In("p", "b")).Host("shop.example.com").Https.IsPlainRefused, Is.True);
    }

    [TestCase("noredirect", "max-age=7", null)]
    [TestCase("redirect", "max-age=7", "max-age=7")]
    [TestCase("nohttp", "max-age=7", "max-age=7")]
    [TestCase("redirect", "off", null)]
    public void SendsHstsOnlyWhereHttpIsNotServed(string method, string hsts, string? expected) =>
        Assert.That(Given.Routed(With(("HTTPS_METHOD", method), ("HSTS", hsts))).Host("shop.example.com").Https.Hsts, Is.EqualTo(expected));

    [TestCase("on", "on")]
    [TestCase("off", "off")]
    [TestCase("build", "build")]
    public void ReadsTheServerTokens(string value, string expected) =>
        Assert.That(Given.Routed(With(("SERVER_TOKENS", value))).Host("shop.example.com").ServerTokens, Is.EqualTo(expected));

    [TestCase("www.example.*", "^www\\.example\\..+$")]
    [TestCase("WWW.*", "^www\\..+$")]
    public void ReadsATrailingWildcard(string host, string expression)
    {
        var shop = Given.Container("shop").WithEnv(("VIRTUAL_HOST", host));
        var multi = Given.Container("multi").WithEnv(("VIRTUAL_HOST_MULTIPORTS", $"'{host}':"));
        foreach (var container in (Container[])[shop, multi])
            Assert.That(Given.Routed(container).VirtualHosts.Single().Pattern, Is.EqualTo(new HostPattern(HostMatch.Regex, expression)));
    }

    [TestCase(".*")]
    [TestCase("a b.*")]
    [TestCase("*.example.*")]
    [TestCase("http://x.*")]
    public void RefusesWhatIsNoTrailingWildcard(string host) =>
        Assert.That(Given.Routed(Given.Container("shop").WithEnv(("VIRTUAL_HOST", host))).Findings.All(finding => finding.Reason == ReasonIds.InvalidHost), Is.True);

    [Test]
    public void NativeLabelsHaveNoTrailingWildcard() =>
        Assert.That(Given.Routed(Given.Hosted("shop", "www.example.*")).VirtualHosts, Is.Empty);

    [TestCase("fastcgi", "", "/var/www/public")]
    [TestCase("fastcgi", "/srv/app", "/srv/app")]
    [TestCase("http", "/srv/app", null)]
    public void ReadsTheRoot(string protocol, string root, string? expected) =>
        Assert.That(RouteWith(("VIRTUAL_PROTO", protocol), ("VIRTUAL_ROOT", root)).FastCgiRoot, Is.EqualTo(expected));

    [TestCase("srv")]
    [TestCase("/srv/../etc")]
    [TestCase("/srv;evil x")]
    public void RefusesARootThatIsNone(string root) =>
        Assert.That(Given.Routed(With(("VIRTUAL_PROTO", "fastcgi"), ("VIRTUAL_ROOT", root))).FateOf("shop").Reason, Is.EqualTo(ReasonIds.InvalidValue));

    [Test]
    public void AnEmptyHostNamesNone() =>
        Assert.That(Given.Routed(Given.Container("shop").WithEnv(("VIRTUAL_HOST", ""))).FateOf("shop").Reason, Is.EqualTo(ReasonIds.NoHost));

    [TestCase("HTTPS_METHOD", "nohttp", false)]
    [TestCase("HTTPS_METHOD", "redirect", true)]
    [TestCase("ENABLE_HTTP_ON_MISSING_CERT", "false", false)]
    [TestCase("ENABLE_HTTP_ON_MISSING_CERT", "maybe", false)]
    [TestCase("ENABLE_HTTP_ON_MISSING_CERT", "true", true)]
    [TestCase("ENABLE_HTTP_ON_MISSING_CERT", " ", true)]
    [TestCase("NETWORK_ACCESS", "internal", false)]
    public void WhatClosesSomethingIsNotForgottenWhereNativeLabelsNameTheHosts(string variable, string value, bool isServed) =>
        Assert.That(Given.Routed(Given.Hosted("shop", "shop.example.com").WithEnv((variable, value))).Host("shop.example.com").Routes.Single().Servers().Any(), Is.EqualTo(isServed));

    [Test]
    public void BlueAndGreenFromTwoProjectsShareTheHost()
    {
        var result = Given.Routed(
            With().In("blue", "web"),
            (Given.Container("green").WithEnv(("VIRTUAL_HOST", "shop.example.com"))).In("green", "web"));
        Assert.That((result.Host("shop.example.com").Routes.Single().Upstream.Servers.Length, result.Findings.Length), Is.EqualTo((2, 0)));
    }
}
