using Templater.Pipeline.Deployment;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>Whether a proxy that has started did so with the new file, also where the clock cannot tell.</summary>
[CancelAfter(30_000)]
public sealed class ProxyStartTests : LiveFleet
{
    [TestCase(1.0, "Live", 2, TestName = "A start stamped late, just after the swap, needs a reload all the same")]
    [TestCase(3.0, "Live", 1, TestName = "A start well after the swap needs none")]
    public async Task AStartAfterTheSwap(double seconds, string expected, int reloads)
    {
        Edge.IsRunning = false;
        await Fleet.DeployAsync("two");
        Edge.Started = Fleet.Time.GetUtcNow().AddSeconds(seconds);
        Edge.IsRunning = true;

        Assert.That((await Fleet.SettleLaterAsync())!.GetType().Name, Is.EqualTo(expected));
        Assert.That(Edge.Reloads, Is.EqualTo(reloads));
        Assert.That(Fleet.Deployer.Status.LastGood!.Generation, Is.EqualTo(Fleet.Deployer.Status.Current!.Generation));
    }

    [Test]
    public async Task ACrashLoopOnABadFileDoesNotMakeItLive()
    {
        Edge.IsRunning = false;
        await Fleet.DeployAsync("bad");
        Edge.Started = Fleet.Time.GetUtcNow().AddSeconds(30);
        (Edge.IsRunning, Edge.HasWorkers) = (true, false);

        Assert.That(await Fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(Fleet.Deployer.Status.LastGood!.Generation, Is.EqualTo(DeployerBench.Rendered("one").Generation));
    }

    [Test]
    public async Task AProxyThatHasOnlyJustStartedIsToldWhenItHasNotEndedOnItsFile()
    {
        var before = Edge.Reloads;
        // Ten seconds pass until the deployment.
        Edge.Started = Fleet.Time.GetUtcNow().AddSeconds(9.5);

        var first = await Fleet.DeployAsync("two");

        Assert.That(first, Is.InstanceOf<DeployOutcome.Owed>().With.Property("Reason").EqualTo("edge has only just started"), first.ToString());
        Assert.That(Edge.Reloads, Is.EqualTo(before));
        Assert.That(first.Findings, Is.Empty);
        Assert.That(await Fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(Edge.Reloads, Is.EqualTo(before + 1));
    }

    [TestCase(0.0, TestName = "A clock that was set back: a start in the future did not come after the swap")]
    [TestCase(7200.0, TestName = "A clock that was set back: an hour that is shown twice tells nothing, however late the delivery")]
    public async Task AProxyIsToldWhenTheClockCannotTellThatItStartedWithTheFile(double later)
    {
        Edge.Started = Fleet.Time.GetUtcNow();
        Fleet.Time.SetBack(TimeSpan.FromHours(1));
        Edge.IsRunning = false;
        await Fleet.DeployAsync("two");
        Fleet.Time.Advance(TimeSpan.FromSeconds(later));
        Edge.IsRunning = true;

        Assert.That(await Fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(Edge.Reloads, Is.EqualTo(2));
    }

    [Test]
    public async Task AStartAfterTheClockWasSetBackAndHasCaughtUpCountsAgain()
    {
        Edge.IsRunning = false;
        await Fleet.DeployAsync("two");
        Fleet.Time.SetBack(TimeSpan.FromHours(1));
        await Fleet.SettleLaterAsync();
        Fleet.Time.Advance(TimeSpan.FromHours(2));
        (Edge.IsRunning, Edge.Started) = (true, Fleet.Time.GetUtcNow());

        Assert.That(await Fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>().With.Property("Proof").Contains("started with it"));
        Assert.That(Edge.Reloads, Is.EqualTo(1));
    }
}
