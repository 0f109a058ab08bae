using Templater.Docker.Wire;
using Templater.Pipeline.Inventory;
using ContainerState = Templater.Pipeline.Inventory.ContainerState;

namespace Templater.Pipeline.Tests.Inventory;

/// <summary>What one look at the engine gives, and what it costs.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(20_000)]
public sealed class DockerSnapshotSourceTests : SnapshotSourceFixture
{
    [Test]
    public async Task ListAndInspectionTogetherMakeAContainer(CancellationToken cancellationToken)
    {
        Engine.Run(1);
        var snapshot = await Source().ReadAsync(cancellationToken);
        var container = snapshot.Containers.Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(container.Name, Is.EqualTo("web-1"));
            Assert.That(container.Image.Tag, Is.EqualTo("1"));
            Assert.That(container.Env.Keys, Is.EqualTo(new[] { "VIRTUAL_PORT" }));
            Assert.That(container.Endpoints[0].IPv4, Is.EqualTo("172.20.0.9"));
            Assert.That(container.Ports, Is.EqualTo(new[] { new ContainerPort(80, "tcp") }));
            Assert.That(snapshot.TakenAt, Is.EqualTo(Time.GetUtcNow()));
            Assert.That(snapshot.Engine, Is.EqualTo(new EngineDescription("20.10.24", "1.41", "host", false)));
            Assert.That(snapshot.Networks.Single().Name, Is.EqualTo("front"));
        }
    }

    [TestCase("Up 5 minutes", HealthStatus.None)]
    [TestCase("Up 5 minutes (healthy)", HealthStatus.Healthy)]
    [TestCase("Up 5 minutes (unhealthy)", HealthStatus.Unhealthy)]
    [TestCase("Up 1 second (health: starting)", HealthStatus.Starting)]
    public async Task HealthComesFromTheListOfAnOlderEngineAndItsTextIsNotKept(string status, HealthStatus health, CancellationToken cancellationToken)
    {
        Engine.Run(1);
        Engine.Change(1, row => row with { Status = status });
        var snapshot = await Source().ReadAsync(cancellationToken);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(snapshot.Containers[0].Health, Is.EqualTo(health));
            Assert.That(System.Text.Encoding.UTF8.GetString(SnapshotFile.ToBytes(snapshot)), Does.Not.Contain(status));
        }
    }

    [Test]
    public async Task OneEventOnAThousandContainersCostsOneListAndOneInspection(CancellationToken cancellationToken)
    {
        for (var i = 0; i < 1000; i++)
            Engine.Run(i);
        var source = Source();
        await using var changes = await ListenAsync(source, cancellationToken);
        await source.ReadAsync(cancellationToken);
        Engine.Calls.Clear();

        Engine.Say("rename", 7);
        await changes.MoveNextAsync();
        await source.ReadAsync(cancellationToken);
        Assert.That(Engine.Calls, Is.EqualTo(new[] { "list", $"inspect {ScriptedEngine.Id(7)}" }));
    }

    [Test]
    public async Task NetworksListedAgainAreTheSameObjectsUntilOneChanges(CancellationToken cancellationToken)
    {
        Engine.Run(1);
        var source = Source();
        var first = (await source.ReadAsync(cancellationToken)).Networks;
        Time.Advance(DockerSnapshotSource.NetworksMaxAge);
        Engine.Calls.Clear();
        var same = (await source.ReadAsync(cancellationToken)).Networks;
        Assert.That(Engine.Calls, Does.Contain("networks"));
        Assert.That(same == first, Is.True, "the very same array");

        Engine.Networks[0] = Engine.Networks[0] with { IPAM = new Ipam { Config = [new IpamConfig { Subnet = "10.9.0.0/16" }] } };
        Time.Advance(DockerSnapshotSource.NetworksMaxAge);
        Assert.That((await source.ReadAsync(cancellationToken)).Networks.Single().Subnets, Is.EqualTo(new[] { "10.9.0.0/16" }));
    }

    [Test]
    public async Task ANewContainerIsInspectedEvenIfItsEventIsLate(CancellationToken cancellationToken)
    {
        Engine.Run(1);
        var source = Source();
        await source.ReadAsync(cancellationToken);
        Engine.Run(2);
        Engine.Calls.Clear();
        var snapshot = await source.ReadAsync(cancellationToken);
        Assert.That(snapshot.Containers, Has.Length.EqualTo(2));
        Assert.That(Engine.Calls, Is.EqualTo(new[] { "list", $"inspect {ScriptedEngine.Id(2)}" }));
    }

    [Test]
    public async Task AChangedStateOrAttachmentIsInspectedAgain(CancellationToken cancellationToken)
    {
        Engine.Run(1);
        Engine.Run(2);
        Engine.Run(3);
        var source = Source();
        await source.ReadAsync(cancellationToken);
        Engine.Calls.Clear();
        Engine.Stop(1);
        Engine.Change(2, row => row with { Endpoint = "other" });
        await source.ReadAsync(cancellationToken);
        Assert.That(Engine.Calls.Order(), Is.EqualTo(new[] { $"inspect {ScriptedEngine.Id(1)}", $"inspect {ScriptedEngine.Id(2)}", "list" }));
    }

    [Test]
    public async Task AnEventDuringAnInspectionMakesTheNextReadInspectAgain(CancellationToken cancellationToken)
    {
        Engine.Run(1);
        var source = Source();
        await using var changes = await ListenAsync(source, cancellationToken);
        Engine.Before = async (call, _) =>
        {
            if (!call.StartsWith("inspect", StringComparison.Ordinal))
                return;
            Engine.Say("update", 1);
            await changes.MoveNextAsync();
        };
        await source.ReadAsync(cancellationToken);
        Engine.Before = static (_, _) => Task.CompletedTask;
        await source.ReadAsync(cancellationToken);
        await source.ReadAsync(cancellationToken);
        Assert.That(Engine.Count("inspect"), Is.EqualTo(2));
    }

    [Test]
    public async Task AnUnchangedRowGivesTheVerySameContainerAndAChangedOneAnother(CancellationToken cancellationToken)
    {
        for (var i = 1; i <= 5; i++)
            Engine.Run(i);
        var source = Source();
        var before = (await source.ReadAsync(cancellationToken)).Containers;
        // None of these is an event or changes the key of the inspection.
        Engine.Change(1, row => row with { Status = "Up 6 minutes" });
        Engine.Change(2, row => row with { Status = "Up 6 minutes (unhealthy)" });
        Engine.Change(3, row => row with { Name = "renamed" });
        Engine.Change(4, row => row with { Host = "other.example.com" });
        var after = (await source.ReadAsync(cancellationToken)).Containers.OrderBy(static c => c.Id.Value, StringComparer.Ordinal).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(after.Select((c, i) => ReferenceEquals(c, before[i])), Is.EqualTo(new[] { true, false, false, false, true }));
            Assert.That(after[1].Health, Is.EqualTo(HealthStatus.Unhealthy));
            Assert.That(after[2].Name, Is.EqualTo("renamed"));
            Assert.That(after[3].Labels["templater.host"], Is.EqualTo("other.example.com"));
        }
    }

    [Test]
    public async Task NetworksAreListedAgainOnlyWhenSomethingHintsAtAChange(CancellationToken cancellationToken)
    {
        Engine.Run(1);
        var source = Source();
        await using var changes = await ListenAsync(source, cancellationToken);
        await source.ReadAsync(cancellationToken);
        await source.ReadAsync(cancellationToken);
        Assert.That(Engine.Count("networks"), Is.EqualTo(1));

        Engine.Say(new DockerEvent { Type = "network", Action = "create", Actor = new EventActor { ID = "n2" } });
        await changes.MoveNextAsync();
        await source.ReadAsync(cancellationToken);
        Assert.That(Engine.Count("networks"), Is.EqualTo(2));

        Time.Advance(DockerSnapshotSource.NetworksMaxAge);
        await source.ReadAsync(cancellationToken);
        Assert.That(Engine.Count("networks"), Is.EqualTo(3));
    }

    [Test]
    public async Task DotegeW3AContainerThatVanishesBetweenListAndInspectionIsSimplyAbsent(CancellationToken cancellationToken)
    {
        Engine.Run(1);
        Engine.Run(2);
        Engine.Before = (call, _) =>
        {
            if (call == $"inspect {ScriptedEngine.Id(2)}")
                Engine.Remove(2);
            return Task.CompletedTask;
        };
        var snapshot = await Source().ReadAsync(cancellationToken);
        Assert.That(snapshot.Containers.Select(static c => c.Name), Is.EqualTo(new[] { "web-1" }));
    }

    [Test]
    public async Task DotegeW8EveryOrderOfTheListGivesTheSameBytes(CancellationToken cancellationToken)
    {
        for (var i = 0; i < 6; i++)
            Engine.Run(i);
        Engine.Networks.Add(new NetworkSummary { Id = "n-a", Name = "aaa" });
        var expected = SnapshotFile.ToBytes(await Source().ReadAsync(cancellationToken));
        for (var turn = 1; turn < 12; turn++)
        {
            Engine.Order = rows => turn % 2 == 0 ? rows.Skip(turn / 2).Concat(rows.Take(turn / 2)) : rows.Reverse().Skip(turn / 2).Concat(rows.Reverse().Take(turn / 2));
            Engine.Networks.Reverse();
            Assert.That(SnapshotFile.ToBytes(await Source().ReadAsync(cancellationToken)), Is.EqualTo(expected));
        }
    }

    [Test]
    public async Task DotegeW5StoppedAndCreatedContainersAreListedWithTheirStateHoweverTheyCameToIt(CancellationToken cancellationToken)
    {
        Engine.Run(1);
        Engine.Run(2);
        var source = Source();
        await source.ReadAsync(cancellationToken);
        Engine.Stop(1);
        Engine.Change(2, row => row with { State = "created", Endpoint = "" });
        var live = await source.ReadAsync(cancellationToken);
        var afterRestart = await Source().ReadAsync(cancellationToken);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(live.Containers.Select(static c => c.State), Is.EqualTo(new[] { ContainerState.Exited, ContainerState.Created }));
            Assert.That(SnapshotFile.ToBytes(afterRestart), Is.EqualTo(SnapshotFile.ToBytes(live)));
        }
    }

    [Test]
    public async Task TheContainerOfThisProcessIsFoundInTheList(CancellationToken cancellationToken)
    {
        Engine.Run(1);
        Engine.Run(2);
        var snapshot = await Source(ScriptedEngine.Id(77), ScriptedEngine.Id(2)).ReadAsync(cancellationToken);
        Assert.That(snapshot.Self, Is.EqualTo(new ContainerId(ScriptedEngine.Id(2))));
    }
}
