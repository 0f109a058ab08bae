using Templater.Pipeline.Deployment;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>Several proxies, and proxies that cannot be seen: who is told, and what is said about those who are not.</summary>
[CancelAfter(30_000)]
public sealed class DeliveryTests : LiveFleet
{
    [Test]
    public async Task AProxyThatIsExpectedToComeIsMissedOnlyAfterAWhile()
    {
        Edge.IsRunning = false;
        Fleet.MissingFinding = new Finding(FindingSeverity.Warning, ReasonIds.ReloadTargetMissing, "nothing matches");
        Fleet.QuietAttempts = 2;

        Assert.That((await Fleet.DeployAsync("two")).Findings, Is.Empty);
        Assert.That((await Fleet.SettleLaterAsync())!.Findings, Is.Empty);
        Assert.That((await Fleet.SettleLaterAsync())!.Findings, Is.EqualTo(new[] { Fleet.MissingFinding }));
    }

    [Test]
    public async Task WhatIsSaidAboutTheTargetsHoldsBesideWhateverBecomesOfThem()
    {
        var note = new Finding(FindingSeverity.Info, ReasonIds.ReloadTargets, "two of them");
        Fleet.Notes = [note];

        var live = await Fleet.DeployAsync("two");
        Edge.Refuses = true;
        var refused = await Fleet.DeployAsync("bad");
        var again = await Fleet.DeployAsync("bad");

        Assert.That(live.Findings, Is.EqualTo(new[] { note }));
        Assert.That(refused.Findings, Has.Length.EqualTo(2).And.Contain(note));
        Assert.That(again.Findings, Is.EquivalentTo(refused.Findings));
    }

    [Test]
    public async Task WhatIsDeliveredBlindlyIsNoGoodFileAndSaidToBeUnjudged()
    {
        (Edge.ShowsProcesses, Edge.ShowsLog) = (false, false);

        var outcome = await Fleet.DeployAsync("two");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Delivered>());
        Assert.That(outcome.Findings.Single(), Has.Property("Severity").EqualTo(FindingSeverity.Error).And.Property("Message").Contains("edge"));
        Assert.That((await Fleet.DeployAsync("two")).Findings, Is.EqualTo(outcome.Findings), "it still holds at the next look");
        Assert.That(Fleet.Deployer.Status.LastGood!.Generation, Is.EqualTo(DeployerBench.Rendered("one").Generation));
    }

    [Test]
    public async Task OfAProxyThatStartsAgainAndAgainTheLastRunIsNoted()
    {
        var other = Fleet.Add("other");
        (Edge.Runs, other.Runs) = (1, 1);
        await Fleet.DeployAsync("two");

        for (Edge.Runs = 2; Edge.Runs < 5; Edge.Runs++)
        {
            Fleet.Deployer.OnProxyStarted();
            await Fleet.DeployAsync("two");
            Assert.That(Fleet.Deployer.Status.Current!.Targets, Is.EqualTo(new[] { $"edge@{Edge.Runs}", "other@1" }));
        }
    }

    [Test]
    public async Task ATargetWithoutWorkersVetoesNothing()
    {
        var stray = Fleet.Add("stray");
        stray.HasWorkers = false;

        var outcome = await Fleet.DeployAsync("two");
        for (var i = 0; i < 3; i++)
            outcome = await Fleet.SettleLaterAsync();

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Owed>().With.Property("WaitsForProxy").True);
        Assert.That(outcome!.Findings.Single().Message, Does.StartWith("stray is a reload target, but no worker"));
        Assert.That(File.ReadAllText(Fleet.Path), Does.StartWith("two "));
        Assert.That(Fleet.Deployer.Status.LastGood!.Generation, Is.EqualTo(outcome is DeployOutcome.Owed owed ? owed.Generation : ""));
        Assert.That((Edge.Reloads, stray.Reloads), Is.EqualTo((2, 0)));
    }

    [Test]
    public async Task AProxyThatIsStillLoadingIsNotSignalledAndSaidNothingAbout()
    {
        Edge.HasWorkers = false;
        var outcome = await Fleet.DeployAsync("two");
        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(outcome.Findings, Is.Empty);
        Assert.That(Edge.Reloads, Is.EqualTo(1));

        Edge.HasWorkers = true;
        Assert.That(await Fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(Edge.Reloads, Is.EqualTo(2));
    }

    [Test]
    public async Task AProxyThatWasPausedDuringTheReloadIsToldWhenItGoesOn()
    {
        var second = Fleet.Add("second");
        second.IsRunning = false;
        Assert.That(await Fleet.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Live>());

        second.IsRunning = true;
        Fleet.Deployer.OnProxyStarted();
        Assert.That(await Fleet.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Live>());
        Fleet.Deployer.OnProxyStarted();
        Assert.That(await Fleet.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Unchanged>());

        Assert.That((Edge.Reloads, second.Reloads), Is.EqualTo((2, 1)));
    }

    [Test]
    public async Task AFileThatSomebodyElseWroteIsNotCalledLive()
    {
        Edge.IsRunning = false;
        await Fleet.DeployAsync("two");
        File.WriteAllText(Fleet.Path, "by hand\n");
        Edge.IsRunning = true;

        Assert.That(await Fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Failed>());
        Assert.That(Edge.Reloads, Is.EqualTo(1));
        Assert.That(await Fleet.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(File.ReadAllText(Fleet.Path), Does.StartWith("two "));
    }

    [Test]
    public async Task ALookBetweenTwoTriesStillSaysWhatIsWrong()
    {
        Edge.ShowsProcesses = null;
        var first = await Fleet.DeployAsync("two");

        var second = await Fleet.Deployer.DeployAsync(DeployerBench.Rendered("two", Fleet.Path), "again", CancellationToken.None);

        Assert.That(second, Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(second.Findings, Is.EqualTo(first.Findings).And.Not.Empty);
    }

    [Test]
    public async Task ALookWithNothingNewDoesNotWaitForASlowReload(CancellationToken cancellationToken)
    {
        Edge.IsRunning = false;
        await Fleet.DeployAsync("two");
        (Edge.IsRunning, Edge.Answering) = (true, new TaskCompletionSource());
        var debt = Fleet.SettleLaterAsync();
        Assert.That(debt.IsCompleted, Is.False);

        Assert.That(await Fleet.DeployAsync("two").WaitAsync(cancellationToken), Is.InstanceOf<DeployOutcome.Owed>());

        Edge.Answering.SetResult();
        Assert.That(await debt, Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(Edge.Reloads, Is.EqualTo(2));
    }

    [Test]
    public async Task WhatIsOwedToAProxyThatAppearedIsOwedSinceThen()
    {
        Fleet.Time.Advance(TimeSpan.FromDays(3));
        Fleet.Add("second").ShowsProcesses = null;
        Fleet.Deployer.OnProxyStarted();

        Assert.That(await Fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(Fleet.Deployer.Status.OwedSince, Is.EqualTo(Fleet.Time.GetUtcNow()));
    }
}
