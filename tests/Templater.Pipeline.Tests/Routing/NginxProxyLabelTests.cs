using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Dialects.NginxProxy;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>The labels com.github.nginx-proxy.nginx-proxy.*.</summary>
public sealed class NginxProxyLabelTests
{
    private static Container With(string key, string value, params (string Key, string Value)[] variables) =>
        Given.Container("shop", (ProxyLabels.Prefix + key, value)).WithEnv([("VIRTUAL_HOST", "shop.example.com"), .. variables]);

    private static VirtualHost HostWith(string key, string value, ProxyKind kind = ProxyKind.Nginx) =>
        Given.Routed(Given.Snapshot(Given.Proxy(), With(key, value)), kind: kind).Host("shop.example.com");

    [TestCase("round_robin", BalanceAlgorithm.RoundRobin, null, null)]
    [TestCase("least_conn;", BalanceAlgorithm.LeastConn, null, null)]
    [TestCase("ip_hash;", BalanceAlgorithm.Source, "ip_hash", null)]
    [TestCase("random", BalanceAlgorithm.Random, null, null)]
    [TestCase("random two;", BalanceAlgorithm.Random, "random two least_conn", "random(2)")]
    [TestCase("random  two\tleast_conn ;", BalanceAlgorithm.Random, "random two least_conn", "random(2)")]
    [TestCase("hash $remote_addr;", BalanceAlgorithm.Source, "hash $remote_addr", null)]
    [TestCase("hash $request_uri consistent;", BalanceAlgorithm.Uri, "hash $request_uri consistent", null)]
    [TestCase("hash $host", BalanceAlgorithm.Source, "hash $host", "hash var(txn.host)")]
    [TestCase("hash $uri", BalanceAlgorithm.Source, "hash $uri", "hash path")]
    [TestCase("hash $cookie_JSESSIONID", BalanceAlgorithm.Source, "hash $cookie_jsessionid", "hash req.cook(JSESSIONID)")]
    [TestCase("hash $arg_user consistent", BalanceAlgorithm.Source, "hash $arg_user consistent", "hash url_param(user)")]
    [TestCase("hash $http_x_user", BalanceAlgorithm.Source, "hash $http_x_user", "hash req.hdr(x-user)")]
    public void ReadsTheBalance(string value, BalanceAlgorithm balance, string? nginx, string? haproxy)
    {
        var upstream = HostWith("loadbalance", value).Routes.Single().Upstream;
        Assert.That((upstream.Balance, upstream.BalanceMethod?.Nginx, upstream.BalanceMethod?.HAProxy), Is.EqualTo((balance, nginx, haproxy)));
    }

    [TestCase("loadbalance", "ip_hash; server 192.0.2.1", ReasonIds.UnsupportedOption)]
    [TestCase("loadbalance", "ip_hash;;", ReasonIds.UnsupportedOption)]
    [TestCase("loadbalance", "hash $remote_addr$request_uri", ReasonIds.UnsupportedOption)]
    [TestCase("loadbalance", "hash $cookie_", ReasonIds.UnsupportedOption)]
    [TestCase("loadbalance", "hash $cookie_a)b", ReasonIds.UnsupportedOption)]
    [TestCase("loadbalance", "hash $scheme", ReasonIds.UnsupportedOption)]
    [TestCase("loadbalance", "hash $host consistently", ReasonIds.UnsupportedOption)]
    [TestCase("loadbalance", "zone x 64k;", ReasonIds.UnsupportedOption)]
    [TestCase("keepalive", "many", ReasonIds.InvalidValue)]
    [TestCase("keepalive", "-1", ReasonIds.InvalidValue)]
    [TestCase("non-get-redirect", "302", ReasonIds.InvalidValue)]
    [TestCase("trust-default-cert", "perhaps", ReasonIds.InvalidValue)]
    [TestCase("http2.enable", "2", ReasonIds.InvalidValue)]
    [TestCase("http3.enable", "2", ReasonIds.InvalidValue)]
    [TestCase("debug-endpoint", "true", ReasonIds.UnsupportedOption)]
    [TestCase("loadbalanc", "ip_hash", ReasonIds.UnknownLabel)]
    public void WhatCannotBeHonouredIsIgnoredWithAWarning(string key, string value, string reason)
    {
        var result = Given.Routed(With(key, value));
        Assert.That((result.FateOf("shop").Reason, result.Findings.Single().Reason), Is.EqualTo(((string?)null, reason)));
        Assert.That(result.Host("shop.example.com").Routes.Single().Upstream.BalanceMethod, Is.Null);
    }

    [Test]
    public void AnUnknownLabelIsReportedWithTheNearestName() =>
        Assert.That(Given.Routed(With("keep-alive", "auto")).Messages().Single(), Does.Contain("Was com.github.nginx-proxy.nginx-proxy.keepalive meant?"));

    [TestCase("auto", 2)]
    [TestCase("64", 64)]
    [TestCase("disabled", 0)]
    public void ReadsTheKeepalive(string value, int expected) =>
        Assert.That(HostWith("keepalive", value).Routes.Single().Upstream.Keepalive, Is.EqualTo(expected));

    [TestCase("true", true)]
    [TestCase("f", false)]
    public void ReadsHttp2(string value, bool expected) =>
        Assert.That(HostWith("http2.enable", value).Https.Http2, Is.EqualTo(expected));

    [Test]
    public void TheLabelBeatsTheVariableForOtherMethods()
    {
        var host = Given.Routed(With("non-get-redirect", "308", ("NON_GET_REDIRECT", "307"))).Host("shop.example.com");
        Assert.That((host.Https.RedirectCode, host.Https.NonGetRedirectCode), Is.EqualTo((301, 308)));
    }

    [TestCase("true", ProxyKind.Nginx, "default", true)]
    [TestCase("false", ProxyKind.Nginx, null, false)]
    [TestCase("true", ProxyKind.HAProxy, null, false)]
    public void TheDefaultPairServesWhatNoOtherCovers(string value, ProxyKind kind, string? expected, bool isDefault)
    {
        var snapshot = Given.Snapshot(Given.Proxy(), With("trust-default-cert", value)) with { Certificates = [Given.Pair("default", "fallback.example.org")] };
        var https = Given.Routed(snapshot, kind: kind).Host("shop.example.com").Https;
        Assert.That((https.Certificate?.Name, https.IsDefaultPair), Is.EqualTo((expected, isDefault)));
    }

    [Test]
    public void ACoveringPairComesBeforeTheDefaultOne()
    {
        var snapshot = Given.Snapshot(Given.Proxy(), With("trust-default-cert", "true")) with
        {
            Certificates = [Given.Pair("default", "fallback.example.org"), Given.Pair("shop", "shop.example.com")],
        };
        Assert.That(Given.Routed(snapshot).Host("shop.example.com").Https.Certificate?.Name, Is.EqualTo("shop"));
    }

    [Test]
    public void TheMarkedContainerIsTheProxy()
    {
        var marked = Given.Container("web-server", (ProxyLabels.Proxy, "")) with { Ports = [] };
        var context = ProxyLocator.Locate(Given.Snapshot(marked, Given.Container("other")), "nginx", ProxyKind.Nginx, new ProxyHint.None());
        Assert.That(context.Containers, Is.EqualTo(new[] { marked.Id }));
    }

    [Test]
    public void ContainersThatDisagreeAreReported()
    {
        var other = Given.Container("web", (ProxyLabels.Prefix + "loadbalance", "ip_hash")).WithEnv(("VIRTUAL_HOST", "shop.example.com"));
        Assert.That(Given.Routed(With("loadbalance", "hash $remote_addr"), other).Messages(ReasonIds.ConflictValue).Single(), Does.Contain("ip_hash").And.Contain("hash $remote_addr"));
    }
}
