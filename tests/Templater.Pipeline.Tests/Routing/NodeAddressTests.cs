using Templater.Docker.Wire;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Inventory.Swarm;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Tests.Inventory;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>Tasks that are reached by the address of their node: on its network, or by a port that is published there.</summary>
public sealed class NodeAddressTests
{
    private static readonly (string, string)[] Labels = [("templater.host", "shop.example.com"), ("templater.port", "8080")];

    [TestCase(GivenSwarm.Other, "192.0.2.2:8080")]
    [TestCase(GivenSwarm.Own, "192.0.2.1:8080")]
    public void ATaskOnTheNodesNetworkHasTheNodesAddress(string node, string server) =>
        Assert.That(Servers(Routed(GivenSwarm.Service("shop", Labels), OnHost(GivenSwarm.Task("shop", 1, node)))), Is.EqualTo(new[] { server }));

    // The way that was there before: the gateway of a bridge is this node.
    [Test]
    public void OnThisNodeAGatewayIsNearer()
    {
        var task = OnHost(GivenSwarm.Task("shop", 1, GivenSwarm.Own));
        var snapshot = Given.Snapshot([Given.Proxy(), .. GivenSwarm.Merged([GivenSwarm.Service("shop", Labels)], [task], Local(task))]);
        Assert.That(Servers(Given.Routed(snapshot)), Is.EqualTo(new[] { "172.20.0.1:8080" }));
    }

    [TestCase("127.0.0.1")]
    [TestCase("0.0.0.0")]
    [TestCase("::")]
    [TestCase("")]
    [TestCase("fe80::1%eth0")]
    [TestCase("192.0.2.2; evil")]
    public void WhatOthersDoNotReachIsNoAddressOfANode(string address)
    {
        NodeRecord[] nodes = [new() { ID = GivenSwarm.Other, Status = new NodeStatus { Addr = address } }];
        var tasks = new TaskContainers(new SwarmReading(GivenSwarm.Own, [GivenSwarm.Service("shop", Labels)], [OnHost(GivenSwarm.Task("shop", 1))], nodes), EnvFilter.Default).Of([]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(tasks.Single().Origin!.NodeAddress, Is.Null);
            Assert.That(Servers(Given.Routed(Given.Snapshot([Given.Proxy(), .. tasks]))), Is.Empty);
        }
    }

    [TestCase(GivenSwarm.Other, "192.0.2.2:18080")]
    [TestCase(GivenSwarm.Own, "192.0.2.1:18080")]
    public void ATaskWithoutSharedNetworkIsReachedByItsPublishedPort(string node, string server)
    {
        var task = Published(GivenSwarm.Task("shop", 0, node), "tcp");
        var result = Routed(GivenSwarm.Service("shop", Labels), task);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Servers(result), Is.EqualTo(new[] { server }));
            Assert.That(result.Findings, Is.Empty);
        }
    }

    [Test]
    public void ASharedNetworkIsNearer()
    {
        var task = GivenSwarm.Task("shop", 1);
        Assert.That(Servers(Routed(GivenSwarm.Service("shop", Labels), Published(task, "tcp") with { NetworksAttachments = task.NetworksAttachments })), Is.EqualTo(new[] { "10.0.1.11:8080" }));
    }

    [TestCase("tcp", "9090", null)]
    [TestCase("udp", "8080", null)]
    [TestCase("tcp", "8080", "front")]
    public void AnotherPortOrNetworkIsNotReached(string protocol, string port, string? network)
    {
        (string, string)[] labels = [("templater.host", "shop.example.com"), ("templater.port", port), .. network is null ? Array.Empty<(string, string)>() : [("templater.network", network)]];
        var result = Routed(GivenSwarm.Service("shop", labels), Published(GivenSwarm.Task("shop", 0), protocol));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Servers(result), Is.Empty);
            Assert.That(result.Findings.Select(static f => f.Reason), Does.Contain(network is null ? ReasonIds.NoSharedNetwork : ReasonIds.NetworkNotFound));
        }
    }

    // The routing mesh's ports are no task's own.
    [Test]
    public void APortOfTheRoutingMeshIsNoWay()
    {
        var task = Published(GivenSwarm.Task("shop", 0), "tcp");
        task = task with { Status = task.Status with { PortStatus = new TaskPortStatus { Ports = [.. task.Status.PortStatus.Ports.Select(static port => port with { PublishMode = "ingress" })] } } };
        Assert.That(Servers(Routed(GivenSwarm.Service("shop", Labels), task)), Is.Empty);
    }

    private static TaskRecord OnHost(TaskRecord task) => task with { NetworksAttachments = [GivenSwarm.Attached("host", "") with { Addresses = [] }] };

    private static TaskRecord Published(TaskRecord task, string protocol)
    {
        var port = new ServicePort { TargetPort = 8080, PublishedPort = 18080, Protocol = protocol, PublishMode = "host" };
        return task with { NetworksAttachments = [], Status = task.Status with { PortStatus = new TaskPortStatus { Ports = [port, port] } } };
    }

    // As the engine of this node lists it.
    private static Container Local(TaskRecord task) => GivenSwarm.Container(task) with
    {
        NetworkMode = task.NetworksAttachments is [{ Network.Spec.Name: "host" }] ? "host" : "default",
        Endpoints = task.NetworksAttachments is [{ Network.Spec.Name: "host" }] ? [new Endpoint { NetworkName = "host" }] : [Given.On("bridge", 2)],
        Ports = [.. task.Status.PortStatus.Ports.Take(1).Select(static port => new ContainerPort(port.TargetPort, port.Protocol, port.PublishedPort))],
    };

    // The proxy is on an overlay network, which has no gateway.
    private static RoutingResult Routed(ServiceRecord service, TaskRecord task)
    {
        var proxy = Given.Proxy() with { Endpoints = [Given.On("front", 9) with { Gateway = "" }] };
        return Given.Routed(Given.Snapshot([proxy, .. GivenSwarm.Merged([service], [task], task.NodeID == GivenSwarm.Own ? [Local(task)] : [])]));
    }

    private static string[] Servers(RoutingResult result) =>
        [.. result.VirtualHosts.SelectMany(static host => host.Routes).SelectMany(static route => route.Servers())];
}
