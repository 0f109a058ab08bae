using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>When a deployer tells its proxy: how far apart, how long after a failure, and whatever the wall clock shows.</summary>
public sealed class DeployerTimeTests : DeployerFixture
{
    [Test]
    public async Task DotegeW6AFailedDeliveryIsTriedAgainWithGrowingPausesForEver()
    {
        Bench.Proxy.Answer = new ReloadAnswer.Failed("the engine is down");
        var outcome = await Bench.DeployAsync("one");
        Assert.That(outcome.Findings.Single().Reason, Is.EqualTo(ReasonIds.ReloadFailed));

        foreach (var pause in (double[])[1, 2, 4, 8, 16, 32, 60, 60, 60])
        {
            Assert.That(await Bench.SettleLaterAsync(pause - 0.1), Is.Null);
            Assert.That(await Bench.SettleLaterAsync(0.1), Is.InstanceOf<DeployOutcome.Owed>());
        }

        Bench.Proxy.Answer = new ReloadAnswer.Delivered();
        Assert.That(await Bench.SettleLaterAsync(60), Is.InstanceOf<DeployOutcome.Live>());
    }

    [Test]
    public async Task ReloadsAreASecondApartAndTheLastStateAlwaysWins()
    {
        Assert.That(await Bench.DeployAsync("one"), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(await Bench.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(await Bench.DeployAsync("three"), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(Bench.OnDisk, Does.StartWith("three "), "writing does not wait");

        Assert.That(await Bench.SettleLaterAsync(0.9), Is.Null);
        Assert.That(await Bench.SettleLaterAsync(0.1), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(Bench.Proxy.Live, Does.StartWith("three "));
        Assert.That(Bench.Proxy.Reloads, Is.EqualTo(2));
    }

    [Test]
    public async Task TheDebtLoopDeliversWhatTheIntervalHeldBack()
    {
        using var ending = new CancellationTokenSource();
        var loop = Bench.Deployer.RunDebtAsync(ending.Token);
        await Bench.DeployAsync("one");
        await Bench.DeployAsync("two");

        await Bench.Time.AdvanceWhenWaitingAsync(TimeSpan.FromSeconds(1));
        while (Bench.Settled.Count == 0)
            await Task.Delay(1, ending.Token);

        Assert.That(Bench.Settled.Single(), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(Bench.Proxy.Live, Does.StartWith("two "));
        await ending.CancelAsync();
        await Assert.ThatAsync(() => loop, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task AClockThatWasSetBackHoldsNothingUp()
    {
        await Bench.DeployAsync("one");
        Bench.Time.SetBack(TimeSpan.FromHours(1));
        Assert.That(await Bench.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Owed>());

        Assert.That(await Bench.SettleLaterAsync(0.9), Is.Null);
        Assert.That(await Bench.SettleLaterAsync(0.1), Is.InstanceOf<DeployOutcome.Live>());
    }

    [Test]
    public async Task AClockThatWasSetBackDoesNotHoldUpTheNextTry()
    {
        Bench.Proxy.Answer = new ReloadAnswer.Failed("the engine is down");
        await Bench.DeployAsync("one");
        Bench.Time.SetBack(TimeSpan.FromHours(1));
        Bench.Proxy.Answer = new ReloadAnswer.Delivered();

        Assert.That(await Bench.SettleLaterAsync(1), Is.InstanceOf<DeployOutcome.Live>());
    }

    [Test]
    public async Task ADeliveryInTheFutureOfTheJournalHoldsUpTheNextOneForTheIntervalAtMost()
    {
        await Bench.DeployAsync("one");
        Bench.Time.SetBack(TimeSpan.FromHours(1));
        Bench.Reopen();
        Assert.That(await Bench.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Owed>());

        Assert.That(await Bench.SettleLaterAsync(1), Is.InstanceOf<DeployOutcome.Live>());
    }
}
