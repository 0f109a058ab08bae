using System.Collections.Immutable;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Proving;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>Several proxies, and proxies that cannot be seen: who is told, what counts as proven, what is put back.</summary>
[CancelAfter(30_000)]
public sealed class DeliveryTests
{
    private static readonly OutputView Alone = new("/etc/nginx/nginx.conf", "/etc/nginx/nginx.conf");

    private ProxyFleet _fleet = null!;
    private ScriptedProxy _edge = null!;

    [SetUp]
    public async Task StartWithALiveGeneration()
    {
        _fleet = new ProxyFleet();
        _edge = _fleet.Add("edge");
        Assert.That(await _fleet.DeployAsync("one"), Is.InstanceOf<DeployOutcome.Live>());
    }

    [TearDown]
    public void RemoveFleet() => _fleet.Dispose();

    [Test]
    public async Task ALookThatFailsOnceSignalsNobodyAndMakesNothingFinal()
    {
        _edge.ShowsProcesses = null;
        _edge.Refuses = true;

        Assert.That(await _fleet.DeployAsync("bad"), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(_edge.Reloads, Is.EqualTo(1));

        _edge.ShowsProcesses = true;
        Assert.That(await _fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").True);
        Assert.That(File.ReadAllText(_fleet.Path), Does.StartWith("one "));
    }

    [Test]
    public async Task AProxyThatIsExpectedToComeIsMissedOnlyAfterAWhile()
    {
        _edge.IsRunning = false;
        _fleet.MissingFinding = new Finding(FindingSeverity.Warning, ReasonIds.ReloadTargetMissing, "nothing matches");
        _fleet.QuietAttempts = 2;

        Assert.That((await _fleet.DeployAsync("two")).Findings, Is.Empty);
        Assert.That((await _fleet.SettleLaterAsync())!.Findings, Is.Empty);
        Assert.That((await _fleet.SettleLaterAsync())!.Findings, Is.EqualTo(new[] { _fleet.MissingFinding }));
    }

    [Test]
    public async Task WhatIsSaidAboutTheTargetsHoldsBesideWhateverBecomesOfThem()
    {
        var note = new Finding(FindingSeverity.Info, ReasonIds.ReloadTargets, "two of them");
        _fleet.Notes = [note];

        var live = await _fleet.DeployAsync("two");
        _edge.Refuses = true;
        var refused = await _fleet.DeployAsync("bad");
        var again = await _fleet.DeployAsync("bad");

        Assert.That(live.Findings, Is.EqualTo(new[] { note }));
        Assert.That(refused.Findings, Has.Length.EqualTo(2).And.Contain(note));
        Assert.That(again.Findings, Is.EquivalentTo(refused.Findings));
    }

    [Test]
    public async Task ARefusalIsQuotedWithoutTimeAndProcessNumber()
    {
        _edge.Refuses = true;

        var outcome = await _fleet.DeployAsync("bad");

        Assert.That(outcome.Findings.Single().Message, Does.StartWith(
            "edge refused generation 2: line 1 \"unknown directive \"x2\" in /out/nginx.conf:1\". Generation 1 stays live and was restored on disk."));
    }

    [Test]
    public async Task WithoutALookAtProcessesTheLogStillTellsOfARefusal()
    {
        _edge.ShowsProcesses = false;
        _edge.Refuses = true;

        Assert.That(await _fleet.DeployAsync("bad"), Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").True);
    }

    [Test]
    public async Task WhatIsDeliveredBlindlyIsNoGoodFileAndSaidToBeUnjudged()
    {
        (_edge.ShowsProcesses, _edge.ShowsLog) = (false, false);

        var outcome = await _fleet.DeployAsync("two");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Delivered>());
        Assert.That(outcome.Findings.Single(), Has.Property("Severity").EqualTo(FindingSeverity.Error).And.Property("Message").Contains("edge"));
        Assert.That((await _fleet.DeployAsync("two")).Findings, Is.EqualTo(outcome.Findings), "it still holds at the next look");
        Assert.That(_fleet.Deployer.Status.LastGood!.Generation, Is.EqualTo(DeployerBench.Rendered("one").Generation));
    }

    [Test]
    public async Task ATargetWithoutWorkersVetoesNothing()
    {
        var stray = _fleet.Add("stray");
        stray.HasWorkers = false;

        var outcome = await _fleet.DeployAsync("two");
        for (var i = 0; i < 3; i++)
            outcome = await _fleet.SettleLaterAsync();

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Owed>().With.Property("WaitsForProxy").True);
        Assert.That(outcome!.Findings.Single().Message, Does.StartWith("stray is a reload target, but no worker"));
        Assert.That(File.ReadAllText(_fleet.Path), Does.StartWith("two "));
        Assert.That(_fleet.Deployer.Status.LastGood!.Generation, Is.EqualTo(outcome is DeployOutcome.Owed owed ? owed.Generation : ""));
        Assert.That((_edge.Reloads, stray.Reloads), Is.EqualTo((2, 0)));
    }

    [Test]
    public async Task AProxyThatIsStillLoadingIsNotSignalledAndSaidNothingAbout()
    {
        _edge.HasWorkers = false;
        var outcome = await _fleet.DeployAsync("two");
        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(outcome.Findings, Is.Empty);
        Assert.That(_edge.Reloads, Is.EqualTo(1));

        _edge.HasWorkers = true;
        Assert.That(await _fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(_edge.Reloads, Is.EqualTo(2));
    }

    [Test]
    public async Task WhatOneProxyRunsIsNotTakenFromItBecauseAnotherRefuses()
    {
        var second = _fleet.Add("second");
        second.Refuses = true;

        var outcome = await _fleet.DeployAsync("two");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(outcome.Findings.Single().Message, Does.StartWith("second refused what another proxy runs"));
        Assert.That(File.ReadAllText(_fleet.Path), Does.StartWith("two "));
        Assert.That(await _fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Owed>());
        second.Refuses = false;
        Assert.That(await _fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(_edge.Reloads, Is.EqualTo(2), "the one that runs it is left alone");
    }

    [TestCase(1.0, "Live", 2, TestName = "A start stamped late, just after the swap, needs a reload all the same")]
    [TestCase(3.0, "Live", 1, TestName = "A start well after the swap needs none")]
    public async Task AStartAfterTheSwap(double seconds, string expected, int reloads)
    {
        _edge.IsRunning = false;
        await _fleet.DeployAsync("two");
        _edge.Started = _fleet.Time.GetUtcNow().AddSeconds(seconds);
        _edge.IsRunning = true;

        Assert.That((await _fleet.SettleLaterAsync())!.GetType().Name, Is.EqualTo(expected));
        Assert.That(_edge.Reloads, Is.EqualTo(reloads));
        Assert.That(_fleet.Deployer.Status.LastGood!.Generation, Is.EqualTo(_fleet.Deployer.Status.Current!.Generation));
    }

    [Test]
    public async Task AProxyThatMountsTheFileAloneIsLiveOnlyAfterARestart()
    {
        (_edge.View, _edge.Started) = (Alone, _fleet.Time.GetUtcNow());

        var outcome = await _fleet.DeployAsync("two");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Owed>().With.Property("Reason").EqualTo(
            "edge mounts the single file /etc/nginx/nginx.conf and does not see the new one until it is restarted"));
        Assert.That(((DeployOutcome.Owed)outcome).WaitsForProxy, Is.True, "it is no reason to be unhealthy: compose would not start the mended proxy");
        Assert.That((_edge.Reloads, _fleet.Deployer.Status.LastGood!.Generation), Is.EqualTo((1, DeployerBench.Rendered("one").Generation)));

        _edge.Started = _fleet.Time.GetUtcNow() + TimeSpan.FromSeconds(3);
        Assert.That(await _fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>());
    }

    [TestCase(null, TestName = "An engine with another clock: whether it started before the file was replaced is not known")]
    [TestCase(1.0, TestName = "It may have started just before the file was replaced")]
    public async Task AProxyThatMountsTheFileAloneMayHaveReadTheFormerOne(double? seconds)
    {
        (_edge.View, _edge.IsRunning) = (Alone, false);
        await _fleet.DeployAsync("two");
        _edge.Started = seconds is { } later ? _fleet.Time.GetUtcNow().AddSeconds(later) : null;
        _edge.IsRunning = true;

        Assert.That(await _fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Delivered>().With.Property("How").EqualTo(
            "edge was told, but mounts the single file /etc/nginx/nginx.conf"));
        Assert.That(_fleet.Deployer.Status.LastGood!.Generation, Is.EqualTo(DeployerBench.Rendered("one").Generation));
    }

    [Test]
    public async Task AProxyThatMountsTheFolderDoesNotWaitForOneThatMountsTheFileAlone()
    {
        var second = _fleet.Add("second");
        (second.View, second.Started) = (Alone, _fleet.Time.GetUtcNow());

        Assert.That(await _fleet.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That((_edge.Reloads, second.Reloads), Is.EqualTo((2, 0)));
        Assert.That(_fleet.Deployer.Status.LastGood!.Generation, Is.EqualTo(DeployerBench.Rendered("two").Generation));
    }

    [TestCase("/out/nginx.conf", 1)]
    [TestCase("/config/nginx.conf", null, TestName = "A refused line of another file of that name is not one of ours")]
    [TestCase(null, 1, TestName = "Where nobody knows how the proxy sees the file its name has to do")]
    public async Task ARefusedLineIsOneOfTheFileAsTheProxySeesIt(string? path, int? line)
    {
        (_edge.View, _edge.Refuses) = (new OutputView(path, null), true);

        Assert.That(await _fleet.DeployAsync("bad"), Is.InstanceOf<DeployOutcome.Refused>().With.Property("Line").EqualTo(line));
    }

    [Test]
    public async Task ACrashLoopOnABadFileDoesNotMakeItLive()
    {
        _edge.IsRunning = false;
        await _fleet.DeployAsync("bad");
        _edge.Started = _fleet.Time.GetUtcNow().AddSeconds(30);
        (_edge.IsRunning, _edge.HasWorkers) = (true, false);

        Assert.That(await _fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(_fleet.Deployer.Status.LastGood!.Generation, Is.EqualTo(DeployerBench.Rendered("one").Generation));
    }

    [Test]
    public async Task AProxyThatHasOnlyJustStartedIsToldWhenItHasNotEndedOnItsFile()
    {
        var before = _edge.Reloads;
        // Ten seconds pass until the deployment.
        _edge.Started = _fleet.Time.GetUtcNow().AddSeconds(9.5);

        var first = await _fleet.DeployAsync("two");

        Assert.That(first, Is.InstanceOf<DeployOutcome.Owed>().With.Property("Reason").EqualTo("edge has only just started"), first.ToString());
        Assert.That(_edge.Reloads, Is.EqualTo(before));
        Assert.That(first.Findings, Is.Empty);
        Assert.That(await _fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(_edge.Reloads, Is.EqualTo(before + 1));
    }

    [TestCase(0.0, TestName = "A clock that was set back: a start in the future did not come after the swap")]
    [TestCase(7200.0, TestName = "A clock that was set back: an hour that is shown twice tells nothing, however late the delivery")]
    public async Task AProxyIsToldWhenTheClockCannotTellThatItStartedWithTheFile(double later)
    {
        _edge.Started = _fleet.Time.GetUtcNow();
        _fleet.Time.SetBack(TimeSpan.FromHours(1));
        _edge.IsRunning = false;
        await _fleet.DeployAsync("two");
        _fleet.Time.Advance(TimeSpan.FromSeconds(later));
        _edge.IsRunning = true;

        Assert.That(await _fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(_edge.Reloads, Is.EqualTo(2));
    }

    [Test]
    public async Task AStartAfterTheClockWasSetBackAndHasCaughtUpCountsAgain()
    {
        _edge.IsRunning = false;
        await _fleet.DeployAsync("two");
        _fleet.Time.SetBack(TimeSpan.FromHours(1));
        await _fleet.SettleLaterAsync();
        _fleet.Time.Advance(TimeSpan.FromHours(2));
        (_edge.IsRunning, _edge.Started) = (true, _fleet.Time.GetUtcNow());

        Assert.That(await _fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>().With.Property("Proof").Contains("started with it"));
        Assert.That(_edge.Reloads, Is.EqualTo(1));
    }

    [Test]
    public async Task AProxyThatMountsTheFileAloneAndIsRestartedAfterTheClockWasSetBackIsNotWaitedForAnyMore()
    {
        (_edge.View, _edge.Started) = (Alone, _fleet.Time.GetUtcNow());
        Assert.That(await _fleet.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Owed>());

        _fleet.Time.SetBack(TimeSpan.FromHours(1));
        _edge.Started = _fleet.Time.GetUtcNow();

        Assert.That(await _fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Delivered>());
    }

    [Test]
    public async Task AProxyThatWasPausedDuringTheReloadIsToldWhenItGoesOn()
    {
        var second = _fleet.Add("second");
        second.IsRunning = false;
        Assert.That(await _fleet.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Live>());

        second.IsRunning = true;
        _fleet.Deployer.OnProxyStarted();
        Assert.That(await _fleet.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Live>());
        _fleet.Deployer.OnProxyStarted();
        Assert.That(await _fleet.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Unchanged>());

        Assert.That((_edge.Reloads, second.Reloads), Is.EqualTo((2, 1)));
    }

    [Test]
    public async Task AnOldRefusalInTheLogOfAnEngineWithAnotherClockIsNotTakenForANewOne()
    {
        _edge.Log.Add("2026/01/02 03:04:05 [emerg] 1#1: unknown directive \"old\" in /out/nginx.conf:1");

        Assert.That(await _fleet.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Live>());
    }

    [Test]
    public async Task AFileThatSomebodyElseWroteIsNotCalledLive()
    {
        _edge.IsRunning = false;
        await _fleet.DeployAsync("two");
        File.WriteAllText(_fleet.Path, "by hand\n");
        _edge.IsRunning = true;

        Assert.That(await _fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Failed>());
        Assert.That(_edge.Reloads, Is.EqualTo(1));
        Assert.That(await _fleet.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(File.ReadAllText(_fleet.Path), Does.StartWith("two "));
    }

    [Test]
    public async Task ALookBetweenTwoTriesStillSaysWhatIsWrong()
    {
        _edge.ShowsProcesses = null;
        var first = await _fleet.DeployAsync("two");

        var second = await _fleet.Deployer.DeployAsync(DeployerBench.Rendered("two", _fleet.Path), "again", CancellationToken.None);

        Assert.That(second, Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(second.Findings, Is.EqualTo(first.Findings).And.Not.Empty);
    }

    [Test]
    public async Task WhatIsPutBackAfterSomethingThatNobodyRanIsToldToTheProxy()
    {
        _edge.IsRunning = false;
        await _fleet.DeployAsync("two");
        (_edge.IsRunning, _edge.Refuses) = (true, true);

        Assert.That(await _fleet.DeployAsync("bad"), Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").True);
        Assert.That(_fleet.Deployer.Status.OwedSince, Is.Not.Null);

        _edge.Refuses = false;
        Assert.That(await _fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>());
    }

    [Test]
    public async Task ANewerFileDoesNotWaitForTheProofOfAnOlderOne(CancellationToken cancellationToken)
    {
        using var fleet = new ProxyFleet(new HeldProof());
        fleet.Add("edge");
        var older = fleet.DeployAsync("one");
        await fleet.Time.AdvanceWhenWaitingAsync(Deployer.ProofPatience, cancellationToken: cancellationToken);
        Assert.That(await older, Is.InstanceOf<DeployOutcome.Owed>(), "its caller does not wait for ever either");
        using var ending = new CancellationTokenSource();
        var debt = fleet.Deployer.RunDebtAsync(ending.Token);

        Assert.That(await fleet.DeployAsync("one").WaitAsync(cancellationToken), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(fleet.Proxies[0].Reloads, Is.EqualTo(1), "the wait goes on, the proxy is not told again");
        var newer = fleet.DeployAsync("two");
        await fleet.Time.AdvanceWhenWaitingAsync(Deployer.ProofPatience, cancellationToken: cancellationToken);
        Assert.That(await newer.WaitAsync(cancellationToken), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(File.ReadAllText(fleet.Path), Does.StartWith("two "));
        Assert.That(fleet.Proxies[0].Reloads, Is.EqualTo(2));
        await ending.CancelAsync();
        await Assert.ThatAsync(() => debt, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task ALookWithNothingNewDoesNotBeginTheProofAnew(CancellationToken cancellationToken)
    {
        var proof = new HeldProof();
        using var fleet = new ProxyFleet(proof);
        fleet.Add("edge");
        var first = fleet.DeployAsync("one");
        await fleet.Time.AdvanceWhenWaitingAsync(Deployer.ProofPatience, cancellationToken: cancellationToken);
        await first;
        var debt = fleet.Deployer.SettleDebtAsync(cancellationToken);

        for (var look = 0; look < 3; look++)
            Assert.That(await fleet.DeployAsync("one").WaitAsync(cancellationToken), Is.InstanceOf<DeployOutcome.Owed>());
        proof.Show();

        Assert.That(await debt, Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(proof.Starts, Is.EqualTo(2), "once for the first caller, once for the debt");
    }

    [Test]
    public async Task AFileThatSomebodyElseWroteInterruptsTheProofOfTheWantedOne(CancellationToken cancellationToken)
    {
        using var fleet = new ProxyFleet(new HeldProof());
        fleet.Add("edge");
        var first = fleet.DeployAsync("one");
        await fleet.Time.AdvanceWhenWaitingAsync(Deployer.ProofPatience, cancellationToken: cancellationToken);
        await first;
        var debt = fleet.Deployer.SettleDebtAsync(cancellationToken);
        File.WriteAllText(fleet.Path, "by hand\n");

        var again = fleet.DeployAsync("one");
        await fleet.Time.AdvanceWhenWaitingAsync(Deployer.ProofPatience, cancellationToken: cancellationToken);

        Assert.That(await again.WaitAsync(cancellationToken), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(await debt.WaitAsync(cancellationToken), Is.Null);
        Assert.That(File.ReadAllText(fleet.Path), Does.StartWith("one "));
    }

    [Test]
    public async Task ALookWithNothingNewDoesNotWaitForASlowReload(CancellationToken cancellationToken)
    {
        _edge.IsRunning = false;
        await _fleet.DeployAsync("two");
        (_edge.IsRunning, _edge.Answering) = (true, new TaskCompletionSource());
        var debt = _fleet.SettleLaterAsync();
        Assert.That(debt.IsCompleted, Is.False);

        Assert.That(await _fleet.DeployAsync("two").WaitAsync(cancellationToken), Is.InstanceOf<DeployOutcome.Owed>());

        _edge.Answering.SetResult();
        Assert.That(await debt, Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(_edge.Reloads, Is.EqualTo(2));
    }

    [Test]
    public async Task AProxyThatAppearsWhileAProofIsPendingIsToldAfterIt(CancellationToken cancellationToken)
    {
        var proof = new HeldProof();
        using var fleet = new ProxyFleet(proof);
        fleet.Add("edge");
        var first = fleet.DeployAsync("one");
        await fleet.Time.AdvanceWhenWaitingAsync(Deployer.ProofPatience, cancellationToken: cancellationToken);
        await first;

        var second = fleet.Add("second");
        fleet.Deployer.OnProxyStarted();
        var debt = fleet.Deployer.SettleDebtAsync(cancellationToken);
        proof.Show();

        Assert.That(await debt, Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(await fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That((fleet.Proxies[0].Reloads, second.Reloads), Is.EqualTo((1, 1)));
        Assert.That(await fleet.SettleLaterAsync(), Is.Null, "once is enough");
    }

    [Test]
    public async Task WhatIsOwedToAProxyThatAppearedIsOwedSinceThen()
    {
        _fleet.Time.Advance(TimeSpan.FromDays(3));
        _fleet.Add("second").ShowsProcesses = null;
        _fleet.Deployer.OnProxyStarted();

        Assert.That(await _fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(_fleet.Deployer.Status.OwedSince, Is.EqualTo(_fleet.Time.GetUtcNow()));
    }

    private sealed class HeldProof : IProof
    {
        private readonly TaskCompletionSource _shown = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Starts { get; private set; }

        public void Show() => _shown.SetResult();

        public bool CanProve => true;

        public Task<bool> IsLiveAsync(Pipeline.Deployment.Reloading.IReloadTarget target, JournalEntry entry, CancellationToken cancellationToken) => Task.FromResult(false);

        public Task<ProofBaseline> CaptureAsync(Pipeline.Deployment.Reloading.IReloadTarget target, CancellationToken cancellationToken) =>
            Task.FromResult(new ProofBaseline(ImmutableHashSet.Create(1)));

        public async Task<ProofResult> ProveAsync(ProofRequest request, CancellationToken cancellationToken)
        {
            Starts++;
            await _shown.Task.WaitAsync(cancellationToken);
            return new ProofResult.Proven("seen");
        }
    }
}
