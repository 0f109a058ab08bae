using Templater.Pipeline.Deployment;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>The rules for a server of Centauri's network configuration, against a client that does what Centauri does.</summary>
[CancelAfter(30_000)]
public sealed class CentauriPushTests
{
    private static readonly string[] Clocks = Rotation.IsFullTier ? ["moved", "real"] : ["moved"];

    private readonly TempDirectory _directory = new("tpl-");
    private PushBench _bench = null!;

    [SetUp]
    public void Begin() => _bench = new PushBench(_directory);

    [TearDown]
    public async Task End()
    {
        await _bench.DisposeAsync();
        _directory.Dispose();
    }

    [Test]
    public async Task WhoConnectsBeforeThereIsAnythingWaitsAndGetsTheFirstRealConfiguration(CancellationToken cancellationToken)
    {
        var client = _bench.Connect();
        await _bench.Deployer.WriteFirstAsync(_bench.Rendered("# generated\n"), cancellationToken);
        await UntilConnected(1, cancellationToken);
        while (_bench.Outcomes.Count == 0)
            await Task.Delay(5, cancellationToken);
        Assert.That(_bench.Outcomes[0], Is.InstanceOf<DeployOutcome.Owed>().With.Property("Reason").EqualTo("the containers are not known yet"));
        Assert.That(client.Frames, Is.Empty, "an engine that is not there yet does not mean that there are no sites");

        await _bench.DeployAsync(PushBench.Routes("a"));

        await client.WaitForAsync(routes => routes == PushBench.Routes("a"), cancellationToken);
        Assert.That(client.Frames, Has.Length.EqualTo(1));
    }

    [Test]
    public async Task AFirstFileThatTurnsOutToBeTheTruthIsSent(CancellationToken cancellationToken)
    {
        var client = _bench.Connect();
        await _bench.Deployer.WriteFirstAsync(_bench.Rendered("# generated\n"), cancellationToken);

        await _bench.DeployAsync("# generated\n");

        await client.WaitForAsync(static routes => routes == "# generated\n", cancellationToken);
    }

    [Test]
    public async Task WhoConnectsIsSentThePresentConfigurationAtOnceAndAlsoWhenItIsEmpty(CancellationToken cancellationToken)
    {
        Assert.That(await _bench.DeployAsync(""), Is.InstanceOf<DeployOutcome.Owed>().With.Property("WaitsForProxy").True);

        await _bench.Connect(new() { TakesLengthZero = false }).WaitForAsync(static routes => routes == "# no routes\n", cancellationToken);
    }

    [Test]
    public async Task AllGetEveryConfigurationOnceAndInOrder(CancellationToken cancellationToken)
    {
        CentauriClient[] clients = [_bench.Connect(), _bench.Connect(), _bench.Connect()];
        string[] texts = [PushBench.Routes("a"), PushBench.Routes("b"), PushBench.Routes("b"), "", PushBench.Routes("a")];
        foreach (var text in texts)
        {
            await _bench.DeployAsync(text);
            foreach (var client in clients)
                await client.WaitForAsync(routes => routes == (text.Length > 0 ? text : "# no routes\n"), cancellationToken);
        }

        foreach (var client in clients)
        {
            Assert.That(client.Frames, Is.EqualTo(new[] { texts[0], texts[1], "# no routes\n", texts[4] }), "the same is not sent twice");
            Assert.That((client.Dials, client.Exited.IsCompleted), Is.EqualTo((1, false)));
        }
    }

    [Test]
    public async Task WhatWasTakenIsDeliveredAndUnproven(CancellationToken cancellationToken)
    {
        var client = _bench.Connect();
        await UntilConnected(1, cancellationToken);

        var outcome = await _bench.DeployAsync(PushBench.Routes("a"));

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Delivered>(), outcome.ToString());
        Assert.That(((DeployOutcome.Delivered)outcome).How, Does.Match(@"^Centauri at 127\.0\.0\.1:\d+ was told$"));
        Assert.That(_bench.Deployer.Status.Current, Has.Property("Phase").EqualTo(DeliveryPhase.Unproven));
        Assert.That(client.Routes, Is.EqualTo(PushBench.Routes("a")));
    }

    // Ten seconds, a dial more, and ten seconds again: Centauri ends after that.
    [TestCaseSource(nameof(Clocks))]
    public async Task AFirstConfigurationMayComeWithinTheLastMomentOfTheTwoTimesTenSeconds(string clock, CancellationToken cancellationToken)
    {
        var moved = clock == "moved" ? new FakeTimeProvider() : null;
        var client = _bench.Connect(new() { Time = moved ?? TimeProvider.System });
        await UntilConnected(1, cancellationToken);
        await PassAsync(TimeSpan.FromSeconds(10));
        await PassAsync(TimeSpan.FromMilliseconds(100));
        while (client.Dials < 2)
            await Task.Delay(5, cancellationToken);
        await UntilConnected(1, cancellationToken);
        await PassAsync(TimeSpan.FromSeconds(9));

        await _bench.DeployAsync(PushBench.Routes("a"));

        await client.WaitForAsync(static routes => routes == PushBench.Routes("a"), cancellationToken);
        Assert.That(client.Warnings, Is.EqualTo(new[] { "no configuration in time" }));
        Assert.That((client.Dials, client.Frames.Length), Is.EqualTo((2, 1)));

        Task PassAsync(TimeSpan time) => moved?.AdvanceWhenWaitingAsync(time, cancellationToken: cancellationToken) ?? Task.Delay(time, cancellationToken);
    }

    [Test]
    public async Task WhoConnectsWhileOthersAreToldGetsWholeFramesInOrder(CancellationToken cancellationToken)
    {
        // More than a connection takes at once, so that a greeting is under way when the next one comes.
        var ballast = string.Concat(Enumerable.Repeat("# " + new string('x', 997) + "\n", 1_000));
        string[] texts = [.. Enumerable.Range(0, 3).Select(number => ballast + PushBench.Routes($"n{number}"))];
        var clients = new List<CentauriClient>();
        foreach (var text in texts)
        {
            var deploying = _bench.DeployAsync(text);
            for (var i = 0; i < 4; i++)
                clients.Add(_bench.Connect());
            await deploying;
        }

        foreach (var client in clients)
            await client.WaitForAsync(routes => routes == texts[^1], cancellationToken);

        foreach (var client in clients)
        {
            Assert.That(client.Warnings, Is.Empty);
            Assert.That(client.Frames.Select(frame => Array.IndexOf(texts, frame)), Is.Ordered.And.Unique.And.All.Not.Negative);
        }
    }

    [TestCase("route *.example.com\n    upstream a:80\n")]
    [TestCase("route a.example\n")]
    [TestCase("route a.example\n    upstream a:80\nCENTAURI\n")]
    public async Task WhatTheRulesRefuseIsNeverSent(string bad)
    {
        var client = _bench.Connect();
        await UntilConnected(1, CancellationToken.None);
        await _bench.DeployAsync(PushBench.Routes("a"));

        Assert.That(await _bench.DeployAsync(bad), Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").False);
        await _bench.Connect().WaitForAsync(static routes => routes == PushBench.Routes("a"), CancellationToken.None);
        await _bench.DeployAsync(PushBench.Routes("b"));

        Assert.That(client.Frames, Is.EqualTo(new[] { PushBench.Routes("a"), PushBench.Routes("b") }));
    }

    [Test]
    public async Task AFileThatSomebodyElseWroteIsNotSent(CancellationToken cancellationToken)
    {
        await _bench.DeployAsync(PushBench.Routes("a"));
        File.WriteAllText(_bench.Path, "route *.example.com\n");

        await _bench.Connect().WaitForAsync(static routes => routes == PushBench.Routes("a"), cancellationToken);
    }

    [Test]
    public async Task AClientThatRefusesKeepsItsRoutesAndIsNeverSentThemAgain(CancellationToken cancellationToken)
    {
        var client = _bench.Connect(new() { Takes = static text => !text.Contains("bad", StringComparison.Ordinal) });
        await UntilConnected(1, cancellationToken);
        await _bench.DeployAsync(PushBench.Routes("a"));

        var outcome = await _bench.DeployAsync(PushBench.Routes("bad"));

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").True, outcome.ToString());
        Assert.That(outcome.Findings.Single().Message, Does.Match(
            @"^Centauri at 127\.0\.0\.1:\d+ refused generation 2: ""it closed the connection over it, and dialled again""\. Generation 1 stays live and was restored on disk\.$"));
        Assert.That(await _bench.DeployAsync(PushBench.Routes("bad")), Is.InstanceOf<DeployOutcome.Refused>());
        await _bench.DeployAsync(PushBench.Routes("c"));
        await client.WaitForAsync(static routes => routes == PushBench.Routes("c"), cancellationToken);

        Assert.That(client.Frames, Is.EqualTo(new[] { PushBench.Routes("a"), PushBench.Routes("bad"), PushBench.Routes("a"), PushBench.Routes("c") }));
        Assert.That((client.Dials, client.Exited.IsCompleted), Is.EqualTo((2, false)));
    }

    [Test]
    public async Task WhoConnectsAfterARefusalIsSentTheLastGoodOne(CancellationToken cancellationToken)
    {
        _bench.Connect(new() { Takes = static text => !text.Contains("bad", StringComparison.Ordinal) });
        await UntilConnected(1, cancellationToken);
        await _bench.DeployAsync(PushBench.Routes("a"));
        await _bench.DeployAsync(PushBench.Routes("bad"));

        var newcomer = _bench.Connect();
        await newcomer.WaitForAsync(static routes => routes == PushBench.Routes("a"), cancellationToken);

        Assert.That(newcomer.Frames, Has.Length.EqualTo(1));
    }

    [Test]
    public async Task AFirstConfigurationThatIsRefusedIsNotSentTwice(CancellationToken cancellationToken)
    {
        var client = _bench.Connect(new() { Takes = static text => !text.Contains("bad", StringComparison.Ordinal) });
        await UntilConnected(1, cancellationToken);

        Assert.That(await _bench.DeployAsync(PushBench.Routes("bad")), Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").False);
        await UntilConnected(1, cancellationToken);
        Assert.That(client.Exited.IsCompleted, Is.False);
        await _bench.DeployAsync(PushBench.Routes("a"));
        await client.WaitForAsync(static routes => routes == PushBench.Routes("a"), cancellationToken);

        Assert.That(client.Frames, Is.EqualTo(new[] { PushBench.Routes("bad"), PushBench.Routes("a") }));
    }

    [Test]
    public async Task AClientThatIsStartedAnewRightAfterAConfigurationIsToldAgain(CancellationToken cancellationToken)
    {
        var first = CentauriClient.Start(_bench.Address);
        await UntilConnected(1, cancellationToken);
        await _bench.DeployAsync(PushBench.Routes("a"));
        var deploying = _bench.DeployAsync(PushBench.Routes("b"));
        await first.WaitForAsync(static routes => routes == PushBench.Routes("b"), cancellationToken);
        await first.DisposeAsync();
        Assert.That(await deploying, Is.InstanceOf<DeployOutcome.Owed>());

        await Task.Delay(PushBench.ToRedial + TimeSpan.FromMilliseconds(100), cancellationToken);
        var second = _bench.Connect();
        await second.WaitForAsync(static routes => routes == PushBench.Routes("b"), cancellationToken);

        Assert.That(second.Frames.Last(), Is.EqualTo(PushBench.Routes("b")));
        while (_bench.Deployer.Status.Current is not { Phase: DeliveryPhase.Unproven })
            await Task.Delay(20, cancellationToken);
        Assert.That(File.ReadAllText(_bench.Path), Is.EqualTo(PushBench.Routes("b")));
    }

    [Test]
    public async Task WhoHasToBeWaitedForIsNamedWithTheWayOut()
    {
        await _bench.DeployAsync(PushBench.Routes("a"));
        while (_bench.Outcomes.Count < 1)
            await Task.Delay(20);

        Assert.That(_bench.Deployer.Status.WaitsForProxy, Is.True);
        Assert.That(_bench.Outcomes[0], Is.InstanceOf<DeployOutcome.Owed>().With.Property("Reason").EqualTo($"no Centauri is connected to {_bench.Address}"));
    }

    [Test]
    public async Task WhatIsOwedIsSettledWhenSomebodyConnects(CancellationToken cancellationToken)
    {
        await _bench.DeployAsync(PushBench.Routes("a"));
        Assert.That(_bench.Deployer.Status.OwedSince, Is.Not.Null);

        _bench.Connect();

        while (_bench.Deployer.Status.OwedSince is not null)
            await Task.Delay(20, cancellationToken);
        Assert.That(_bench.Deployer.Status.Current, Has.Property("Phase").EqualTo(DeliveryPhase.Unproven));
    }

    // An operator who is used to the file signals Centauri all the same: it says nothing to us, and is told nothing.
    [Test]
    public async Task ASignalOfTheOperatorChangesNothing(CancellationToken cancellationToken)
    {
        var client = _bench.Connect();
        await UntilConnected(1, cancellationToken);
        client.HangUp();
        await _bench.DeployAsync(PushBench.Routes("a"));
        client.HangUp();
        await _bench.DeployAsync(PushBench.Routes("b"));

        await client.WaitForAsync(static routes => routes == PushBench.Routes("b"), cancellationToken);
        Assert.That((client.Notes.Length, client.Dials, client.Frames.Length), Is.EqualTo((2, 1, 2)));
        Assert.That(client.Warnings, Is.Empty);
    }

    private async Task UntilConnected(int many, CancellationToken cancellationToken)
    {
        while (_bench.Listeners.Open(_bench.Address).Sessions.Length < many)
            await Task.Delay(5, cancellationToken);
    }
}
