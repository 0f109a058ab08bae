using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>Who is looked up by name, and who is addressed as usual because that would not do.</summary>
public sealed class EndpointTests
{
    private const string Host = "a.example.com";

    [TestCase(ProxyKind.Nginx, "nginx", "1.22", "web")]
    [TestCase(ProxyKind.Nginx, "nginx", "1.27.3", "web-1 web-2")]
    [TestCase(ProxyKind.HAProxy, "haproxy", "2.6", "web-1 web-2")]
    public void ReplicasHaveOneNameWhereOnlyOneIsLookedUp(ProxyKind kind, string image, string version, string names) =>
        Assert.That(Names(kind, image, version, Web("web-1", 1), Web("web-2", 2)).Distinct(), Is.EqualTo(names.Split(' ')));

    [Test]
    public void ANameThatSomebodyElseHasTooIsNotUsed()
    {
        var stranger = Given.Container("stranger") with { Endpoints = [Given.On("front", 77) with { Aliases = ["WEB"] }] };
        Assert.That(Names(ProxyKind.Nginx, "nginx", "1.22", Web("web-1", 1), stranger), Is.EqualTo(new[] { "web-1" }));
    }

    // Docker's name server gives the addresses of all who have a name.
    [TestCase(ProxyKind.Nginx, "nginx", "1.22", "WEB-1")]
    [TestCase(ProxyKind.Nginx, "nginx", "1.27.3", "web-1")]
    [TestCase(ProxyKind.HAProxy, "haproxy", "2.6", "web-1")]
    public void NobodyTakesRequestsByAnAliasLikeAnotherContainersName(ProxyKind kind, string image, string version, string alias)
    {
        var web = Web("web-1", 1) with { Compose = null };
        var stranger = Given.Container("stranger") with { Endpoints = [Given.On("front", 77) with { Aliases = [alias] }] };
        var elsewhere = stranger with { Endpoints = [Given.On("back", 77) with { Aliases = [alias] }] };
        using (Assert.EnterMultipleScope())
        {
            var result = Routed(kind, image, version, web, stranger);
            Assert.That(Addresses(result), Is.EqualTo(new[] { web.Endpoints[0].IPv4 }));
            Assert.That(result.Messages(ReasonIds.UnsupportedOption).Single(), Does.Contain("is not available for a name that \"stranger\" has on the network, too; the container's address is used."));
            Assert.That(Names(kind, image, version, web, elsewhere), Is.EqualTo(new[] { "web-1" }));
        }
    }

    [Test]
    public void AnAliasThatAppearsLaterIsNoticed()
    {
        var (memory, proxy, web) = (new OutcomeMemory(), Given.Proxy() with { Image = new ImageReference("", "haproxy", "2.6", "") }, Web("web-1", 1));
        string Address(params Container[] others)
        {
            var snapshot = Given.Snapshot([proxy, web, .. others]);
            return Servers(Router.Route(snapshot, ProxyLocator.Locate(snapshot, "nginx", ProxyKind.HAProxy, new ProxyHint.None()), new RoutingPolicy(), memory)).Single().Address;
        }

        var stranger = Given.Container("stranger") with { Endpoints = [Given.On("front", 77) with { Aliases = ["web-1"] }] };
        Assert.That((Address(), Address(stranger), Address()), Is.EqualTo(("web-1", web.Endpoints[0].IPv4, "web-1")));
    }

    [Test]
    public void ANameBehindWhichAReplicaAsksForSomethingElseIsNotUsed()
    {
        var other = Web("web-2", 2) with { Labels = Web("web-2", 2).Labels.SetItem("templater.host", "b.example.com").Add("templater.allow", "private") };
        Assert.That(Names(ProxyKind.Nginx, "nginx", "1.22", Web("web-1", 1), other), Is.EqualTo(new[] { "web-1", "web-2" }));
    }

    // Whoever is not in the network has no name in it; a look falls between the steps of starting one.
    [TestCase(ContainerState.Created, HealthStatus.None, true)]
    [TestCase(ContainerState.Exited, HealthStatus.None, true)]
    [TestCase(ContainerState.Removing, HealthStatus.None, true)]
    [TestCase(ContainerState.Dead, HealthStatus.None, true)]
    [TestCase(ContainerState.Paused, HealthStatus.None, false)]
    [TestCase(ContainerState.Restarting, HealthStatus.None, false)]
    [TestCase(ContainerState.Running, HealthStatus.Starting, false)]
    [TestCase(ContainerState.Running, HealthStatus.Unhealthy, false)]
    public void AReplicaThatDoesNotServeCountsOnlyWhereItsNameIsKnown(ContainerState state, HealthStatus health, bool isShared) => Assert.That(
        Names(ProxyKind.Nginx, "nginx", "1.22", Web("web-1", 1), Web("web-2", 2) with { State = state, Health = health }), Is.EqualTo(new[] { isShared ? "web" : "web-1" }));

    [TestCase("templater.rewrite", "/", "in nginx before 1.27.3 together with rewrite")]
    [TestCase("templater.protocol", "grpc", "in nginx before 1.27.3 with the protocol grpc")]
    public void WhatAnOldNginxCannotLookUpIsAddressed(string key, string value, string why)
    {
        var web = Web("web-1", 1);
        var result = Routed(ProxyKind.Nginx, "nginx", "1.22", web with { Labels = web.Labels.Add("templater.path", "/api").Add(key, value) });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Addresses(result), Is.EqualTo(new[] { web.Endpoints[0].IPv4 }));
            Assert.That(result.Messages(ReasonIds.UnsupportedOption), Does.Contain(
                $"warning unsupported-option: container \"web-1\": templater.endpoints=dns is not available {why}; the container's address is used."));
        }
    }

    [Test]
    public void AProxyOnTheHostsNetworkKnowsNoNames()
    {
        var proxy = Given.Proxy() with { NetworkMode = "host", Endpoints = [Given.On("host", 0)] };
        var result = Given.Routed(Given.Snapshot(proxy, Web("web-1", 1)));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Addresses(result), Is.EqualTo(new[] { Web("web-1", 1).Endpoints[0].IPv4 }));
            Assert.That(result.Messages(ReasonIds.UnsupportedOption).Single(), Does.Contain("for a proxy on the host's network"));
        }
    }

    [TestCase(ProxyKind.Centauri)]
    [TestCase(ProxyKind.Other)]
    public void OtherProxiesGetAddresses(ProxyKind kind)
    {
        var result = Given.Routed(Given.Snapshot(Web("web-1", 1)), kind: kind);
        Assert.That((Addresses(result).Single(), result.Messages(ReasonIds.UnsupportedOption).Count()), Is.EqualTo((Web("web-1", 1).Endpoints[0].IPv4, 1)));
    }

    [TestCase("dsn")]
    [TestCase("")]
    [TestCase("dns,tasks")]
    public void AnotherWordIsSaidAndHasNoEffect(string value)
    {
        var web = Web("web-1", 1);
        var result = Routed(ProxyKind.HAProxy, "haproxy", "2.6", web with { Labels = web.Labels.SetItem("templater.endpoints", value) });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Addresses(result), Is.EqualTo(new[] { web.Endpoints[0].IPv4 }));
            Assert.That(result.Findings, value.Length > 0 ? Has.Length.EqualTo(1) : Has.Length.LessThanOrEqualTo(1));
        }
    }

    private static Container Web(string name, int number) =>
        Given.Hosted(name, Host, ("templater.endpoints", "dns")).In("shop", "web", number) with
        {
            Endpoints = [Given.On("front", 10 + number) with { Aliases = ["web"] }],
        };

    private static RoutingResult Routed(ProxyKind kind, string image, string version, params Container[] containers) =>
        Given.Routed(Given.Snapshot([Given.Proxy() with { Image = new ImageReference("", image, version, "") }, .. containers]), kind: kind);

    private static IEnumerable<string> Names(ProxyKind kind, string image, string version, params Container[] containers) =>
        Servers(Routed(kind, image, version, containers)).Where(static server => server.IsLookedUp).Select(static server => server.Address);

    private static IEnumerable<string> Addresses(RoutingResult result) =>
        Servers(result).Where(static server => !server.IsLookedUp).Select(static server => server.Address);

    private static IEnumerable<UpstreamServer> Servers(RoutingResult result) =>
        result.VirtualHosts.SelectMany(static host => host.Routes).SelectMany(static route => route.Upstream.Servers);
}
