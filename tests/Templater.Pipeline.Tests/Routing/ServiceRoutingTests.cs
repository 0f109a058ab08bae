using Templater.Docker.Wire;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Tests.Inventory;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>Services of a Swarm: their labels route their tasks, or them as a whole.</summary>
public sealed class ServiceRoutingTests
{
    private static readonly (string, string) Host = ("templater.host", "shop.example.com");

    [Test]
    public void TasksOfAllNodesServeTheServicesHost()
    {
        var here = GivenSwarm.Task("shop", 1, GivenSwarm.Own);
        var routed = Routed(GivenSwarm.Service("shop", Host), [here, GivenSwarm.Task("shop", 2)], GivenSwarm.Container(here));
        Assert.That(Servers(routed), Is.EqualTo(new[] { "10.0.1.12:8080 Up", "10.0.1.99:8080 Up" }));
        Assert.That(routed.Findings, Is.Empty);
    }

    [Test]
    public void ATaskThatIsLeavingGetsNoNewRequests()
    {
        var here = GivenSwarm.Task("shop", 1, GivenSwarm.Own, wanted: "shutdown");
        var routed = Routed(GivenSwarm.Service("shop", Host), [here, GivenSwarm.Task("shop", 2)], GivenSwarm.Container(here));
        Assert.That(Servers(routed), Is.EqualTo(new[] { "10.0.1.12:8080 Up", "10.0.1.99:8080 Drain" }));
        Assert.That(routed.Fates.Select(static f => f.Reason), Does.Contain(ReasonIds.Draining));
    }

    [Test]
    public void ATaskThatIsStartingGetsNoneYet() =>
        Assert.That(Servers(Routed(GivenSwarm.Service("shop", Host), [GivenSwarm.Task("shop", 1, state: "starting"), GivenSwarm.Task("shop", 2)])), Is.EqualTo(new[] { "10.0.1.12:80 Up" }));

    [Test]
    public void LabelsOfTasksAreNotHeardAndSaidOnce()
    {
        var routed = Routed(GivenSwarm.Service("shop"), [Labelled(1), Labelled(2)]);
        Assert.That(routed.VirtualHosts, Is.Empty);
        Assert.That(routed.Findings.Select(static f => f.ToString()), Is.EqualTo(new[]
        {
            "warning label-on-task: service \"shop\" carries templater.host on its containers; in a Swarm put it under deploy.labels. There it has no effect.",
        }));
    }

    [Test]
    public void NothingIsSaidWhenTheServiceHasTheLabelToo() =>
        Assert.That(Routed(GivenSwarm.Service("shop", Host), [Labelled(1)]).Findings, Is.Empty);

    [Test]
    public void ALabelOfATaskOpensNothingThatTheServiceCloses()
    {
        var service = GivenSwarm.Service("shop", Host, ("templater.allow", "10.0.0.0/8"));
        var task = Labelled(1);
        task = task with { Spec = new TaskSpec { ContainerSpec = task.Spec.ContainerSpec with { Labels = new Dictionary<string, string> { ["templater.allow"] = "0.0.0.0/0" } } } };
        Assert.That(Routed(service, [task]).VirtualHosts.Single().Routes.Single().Allow.Select(static a => a.ToString()), Is.EqualTo(new[] { "10.0.0.0/8" }));
    }

    [Test]
    public void AVirtualAddressStandsForAllTasks()
    {
        var service = GivenSwarm.Service("shop", Host, ("templater.endpoints", "vip"));
        var routed = Routed(service, [GivenSwarm.Task("shop", 1), GivenSwarm.Task("shop", 2)]);
        Assert.That(Servers(routed), Is.EqualTo(new[] { "10.0.1.2:80 Up" }));
        Assert.That(routed.Findings, Is.Empty);
    }

    [TestCase(null, "templater.timeout.tunnel", "20m", true)]
    [TestCase(7200, "templater.timeout.tunnel", "20m", true)]
    [TestCase(901, "templater.timeout.server", "16m", true)]
    [TestCase(900, "templater.timeout.tunnel", "20m", false)]
    [TestCase(null, "templater.timeout.tunnel", "15m", false)]
    [TestCase(null, "templater.timeout.server", "900s", false)]
    public void LongTimeOutsThroughAVirtualAddressAreDoubted(int? keepalive, string label, string value, bool isSaid)
    {
        var service = GivenSwarm.Service("shop", Host, ("templater.endpoints", "vip"), (label, value));
        var proxy = Given.Proxy() with { TcpKeepaliveTime = keepalive, Endpoints = [Given.On("front", 9)] };
        Assert.That(
            Routed(service, [GivenSwarm.Task("shop", 1)], proxy).Findings.Select(static f => f.ToString()),
            isSaid ? Has.Exactly(1).StartsWith("warning idle-timeout: service \"shop\": its virtual address forgets connections") : Is.Empty);
    }

    [Test]
    public void TasksThemselvesForgetNothing() =>
        Assert.That(Routed(GivenSwarm.Service("shop", Host, ("templater.timeout.tunnel", "2h")), [GivenSwarm.Task("shop", 1)]).Findings, Is.Empty);

    [Test]
    public void WithAVirtualAddressScalingChangesNothing()
    {
        var service = GivenSwarm.Service("shop", Host, ("templater.endpoints", "vip"));
        Assert.That(
            Servers(Routed(service, [GivenSwarm.Task("shop", 1), GivenSwarm.Task("shop", 2), GivenSwarm.Task("shop", 3)])),
            Is.EqualTo(Servers(Routed(service, [GivenSwarm.Task("shop", 9)]))));
    }

    [Test]
    public void WithoutVirtualAddressTheTasksServeAndItIsSaid()
    {
        var service = GivenSwarm.Service("shop", Host, ("templater.endpoints", "vip")) with { Endpoint = new ServiceEndpoint() };
        var routed = Routed(service, [GivenSwarm.Task("shop", 1)]);
        Assert.That(Servers(routed), Is.EqualTo(new[] { "10.0.1.11:80 Up" }));
        Assert.That(routed.Findings.Single().ToString(), Is.EqualTo(
            "warning unsupported-option: container \"shop.1.t-shop-1-n2\": templater.endpoints=vip asks for the virtual address of a service, and its service has none (endpoint mode dnsrr). It is addressed like any other container."));
    }

    [Test]
    public void AContainerHasNoVirtualAddress() =>
        Assert.That(Given.Routed(Given.Hosted("shop", "shop.example.com", ("templater.endpoints", "vip"))).Messages(ReasonIds.UnsupportedOption), Has.Exactly(1).Contains("it is no task of a service that is known here"));

    [TestCase("dsn")]
    [TestCase("vip,tasks")]
    public void AnotherWayIsNotTakenAndSaid(string value) =>
        Assert.That(
            Given.Routed(Given.Hosted("shop", "shop.example.com", ("templater.endpoints", value))).Messages(ReasonIds.InvalidValue),
            Has.Exactly(1).EqualTo($"warning invalid-value: container \"shop\": templater.endpoints=\"{value}\": one of tasks, vip, dns was expected. It has no effect."));

    [Test]
    public void AnotherPrefixesVirtualAddressLeavesTheTasks()
    {
        var service = GivenSwarm.Service("shop", Host, ("edge.endpoints", "vip"));
        Assert.That(Servers(Routed(service, [GivenSwarm.Task("shop", 1)])), Is.EqualTo(new[] { "10.0.1.11:80 Up" }));
    }

    [Test]
    public void AnUpdatedServiceKeepsItsAge()
    {
        var taken = Given.Hosted("late", "shop.example.com").In("other", "late") with { Created = GivenSwarm.Born.AddDays(1) };
        var routed = Routed(GivenSwarm.Service("shop", Host), [GivenSwarm.Task("shop", 1)], taken);
        Assert.That(Servers(routed), Is.EqualTo(new[] { "10.0.1.11:80 Up" }));
    }

    [Test]
    public void AProxyOnAnotherNodeIsSomebodyElsesProxy()
    {
        var task = GivenSwarm.Task("edge", 1);
        task = task with { Spec = new TaskSpec { ContainerSpec = task.Spec.ContainerSpec with { Labels = new Dictionary<string, string> { ["templater.proxy"] = "nginx" } } } };
        var snapshot = Given.Snapshot([.. GivenSwarm.Merged([GivenSwarm.Service("edge")], [task])]);
        Assert.That(ProxyLocator.Locate(snapshot, "nginx", ProxyKind.Nginx, new ProxyHint.None()).IsKnown, Is.False);
    }

    private static TaskRecord Labelled(int slot)
    {
        var task = GivenSwarm.Task("shop", slot);
        return task with { Spec = new TaskSpec { ContainerSpec = task.Spec.ContainerSpec with { Labels = new Dictionary<string, string> { ["templater.host"] = "other.example.com" } } } };
    }

    private static RoutingResult Routed(ServiceRecord service, TaskRecord[] tasks, params Container[] local)
    {
        var snapshot = Given.Snapshot([.. GivenSwarm.Merged([service], tasks, local)]);
        return Router.Route(snapshot, ProxyLocator.Locate(snapshot, "nginx", ProxyKind.Nginx, new ProxyHint.None()), new RoutingPolicy());
    }

    private static string[] Servers(RoutingResult routed) =>
        [.. routed.VirtualHosts.Single().Routes.Single().Upstream.Servers.Select(static s => $"{s.Address}:{s.Port} {s.State}").Order(StringComparer.Ordinal)];
}
