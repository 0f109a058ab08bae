using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Fixed;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>Routes of the operator's to what is no container.</summary>
public sealed class StaticRouteTests
{
    private static StaticRoute Route(string name, string servers, params (string Key, string Value)[] keys) => new(
        name,
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).AddRange(keys.Select(static key => KeyValuePair.Create(key.Key, key.Value))),
        [.. servers.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static text => StaticServer.TryParse(text, out var server) ? server : throw new ArgumentException(text))]);

    private static RoutingPolicy Policy(params StaticRoute[] routes) => new() { Routes = [.. routes] };

    [Test]
    public void AllTargetsAreServersOfOneUpstream()
    {
        var result = Given.Routed(Policy(Route("nas", "192.168.1.11:5000 [2001:db8::1]:80", ("host", "nas.example.com"), ("allow", "private"), ("weight", "3"))));

        var route = result.Host("nas.example.com").Routes.Single();
        Assert.That(route.Upstream.Servers.Select(static server => $"{server.Address} {server.Port} {server.Weight} {server.Container}"), Is.EquivalentTo(new[] { "192.168.1.11 5000 3 ", "2001:db8::1 80 3 " }));
        Assert.That((route.Allow.IsEmpty, route.Containers.Length, result.Findings.Length), Is.EqualTo((false, 0, 0)));
    }

    [Test]
    public void BetweenEqualsTheOperatorsWordCounts()
    {
        var result = Given.Routed(Policy(Route("nas", "192.168.1.11:5000", ("host", "nas.example.com"))), Given.Hosted("old", "nas.example.com").Since(TimeSpan.FromDays(900)));

        Assert.That(result.Host("nas.example.com").Routes.Single().Servers(), Is.EqualTo(new[] { "192.168.1.11:5000" }));
        Assert.That(result.FateOf("old").Reason, Is.EqualTo(ReasonIds.ConflictLost));
    }

    [Test]
    public void ContainersMayHaveOtherPathsOfTheHost()
    {
        var result = Given.Routed(Policy(Route("nas", "192.168.1.11:5000", ("host", "nas.example.com"), ("path", "/files"))), Given.Hosted("web", "nas.example.com"));
        Assert.That(result.Host("nas.example.com").Routes.Select(static route => route.Path.Text), Is.EqualTo(new[] { "/files", "/" }));
    }

    [Test]
    public void ARedirectNeedsNoServers() =>
        Assert.That(Given.Routed(Policy(Route("apex", "", ("host", "example.com"), ("redirect.to", "https://www.example.com")))).Host("example.com").Routes.Single().RedirectTo!.Url, Is.EqualTo("https://www.example.com"));

    [TestCase(ProxyKind.Nginx)]
    [TestCase(ProxyKind.HAProxy)]
    public void ANameIsLookedUpWhileTheProxyRuns(ProxyKind kind)
    {
        var result = Given.Routed(Given.Snapshot(Given.Proxy()), Policy(Route("nas", "nas.lan:5000", ("host", "nas.example.com"))), kind);
        Assert.That(result.Host("nas.example.com").Routes.Single().Upstream.Servers.Single().IsLookedUp, Is.True);
    }

    [Test]
    public void AnOldNginxLooksUpOneNameForARoute()
    {
        var old = Given.Proxy() with { Image = new ImageReference("", "nginx", "1.22", "") };
        var result = Given.Routed(Given.Snapshot(old), Policy(Route("nas", "nas.lan:5000 192.168.1.1:80", ("host", "nas.example.com"))));

        Assert.That(result.Host("nas.example.com").Routes.Single().Servers(), Is.EqualTo(new[] { "192.168.1.1:80" }));
        Assert.That(result.Messages(ReasonIds.UnsupportedOption).Single(), Does.Contain("routes.nas is not routed: the name nas.lan in servers is not available in nginx before 1.27.3 beside other servers; write an address."));
    }

    [Test]
    public void WhatTheProxyCannotDoIsRefused()
    {
        var result = Given.Routed(Given.Snapshot(Given.Proxy()), Policy(Route("nas", "192.168.1.1:80", ("host", "nas.example.com"), ("protocol", "fastcgi"))), ProxyKind.HAProxy);
        Assert.That((result.Host("nas.example.com").Routes.Single().Upstream.Servers.Length, result.Findings.Any(static finding => finding.Reason == ReasonIds.UnsupportedOption)), Is.EqualTo((0, true)));
    }

    [TestCase("192.168.1.10:5000", true)]
    [TestCase("[2001:db8::1]:80", true)]
    [TestCase("nas.lan:5000", true)]
    [TestCase("nas:1", true)]
    [TestCase("2001:db8::1:80", false)]
    [TestCase("[192.168.1.10]:80", false)]
    [TestCase("192.168.1.10", false)]
    [TestCase("192.168.1.10:0", false)]
    [TestCase(":80", false)]
    [TestCase("*.lan:80", false)]
    [TestCase("~a:80", false)]
    [TestCase("unix:/run/x:80", false)]
    [TestCase("http://nas:80", false)]
    [TestCase("nas lan:80", false)]
    [TestCase("nas.lan;:80", false)]
    public void TargetsAreRead(string text, bool isLegal) => Assert.That(StaticServer.TryParse(text, out _), Is.EqualTo(isLegal));
}
