using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Proving;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>Proxies that restart by themselves, of which no engine tells: they are asked at a calm interval.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(30_000)]
[Platform("Linux")]
public sealed class AskAgainTests : IDisposable
{
    private const string Generation = "0123456789abcdef";
    private static readonly JournalEntry Entry = new() { Generation = Generation, Content = "", PrintsGeneration = true, Phase = DeliveryPhase.Proven };

    private readonly DeployerBench _bench = new();

    [Test]
    public async Task OneThatRunsAnotherFileIsToldTheWantedOne()
    {
        await _bench.DeployAsync("one");
        _bench.Proxy.StillRuns = false;

        Assert.That(await SettleAfterAsync(Deployer.AskAgainAfter - TimeSpan.FromSeconds(1)), Is.Null);
        Assert.That(await SettleAfterAsync(TimeSpan.FromSeconds(1)), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That((_bench.Proxy.Questions, _bench.Proxy.Reloads), Is.EqualTo((1, 2)));
    }

    [Test]
    public async Task OneThatIsThereAndHasNotReadTheFileIsNotWaitedForInSilence()
    {
        _bench.Proxy.Judge = static _ => new ProofResult.NotYet("fake is paused");

        Assert.That(await _bench.DeployAsync("one"), Is.InstanceOf<DeployOutcome.Owed>().With.Property("WaitsForProxy").False);
    }

    [TestCase(true)]
    [TestCase(null)]
    public async Task OneThatRunsItStillOrDoesNotAnswerIsLeftAlone(bool? answer)
    {
        await _bench.DeployAsync("one");
        _bench.Proxy.StillRuns = answer;

        for (var asked = 1; asked <= 3; asked++)
            Assert.That(await SettleAfterAsync(Deployer.AskAgainAfter), Is.Null);
        Assert.That((_bench.Proxy.Questions, _bench.Proxy.Reloads), Is.EqualTo((3, 1)));
    }

    [Test]
    public async Task ItIsAskedWhenTemplaterHasStarted()
    {
        await _bench.DeployAsync("one");
        _bench.Reopen();
        _bench.Proxy.StillRuns = false;

        Assert.That(await SettleAfterAsync(TimeSpan.Zero), Is.InstanceOf<DeployOutcome.Live>());
    }

    [TestCase(true, 2)]
    [TestCase(false, 1)]
    public async Task ANewRunOfWhichNobodyTellsIsFound(bool isSilent, int reloads)
    {
        await _bench.DeployAsync("one");
        (_bench.Proxy.HasSilentRuns, _bench.Proxy.Key) = (isSilent, "another run");

        await SettleAfterAsync(Deployer.AskAgainAfter);

        Assert.That(_bench.Proxy.Reloads, Is.EqualTo(reloads));
    }

    // It has not said that it runs something else: what it does not take is a failure, as of anybody who is told for the first time.
    [Test]
    public async Task ANewRunOfWhichNobodyTellsIsToldUntilItIsProven()
    {
        await _bench.DeployAsync("one");
        (_bench.Proxy.HasSilentRuns, _bench.Proxy.Key) = (true, "another run");
        _bench.Proxy.Judge = static _ => new ProofResult.NotSeen("fake tells another generation");

        Assert.That(await SettleAfterAsync(Deployer.AskAgainAfter), Is.InstanceOf<DeployOutcome.Owed>().With.Property("Findings").Not.Empty);
        Assert.That(_bench.Deployer.Status.Current!.RunningOtherwise, Is.Empty);

        _bench.Proxy.Judge = static _ => null;
        Assert.That(await SettleAfterAsync(Deployer.AskAgainAfter), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(_bench.Proxy.Reloads, Is.EqualTo(3));
    }

    [Test]
    public async Task AnotherRunBehindTheSameSocketIsToldOnceMoreAndThenOnlyAsked()
    {
        await _bench.DeployAsync("one");
        _bench.Proxy.Began = _bench.Time.GetUtcNow();
        _bench.Proxy.StillRuns = false;
        _bench.Proxy.OnReload = () => _bench.Proxy.StillRuns = false;
        _bench.Proxy.Judge = static _ => new ProofResult.NotSeen("fake tells another generation");
        Assert.That(await SettleAfterAsync(Deployer.AskAgainAfter), Is.InstanceOf<DeployOutcome.Delivered>());
        Assert.That(await SettleAfterAsync(Deployer.AskAgainAfter), Is.Null);
        Assert.That(_bench.Proxy.Reloads, Is.EqualTo(2));

        _bench.Time.Advance(TimeSpan.FromSeconds(5));
        _bench.Proxy.Began = _bench.Time.GetUtcNow();
        Assert.That(await SettleAfterAsync(Deployer.AskAgainAfter), Is.InstanceOf<DeployOutcome.Delivered>().With.Property("Findings").Not.Empty);
        for (var minute = 0; minute < 3; minute++)
            Assert.That(await SettleAfterAsync(Deployer.AskAgainAfter), Is.Null);
        Assert.That(_bench.Proxy.Reloads, Is.EqualTo(3));

        (_bench.Proxy.Began, _bench.Proxy.Judge) = (_bench.Time.GetUtcNow() + TimeSpan.FromSeconds(5), static _ => null);
        _bench.Proxy.OnReload = static () => { };
        Assert.That(await SettleAfterAsync(Deployer.AskAgainAfter), Is.InstanceOf<DeployOutcome.Live>().With.Property("Findings").Empty);
        Assert.That(_bench.Deployer.Status.Current!.RunningOtherwise, Is.Empty);
    }

    [Test]
    public async Task TheDebtLoopAsksByItself(CancellationToken cancellationToken)
    {
        await _bench.DeployAsync("one");
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var loop = _bench.Deployer.RunDebtAsync(ending.Token);
        while (_bench.Proxy.Questions == 0)
            await _bench.Time.AdvanceWhenWaitingAsync(TimeSpan.FromSeconds(1), cancellationToken: cancellationToken);

        Assert.That(_bench.Proxy.Reloads, Is.EqualTo(1));
        await ending.CancelAsync();
        await Assert.ThatAsync(() => loop, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task OneThatKeepsTellingAnotherGenerationIsToldOnceMoreAndThenOnlyAsked()
    {
        await _bench.DeployAsync("one");
        _bench.Proxy.StillRuns = false;
        _bench.Proxy.OnReload = () => _bench.Proxy.StillRuns = false;
        _bench.Proxy.Judge = static _ => new ProofResult.NotSeen("fake tells another generation");

        var told = await SettleAfterAsync(Deployer.AskAgainAfter);
        Assert.That(told, Is.InstanceOf<DeployOutcome.Delivered>());
        Assert.That(told!.Findings.Single().Message, Does.Contain("not told again until it answers otherwise"));
        for (var minute = 0; minute < 3; minute++)
            Assert.That(await SettleAfterAsync(Deployer.AskAgainAfter), Is.Null);
        Assert.That((await _bench.DeployAsync("one")).Findings, Is.EqualTo(told.Findings));

        _bench.Reopen();
        Assert.That((await SettleAfterAsync(TimeSpan.Zero))!.Findings, Is.EqualTo(told.Findings), "it is known after a start, too");
        Assert.That(_bench.Proxy.Reloads, Is.EqualTo(2));

        (_bench.Proxy.StillRuns, _bench.Proxy.CanProbe) = (true, true);
        var seen = await SettleAfterAsync(Deployer.AskAgainAfter);
        Assert.That(seen, Is.InstanceOf<DeployOutcome.Live>().With.Property("Findings").Empty);
        Assert.That((_bench.Proxy.Reloads, _bench.Deployer.Status.Current!.RunningOtherwise), Is.EqualTo((2, System.Collections.Immutable.ImmutableArray<string>.Empty)));

        _bench.Proxy.StillRuns = false;
        _bench.Proxy.CanProbe = false;
        await SettleAfterAsync(Deployer.AskAgainAfter);
        _bench.Proxy.Judge = static _ => null;
        Assert.That((await _bench.DeployLaterAsync("two")).Findings, Is.Empty, "another file is another question");
        Assert.That(_bench.Proxy.Reloads, Is.EqualTo(4));
    }

    [Test]
    public async Task WhatIsFoundAboutAProxyBetweenTwoDeliveriesIsSaidUntilItIsGone()
    {
        var second = new Finding(FindingSeverity.Warning, "second", "another one.");
        await _bench.DeployAsync("one");
        await SettleAfterAsync(Deployer.AskAgainAfter);

        _bench.Proxy.Notes = [second];
        Assert.That((await SettleAfterAsync(Deployer.AskAgainAfter))!.Findings, Is.EqualTo(new[] { second }));
        Assert.That(await SettleAfterAsync(Deployer.AskAgainAfter), Is.Null, "that is no news");
        Assert.That((await _bench.DeployAsync("one")).Findings, Is.EqualTo(new[] { second }));

        _bench.Proxy.Notes = [];
        Assert.That((await SettleAfterAsync(Deployer.AskAgainAfter))!.Findings, Is.Empty);
        Assert.That(_bench.Proxy.Reloads, Is.EqualTo(1));
    }

    [TestCase(Generation, true)]
    [TestCase("fedcba9876543210", false)]
    public async Task HAProxyTellsItsVariable(string running, bool expected)
    {
        using var directory = new TempDirectory();
        using var master = new SayingMaster(directory["m.sock"]) { Generation = running };
        var proof = new HAProxyVariableProof(new HAProxyMaster(directory["m.sock"], TimeProvider.System), TimeSpan.FromSeconds(1), TimeProvider.System);

        Assert.That(await proof.StillRunsAsync(_bench.Proxy, Entry, CancellationToken.None), Is.EqualTo(expected));
        Assert.That(await proof.StillRunsAsync(_bench.Proxy, Entry with { PrintsGeneration = false }, CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task HAProxyThatIsAwayTellsNothing()
    {
        using var directory = new TempDirectory();
        var proof = new HAProxyVariableProof(new HAProxyMaster(directory["m.sock"], TimeProvider.System), TimeSpan.FromSeconds(1), TimeProvider.System);

        Assert.That(await proof.StillRunsAsync(_bench.Proxy, Entry, CancellationToken.None), Is.Null);
    }

    [TestCase("0123456789abcdef", ExpectedResult = true)]
    [TestCase("fedcba9876543210", ExpectedResult = false)]
    [TestCase("welcome", ExpectedResult = null)]
    [TestCase(null, ExpectedResult = null)]
    public async Task<bool?> AnEndpointTells(string? body)
    {
        await using var asked = new FakeDockerEngine(new FakeDockerEngineOptions { UseTcp = true });
        if (body is null)
            asked.StopListening();
        else
            asked.Faults.Answer("/live", 200, "text/plain", body);
        return await new HttpProof(new Uri($"http://127.0.0.1:{asked.Port}/live"), TimeSpan.FromSeconds(5), TimeProvider.System).StillRunsAsync(_bench.Proxy, Entry, CancellationToken.None);
    }

    // One that fails may fail for any other reason, for as long as that lasts, and each time the proxy would be told.
    [Test]
    public async Task ACommandIsNotAsked() => Assert.That(
        await ((IProof)new CommandProof(((VerifySpec.Command)VerifySpec.Parse("command:false {generation}")).Words, TimeSpan.FromSeconds(5), new CommandRunner(TimeProvider.System), TimeProvider.System)).StillRunsAsync(_bench.Proxy, Entry, CancellationToken.None),
        Is.Null);

    [Test]
    public async Task OneThatStartedSinceAndRunsAnotherFileIsToldAllTheSame()
    {
        await _bench.DeployAsync("one");
        _bench.Time.Advance(TimeSpan.FromHours(1));
        _bench.Proxy.Started = _bench.Time.GetUtcNow();
        _bench.Proxy.Live = "another";
        _bench.Proxy.StillRuns = false;

        Assert.That(await SettleAfterAsync(Deployer.AskAgainAfter), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(_bench.Proxy.Reloads, Is.EqualTo(2));
    }

    public void Dispose() => _bench.Dispose();

    private Task<DeployOutcome?> SettleAfterAsync(TimeSpan span)
    {
        _bench.Time.Advance(span);
        return _bench.Deployer.SettleDebtAsync(CancellationToken.None);
    }
}
