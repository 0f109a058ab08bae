using Templater.Testing;

namespace Templater.Docker.Tests;

[CancelAfter(20_000)]
public sealed class EventSubscriptionTests
{
    [Test]
    public async Task SeesWhatHappensAfterTheSubscriptionBeforeAnythingIsRead(CancellationToken cancellationToken)
    {
        await using var engine = new FakeDockerEngine();
        using var client = DockerClientTests.Client(engine);
        await using var events = await client.OpenEventsAsync(EventFilter.Watching, null, cancellationToken);

        engine.AddContainer("web", c => c.Network("front").Health("healthy"));
        engine.EmitEvent("container", "exec_start: true", "1");
        engine.Stop("web");

        Assert.That(await TakeAsync(events, 8, cancellationToken), Is.EqualTo(new[]
        {
            "network create", "container create", "network connect", "container start", "container health_status: healthy",
            "container kill", "container die", "network disconnect",
        }));
    }

    [Test]
    public async Task AsksTheEngineToFilterAndToReplay(CancellationToken cancellationToken)
    {
        await using var engine = new FakeDockerEngine();
        engine.AddContainer("web");
        var started = engine.Events[^1].Time;
        engine.AddContainer("other");
        using var client = DockerClientTests.Client(engine);

        var filter = new EventFilter { Types = ["container"], Actions = ["start"], Containers = ["web"] };
        await using var events = await client.OpenEventsAsync(filter, started, cancellationToken);

        Assert.That(await TakeAsync(events, 1, cancellationToken), Is.EqualTo(new[] { "container start" }));
        Assert.That(engine.Requests[^1]["filters"], Is.EqualTo("""{"container":["web"],"event":["start"],"type":["container"]}"""));
    }

    [Test]
    public async Task TellsTheContainerThatAnEventIsAbout(CancellationToken cancellationToken)
    {
        await using var engine = new FakeDockerEngine(new FakeDockerEngineOptions { ApiVersion = "1.52" });
        using var client = DockerClientTests.Client(engine);
        var found = new List<string?>();
        await using var events = await client.OpenEventsAsync(EventFilter.Watching, null, cancellationToken);
        var web = engine.AddContainer("web", c => c.Network("front"));
        engine.Die("web", exitCode: 3);

        await foreach (var message in events.WithCancellation(cancellationToken))
        {
            found.Add(message.ContainerId);
            if (message.Action == "die")
            {
                Assert.That(message.Actor.Attributes["exitCode"], Is.EqualTo("3"));
                break;
            }
        }

        Assert.That(found, Is.EqualTo(new[] { null, web.Id, web.Id, web.Id, web.Id }));
    }

    [Test]
    public async Task FailsWhenTheEngineGoesAway(CancellationToken cancellationToken)
    {
        await using var engine = new FakeDockerEngine();
        using var client = DockerClientTests.Client(engine);
        await using var events = await client.OpenEventsAsync(EventFilter.Watching, null, cancellationToken);
        var reading = TakeAsync(events, 1, cancellationToken);

        engine.StopListening();

        var error = await DockerClientTests.Fails(() => reading);
        Assert.That(error.Reason, Is.EqualTo(DockerErrorReason.Unreachable));
        engine.StartListening();
        await using var again = await client.OpenEventsAsync(EventFilter.Watching, null, cancellationToken);
        engine.AddContainer("web");
        Assert.That(await TakeAsync(again, 1, cancellationToken), Is.EqualTo(new[] { "container create" }));
    }

    [Test]
    public async Task NoticesAStoppedEngineByAPingWhenItIsSilent(CancellationToken cancellationToken)
    {
        await using var engine = new FakeDockerEngine();
        var clock = new FakeTimeProvider();
        using var client = DockerClientTests.Client(engine, options => options with { TimeProvider = clock });
        await using var events = await client.OpenEventsAsync(EventFilter.Watching, null, cancellationToken);
        var reading = TakeAsync(events, 1, cancellationToken);

        // A silent engine that answers is fine ...
        engine.ClearRequests();
        await clock.AdvanceWhenWaitingAsync(TimeSpan.FromSeconds(30), cancellationToken: cancellationToken);
        while (engine.CountOf("GET", "/_ping") == 0 || clock.PendingTimers != 1)
            await Task.Delay(1, cancellationToken);
        Assert.That(reading.IsCompleted, Is.False);

        // ... one that does not answer is not.
        engine.Freeze();
        clock.Advance(TimeSpan.FromSeconds(30));
        while (!reading.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5, cancellationToken);
        }

        var error = await DockerClientTests.Fails(() => reading);
        Assert.That(error.Reason, Is.EqualTo(DockerErrorReason.TimedOut));
        Assert.That(error.Message, Does.Contain("fell silent"));
    }

    [Test]
    public async Task EndsWithItsTokenAndFreesTheConnection(CancellationToken cancellationToken)
    {
        await using var engine = new FakeDockerEngine();
        using var client = DockerClientTests.Client(engine);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = Task.Run(async () =>
        {
            await foreach (var _ in client.EventsAsync(EventFilter.Watching, cancellationToken: stop.Token))
            {
            }
        }, cancellationToken);
        while (engine.Subscriptions == 0)
            await Task.Delay(1, cancellationToken);

        await stop.CancelAsync();

        await Assert.ThatAsync(() => reading, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(() => engine.Subscriptions, Is.Zero.After(5000, 5));
    }

    [TestCase("garbage\n", DockerErrorReason.BadResponse)]
    [TestCase("{\"Type\":7}\n", DockerErrorReason.BadResponse)]
    [TestCase("{\"Type\":\"container\"", DockerErrorReason.Unreachable)]
    [TestCase("", DockerErrorReason.Unreachable)]
    [TestCase("\n\r\n  \n", DockerErrorReason.Unreachable)]
    public async Task RefusesABadStream(string body, DockerErrorReason reason)
    {
        await using var engine = new FakeDockerEngine();
        using var client = DockerClientTests.Client(engine);
        engine.Faults.Answer("/events", 200, "application/json", body);
        await using var events = await client.OpenEventsAsync(EventFilter.Watching, null, default);

        var error = await DockerClientTests.Fails(() => TakeAsync(events, 1, default));

        Assert.That(error.Reason, Is.EqualTo(reason));
    }

    [Test]
    public async Task BoundsTheSizeOfAnEvent()
    {
        await using var engine = new FakeDockerEngine();
        using var client = DockerClientTests.Client(engine, options => options with { MaxEventBytes = 100_000 });
        await using var events = await client.OpenEventsAsync(EventFilter.Watching, null, default);
        engine.AddContainer("small", c => c.Label("x", new string('x', 50_000)));
        engine.AddContainer("big", c => c.Label("x", new string('x', 200_000)));

        var error = await DockerClientTests.Fails(() => TakeAsync(events, 3, default));

        Assert.That(error.Reason, Is.EqualTo(DockerErrorReason.TooLarge));
    }

    private static async Task<List<string>> TakeAsync(IEventSubscription events, int count, CancellationToken cancellationToken)
    {
        var taken = new List<string>();
        await foreach (var message in events.WithCancellation(cancellationToken))
        {
            taken.Add($"{message.Type} {message.Action}");
            if (taken.Count == count)
                break;
        }

        return taken;
    }
}
