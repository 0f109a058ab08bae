using Templater.Docker.Wire;
using Templater.Pipeline.Inventory;
using ContainerState = Templater.Pipeline.Inventory.ContainerState;

namespace Templater.Pipeline.Tests.Inventory;

public sealed class TaskContainersTests
{
    private static readonly ServiceRecord Shop = GivenSwarm.Service("shop", ("templater.host", "shop.example.com"), ("com.docker.stack.namespace", "st"));

    [Test]
    public void ATaskOfAnotherNodeIsAContainerWithItsServicesLabels()
    {
        var container = GivenSwarm.Merged([Shop], [GivenSwarm.Task("shop", 3)]).Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(container.Id.Value, Is.EqualTo("c-shop-3-n2"));
            Assert.That(container.Name, Is.EqualTo("shop.3.t-shop-3-n2"));
            Assert.That(container.State, Is.EqualTo(ContainerState.Running));
            Assert.That(container.Image.Repository, Is.EqualTo("my/shop"));
            Assert.That(container.Env.Keys, Is.EqualTo(new[] { "VIRTUAL_PORT" }), "the filter holds for tasks too");
            Assert.That(container.Endpoints.Select(static e => (e.NetworkName, e.IPv4)), Is.EqualTo(new[] { ("front", "10.0.1.13") }), "no mask, no routing mesh");
            Assert.That(container.Swarm, Is.EqualTo(new SwarmIdentity("shop", "st", "t-shop-3-n2")));
            Assert.That(container.Origin!.ServiceLabels["templater.host"], Is.EqualTo("shop.example.com"));
            Assert.That(container.Origin.ServiceCreated, Is.EqualTo(GivenSwarm.Born));
            Assert.That(container.Origin.Node, Is.EqualTo("beta"));
            Assert.That(container.Origin, Has.Property("IsElsewhere").True.And.Property("IsLeaving").False.And.Property("Kind").EqualTo(OriginKind.Task));
        }
    }

    [Test]
    public void ATaskOfThisNodeIsThereOnceWithWhatTheEngineKnows()
    {
        var task = GivenSwarm.Task("shop", 1, GivenSwarm.Own);
        var container = GivenSwarm.Merged([Shop], [task], GivenSwarm.Container(task)).Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(container.Endpoints[0].IPv4, Is.EqualTo("10.0.1.99"));
            Assert.That(container.Ports[0].Published, Is.EqualTo(30000));
            Assert.That(container.Origin, Has.Property("IsElsewhere").False.And.Property("Node").EqualTo("alpha"));
        }
    }

    [Test]
    public void AnAddressThatTheEngineDoesNotTellIsTheTasks()
    {
        var task = GivenSwarm.Task("shop", 1, GivenSwarm.Own);
        var silent = GivenSwarm.Container(task) with { Endpoints = [new Endpoint { NetworkName = "front" }] };
        Assert.That(GivenSwarm.Merged([Shop], [task], silent).Single().Endpoints[0].IPv4, Is.EqualTo("10.0.1.11"));
    }

    [Test]
    public void PortsOfTasksElsewhereAreThoseOfTheirSiblingsHere()
    {
        var here = GivenSwarm.Task("shop", 1, GivenSwarm.Own);
        var merged = GivenSwarm.Merged([Shop], [here, GivenSwarm.Task("shop", 2)], GivenSwarm.Container(here));
        Assert.That(merged.Single(static c => c.Origin!.IsElsewhere).Ports, Is.EqualTo(new[] { new ContainerPort(8080, "tcp") }));
    }

    [Test]
    public void WithoutSiblingsTheyAreThePublishedOnesOfTheService()
    {
        var service = Shop with { Endpoint = new ServiceEndpoint { Ports = [new ServicePort { TargetPort = 9000 }, new ServicePort { TargetPort = 70000, Protocol = "tcp" }] } };
        Assert.That(GivenSwarm.Merged([service], [GivenSwarm.Task("shop", 2)]).Single().Ports, Is.EqualTo(new[] { new ContainerPort(9000, "tcp") }));
    }

    [TestCase("new", "running", false)]
    [TestCase("preparing", "running", false)]
    [TestCase("ready", "running", false)]
    [TestCase("starting", "running", true)]
    [TestCase("running", "running", true)]
    [TestCase("running", "shutdown", true)]
    [TestCase("complete", "shutdown", false)]
    [TestCase("shutdown", "shutdown", false)]
    [TestCase("failed", "running", false)]
    [TestCase("rejected", "shutdown", false)]
    [TestCase("remove", "remove", false)]
    [TestCase("orphaned", "shutdown", false)]
    [TestCase("", "", false)]
    [TestCase("a-new-word", "running", false)]
    public void OnlyTasksThatServeOrSoonWillAreListed(string state, string wanted, bool isListed) =>
        Assert.That(GivenSwarm.Merged([Shop], [GivenSwarm.Task("shop", 1, state: state, wanted: wanted)]), Has.Count.EqualTo(isListed ? 1 : 0));

    [TestCase("starting", HealthStatus.None, HealthStatus.Starting)]
    [TestCase("starting", HealthStatus.Healthy, HealthStatus.Starting)]
    [TestCase("starting", HealthStatus.Unhealthy, HealthStatus.Unhealthy)]
    [TestCase("running", HealthStatus.None, HealthStatus.None)]
    [TestCase("running", HealthStatus.Healthy, HealthStatus.Healthy)]
    [TestCase("running", HealthStatus.Unhealthy, HealthStatus.Unhealthy)]
    public void ATaskThatIsStartingIsNotReady(string state, HealthStatus seen, HealthStatus health)
    {
        var task = GivenSwarm.Task("shop", 1, GivenSwarm.Own, state);
        Assert.That(GivenSwarm.Merged([Shop], [task], GivenSwarm.Container(task) with { Health = seen }).Single().Health, Is.EqualTo(health));
    }

    [TestCase("running", false)]
    [TestCase("ready", false)]
    [TestCase("shutdown", true)]
    [TestCase("remove", true)]
    [TestCase("complete", true)]
    [TestCase("failed", true)]
    public void ATaskThatIsMeantToEndIsLeaving(string wanted, bool isLeaving)
    {
        var here = GivenSwarm.Task("shop", 1, GivenSwarm.Own, wanted: wanted);
        var merged = GivenSwarm.Merged([Shop], [here, GivenSwarm.Task("shop", 2, wanted: wanted)], GivenSwarm.Container(here));
        Assert.That(merged.Select(static c => c.Origin!.IsLeaving), Is.EqualTo(new[] { isLeaving, isLeaving }));
    }

    // What an update or a scaling ended has not failed; what failed long ago, elsewhere or afterwards is another story.
    [TestCase("failed", 10, 1, "shop", 1)]
    [TestCase("complete", 10, 1, "shop", 1)]
    [TestCase("rejected", 299, 1, "shop", 1)]
    [TestCase("failed", 300, 1, "shop", 0)]
    [TestCase("failed", -1, 1, "shop", 0)]
    [TestCase("failed", 10, 2, "shop", 0)]
    [TestCase("failed", 10, 1, "api", 0)]
    [TestCase("shutdown", 10, 1, "shop", 0)]
    [TestCase("running", 10, 1, "shop", 0)]
    public void FailuresOfItsForerunnersAreCounted(string state, int secondsBefore, int slot, string service, int expected)
    {
        var task = GivenSwarm.Task("shop", 1);
        var other = GivenSwarm.Task(service, slot, state: state, wanted: "shutdown");
        other = other with { ID = "earlier", Status = other.Status with { Timestamp = GivenSwarm.Born.AddSeconds(-secondsBefore), ContainerStatus = new TaskContainerStatus { ContainerID = "earlier" } } };
        var merged = GivenSwarm.Merged([Shop, GivenSwarm.Service("api")], [task, other]);
        Assert.That(merged.Single(static c => c.Swarm!.TaskId == "t-shop-1-n2").Swarm!.Failures, Is.EqualTo(expected));
    }

    // In mode global the place is the node.
    [TestCase(GivenSwarm.Own, 2)]
    [TestCase(GivenSwarm.Other, 0)]
    public void InModeGlobalTheyAreThoseOfTheNode(string node, int expected)
    {
        var task = GivenSwarm.Task("shop", 0, GivenSwarm.Own);
        TaskRecord Failed(string id) => GivenSwarm.Task("shop", 0, node, "failed", "shutdown") with { ID = id };
        Assert.That(GivenSwarm.Merged([Shop], [task, Failed("a"), Failed("b")], GivenSwarm.Container(task)).Single().Swarm!.Failures, Is.EqualTo(expected));
    }

    [Test]
    public void AContainerWhoseTaskIsForgottenIsLeaving() =>
        Assert.That(GivenSwarm.Merged([Shop], [], GivenSwarm.Container(GivenSwarm.Task("shop", 1, GivenSwarm.Own))).Single().Origin!.IsLeaving, Is.True);

    [Test]
    public void ATaskOfThisNodeWithoutItsContainerIsGone() =>
        Assert.That(GivenSwarm.Merged([Shop], [GivenSwarm.Task("shop", 1, GivenSwarm.Own)]), Is.Empty);

    [Test]
    public void WhatBelongsToNoKnownServiceStaysAsItIs()
    {
        var plain = GivenSwarm.Container(GivenSwarm.Task("x", 1)) with { Swarm = null };
        var orphan = GivenSwarm.Container(GivenSwarm.Task("gone", 2, GivenSwarm.Own));
        Assert.That(GivenSwarm.Merged([Shop], [GivenSwarm.Task("gone", 2, GivenSwarm.Own), GivenSwarm.Task("gone", 3)], plain, orphan), Is.EquivalentTo(new[] { plain, orphan }));
    }

    [Test]
    public void GlobalServicesAreNamedByTheirNodes() =>
        Assert.That(GivenSwarm.Merged([Shop], [GivenSwarm.Task("shop", 0)]).Single().Name, Is.EqualTo("shop.n2.t-shop-0-n2"));

    [TestCase("vip", true)]
    [TestCase(" VIP ", true)]
    [TestCase("tasks", false)]
    [TestCase("dns", true)]
    [TestCase(" Dns", true)]
    public void AServiceIsAnEntryOfItsOwnWhenItsAddressIsAskedFor(string value, bool isThere)
    {
        var service = GivenSwarm.Service("shop", ("edge.endpoints", value));
        var entries = GivenSwarm.Merged([service], [GivenSwarm.Task("shop", 1)]).Where(static c => c.Origin!.Kind == OriginKind.Service).ToList();
        Assert.That(entries, Has.Count.EqualTo(isThere ? 1 : 0));
        if (isThere)
            Assert.That(entries[0].Endpoints.Select(static e => (e.NetworkName, e.IPv4)), Does.Contain(("front", "10.0.1.2")));
    }

    [Test]
    public void WithoutVirtualAddressThereIsNoSuchEntry()
    {
        var service = GivenSwarm.Service("shop", ("templater.endpoints", "vip")) with { Endpoint = new ServiceEndpoint() };
        var entry = GivenSwarm.Merged([service], [GivenSwarm.Task("shop", 1)]).Single();
        Assert.That(entry.Origin, Has.Property("Kind").EqualTo(OriginKind.Task).And.Property("HasVirtualAddress").False);
    }

    [TestCase("running", ContainerState.Running)]
    [TestCase("starting", ContainerState.Exited)]
    public void AServiceRunsWhenOneOfItsTasksDoes(string state, ContainerState expected)
    {
        var service = GivenSwarm.Service("shop", ("templater.endpoints", "vip"));
        Assert.That(GivenSwarm.Merged([service], [GivenSwarm.Task("shop", 1, state: state)]).Single(static c => c.Origin!.Kind == OriginKind.Service).State, Is.EqualTo(expected));
    }

    [TestCase("10.0.1.7", "10.0.1.7", "")]
    [TestCase("fd00::7/64", "", "fd00::7")]
    [TestCase("10.0.1.7; evil/24", "", "")]
    [TestCase("fe80::1%eth0/64", "", "")]
    [TestCase("", "", "")]
    public void OnlyAddressesAreTakenForAddresses(string text, string v4, string v6)
    {
        var task = GivenSwarm.Task("shop", 1) with { NetworksAttachments = [GivenSwarm.Attached("front", text)] };
        var endpoint = GivenSwarm.Merged([Shop], [task]).Single().Endpoints.Single();
        Assert.That((endpoint.IPv4, endpoint.IPv6), Is.EqualTo((v4, v6)));
    }

    [Test]
    public void TheOrderOfNothingMatters()
    {
        var here = GivenSwarm.Task("shop", 1, GivenSwarm.Own);
        var again = GivenSwarm.Task("shop", 4, GivenSwarm.Own);
        ServiceRecord[] services = [Shop, GivenSwarm.Service("api", ("templater.endpoints", "vip"))];
        TaskRecord[] tasks = [here, again, GivenSwarm.Task("shop", 2), GivenSwarm.Task("api", 1), GivenSwarm.Task("api", 2)];
        Container[] local = [GivenSwarm.Container(here), GivenSwarm.Container(again)];
        Assert.That(
            Bytes(GivenSwarm.Merged([.. services.Reverse()], [.. tasks.Reverse()], [.. local.Reverse()])),
            Is.EqualTo(Bytes(GivenSwarm.Merged(services, tasks, local))));
    }

    [Test]
    public void ARecordedSnapshotKeepsWhatTheSwarmTold()
    {
        var snapshot = new Snapshot { TakenAt = GivenSwarm.Born, Containers = [.. GivenSwarm.Merged([Shop], [GivenSwarm.Task("shop", 1)])] };
        var read = SnapshotFile.Read(SnapshotFile.ToBytes(snapshot), "x.json");
        Assert.That(read.Containers[0].Origin!.ServiceLabels, Is.EqualTo(Shop.Spec.Labels));
        Assert.That(SnapshotFile.ToBytes(read), Is.EqualTo(SnapshotFile.ToBytes(snapshot)));
    }

    private static byte[] Bytes(List<Container> containers) =>
        SnapshotFile.ToBytes(new Snapshot { TakenAt = GivenSwarm.Born, Containers = [.. containers] });
}
