using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Checks;
using Templater.Pipeline.Deployment.Proving;
using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Tests.Deployment;

public sealed class DeployerTests
{
    private DeployerBench _bench = null!;

    [SetUp]
    public void CreateBench() => _bench = new DeployerBench();

    [TearDown]
    public void RemoveBench() => _bench.Dispose();

    [Test]
    public async Task WritesReloadsAndProves()
    {
        var outcome = await _bench.DeployAsync("one");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(_bench.Proxy.Live, Does.StartWith("one "));
        Assert.That(_bench.Proxy.Reloads, Is.EqualTo(1));
        Assert.That(_bench.Deployer.Status.Current!.Phase, Is.EqualTo(DeliveryPhase.Proven));
        Assert.That(_bench.Deployer.Status.OwedSince, Is.Null);
    }

    [TestCase("one", DeliveryPhase.Proven)]
    [TestCase("bad", DeliveryPhase.Refused)]
    public async Task TheJournalNotesWhenAFileWasWantedAndWhenItWasChecked(string text, DeliveryPhase phase)
    {
        var begin = _bench.Time.GetUtcNow();
        _bench.Proxy.Check = shown =>
        {
            _bench.Time.Advance(TimeSpan.FromMilliseconds(30));
            return shown.StartsWith("bad", StringComparison.Ordinal) ? new CheckResult.Refused("no", 1) : new CheckResult.Accepted();
        };
        await _bench.DeployAsync(text);
        var status = _bench.Deployer.Status;
        var entry = status.Current ?? status.History.Single();
        Assert.That((entry.Phase, entry.Desired, entry.Checked), Is.EqualTo((phase, begin, (DateTimeOffset?)begin.AddMilliseconds(30))));
        Assert.That(entry.Swapped, phase == DeliveryPhase.Proven ? Is.EqualTo(entry.Checked) : Is.Null);
        Assert.That(entry.Proven, phase == DeliveryPhase.Proven ? Is.EqualTo(entry.Settled) : Is.Null);
    }

    [Test]
    public async Task DoesNothingWhenTheSameFileIsLiveAlready()
    {
        await _bench.DeployAsync("one");
        var written = File.GetLastWriteTimeUtc(_bench.Path);

        Assert.That(await _bench.DeployLaterAsync("one"), Is.InstanceOf<DeployOutcome.Unchanged>());
        Assert.That(_bench.Proxy.Reloads, Is.EqualTo(1));
        Assert.That(File.GetLastWriteTimeUtc(_bench.Path), Is.EqualTo(written));
    }

    [Test]
    public async Task ReloadsWithoutWritingWhenOnlyTheGenerationChanged()
    {
        await _bench.DeployAsync("one");
        _bench.Time.Advance(TimeSpan.FromSeconds(10));

        var outcome = await _bench.Deployer.DeployAsync(_bench.FileOf("one") with { Generation = "0123456789abcdef" }, "certificate", CancellationToken.None);

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(_bench.Proxy.Reloads, Is.EqualTo(2));
    }

    [Test]
    public async Task AFileThatWasFoundOnDiskIsReloadedOnceBecauseNobodyKnowsWhetherItIsLive()
    {
        File.WriteAllBytes(_bench.Path, _bench.FileOf("one").Content.ToArray());

        Assert.That(await _bench.DeployAsync("one"), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(await _bench.DeployAsync("one"), Is.InstanceOf<DeployOutcome.Unchanged>());
        Assert.That(_bench.Proxy.Reloads, Is.EqualTo(1));
    }

    [Test]
    public async Task DotegeW13WhatTheCheckerRefusesNeverReachesTheLiveFile()
    {
        await _bench.DeployAsync("one");
        _bench.Proxy.Check = text => text.StartsWith("bad", StringComparison.Ordinal) ? new CheckResult.Refused("no such directive", 7) : new CheckResult.Accepted();

        var outcome = await _bench.DeployLaterAsync("bad");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Refused>());
        Assert.That(outcome.Findings.Single().Reason, Is.EqualTo(ReasonIds.ConfigRefused));
        Assert.That(outcome.Findings.Single().Message, Does.Contain("line 7 \"no such directive\""));
        Assert.That(_bench.OnDisk, Does.StartWith("one "));
        Assert.That(_bench.Proxy.Reloads, Is.EqualTo(1));
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(_bench.Path)!), Has.Length.EqualTo(1), "the candidate is removed");
        Assert.That(_bench.Deployer.Status.History[^1].Phase, Is.EqualTo(DeliveryPhase.Refused));
    }

    [Test]
    public async Task GenerationsAreCountedAndKeepTheirNumber()
    {
        var numbers = new List<int>();
        foreach (var text in new[] { "one", "two", "one", "three", "two" })
        {
            await _bench.DeployLaterAsync(text);
            numbers.Add(_bench.Deployer.Status.Current!.Number);
            _bench.Reopen();
        }

        Assert.That(numbers, Is.EqualTo(new[] { 1, 2, 1, 3, 2 }));
        Assert.That(_bench.Deployer.Status.NumberOf(_bench.FileOf("three").Generation), Is.EqualTo(3));
        Assert.That(_bench.Deployer.Status.NumberOf("unknown"), Is.Zero);
    }

    [Test]
    public async Task MessagesCallGenerationsByTheirNumber()
    {
        _bench.Proxy.Check = text => text.StartsWith("bad", StringComparison.Ordinal) ? new CheckResult.Refused("no such directive", 7) : new CheckResult.Accepted();

        var first = await _bench.DeployAsync("bad");
        await _bench.DeployLaterAsync("one");
        var later = await _bench.DeployLaterAsync("bad too");
        await _bench.DeployLaterAsync("two");

        Assert.That(first.Findings.Single().Message, Is.EqualTo("fake refused generation 1: line 7 \"no such directive\". What is in place was not touched."));
        Assert.That(later.Findings.Single().Message, Is.EqualTo("fake refused generation 3: line 7 \"no such directive\". Generation 2 stays live."));
        Assert.That(_bench.Deployer.Status.Current!.Number, Is.EqualTo(4));
    }

    [Test]
    public async Task ARefusedGenerationIsNotCheckedAgainUntilAskedFor()
    {
        var checks = 0;
        _bench.Proxy.Check = _ => ++checks > 0 ? new CheckResult.Refused("bad", null) : new CheckResult.Accepted();

        await _bench.DeployAsync("bad");
        await _bench.DeployLaterAsync("bad");
        Assert.That(checks, Is.EqualTo(1));

        _bench.Deployer.ForgetFailure();
        await _bench.DeployLaterAsync("bad");
        Assert.That(checks, Is.EqualTo(2));
    }

    [Test]
    public async Task ATrialWaitsForTheStepThatRunsAndLeavesItsCandidateAlone()
    {
        Task<TrialResult>? trial = null;
        var isWaitedFor = false;
        _bench.Proxy.Check = shown =>
        {
            // One that does not wait checks within this very call.
            if (shown.StartsWith("tried", StringComparison.Ordinal))
                return new CheckResult.Refused("no", 1);
            trial = _bench.Deployer.TryAsync(_bench.FileOf("tried"), 2, CancellationToken.None);
            isWaitedFor = !trial.IsCompleted;
            return new CheckResult.Accepted();
        };

        var outcome = await _bench.DeployAsync("one");

        Assert.That(isWaitedFor, Is.True);
        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Owed>(), "the file is in place, and its proof makes way");
        Assert.That(_bench.OnDisk, Does.StartWith("one "));
        Assert.That(await trial!, Is.InstanceOf<TrialResult.Refused>());
        Assert.That(await _bench.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>());
    }

    [Test]
    public async Task AnUnusableCheckerIsReportedAndTheProxyJudges()
    {
        _bench.Proxy.Check = _ => new CheckResult.Unusable("permission denied");

        var outcome = await _bench.DeployAsync("one");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(outcome.Findings.Single().Reason, Is.EqualTo(ReasonIds.CheckerFailed));
    }

    [Test]
    public async Task AnUnusableCheckerHoldsTheFileBackWhenNothingElseCouldJudge()
    {
        _bench.Proxy.CanProve = false;
        _bench.Reopen();
        _bench.Proxy.Check = _ => new CheckResult.Unusable("permission denied");

        Assert.That(await _bench.DeployAsync("one"), Is.InstanceOf<DeployOutcome.Failed>());
        Assert.That(File.Exists(_bench.Path), Is.False);
    }

    [Test]
    public async Task DotegeW13WhatTheProxyRefusesIsPutBackAndNotReloadedAgain()
    {
        await _bench.DeployAsync("one");
        _bench.Proxy.Judge = RefuseBad;

        var outcome = await _bench.DeployLaterAsync("bad");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").True);
        Assert.That(((DeployOutcome.Refused)outcome).Line, Is.EqualTo(12));
        Assert.That(_bench.OnDisk, Does.StartWith("one "));
        Assert.That(outcome.Findings.Single().Message, Does.Contain("stays live and was restored on disk"));
        Assert.That(await _bench.SettleLaterAsync(), Is.Null);
        Assert.That(await _bench.DeployLaterAsync("bad"), Is.InstanceOf<DeployOutcome.Refused>(), "not tried again until the inputs change");
        Assert.That(await _bench.DeployLaterAsync("one"), Is.InstanceOf<DeployOutcome.Unchanged>());
        Assert.That(await _bench.DeployLaterAsync("two"), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(_bench.Proxy.Reloads, Is.EqualTo(3));
    }

    [Test]
    public async Task AReloadThatIsRefusedAtOnceIsNotedWithItsReason()
    {
        await _bench.DeployAsync("one");
        _bench.Proxy.Answer = new ReloadAnswer.Refused("no such directive");
        _bench.Proxy.Runtime = new RuntimeAnswer.NeedsReload("more has changed");

        Assert.That(await _bench.DeployLaterAsync("bad"), Is.InstanceOf<DeployOutcome.Refused>());

        var refused = _bench.Deployer.Status.History[^1];
        Assert.That((refused.Phase, refused.ReloadReason, refused.Delivered), Is.EqualTo((DeliveryPhase.RolledBack, "more has changed", refused.Settled)));
        Assert.That(refused.Delivered, Is.Not.Null);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task AfterARefusalTheFormerFileIsOwedToAProxyThatWasToldAPartOfTheNewOne(bool mayBeHalfTold)
    {
        await _bench.DeployAsync("one");
        _bench.Proxy.Answer = new ReloadAnswer.Refused("no such directive");
        _bench.Proxy.Runtime = new RuntimeAnswer.NeedsReload("runtime: a name was refused") { MayBeHalfTold = mayBeHalfTold };

        Assert.That(await _bench.DeployLaterAsync("bad"), Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").True);
        Assert.That(_bench.Deployer.Status.Current!.Phase, Is.EqualTo(mayBeHalfTold ? DeliveryPhase.Swapped : DeliveryPhase.Proven));
        _bench.Proxy.Runtime = new RuntimeAnswer.Applied("runtime: 1 server");

        Assert.That(await _bench.SettleLaterAsync(), mayBeHalfTold ? Is.InstanceOf<DeployOutcome.Live>() : Is.Null);
        Assert.That(_bench.Proxy.Reloads, Is.EqualTo(2), "neither needs another reload");
    }

    [Test]
    public async Task WithoutAnyGoodFileARefusedOneStaysAndIsCalledFailed()
    {
        _bench.Proxy.Judge = RefuseBad;

        var outcome = await _bench.DeployAsync("bad");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").False);
        Assert.That(_bench.Deployer.Status.Current!.Phase, Is.EqualTo(DeliveryPhase.Failed));
        Assert.That(await _bench.SettleLaterAsync(), Is.Null);
    }

    [Test]
    public async Task AFileFromBeforeTemplaterIsPutBackToo()
    {
        File.WriteAllText(_bench.Path, "by hand\n");
        _bench.Proxy.Judge = RefuseBad;

        var outcome = await _bench.DeployAsync("bad");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").True);
        Assert.That(_bench.OnDisk, Is.EqualTo("by hand\n"));
    }

    [Test]
    public async Task WhatDoesNotBecomeLiveIsToldOnceMoreAndThenPutBack()
    {
        await _bench.DeployAsync("one");
        _bench.Proxy.Judge = text => text.StartsWith("slow", StringComparison.Ordinal) ? new ProofResult.NotSeen("no new workers") : null;

        var first = await _bench.DeployLaterAsync("slow");
        Assert.That(first, Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(first.Findings.Single().Severity, Is.EqualTo(FindingSeverity.Warning));
        Assert.That(_bench.OnDisk, Does.StartWith("slow "));

        var second = await _bench.SettleLaterAsync(2);
        Assert.That(second, Is.InstanceOf<DeployOutcome.Failed>().With.Property("Restored").True);
        Assert.That(second!.Findings.Single().Reason, Is.EqualTo(ReasonIds.ReloadUnproven));
        Assert.That(_bench.OnDisk, Does.StartWith("one "));

        // It is not known what the proxy did with the file meanwhile, so it is told about the restored one.
        Assert.That(await _bench.SettleLaterAsync(2), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(_bench.Proxy.Reloads, Is.EqualTo(4));
        Assert.That(await _bench.SettleLaterAsync(), Is.Null);
    }

    [Test]
    public async Task WithoutAProofDeliveredIsFinal()
    {
        _bench.Proxy.CanProve = false;
        _bench.Reopen();

        Assert.That(await _bench.DeployAsync("one"), Is.InstanceOf<DeployOutcome.Delivered>());
        Assert.That(_bench.Deployer.Status.Current!.Phase, Is.EqualTo(DeliveryPhase.Unproven));
        Assert.That(await _bench.SettleLaterAsync(), Is.Null);
        Assert.That(await _bench.DeployLaterAsync("one"), Is.InstanceOf<DeployOutcome.Unchanged>());
    }

    [Test]
    public async Task AnAbsentProxyIsOwedAReloadThatItsStartMakesNeedless()
    {
        _bench.Proxy.IsRunning = false;

        var outcome = await _bench.DeployAsync("one");
        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Owed>().With.Property("WaitsForProxy").True);
        Assert.That(_bench.Deployer.Status.WaitsForProxy, Is.True);

        _bench.Time.Advance(TimeSpan.FromSeconds(10));
        _bench.Proxy.Start();
        _bench.Deployer.OnProxyStarted();
        Assert.That(await _bench.Deployer.SettleDebtAsync(CancellationToken.None), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(_bench.Proxy.Reloads, Is.Zero);
        Assert.That(_bench.Deployer.Status.Current!.Phase, Is.EqualTo(DeliveryPhase.Proven));
        Assert.That(await _bench.DeployAsync("one"), Is.InstanceOf<DeployOutcome.Unchanged>());
    }

    [Test]
    public async Task TheFirstFileIsWrittenButNeverOverAnExistingOne()
    {
        Assert.That(await _bench.Deployer.WriteFirstAsync(_bench.FileOf("empty"), CancellationToken.None), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(_bench.OnDisk, Does.StartWith("empty "));
        Assert.That(_bench.Proxy.Reloads, Is.Zero);

        Assert.That(await _bench.Deployer.WriteFirstAsync(_bench.FileOf("other"), CancellationToken.None), Is.InstanceOf<DeployOutcome.Unchanged>());
        Assert.That(_bench.OnDisk, Does.StartWith("empty "));
    }

    [Test]
    public async Task ADirectoryThatIsMissingIsReportedAndNothingElseHappens()
    {
        Directory.Delete(Path.GetDirectoryName(_bench.Path)!);

        var outcome = await _bench.DeployAsync("one");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Failed>());
        Assert.That(outcome.Findings.Single().Reason, Is.EqualTo(ReasonIds.OutputFailed));
        Assert.That(_bench.Proxy.Reloads, Is.Zero);
    }

    private static ProofResult.Refused? RefuseBad(string text) =>
        text.StartsWith("bad", StringComparison.Ordinal) ? new ProofResult.Refused("[emerg] unknown directive in /config/nginx.conf:12") : null;
}
