using Templater.Docker;
using Templater.Docker.Wire;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Inventory.Swarm;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Inventory;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(20_000)]
public sealed class SwarmSourceTests
{
    private readonly ScriptedEngine _engine = new();
    private readonly FakeTimeProvider _time = new();

    [SetUp]
    public void MakeASwarm()
    {
        _engine.Part = new SwarmInfo { NodeID = GivenSwarm.Own, LocalNodeState = "active", ControlAvailable = true };
        _engine.Services.Add(GivenSwarm.Service("shop", ("templater.host", "shop.example.com")));
        _engine.Tasks.Add(GivenSwarm.Task("shop", 1));
        _engine.Nodes.AddRange(GivenSwarm.Nodes);
    }

    [Test]
    public async Task AManagerListsItsServicesToo(CancellationToken cancellationToken)
    {
        _engine.Run(1);
        var snapshot = await Source().ReadAsync(cancellationToken);
        Assert.That(snapshot.Containers.Select(static c => c.Name), Is.EqualTo(new[] { "shop.1.t-shop-1-n2", "web-1" }));
        Assert.That(snapshot.Engine!.IsSwarmManager, Is.True);
    }

    [Test]
    public async Task OffAsksNothing(CancellationToken cancellationToken)
    {
        var snapshot = await Source(SwarmMode.Off).ReadAsync(cancellationToken);
        Assert.That(snapshot.Containers, Is.Empty);
        Assert.That(_engine.Calls, Has.None.AnyOf("services", "tasks", "nodes"));
    }

    [Test]
    public async Task WhoIsNoManagerIsNotAskedAndNothingIsSaid(CancellationToken cancellationToken)
    {
        _engine.Part = new SwarmInfo { NodeID = GivenSwarm.Own, LocalNodeState = "active" };
        var snapshot = await Source().ReadAsync(cancellationToken);
        Assert.That(snapshot.Containers.IsEmpty && snapshot.Findings.IsEmpty, Is.True);
        Assert.That(_engine.Calls, Has.None.AnyOf("services", "tasks", "nodes"));
    }

    [Test]
    public async Task OnDemandsAManager(CancellationToken cancellationToken)
    {
        _engine.Part = new SwarmInfo();
        var failure = await Assert.ThrowsAsync<SnapshotFailedException>(() => Source(SwarmMode.On).ReadAsync(cancellationToken));
        Assert.That(failure!.Message, Is.EqualTo(
            "the setting SWARM is on, and the engine is not a manager of a Swarm: only managers list services. Run Templater on a manager (node.role == manager), or set SWARM to auto."));
    }

    [TestCase("services")]
    [TestCase("tasks")]
    [TestCase("nodes")]
    public async Task APartThatCannotBeReadIsNoSnapshot(string call, CancellationToken cancellationToken)
    {
        var source = Source();
        await source.ReadAsync(cancellationToken);
        Fail(call, DockerErrorReason.EngineError, "The swarm does not have a leader");
        await Assert.ThrowsAsync<SnapshotFailedException>(() => source.ReadAsync(cancellationToken));
    }

    [Test]
    public async Task WhatASocketProxyNeverAllowedIsSaidAndTheContainersAreRead(CancellationToken cancellationToken)
    {
        _engine.Run(1);
        Fail("services", DockerErrorReason.Forbidden, "GET /services is forbidden");
        var source = Source();
        var snapshot = await source.ReadAsync(cancellationToken);
        Assert.That(snapshot.Containers.Select(static c => c.Name), Is.EqualTo(new[] { "web-1" }));
        Assert.That(snapshot.Findings.Single().ToString(), Does.StartWith("warning call-forbidden: services are not read: GET /services is forbidden. Needed for: routing the services of a Swarm. Allow it there;"));
        await Assert.ThrowsAsync<SnapshotFailedException>(() => Source(SwarmMode.On).ReadAsync(cancellationToken));
    }

    [Test]
    public async Task ARightThatIsTakenAwayIsAFailedRead(CancellationToken cancellationToken)
    {
        var source = Source();
        await source.ReadAsync(cancellationToken);
        Fail("services", DockerErrorReason.Forbidden, "GET /services is forbidden");
        await Assert.ThrowsAsync<SnapshotFailedException>(() => source.ReadAsync(cancellationToken));
    }

    [Test]
    public async Task AnEngineThatBecomesAManagerIsNoticed(CancellationToken cancellationToken)
    {
        var part = _engine.Part;
        _engine.Part = new SwarmInfo();
        var source = Source();
        Assert.That((await source.ReadAsync(cancellationToken)).Containers, Is.Empty);
        _engine.Part = part;
        _time.Advance(DockerSnapshotSource.NetworksMaxAge);
        Assert.That((await source.ReadAsync(cancellationToken)).Containers, Has.Length.EqualTo(1));
    }

    [Test]
    public async Task AMovedTaskIsNoticedWithinASecondWhileSomethingMoves(CancellationToken cancellationToken)
    {
        var source = Source();
        await using var changes = await ListenAsync(source, cancellationToken);
        _engine.Say(new DockerEvent { Type = "service", Action = "update", Actor = new EventActor { ID = "s-shop", Attributes = new Dictionary<string, string> { ["name"] = "shop" } } });
        Assert.That(await Next(changes), Is.EqualTo("service shop updated"));
        _engine.ChangeTask("t-shop-1-n2", static task => task with { DesiredState = "shutdown" });
        Assert.That(await WithinAsync(changes, SwarmPoller.Moving), Is.EqualTo("tasks of shop changed"));
        Assert.That((await source.ReadAsync(cancellationToken)).Containers[0].Origin!.IsLeaving, Is.True);
        // It is still on its way, however long that takes: the questions stay frequent.
        _time.Advance(SwarmPoller.CalmAfter * 3);
        await source.ReadAsync(cancellationToken);
        _engine.ChangeTask("t-shop-1-n2", static task => task with { Status = task.Status with { State = "shutdown" } });
        Assert.That(await WithinAsync(changes, SwarmPoller.Moving), Is.EqualTo("tasks of shop changed"));
    }

    // Nothing tells a manager that a task of another node has failed or was put elsewhere.
    [Test]
    public async Task ATaskElsewhereThatIsRescheduledIsNoticedWithinTwoSeconds(CancellationToken cancellationToken)
    {
        var source = Source();
        await using var changes = await ListenAsync(source, cancellationToken);
        _time.Advance(SwarmPoller.CalmAfter * 10);
        await source.ReadAsync(cancellationToken);
        _engine.ChangeTask("t-shop-1-n2", static task => task with { DesiredState = "shutdown", Status = task.Status with { State = "failed" } });
        Assert.That(SwarmPoller.Elsewhere, Is.LessThan(TimeSpan.FromSeconds(2)));
        Assert.That(await WithinAsync(changes, SwarmPoller.Elsewhere), Is.EqualTo("tasks of shop changed"));
        // Its successor is expected, and asked for every second.
        await source.ReadAsync(cancellationToken);
        _engine.Tasks.Add(GivenSwarm.Task("shop", 1, GivenSwarm.Own, state: "preparing"));
        Assert.That(await WithinAsync(changes, SwarmPoller.Moving), Is.EqualTo("tasks of shop changed"));
    }

    [Test]
    public async Task WhatIsSlowToAnswerIsAskedLessOften(CancellationToken cancellationToken)
    {
        var source = Source();
        await using var changes = await ListenAsync(source, cancellationToken);
        var next = changes.MoveNextAsync().AsTask();
        _engine.Before = (call, _) =>
        {
            if (call == "tasks")
                _time.Advance(TimeSpan.FromMilliseconds(500));
            return Task.CompletedTask;
        };
        _engine.Calls.Clear();
        for (var i = 0; i < 60; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5, cancellationToken);
        }

        var (asked, hasChanged) = (_engine.Count("tasks"), next.IsCompleted);
        _engine.Tasks.Clear();
        for (var i = 0; i < 20 && !next.IsCompleted; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5, cancellationToken);
        }

        await next;
        Assert.That(asked, Is.InRange(4, 8), "half a second in ten");
        Assert.That(hasChanged, Is.False);
    }

    [Test]
    public async Task WhatTheSwarmHasIsPartOfTheSnapshot(CancellationToken cancellationToken)
    {
        var swarm = (await Source().ReadAsync(cancellationToken)).Swarm!;
        Assert.That((swarm.Services.Single().Name, swarm.Tasks.Single().Node, string.Join(' ', swarm.Nodes.Select(static node => node.Name))), Is.EqualTo(("shop", "beta", "alpha beta")));
        Assert.That((await Source(SwarmMode.Off).ReadAsync(cancellationToken)).Swarm, Is.Null);
    }

    [Test]
    public async Task InCalmTheQuestionsAreRareAndWakeNobody(CancellationToken cancellationToken)
    {
        // What this node does is told by events.
        _engine.Tasks[0] = GivenSwarm.Task("shop", 1, GivenSwarm.Own);
        var source = Source();
        await using var changes = await ListenAsync(source, cancellationToken);
        var next = changes.MoveNextAsync().AsTask();
        _engine.Calls.Clear();
        for (var i = 0; i < 30; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5, cancellationToken);
        }

        Assert.That(_engine.Count("tasks"), Is.InRange(1, 2));
        Assert.That(next.IsCompleted, Is.False);
        _engine.ChangeTask("t-shop-1-n1", static task => task with { Status = task.Status with { State = "failed" } });
        for (var i = 0; i < 16 && !next.IsCompleted; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5, cancellationToken);
        }

        Assert.That(await next && changes.Current is { ExplainsRemoval: true, Text: "tasks of shop changed" }, Is.True);
    }

    private DockerSnapshotSource Source(SwarmMode mode = SwarmMode.Auto) =>
        new(_engine, "unix:///x", EnvFilter.Default, SnapshotAssembler.Nothing, _time, [], mode);

    private static async Task<IAsyncEnumerator<SourceChange>> ListenAsync(DockerSnapshotSource source, CancellationToken cancellationToken)
    {
        var changes = source.ChangesAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        await changes.MoveNextAsync();
        await source.ReadAsync(cancellationToken);
        return changes;
    }

    private static async Task<string> Next(IAsyncEnumerator<SourceChange> changes)
    {
        await changes.MoveNextAsync();
        return changes.Current.Text;
    }

    // The waiter has to be there before the clock moves, which takes it a moment.
    private async Task<string> WithinAsync(IAsyncEnumerator<SourceChange> changes, TimeSpan limit)
    {
        var next = Next(changes);
        await Task.Delay(50);
        _time.Advance(limit);
        return await next;
    }

    private void Fail(string call, DockerErrorReason reason, string message) => _engine.Before = (made, _) =>
        made == call ? throw new DockerException(reason, message) { Call = $"GET /{call}" } : Task.CompletedTask;
}
