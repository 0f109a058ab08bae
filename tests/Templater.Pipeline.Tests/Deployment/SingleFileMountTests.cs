using Templater.Pipeline.Deployment;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>A proxy that mounts the file alone sees no new one before it is restarted.</summary>
[CancelAfter(30_000)]
public sealed class SingleFileMountTests : LiveFleet
{
    private static readonly OutputView Alone = new("/etc/nginx/nginx.conf", "/etc/nginx/nginx.conf");

    [Test]
    public async Task AProxyThatMountsTheFileAloneIsLiveOnlyAfterARestart()
    {
        (Edge.View, Edge.Started) = (Alone, Fleet.Time.GetUtcNow());

        var outcome = await Fleet.DeployAsync("two");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Owed>().With.Property("Reason").EqualTo(
            "edge mounts the single file /etc/nginx/nginx.conf and does not see the new one until it is restarted"));
        Assert.That(((DeployOutcome.Owed)outcome).WaitsForProxy, Is.True, "it is no reason to be unhealthy: compose would not start the mended proxy");
        Assert.That((Edge.Reloads, Fleet.Deployer.Status.LastGood!.Generation), Is.EqualTo((1, DeployerBench.Rendered("one").Generation)));

        Edge.Started = Fleet.Time.GetUtcNow() + TimeSpan.FromSeconds(3);
        Assert.That(await Fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>());
    }

    [TestCase(null, TestName = "An engine with another clock: whether it started before the file was replaced is not known")]
    [TestCase(1.0, TestName = "It may have started just before the file was replaced")]
    public async Task AProxyThatMountsTheFileAloneMayHaveReadTheFormerOne(double? seconds)
    {
        (Edge.View, Edge.IsRunning) = (Alone, false);
        await Fleet.DeployAsync("two");
        Edge.Started = seconds is { } later ? Fleet.Time.GetUtcNow().AddSeconds(later) : null;
        Edge.IsRunning = true;

        Assert.That(await Fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Delivered>().With.Property("How").EqualTo(
            "edge was told, but mounts the single file /etc/nginx/nginx.conf"));
        Assert.That(Fleet.Deployer.Status.LastGood!.Generation, Is.EqualTo(DeployerBench.Rendered("one").Generation));
    }

    [Test]
    public async Task AProxyThatMountsTheFolderDoesNotWaitForOneThatMountsTheFileAlone()
    {
        var second = Fleet.Add("second");
        (second.View, second.Started) = (Alone, Fleet.Time.GetUtcNow());

        Assert.That(await Fleet.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That((Edge.Reloads, second.Reloads), Is.EqualTo((2, 0)));
        Assert.That(Fleet.Deployer.Status.LastGood!.Generation, Is.EqualTo(DeployerBench.Rendered("two").Generation));
    }

    [Test]
    public async Task AProxyThatMountsTheFileAloneAndIsRestartedAfterTheClockWasSetBackIsNotWaitedForAnyMore()
    {
        (Edge.View, Edge.Started) = (Alone, Fleet.Time.GetUtcNow());
        Assert.That(await Fleet.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Owed>());

        Fleet.Time.SetBack(TimeSpan.FromHours(1));
        Edge.Started = Fleet.Time.GetUtcNow();

        Assert.That(await Fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Delivered>());
    }
}
