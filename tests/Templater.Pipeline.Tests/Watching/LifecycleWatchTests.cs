using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Tests.Routing;
using Templater.Pipeline.Watching;

namespace Templater.Pipeline.Tests.Watching;

/// <summary>What is known of containers besides what the engine says now: who restarts in a loop, who was told to stop.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class LifecycleWatchTests
{
    private readonly LifecycleWatch _watch = new();
    private DateTimeOffset _now = Given.Now;

    [TestCase(1, 2)]
    [TestCase(2, 4)]
    [TestCase(3, 8)]
    [TestCase(5, 32)]
    [TestCase(6, 60)]
    [TestCase(20, 60)]
    public void TheNthRestartWaitsTwoToThePowerOfNSeconds(int restarts, int seconds)
    {
        Look(Started(0));
        for (var i = 1; i <= restarts; i++)
            Restart(i);
        var hold = Look(Started(restarts)).Lifecycle!.Held[Given.IdOf("api")];
        Assert.That(hold.Until - _now, Is.EqualTo(TimeSpan.FromSeconds(seconds)));
    }

    [Test]
    public void AStartIsCountedOnceWhetherTheEventOrTheListTellsOfItFirst()
    {
        Look(Started(0));
        _now += TimeSpan.FromSeconds(1);
        Note(LifecycleSign.Started);
        Look(Started(0));
        Assert.That(Restarts(Look(Started(1))), Is.EqualTo(1));
        _now += TimeSpan.FromSeconds(1);
        Look(Started(2));
        Note(LifecycleSign.Started);
        Assert.That(Restarts(Look(Started(2))), Is.EqualTo(2));
    }

    [Test]
    public void StartsBetweenTwoLooksAreAllCounted()
    {
        Look(Started(0));
        for (var i = 0; i < 3; i++)
            Note(LifecycleSign.Started);
        Assert.That(Restarts(Look(Started(1))), Is.EqualTo(3));
    }

    [Test]
    public void AFirstStartIsNoRestart()
    {
        Look();
        Note(LifecycleSign.Started);
        Assert.That(Look(Started(1)).Lifecycle, Is.Null);
    }

    [Test]
    public void WhatRanLongerThanTheWindowComesBackAtOnce()
    {
        Look(Started(0) with { Started = _now - Lifecycle.Window });
        Restart(1);
        Assert.That(Look(Started(1)).Lifecycle, Is.Null);
    }

    [Test]
    public void OldRestartsAreForgotten()
    {
        Look(Started(0));
        Restart(1);
        Restart(2);
        Look(Started(2));
        _now += Lifecycle.Window - TimeSpan.FromSeconds(2);
        Restart(3);
        Assert.That(Restarts(Look(Started(3))), Is.EqualTo(2));
    }

    [Test]
    public void AContainerThatIsMadeAnewIsKnownByItsPlaceInCompose()
    {
        Look(Started(0).In("shop", "api"));
        var next = Given.Hosted("api2", "api.example.com").In("shop", "api") with { Started = _now };
        var other = Given.Hosted("api3", "api.example.com").In("shop", "api", 2) with { Started = _now };
        var held = Look(next, other).Lifecycle!.Held;
        Assert.That(held.Keys, Is.EqualTo(new[] { next.Id.Value }));
    }

    // docker-compose up --force-recreate, and rm -f with another run: the old one is told to stop and ends, and a new one starts.
    [TestCase("the events tell")]
    [TestCase("a list tells that it ended")]
    [TestCase("a list tells that it is gone")]
    public void WhoIsMadeAnewOnPurposeIsNotHeld(string how)
    {
        Look(Started(0).In("shop", "api"));
        Note(LifecycleSign.Stopping);
        if (how == "the events tell")
            Note(LifecycleSign.Ended);
        else if (how == "a list tells that it ended")
            Look(Started(0).In("shop", "api") with { State = ContainerState.Exited });
        _now += TimeSpan.FromSeconds(1);
        Assert.That(Look(Anew(2, _now)).Lifecycle, Is.Null);
    }

    [Test]
    public void WhoEndsByItselfAndIsMadeAnewIsHeld()
    {
        Look(Started(0).In("shop", "api"));
        Note(LifecycleSign.Ended);
        Assert.That(Restarts(Look(Anew(2, _now))), Is.EqualTo(1));
    }

    [Test]
    public void WhoDoesNotStopWhenToldToEndsByItselfLater()
    {
        Look(Started(0).In("shop", "api"));
        Note(LifecycleSign.Stopping);
        Look(Started(0).In("shop", "api"));
        _now += TimeSpan.FromMinutes(1);
        Look(Started(0).In("shop", "api"));
        Note(LifecycleSign.Ended);
        Assert.That(Restarts(Look(Anew(2, _now))), Is.EqualTo(1));
    }

    [Test]
    public void WhoIsMadeAnewOnPurposeBeginsAnewAndIsHeldForItsOwnRestarts()
    {
        Look(Started(0).In("shop", "api"));
        for (var i = 1; i <= 4; i++)
            Restart(i, compose: true);
        Assert.That(Restarts(Look(Started(4).In("shop", "api"))), Is.EqualTo(4));
        Note(LifecycleSign.Stopping);
        Note(LifecycleSign.Ended);
        var started = _now;
        Assert.That(Look(Anew(2, started)).Lifecycle, Is.Null);
        _now += TimeSpan.FromSeconds(5);
        Assert.That(Restarts(Look(Anew(2, started + TimeSpan.FromSeconds(5)))), Is.EqualTo(1));
    }

    // Made anew it would be another; killed and started it is the same that restarts.
    [Test]
    public void WhoIsKilledAndStartedAgainAndAgainIsHeld()
    {
        Look(Started(0).In("shop", "api"));
        for (var i = 1; i <= 3; i++)
        {
            Note(LifecycleSign.Stopping);
            Restart(i, compose: true);
        }

        Assert.That(Restarts(Look(Started(3).In("shop", "api"))), Is.EqualTo(3));
    }

    // A Swarm makes each run anew, and tells itself which ones failed.
    [TestCase(0, 0)]
    [TestCase(1, 2)]
    [TestCase(3, 8)]
    [TestCase(20, 60)]
    public void ATaskAfterOthersThatFailedIsHeld(int failures, int seconds)
    {
        var task = Given.Hosted("api", "api.example.com") with { Started = _now, Swarm = new SwarmIdentity("api", null, "t1") { Failures = failures } };
        var held = Look(task).Lifecycle?.Held.Values.Single();
        Assert.That(held, Is.EqualTo(failures == 0 ? null : (HoldDown?)new HoldDown(_now + TimeSpan.FromSeconds(seconds), failures)));
        _now += TimeSpan.FromSeconds(seconds);
        Assert.That(Look(task).Lifecycle, Is.Null);
    }

    [Test]
    public void AnEngineThatComesBackHasRestartedNobodyInALoop()
    {
        Look(Started(0));
        _watch.Note(new SourceChange(SourceChangeKind.Reconnected, null, "", "", false), _now);
        Assert.That(Look(Started(5)).Lifecycle, Is.Null);
    }

    [Test]
    public void AClockThatIsSetBackHoldsNobodyForLonger()
    {
        Look(Started(0));
        Restart(1);
        _now -= TimeSpan.FromHours(1);
        Assert.That(Look(Started(1)).Lifecycle, Is.Null);
    }

    [Test]
    public void WhoIsToldToStopIsStoppingUntilItEndsStartsOrItsTimeIsOver()
    {
        Look(Started(0));
        Note(LifecycleSign.Stopping);
        var told = _now;
        Assert.That(Look(Started(0)).Lifecycle!.Stopping[Given.IdOf("api")], Is.EqualTo(told + TimeSpan.FromSeconds(12)));
        var slow = Look(Started(0) with { StopTimeout = 60 }).Lifecycle!.Stopping[Given.IdOf("api")];
        Assert.That(slow, Is.EqualTo(told + TimeSpan.FromSeconds(62)));
        _now += TimeSpan.FromSeconds(12);
        Assert.That(Look(Started(0)).Lifecycle, Is.Null, "it decided otherwise");
        Note(LifecycleSign.Stopping);
        Note(LifecycleSign.Ended);
        Assert.That(Look(Started(0)).Lifecycle, Is.Null, "it has ended");
    }

    [Test]
    public void AHeldContainerGetsNoRequestsAndIsLookedAtWhenItsTimeIsOver()
    {
        Look(Started(0));
        Restart(1);
        Restart(2);
        var held = Look(Started(2));
        var result = Given.Routed(held);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Fates.Single(fate => fate.Container.Value == Given.IdOf("api")).Reason, Is.EqualTo(ReasonIds.HeldDown));
            Assert.That(result.RecheckAt, Is.EqualTo(_now + TimeSpan.FromSeconds(4)));
            Assert.That(result.Messages(ReasonIds.HeldDown), Is.EqualTo(new[]
            {
                "warning held-down: container \"api\" is not routed for api.example.com: it restarts again and again (2 times within 5 minutes). It is routed once it has run for a while, at most 60 s. Look at its log for what ends it.",
            }));
            Assert.That(Servers(Given.Routed(held with { TakenAt = _now + TimeSpan.FromSeconds(4) })), Is.EqualTo("api:Up"));
        }
    }

    [Test]
    public void StoppingDrainsWhereAnotherServerTakesOver()
    {
        Container[] both = [Started(0), Given.Hosted("zoo", "api.example.com")];
        Look(both);
        Assert.That(Servers(Given.Routed(Look(both))), Is.EqualTo("api:Up zoo:Up"));
        Note(LifecycleSign.Stopping);
        var killed = Given.Routed(Look(both));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Servers(killed), Is.EqualTo("api:Drain zoo:Up"));
            Assert.That(killed.RecheckAt, Is.EqualTo(_now + TimeSpan.FromSeconds(12)));
            Assert.That(killed.Fates.Single(fate => fate.Container.Value == Given.IdOf("api")).Reason, Is.EqualTo(ReasonIds.Draining));
        }

        Note(LifecycleSign.Ended);
        both[0] = both[0] with { State = ContainerState.Exited };
        Assert.That(Servers(Given.Routed(Look(both))), Is.EqualTo("zoo:Up"));
    }

    [Test]
    public void TheLastServerAnswersAsLongAsItCan()
    {
        Look(Started(0));
        Note(LifecycleSign.Stopping);
        Assert.That(Servers(Given.Routed(Look(Started(0)))), Is.EqualTo("api:Up"));
    }

    [Test]
    public void ASignalToAProxyIsNoSignOfItsEnd()
    {
        Container[] both = [Started(0) with { Labels = Started(0).Labels.Add("templater.proxy", "other") }, Given.Hosted("zoo", "api.example.com")];
        Look(both);
        Note(LifecycleSign.Stopping);
        Assert.That(Servers(Given.Routed(Look(both))), Is.EqualTo("api:Up zoo:Up"));
    }

    [Test]
    public void TheRecordedFormKeepsItAndReadsFilesWithoutIt()
    {
        Look(Started(0));
        Restart(1);
        Note(LifecycleSign.Stopping);
        var snapshot = Look(Started(1) with { StopTimeout = 3, HealthFailure = new HealthFailure(5, 127, "not found") });
        var read = SnapshotFile.Read(SnapshotFile.ToBytes(snapshot), "s.json");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(SnapshotFile.ToBytes(read), Is.EqualTo(SnapshotFile.ToBytes(snapshot)));
            Assert.That(read.Lifecycle!.Held, Is.EquivalentTo(snapshot.Lifecycle!.Held));
            Assert.That(read.Lifecycle!.Stopping, Is.EquivalentTo(snapshot.Lifecycle!.Stopping));
            Assert.That(SnapshotFile.Read(SnapshotFile.ToBytes(Given.Snapshot(Given.Container("a"))), "s.json").Lifecycle, Is.Null);
        }
    }

    private static Container Started(int times) =>
        Given.Hosted("api", "api.example.com") with { Started = Given.Now - TimeSpan.FromMinutes(1) + TimeSpan.FromSeconds(times) };

    private static Container Anew(int number, DateTimeOffset started) =>
        Given.Hosted($"api{number}", "api.example.com").In("shop", "api") with { Started = started };

    private void Restart(int times, bool compose = false)
    {
        _now += TimeSpan.FromSeconds(1);
        Note(LifecycleSign.Ended);
        Note(LifecycleSign.Started);
        Look(compose ? Started(times).In("shop", "api") : Started(times));
    }

    private void Note(LifecycleSign sign) =>
        _watch.Note(new SourceChange(SourceChangeKind.Event, new ContainerId(Given.IdOf("api")), "api", "", false) { Sign = sign }, _now);

    private Snapshot Look(params Container[] containers) => _watch.Complete(Given.Snapshot(containers) with { TakenAt = _now });

    private static int Restarts(Snapshot snapshot) => snapshot.Lifecycle!.Held.Values.Single().Restarts;

    private static string Servers(RoutingResult result) => string.Join(' ', result.VirtualHosts
        .SelectMany(static host => host.Routes).SelectMany(static route => route.Upstream.Servers)
        .Select(server => (server.Container!.Value.Value == Given.IdOf("api") ? "api" : "zoo") + ":" + server.State));
}
