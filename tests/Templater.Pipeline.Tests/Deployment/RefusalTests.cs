using Templater.Pipeline.Deployment;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>What a refusal is, what is said about it, and what is put back after it.</summary>
[CancelAfter(30_000)]
public sealed class RefusalTests : LiveFleet
{
    [Test]
    public async Task ALookThatFailsOnceSignalsNobodyAndMakesNothingFinal()
    {
        Edge.ShowsProcesses = null;
        Edge.Refuses = true;

        Assert.That(await Fleet.DeployAsync("bad"), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(Edge.Reloads, Is.EqualTo(1));

        Edge.ShowsProcesses = true;
        Assert.That(await Fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").True);
        Assert.That(File.ReadAllText(Fleet.Path), Does.StartWith("one "));
    }

    [Test]
    public async Task ARefusalIsQuotedWithoutTimeAndProcessNumber()
    {
        Edge.Refuses = true;

        var outcome = await Fleet.DeployAsync("bad");

        Assert.That(outcome.Findings.Single().Message, Does.StartWith(
            "edge refused generation 2: line 1 \"unknown directive \"x2\" in /out/nginx.conf:1\". Generation 1 stays live and was restored on disk."));
    }

    [Test]
    public async Task WithoutALookAtProcessesTheLogStillTellsOfARefusal()
    {
        Edge.ShowsProcesses = false;
        Edge.Refuses = true;

        Assert.That(await Fleet.DeployAsync("bad"), Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").True);
    }

    [Test]
    public async Task AnOldRefusalInTheLogOfAnEngineWithAnotherClockIsNotTakenForANewOne()
    {
        Edge.Log.Add("2026/01/02 03:04:05 [emerg] 1#1: unknown directive \"old\" in /out/nginx.conf:1");

        Assert.That(await Fleet.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Live>());
    }

    [TestCase("/out/nginx.conf", 1)]
    [TestCase("/config/nginx.conf", null, TestName = "A refused line of another file of that name is not one of ours")]
    [TestCase(null, 1, TestName = "Where nobody knows how the proxy sees the file its name has to do")]
    public async Task ARefusedLineIsOneOfTheFileAsTheProxySeesIt(string? path, int? line)
    {
        (Edge.View, Edge.Refuses) = (new OutputView(path, null), true);

        Assert.That(await Fleet.DeployAsync("bad"), Is.InstanceOf<DeployOutcome.Refused>().With.Property("Line").EqualTo(line));
    }

    [Test]
    public async Task WhatOneProxyRunsIsNotTakenFromItBecauseAnotherRefuses()
    {
        var second = Fleet.Add("second");
        second.Refuses = true;

        var outcome = await Fleet.DeployAsync("two");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(outcome.Findings.Single().Message, Does.StartWith("second refused what another proxy runs"));
        Assert.That(File.ReadAllText(Fleet.Path), Does.StartWith("two "));
        Assert.That(await Fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Owed>());
        second.Refuses = false;
        Assert.That(await Fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(Edge.Reloads, Is.EqualTo(2), "the one that runs it is left alone");
    }

    [Test]
    public async Task WhatIsPutBackAfterSomethingThatNobodyRanIsToldToTheProxy()
    {
        Edge.IsRunning = false;
        await Fleet.DeployAsync("two");
        (Edge.IsRunning, Edge.Refuses) = (true, true);

        Assert.That(await Fleet.DeployAsync("bad"), Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").True);
        Assert.That(Fleet.Deployer.Status.OwedSince, Is.Not.Null);

        Edge.Refuses = false;
        Assert.That(await Fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>());
    }
}
