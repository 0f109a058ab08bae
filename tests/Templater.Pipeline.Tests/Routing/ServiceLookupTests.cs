using Templater.Docker.Wire;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Tests.Inventory;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>Services of a Swarm that the proxy looks up by name, all tasks at once; and those where it cannot.</summary>
public sealed class ServiceLookupTests
{
    private static readonly (string, string)[] Labels = [("templater.host", "shop.example.com"), ("templater.endpoints", "dns")];
    private static readonly TaskRecord[] Two = [GivenSwarm.Task("shop", 1), GivenSwarm.Task("shop", 2)];

    [TestCase(ProxyKind.Nginx, "nginx", "1.22", true)]
    [TestCase(ProxyKind.Nginx, "nginx", "1.27.3", true)]
    [TestCase(ProxyKind.HAProxy, "haproxy", "2.6", true)]
    [TestCase(ProxyKind.Nginx, "nginx", "1.22", false)]
    [TestCase(ProxyKind.Nginx, "nginx", "1.27.3", false)]
    [TestCase(ProxyKind.HAProxy, "haproxy", "2.6", false)]
    public void OneNameStandsForAllTasks(ProxyKind kind, string image, string version, bool hasVirtualAddress)
    {
        var result = Routed(kind, image, version, Service(hasVirtualAddress, Labels), Two);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Servers(result), Is.EqualTo(new[] { "tasks.shop:80 x8 Up" }));
            Assert.That(result.Findings.Where(static f => f.Severity == FindingSeverity.Warning), Is.Empty);
        }
    }

    [Test]
    public void ScalingAndReschedulingChangeNothing() => Assert.That(
        Given.Dump(HAProxy(Service(false, Labels), [GivenSwarm.Task("shop", 7), GivenSwarm.Task("shop", 8, GivenSwarm.Own, wanted: "shutdown"), GivenSwarm.Task("shop", 9)]))
            .Split('\n').Where(static line => line.Contains("tasks.shop", StringComparison.Ordinal)),
        Is.EqualTo(Given.Dump(HAProxy(Service(false, Labels), Two)).Split('\n').Where(static line => line.Contains("tasks.shop", StringComparison.Ordinal))));

    [TestCase(0, 8)]
    [TestCase(8, 8)]
    [TestCase(9, 16)]
    [TestCase(100_000, 1024)]
    public void ThereIsRoomToGrow(int replicas, int places)
    {
        var service = Service(true, Labels);
        service = service with { Spec = service.Spec with { Mode = new ServiceMode { Replicated = new ReplicatedMode { Replicas = replicas } } } };
        Assert.That(Servers(HAProxy(service, Two)), Is.EqualTo(new[] { $"tasks.shop:80 x{places} Up" }));
    }

    [Test]
    public void InModeGlobalTheTasksAreCounted()
    {
        var service = Service(true, Labels);
        service = service with { Spec = service.Spec with { Mode = new ServiceMode { Global = new GlobalMode() } } };
        var tasks = Enumerable.Range(1, 12).Select(static number => GivenSwarm.Task("shop", 0, "node" + number)).ToArray();
        Assert.That(Servers(HAProxy(service, tasks)), Is.EqualTo(new[] { "tasks.shop:80 x16 Up" }));
    }

    [TestCase(ProxyKind.Nginx, "nginx", "1.22", "templater.rewrite", "/x", "in nginx before 1.27.3 together with rewrite")]
    [TestCase(ProxyKind.Nginx, "nginx", "1.22", "templater.protocol", "grpc", "in nginx before 1.27.3 with the protocol grpc")]
    [TestCase(ProxyKind.HAProxy, "haproxy", "2.6", "templater.sticky", "cookie", "in HAProxy together with sticky=cookie")]
    [TestCase(ProxyKind.Centauri, "centauri", "1.0", "templater.x", "y", "for this kind of proxy")]
    [TestCase(ProxyKind.Other, "other", "1.0", "templater.x", "y", "for this kind of proxy")]
    public void WhereThatCannotBeItsTasksAreAddressedAndItIsSaidOnce(ProxyKind kind, string image, string version, string key, string value, string why)
    {
        var result = Routed(kind, image, version, Service(false, [.. Labels, .. key == "templater.rewrite" ? new[] { ("templater.path", "/api") } : [], (key, value)]), Two);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Servers(result), Is.EqualTo(new[] { "10.0.1.11:80 x1 Up", "10.0.1.12:80 x1 Up" }));
            Assert.That(result.Messages(ReasonIds.UnsupportedOption).Where(static m => m.Contains("endpoints=dns", StringComparison.Ordinal)), Is.EqualTo(new[]
            {
                $"warning unsupported-option: service \"shop\": templater.endpoints=dns is not available {why}; the addresses of its tasks are used.",
            }));
        }
    }

    [Test]
    public void AProxyOnTheHostsNetworkKnowsNoNames()
    {
        var proxy = Given.Proxy() with { NetworkMode = "host", Endpoints = [Given.On("host", 0)] };
        var result = Routed(proxy, ProxyKind.Nginx, Service(true, Labels), Two);
        Assert.That(result.Messages(ReasonIds.UnsupportedOption), Has.Exactly(1).Contains("for a proxy on the host's network"));
    }

    [TestCase("edge.endpoints", "dns")]
    [TestCase("templater.endpoints", "dsn")]
    [TestCase("templater.endpoints", "tasks")]
    public void WhatIsNotAskedForIsNotDone(string key, string value) => Assert.That(
        Servers(HAProxy(Service(true, ("templater.host", "shop.example.com"), (key, value)), Two)), Is.EqualTo(new[] { "10.0.1.11:80 x1 Up", "10.0.1.12:80 x1 Up" }));

    [TestCase("templater.allow", "nobody")]
    [TestCase("templater.auth.basic", "plain")]
    [TestCase("templater.network", "../x")]
    public void WhatClosesTheServiceClosesItsNameToo(string key, string value) => Assert.That(
        HAProxy(Service(false, [.. Labels, (key, value)]), Two).VirtualHosts.SelectMany(static host => host.Routes).SelectMany(static route => route.Upstream.Servers), Is.Empty);

    [Test]
    public void WithoutARunningTaskThereIsNobody() =>
        Assert.That(HAProxy(Service(true, Labels), [GivenSwarm.Task("shop", 1, state: "starting")]).VirtualHosts.Single().Routes.Single().Upstream.Servers, Is.Empty);

    [Test]
    public void AServiceOnAnotherNetworkIsNotReached()
    {
        var elsewhere = GivenSwarm.Task("shop", 1) with { NetworksAttachments = [GivenSwarm.Attached("back", "10.0.2.3/24")] };
        var result = HAProxy(Service(false, Labels), [elsewhere]);
        Assert.That(result.Messages(ReasonIds.NoSharedNetwork), Has.Exactly(1).Contains("container \"shop\" is not routed for shop.example.com: it is on [back]"));
    }

    [Test]
    public void OlderRecordingsHaveTheTasksOnly()
    {
        var tasks = GivenSwarm.Merged([Service(true, Labels)], Two).Where(static c => c.Origin!.Kind == OriginKind.Task).Select(static c => c with { Origin = c.Origin! with { Places = 0 } });
        var snapshot = Given.Snapshot([Proxy("haproxy", "2.6"), .. tasks]);
        Assert.That(Servers(Given.Routed(snapshot, kind: ProxyKind.HAProxy)), Is.EqualTo(new[] { "10.0.1.11:80 x1 Up", "10.0.1.12:80 x1 Up" }));
    }

    private static ServiceRecord Service(bool hasVirtualAddress, params (string, string)[] labels) =>
        hasVirtualAddress ? GivenSwarm.Service("shop", labels) : GivenSwarm.Service("shop", labels) with { Endpoint = new ServiceEndpoint() };

    private static RoutingResult HAProxy(ServiceRecord service, TaskRecord[] tasks) => Routed(ProxyKind.HAProxy, "haproxy", "2.6", service, tasks);

    private static RoutingResult Routed(ProxyKind kind, string image, string version, ServiceRecord service, TaskRecord[] tasks) =>
        Routed(Proxy(image, version), kind, service, tasks);

    private static RoutingResult Routed(Container proxy, ProxyKind kind, ServiceRecord service, TaskRecord[] tasks) =>
        Given.Routed(Given.Snapshot([proxy, .. GivenSwarm.Merged([service], tasks)]), kind: kind);

    private static Container Proxy(string image, string version) => Given.Proxy() with { Image = new ImageReference("", image, version, "") };

    private static string[] Servers(RoutingResult result) =>
    [
        .. result.VirtualHosts.SelectMany(static host => host.Routes).SelectMany(static route => route.Upstream.Servers)
            .Select(static server => $"{server.Address}:{server.Port} x{server.Places} {server.State}").Order(StringComparer.Ordinal),
    ];
}
