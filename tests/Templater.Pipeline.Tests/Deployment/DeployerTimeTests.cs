using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>When a deployer tells its proxy: how far apart, how long after a failure, and whatever the wall clock shows.</summary>
public sealed class DeployerTimeTests
{
    private DeployerBench _bench = null!;

    [SetUp]
    public void CreateBench() => _bench = new DeployerBench();

    [TearDown]
    public void RemoveBench() => _bench.Dispose();

    [Test]
    public async Task DotegeW6AFailedDeliveryIsTriedAgainWithGrowingPausesForEver()
    {
        _bench.Proxy.Answer = new ReloadAnswer.Failed("the engine is down");
        var outcome = await _bench.DeployAsync("one");
        Assert.That(outcome.Findings.Single().Reason, Is.EqualTo(ReasonIds.ReloadFailed));

        foreach (var pause in (double[])[1, 2, 4, 8, 16, 32, 60, 60, 60])
        {
            Assert.That(await _bench.SettleLaterAsync(pause - 0.1), Is.Null);
            Assert.That(await _bench.SettleLaterAsync(0.1), Is.InstanceOf<DeployOutcome.Owed>());
        }

        _bench.Proxy.Answer = new ReloadAnswer.Delivered();
        Assert.That(await _bench.SettleLaterAsync(60), Is.InstanceOf<DeployOutcome.Live>());
    }

    [Test]
    public async Task ReloadsAreASecondApartAndTheLastStateAlwaysWins()
    {
        Assert.That(await _bench.DeployAsync("one"), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(await _bench.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(await _bench.DeployAsync("three"), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(_bench.OnDisk, Does.StartWith("three "), "writing does not wait");

        Assert.That(await _bench.SettleLaterAsync(0.9), Is.Null);
        Assert.That(await _bench.SettleLaterAsync(0.1), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(_bench.Proxy.Live, Does.StartWith("three "));
        Assert.That(_bench.Proxy.Reloads, Is.EqualTo(2));
    }

    [Test]
    public async Task TheDebtLoopDeliversWhatTheIntervalHeldBack()
    {
        using var ending = new CancellationTokenSource();
        var loop = _bench.Deployer.RunDebtAsync(ending.Token);
        await _bench.DeployAsync("one");
        await _bench.DeployAsync("two");

        await _bench.Time.AdvanceWhenWaitingAsync(TimeSpan.FromSeconds(1));
        while (_bench.Settled.Count == 0)
            await Task.Delay(1, ending.Token);

        Assert.That(_bench.Settled.Single(), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(_bench.Proxy.Live, Does.StartWith("two "));
        await ending.CancelAsync();
        await Assert.ThatAsync(() => loop, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task AClockThatWasSetBackHoldsNothingUp()
    {
        await _bench.DeployAsync("one");
        _bench.Time.SetBack(TimeSpan.FromHours(1));
        Assert.That(await _bench.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Owed>());

        Assert.That(await _bench.SettleLaterAsync(0.9), Is.Null);
        Assert.That(await _bench.SettleLaterAsync(0.1), Is.InstanceOf<DeployOutcome.Live>());
    }

    [Test]
    public async Task AClockThatWasSetBackDoesNotHoldUpTheNextTry()
    {
        _bench.Proxy.Answer = new ReloadAnswer.Failed("the engine is down");
        await _bench.DeployAsync("one");
        _bench.Time.SetBack(TimeSpan.FromHours(1));
        _bench.Proxy.Answer = new ReloadAnswer.Delivered();

        Assert.That(await _bench.SettleLaterAsync(1), Is.InstanceOf<DeployOutcome.Live>());
    }

    [Test]
    public async Task ADeliveryInTheFutureOfTheJournalHoldsUpTheNextOneForTheIntervalAtMost()
    {
        await _bench.DeployAsync("one");
        _bench.Time.SetBack(TimeSpan.FromHours(1));
        _bench.Reopen();
        Assert.That(await _bench.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Owed>());

        Assert.That(await _bench.SettleLaterAsync(1), Is.InstanceOf<DeployOutcome.Live>());
    }
}
