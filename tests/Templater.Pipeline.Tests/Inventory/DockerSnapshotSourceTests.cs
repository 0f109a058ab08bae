using Templater.Docker;
using Templater.Docker.Wire;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Inventory.Engine;
using Templater.Testing;
using ContainerState = Templater.Pipeline.Inventory.ContainerState;

namespace Templater.Pipeline.Tests.Inventory;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(20_000)]
public sealed class DockerSnapshotSourceTests
{
    private readonly ScriptedEngine _engine = new();
    private readonly FakeTimeProvider _time = new();

    [Test]
    public async Task ListAndInspectionTogetherMakeAContainer(CancellationToken cancellationToken)
    {
        _engine.Run(1);
        var snapshot = await Source().ReadAsync(cancellationToken);
        var container = snapshot.Containers.Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(container.Name, Is.EqualTo("web-1"));
            Assert.That(container.Image.Tag, Is.EqualTo("1"));
            Assert.That(container.Env.Keys, Is.EqualTo(new[] { "VIRTUAL_PORT" }));
            Assert.That(container.Endpoints[0].IPv4, Is.EqualTo("172.20.0.9"));
            Assert.That(container.Ports, Is.EqualTo(new[] { new ContainerPort(80, "tcp") }));
            Assert.That(snapshot.TakenAt, Is.EqualTo(_time.GetUtcNow()));
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
        _engine.Run(1);
        _engine.Change(1, row => row with { Status = status });
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
            _engine.Run(i);
        var source = Source();
        await using var changes = await ListenAsync(source, cancellationToken);
        await source.ReadAsync(cancellationToken);
        _engine.Calls.Clear();

        _engine.Say("rename", 7);
        await changes.MoveNextAsync();
        await source.ReadAsync(cancellationToken);
        Assert.That(_engine.Calls, Is.EqualTo(new[] { "list", $"inspect {ScriptedEngine.Id(7)}" }));
    }

    [Test]
    public async Task NetworksListedAgainAreTheSameObjectsUntilOneChanges(CancellationToken cancellationToken)
    {
        _engine.Run(1);
        var source = Source();
        var first = (await source.ReadAsync(cancellationToken)).Networks;
        _time.Advance(DockerSnapshotSource.NetworksMaxAge);
        _engine.Calls.Clear();
        var same = (await source.ReadAsync(cancellationToken)).Networks;
        Assert.That(_engine.Calls, Does.Contain("networks"));
        Assert.That(same == first, Is.True, "the very same array");

        _engine.Networks[0] = _engine.Networks[0] with { IPAM = new Ipam { Config = [new IpamConfig { Subnet = "10.9.0.0/16" }] } };
        _time.Advance(DockerSnapshotSource.NetworksMaxAge);
        Assert.That((await source.ReadAsync(cancellationToken)).Networks.Single().Subnets, Is.EqualTo(new[] { "10.9.0.0/16" }));
    }

    [Test]
    public async Task ANewContainerIsInspectedEvenIfItsEventIsLate(CancellationToken cancellationToken)
    {
        _engine.Run(1);
        var source = Source();
        await source.ReadAsync(cancellationToken);
        _engine.Run(2);
        _engine.Calls.Clear();
        var snapshot = await source.ReadAsync(cancellationToken);
        Assert.That(snapshot.Containers, Has.Length.EqualTo(2));
        Assert.That(_engine.Calls, Is.EqualTo(new[] { "list", $"inspect {ScriptedEngine.Id(2)}" }));
    }

    [Test]
    public async Task AChangedStateOrAttachmentIsInspectedAgain(CancellationToken cancellationToken)
    {
        _engine.Run(1);
        _engine.Run(2);
        _engine.Run(3);
        var source = Source();
        await source.ReadAsync(cancellationToken);
        _engine.Calls.Clear();
        _engine.Stop(1);
        _engine.Change(2, row => row with { Endpoint = "other" });
        await source.ReadAsync(cancellationToken);
        Assert.That(_engine.Calls.Order(), Is.EqualTo(new[] { $"inspect {ScriptedEngine.Id(1)}", $"inspect {ScriptedEngine.Id(2)}", "list" }));
    }

    [Test]
    public async Task AnEventDuringAnInspectionMakesTheNextReadInspectAgain(CancellationToken cancellationToken)
    {
        _engine.Run(1);
        var source = Source();
        await using var changes = await ListenAsync(source, cancellationToken);
        _engine.Before = async (call, _) =>
        {
            if (!call.StartsWith("inspect", StringComparison.Ordinal))
                return;
            _engine.Say("update", 1);
            await changes.MoveNextAsync();
        };
        await source.ReadAsync(cancellationToken);
        _engine.Before = static (_, _) => Task.CompletedTask;
        await source.ReadAsync(cancellationToken);
        await source.ReadAsync(cancellationToken);
        Assert.That(_engine.Count("inspect"), Is.EqualTo(2));
    }

    [Test]
    public async Task AnUnchangedRowGivesTheVerySameContainerAndAChangedOneAnother(CancellationToken cancellationToken)
    {
        for (var i = 1; i <= 5; i++)
            _engine.Run(i);
        var source = Source();
        var before = (await source.ReadAsync(cancellationToken)).Containers;
        // None of these is an event or changes the key of the inspection.
        _engine.Change(1, row => row with { Status = "Up 6 minutes" });
        _engine.Change(2, row => row with { Status = "Up 6 minutes (unhealthy)" });
        _engine.Change(3, row => row with { Name = "renamed" });
        _engine.Change(4, row => row with { Host = "other.example.com" });
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
        _engine.Run(1);
        var source = Source();
        await using var changes = await ListenAsync(source, cancellationToken);
        await source.ReadAsync(cancellationToken);
        await source.ReadAsync(cancellationToken);
        Assert.That(_engine.Count("networks"), Is.EqualTo(1));

        _engine.Say(new DockerEvent { Type = "network", Action = "create", Actor = new EventActor { ID = "n2" } });
        await changes.MoveNextAsync();
        await source.ReadAsync(cancellationToken);
        Assert.That(_engine.Count("networks"), Is.EqualTo(2));

        _time.Advance(DockerSnapshotSource.NetworksMaxAge);
        await source.ReadAsync(cancellationToken);
        Assert.That(_engine.Count("networks"), Is.EqualTo(3));
    }

    [Test]
    public async Task DotegeW3AContainerThatVanishesBetweenListAndInspectionIsSimplyAbsent(CancellationToken cancellationToken)
    {
        _engine.Run(1);
        _engine.Run(2);
        _engine.Before = (call, _) =>
        {
            if (call == $"inspect {ScriptedEngine.Id(2)}")
                _engine.Remove(2);
            return Task.CompletedTask;
        };
        var snapshot = await Source().ReadAsync(cancellationToken);
        Assert.That(snapshot.Containers.Select(static c => c.Name), Is.EqualTo(new[] { "web-1" }));
    }

    private static readonly TestCaseData[] Failures =
    [
        new(DockerErrorReason.Unreachable, ReasonIds.EngineUnreachable),
        new(DockerErrorReason.TimedOut, ReasonIds.EngineUnreachable),
        new(DockerErrorReason.TooOld, ReasonIds.EngineUnreachable),
        new(DockerErrorReason.PermissionDenied, ReasonIds.SocketDenied),
        new(DockerErrorReason.Forbidden, ReasonIds.CallForbidden),
        new(DockerErrorReason.BadResponse, ReasonIds.SnapshotFailed),
        new(DockerErrorReason.EngineError, ReasonIds.SnapshotFailed),
        new(DockerErrorReason.TooLarge, ReasonIds.SnapshotFailed),
    ];

    [TestCase(DockerErrorReason.EngineError)]
    [TestCase(DockerErrorReason.BadResponse)]
    [TestCase(DockerErrorReason.TooLarge)]
    public async Task OneContainerThatCannotBeInspectedFreezesNobody(DockerErrorReason reason, CancellationToken cancellationToken)
    {
        for (var i = 1; i <= 3; i++)
            _engine.Run(i);
        FailInspectionsOf(reason, 2, 3);
        _engine.Change(3, static _ => null);
        var source = Source();
        var without = await source.ReadAsync(cancellationToken);
        _engine.Before = static (_, _) => Task.CompletedTask;
        var healed = await source.ReadAsync(cancellationToken);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(without.Containers.Select(static c => c.Name), Is.EqualTo(new[] { "web-1" }));
            Assert.That(without.Findings.Select(static f => (f.Reason, f.Container)), Is.EqualTo(new[] { (ReasonIds.SnapshotFailed, "web-2") }));
            Assert.That(healed.Containers, Has.Length.EqualTo(2));
            Assert.That(healed.Findings, Is.Empty);
        }
    }

    [Test]
    public async Task WhatWasKnownOfAContainerThatCannotBeInspectedAnyMoreIsUsed(CancellationToken cancellationToken)
    {
        _engine.Run(1);
        _engine.Run(2);
        var source = Source();
        await source.ReadAsync(cancellationToken);
        FailInspectionsOf(DockerErrorReason.EngineError, 2);
        _engine.Change(2, static row => row with { Endpoint = "another" });
        for (var read = 0; read < 2; read++)
        {
            var snapshot = await source.ReadAsync(cancellationToken);
            Assert.That(snapshot.Containers.Select(static c => (c.Name, c.Image.Tag)), Is.EqualTo(new[] { ("web-1", "1"), ("web-2", "1") }));
            Assert.That(snapshot.Findings.Single().Message, Does.EndWith("What was known of it before is used until an inspection succeeds; removing or recreating the container usually mends it."));
        }
    }

    [Test]
    public async Task AnEngineThatCanInspectNothingIsNotAHostWithoutContainers()
    {
        for (var i = 1; i <= 4; i++)
            _engine.Run(i);
        FailInspectionsOf(DockerErrorReason.EngineError, 1, 2, 4);
        await Assert.ThatAsync(() => Source().ReadAsync(CancellationToken.None), Throws.TypeOf<SnapshotFailedException>());
    }

    private void FailInspectionsOf(DockerErrorReason reason, params int[] numbers)
    {
        var calls = numbers.Select(static number => $"inspect {ScriptedEngine.Id(number)}").ToHashSet();
        _engine.Before = (call, _) => calls.Contains(call) ? Task.FromException(new DockerException(reason, "it failed")) : Task.CompletedTask;
    }

    [TestCaseSource(nameof(Failures))]
    public async Task AnyFailedCallFailsTheWholeRead(DockerErrorReason reason, string expected)
    {
        _engine.Run(1);
        _engine.Run(2);
        string[] calls = ["list", "networks", "version"];
        // The others say something about one container, not about the engine.
        if (expected != ReasonIds.SnapshotFailed)
            calls = [.. calls, $"inspect {ScriptedEngine.Id(2)}"];
        foreach (var failing in calls)
        {
            _engine.Before = (call, _) => call == failing ? Task.FromException(new DockerException(reason, "it failed")) : Task.CompletedTask;
            await Assert.ThatAsync(
                () => Source().ReadAsync(CancellationToken.None),
                Throws.TypeOf<SnapshotFailedException>().With.Property(nameof(SnapshotFailedException.Reason)).EqualTo(expected), failing);
        }
    }

    [TestCase("it failed", "it failed.")]
    [TestCase("it failed.", "it failed.")]
    [TestCase("no such socket; is it mounted?", "no such socket; is it mounted?")]
    public async Task AFailureIsASentenceWithOneEnd(string message, string expected)
    {
        _engine.Before = (_, _) => Task.FromException(new DockerException(DockerErrorReason.Unreachable, message));
        await Assert.ThatAsync(
            () => Source().ReadAsync(CancellationToken.None), Throws.TypeOf<SnapshotFailedException>().With.Message.EqualTo(expected));
    }

    [Test]
    public async Task AForbiddenCallIsNamedWithWhatItIsNeededFor()
    {
        _engine.Before = (call, _) => call == "networks"
            ? Task.FromException(new DockerException(DockerErrorReason.Forbidden, "the engine at tcp://socket-proxy:2375 refused GET /networks (403)") { Call = "GET /networks" })
            : Task.CompletedTask;
        await Assert.ThatAsync(
            () => Source().ReadAsync(CancellationToken.None),
            Throws.TypeOf<SnapshotFailedException>().With.Message.EqualTo(
                "the engine at tcp://socket-proxy:2375 refused GET /networks (403). Needed for: choosing networks. Allow it there; the README lists every call that is needed."));
    }

    [Test]
    public async Task AForbiddenInfoTakesNothingFromRouting(CancellationToken cancellationToken)
    {
        _engine.Run(1);
        _engine.Before = (call, _) => call == "info" ? Task.FromException(new DockerException(DockerErrorReason.Forbidden, "no")) : Task.CompletedTask;
        Assert.That((await Source().ReadAsync(cancellationToken)).Containers, Has.Length.EqualTo(1));
    }

    [Test]
    public async Task DotegeW8EveryOrderOfTheListGivesTheSameBytes(CancellationToken cancellationToken)
    {
        for (var i = 0; i < 6; i++)
            _engine.Run(i);
        _engine.Networks.Add(new NetworkSummary { Id = "n-a", Name = "aaa" });
        var expected = SnapshotFile.ToBytes(await Source().ReadAsync(cancellationToken));
        for (var turn = 1; turn < 12; turn++)
        {
            _engine.Order = rows => turn % 2 == 0 ? rows.Skip(turn / 2).Concat(rows.Take(turn / 2)) : rows.Reverse().Skip(turn / 2).Concat(rows.Reverse().Take(turn / 2));
            _engine.Networks.Reverse();
            Assert.That(SnapshotFile.ToBytes(await Source().ReadAsync(cancellationToken)), Is.EqualTo(expected));
        }
    }

    [Test]
    public async Task DotegeW5StoppedAndCreatedContainersAreListedWithTheirStateHoweverTheyCameToIt(CancellationToken cancellationToken)
    {
        _engine.Run(1);
        _engine.Run(2);
        var source = Source();
        await source.ReadAsync(cancellationToken);
        _engine.Stop(1);
        _engine.Change(2, row => row with { State = "created", Endpoint = "" });
        var live = await source.ReadAsync(cancellationToken);
        var afterRestart = await Source().ReadAsync(cancellationToken);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(live.Containers.Select(static c => c.State), Is.EqualTo(new[] { ContainerState.Exited, ContainerState.Created }));
            Assert.That(SnapshotFile.ToBytes(afterRestart), Is.EqualTo(SnapshotFile.ToBytes(live)));
        }
    }

    [Test]
    public async Task ItListensBeforeItSaysSoAndAsksForNoExecEvents(CancellationToken cancellationToken)
    {
        await using var changes = await ListenAsync(Source(), cancellationToken);
        Assert.That(_engine.AskedFor!.Actions, Is.SupersetOf(new[] { "start", "die", "destroy", "health_status", "connect", "disconnect", "rename" }));
        Assert.That(_engine.AskedFor.Actions, Has.None.StartsWith("exec").And.No.Member("attach").And.No.Member("top"));
    }

    [Test]
    public async Task DotegeW4ALostConnectionIsReportedAndTriedAgainForEver(CancellationToken cancellationToken)
    {
        var source = Source();
        await using var changes = await ListenAsync(source, cancellationToken);
        _engine.Before = (call, _) => call == "events" ? Task.FromException(ScriptedEngine.Gone()) : Task.CompletedTask;
        _engine.CutEvents();
        for (var attempt = 0; attempt < 30; attempt++)
        {
            var next = changes.MoveNextAsync().AsTask();
            while (!next.IsCompleted)
            {
                _time.Advance(TimeSpan.FromMilliseconds(50));
                await Task.Yield();
            }

            Assert.That(await next, Is.True);
            Assert.That(changes.Current.Kind, Is.EqualTo(SourceChangeKind.Lost));
            Assert.That(changes.Current.Failure!.Reason, Is.EqualTo(ReasonIds.EngineUnreachable));
        }

        _engine.Before = static (_, _) => Task.CompletedTask;
        var back = changes.MoveNextAsync().AsTask();
        await _time.AdvanceWhenWaitingAsync(Backoff.Longest, cancellationToken: cancellationToken);
        await back;
        Assert.That(changes.Current.Kind, Is.EqualTo(SourceChangeKind.Reconnected));
    }

    [Test]
    public async Task AfterAReconnectionEverythingIsInspectedAgain(CancellationToken cancellationToken)
    {
        _engine.Run(1);
        var source = Source();
        await using var changes = await ListenAsync(source, cancellationToken);
        await source.ReadAsync(cancellationToken);
        _engine.CutEvents();
        await changes.MoveNextAsync();
        var back = changes.MoveNextAsync().AsTask();
        await _time.AdvanceWhenWaitingAsync(Backoff.First, cancellationToken: cancellationToken);
        await back;
        await source.ReadAsync(cancellationToken);
        Assert.That((_engine.Count("inspect"), _engine.Count("networks"), _engine.Count("version")), Is.EqualTo((2, 2, 2)));
    }

    [Test]
    public async Task TheContainerOfThisProcessIsFoundInTheList(CancellationToken cancellationToken)
    {
        _engine.Run(1);
        _engine.Run(2);
        var snapshot = await Source(ScriptedEngine.Id(77), ScriptedEngine.Id(2)).ReadAsync(cancellationToken);
        Assert.That(snapshot.Self, Is.EqualTo(new ContainerId(ScriptedEngine.Id(2))));
    }

    private DockerSnapshotSource Source(params string[] own) =>
        new(_engine, "unix:///x", EnvFilter.Default, SnapshotAssembler.Nothing, _time, own);

    private static async Task<IAsyncEnumerator<SourceChange>> ListenAsync(DockerSnapshotSource source, CancellationToken cancellationToken)
    {
        var changes = source.ChangesAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        await changes.MoveNextAsync();
        Assert.That(changes.Current.Kind, Is.EqualTo(SourceChangeKind.Reconnected));
        return changes;
    }
}
