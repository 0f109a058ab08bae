using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>What a proxy cannot do is said, and never done in another way in silence.</summary>
public sealed class CapabilityTests
{
    private const string Host = "a.example.com";

    [TestCase("grpc")]
    [TestCase("grpcs")]
    [TestCase("fastcgi")]
    [TestCase("uwsgi")]
    public void NginxDoesNotRewriteWhatIsNoHttp(string protocol)
    {
        var result = Asked(ProxyKind.Nginx, ("templater.path", "/api"), ("templater.rewrite", "/"), ("templater.protocol", protocol));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.VirtualHosts.Single().Routes.Single().Rewrite, Is.Null);
            Assert.That(result.Messages(), Is.EqualTo(new[] { $"warning unsupported-option: container \"shop\": rewrite with the protocol {protocol} is not available in nginx; it is ignored." }));
        }
    }

    [TestCase(ProxyKind.Nginx, "http")]
    [TestCase(ProxyKind.Nginx, "https")]
    [TestCase(ProxyKind.HAProxy, "grpc")]
    public void OtherwisePathsAreRewritten(ProxyKind kind, string protocol)
    {
        var result = Asked(kind, ("templater.path", "/api"), ("templater.rewrite", "/"), ("templater.protocol", protocol));
        Assert.That((result.VirtualHosts.Single().Routes.Single().Rewrite, result.Findings.Length), Is.EqualTo(("/", 0)));
    }

    [TestCase("templater.tls.policy", "modern", "tls.policy=modern", "tls_policy=intermediate")]
    [TestCase("templater.http2", "false", "http2=false", "http2=true")]
    public void HAProxyHasOneSetOfProtocolsForAPortWhereATemplateKnowsNoList(string label, string value, string wish, string setting)
    {
        var snapshot = Given.Snapshot(Given.Proxy(), Given.Hosted("shop", Host, (label, value), ("templater.routes.a.path", "/a"), ("templater.routes.b.path", "/b")));
        var proxy = ProxyLocator.Locate(snapshot, "nginx", ProxyKind.HAProxy, new ProxyHint.None());
        Assert.That(Router.Route(snapshot, proxy, new RoutingPolicy()).Findings, Is.Empty);
        Assert.That(Router.Route(snapshot, proxy with { IgnoresCertificateList = true }, new RoutingPolicy()).Messages(), Is.EqualTo(new[]
        {
            $"warning unsupported-option: container \"shop\": {wish} is not available in HAProxy for a single host; it is ignored, and the setting {setting} holds for all.",
        }));
    }

    [TestCase(ProxyKind.Nginx, "1.22", false)]
    [TestCase(ProxyKind.Nginx, "latest", false)]
    [TestCase(ProxyKind.Nginx, "1.24.9", false)]
    [TestCase(ProxyKind.Nginx, "1.25", true)]
    [TestCase(ProxyKind.HAProxy, "3.2", false)]
    [TestCase(ProxyKind.Centauri, "1", false)]
    public void OnlyNginxIsKnownToHaveHttp3AndNotAnyNginx(ProxyKind kind, string version, bool isThere)
    {
        var proxy = Given.Proxy() with { Image = new Templater.Pipeline.Inventory.ImageReference("", "nginx", version, "") };
        var asked = Given.Routed(Given.Snapshot(proxy, Given.Hosted("shop", Host, ("templater.http3", "true"))), kind: kind);
        var set = Given.Routed(Given.Snapshot(proxy, Given.Hosted("shop", Host)), new RoutingPolicy { Http3 = true }, kind);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(asked.Messages().Count(), Is.EqualTo(isThere ? 0 : 1));
            Assert.That(isThere || asked.Messages().Single().StartsWith("warning unsupported-option: container \"shop\": http3=true", StringComparison.Ordinal));
            Assert.That(set.Messages().Count(message => message.Contains("the setting http3 has no effect", StringComparison.Ordinal)), Is.EqualTo(isThere ? 0 : 1));
            Assert.That((asked.Host(Host).Https.Http3, set.Host(Host).Https.Http3), Is.EqualTo((isThere, isThere)));
        }
    }

    [TestCase("templater.tls.policy", "intermediate")]
    [TestCase("templater.http2", "true")]
    public void AWishThatTheSettingFulfilsIsNothingToSay(string label, string value) => Assert.That(Asked(ProxyKind.HAProxy, (label, value)).Findings, Is.Empty);

    [TestCase("modern", "old")]
    [TestCase("old", "intermediate")]
    public void NginxHasOneSetOfVersionsForAPort(string wish, string setting)
    {
        var policy = new RoutingPolicy { TlsPolicy = Enum.Parse<TlsPolicy>(setting, ignoreCase: true) };
        Assert.That(Given.Routed(policy, Given.Hosted("shop", Host, ("templater.tls.policy", wish))).Messages(), Is.EqualTo(new[]
        {
            $"warning unsupported-option: container \"shop\": tls.policy={wish} chooses only the ciphers in nginx; "
                + $"the versions of TLS are the same for all hosts, those of the setting tls_policy={setting}.",
        }));
        Assert.That(Given.Routed(policy, Given.Hosted("shop", Host, ("templater.tls.policy", setting))).Findings, Is.Empty);
    }

    [TestCase("1.22", false)]
    [TestCase("1.25.1", true)]
    public void NginxHasHttp2ByHostSinceSomeVersion(string version, bool isByHost)
    {
        var proxy = Given.Proxy() with { Image = new Templater.Pipeline.Inventory.ImageReference("", "nginx", version, "") };
        var result = Given.Routed(Given.Snapshot(proxy, Given.Hosted("shop", Host, ("templater.http2", "false"))));
        Assert.That(result.Messages("unsupported-option").Count(), Is.EqualTo(isByHost ? 0 : 1));
    }

    [TestCase("templater.response.default.X.Odd", "1", "response.default.X.Odd is not available in nginx, because nginx has no variable for its name; it is ignored.")]
    [TestCase("templater.request.add.X.Odd", "1", "request.add.X.Odd is not available in nginx, because nginx has no variable for its name; it is ignored.")]
    public void AHeaderThatNginxCannotChangeIsIgnoredAlone(string label, string value, string message)
    {
        var result = Asked(ProxyKind.Nginx, (label, value), ("templater.response.set.X-Fine", "1"));
        Assert.That(result.Messages().Single(), Does.EndWith(message));
        Assert.That(result.VirtualHosts.Single().Routes.Single().ResponseHeaders.Single().Name, Is.EqualTo("X-Fine"));
        Assert.That(Asked(ProxyKind.HAProxy, (label, value)).Findings, Is.Empty);
    }

    [Test]
    public void AValueThatBecomesTooLongForNginxIsIgnored() =>
        Assert.That(Asked(ProxyKind.Nginx, ("templater.response.set.X-A", new string('$', 1000))).Messages().Single(), Does.Contain("response.set.X-A is not available in nginx, because its value is longer than"));

    [Test]
    public void ARedirectThatBecomesTooLongForNginxIsRefused() =>
        Assert.That(Asked(ProxyKind.Nginx, ("templater.redirect.to", "https://b.example.com/" + new string('$', 900))).FateOf("shop").Reason, Is.EqualTo("unsupported-option"));

    [TestCase("templater.balance", "source", "balance=source")]
    [TestCase("templater.balance", "uri", "balance=uri")]
    [TestCase("templater.balance", "random", "balance=random")]
    [TestCase("templater.sticky", "source", "sticky=source")]
    public void NginxHasReservesOnlyWhereRequestsGoRound(string label, string value, string wish)
    {
        foreach (var kind in new[] { ProxyKind.Nginx, ProxyKind.HAProxy })
        {
            var result = Given.Routed(
                Given.Snapshot(Given.Proxy(), Given.Hosted("shop1", Host, (label, value)), Given.Hosted("shop2", Host, (label, value), ("templater.backup", "true"))), kind: kind);
            Assert.That(result.Messages(), Is.EqualTo(kind == ProxyKind.HAProxy ? [] : new[]
            {
                $"warning unsupported-option: container \"shop2\": backup is not available in nginx with {wish}; "
                    + "it gets requests only when no other container is ready, and not when others do not answer.",
            }));
        }
    }

    [TestCase("roundrobin")]
    [TestCase("leastconn")]
    public void NginxHasReservesWhereRequestsGoRound(string balance) =>
        Assert.That(
            Given.Routed(
                Given.Hosted("shop1", Host, ("templater.balance", balance)),
                Given.Hosted("shop2", Host, ("templater.balance", balance), ("templater.backup", "true"))).Findings,
            Is.Empty);

    [TestCase("weight", "3", "weight")]
    [TestCase("balance", "source", "balance=source")]
    [TestCase("sticky", "source", "sticky")]
    [TestCase("keepalive", "7", "keepalive")]
    [TestCase("maxconn", "7", "maxconn")]
    [TestCase("check", "tcp", "check")]
    [TestCase("timeout.connect", "1s", "timeout.connect")]
    [TestCase("timeout.server", "1s", "timeout.server")]
    [TestCase("timeout.tunnel", "1s", "timeout.tunnel")]
    [TestCase("max-body", "1m", "max-body")]
    [TestCase("buffering", "off", "buffering=off")]
    [TestCase("upstream.server-name", "b.example.com", "upstream.server-name")]
    [TestCase("request.set.X-A", "1", "request.*")]
    [TestCase("listen.http", "81", "listen.http")]
    [TestCase("listen.https", "80", "listen.https")]
    [TestCase("https", "off", "https=off")]
    [TestCase("https", "optional", "https=optional")]
    [TestCase("https.code", "301", "https.code")]
    [TestCase("http2", "false", "http2=false")]
    [TestCase("tls.policy", "old", "tls.policy=old")]
    [TestCase("tls.certificate", "some", "tls.certificate")]
    public void CentauriDropsNoWishInSilence(string key, string value, string wish)
    {
        var result = Asked(ProxyKind.Centauri, ("templater." + key, value));
        Assert.That(result.Messages(), Is.EqualTo(new[] { $"warning unsupported-option: container \"shop\": {wish} is not available in Centauri; it is ignored." }));
        Assert.That(result.Host(Host).Routes.Single().Upstream.Servers, Has.Length.EqualTo(1));
    }

    [TestCase("https", "only")]
    [TestCase("hsts", "60")]
    [TestCase("backup", "true")]
    [TestCase("response.set.X-A", "1")]
    [TestCase("redirect.from", "www.example.com")]
    public void WhatCentauriDoesIsNothingToSay(string key, string value) => Assert.That(Asked(ProxyKind.Centauri, ("templater." + key, value)).Findings, Is.Empty);

    [TestCase("*.example.com", "a wildcard as host")]
    [TestCase("192.0.2.1", "an address as host")]
    [TestCase("~^a$", "a regular expression as host")]
    public void AHostThatCentauriDoesNotKnowIsLeftOutAloneAndSaid(string host, string what)
    {
        var beside = Given.Routed(Given.Snapshot(Given.Proxy(), Given.Hosted("shop", $"{Host} {host}")), kind: ProxyKind.Centauri);
        var alone = Given.Routed(Given.Snapshot(Given.Proxy(), Given.Hosted("shop", host)), kind: ProxyKind.Centauri);
        var message = $"warning unsupported-option: container \"shop\" is not routed for {host}: {what} is not available in Centauri.";
        using (Assert.EnterMultipleScope())
        {
            Assert.That(beside.Messages().Concat(alone.Messages()), Is.EqualTo(new[] { message, message }));
            Assert.That((beside.VirtualHosts.Single().Aliases.Length, beside.FateOf("shop").Reason), Is.EqualTo((0, (string?)null)));
            Assert.That(alone.FateOf("shop").Reason, Is.EqualTo(ReasonIds.UnsupportedOption));
        }
    }

    [TestCase("X$host")]
    [TestCase("X'a")]
    [TestCase("X#a")]
    [TestCase("X%a")]
    [TestCase("X|a")]
    public void SignsThatMeanSomethingToAProxyAreNoPartOfAHeadersName(string name) =>
        Assert.That(Asked(ProxyKind.Nginx, ("templater.response.set." + name, "1")).Messages("invalid-value").Single(), Does.Contain("a header name was expected"));

    private static RoutingResult Asked(ProxyKind kind, params (string, string)[] labels) =>
        Given.Routed(Given.Snapshot(Given.Proxy(), Given.Hosted("shop", Host, labels)), kind: kind);
}
