using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Checks;
using Templater.Pipeline.Deployment.Proving;
using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Tests.Deployment;

public sealed class DeployerTests : DeployerFixture
{
    [Test]
    public async Task WritesReloadsAndProves()
    {
        var outcome = await Bench.DeployAsync("one");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(Bench.Proxy.Live, Does.StartWith("one "));
        Assert.That(Bench.Proxy.Reloads, Is.EqualTo(1));
        Assert.That(Bench.Deployer.Status.Current!.Phase, Is.EqualTo(DeliveryPhase.Proven));
        Assert.That(Bench.Deployer.Status.OwedSince, Is.Null);
    }

    [TestCase("one", DeliveryPhase.Proven)]
    [TestCase("bad", DeliveryPhase.Refused)]
    public async Task TheJournalNotesWhenAFileWasWantedAndWhenItWasChecked(string text, DeliveryPhase phase)
    {
        var begin = Bench.Time.GetUtcNow();
        Bench.Proxy.Check = shown =>
        {
            Bench.Time.Advance(TimeSpan.FromMilliseconds(30));
            return shown.StartsWith("bad", StringComparison.Ordinal) ? new CheckResult.Refused("no", 1) : new CheckResult.Accepted();
        };
        await Bench.DeployAsync(text);
        var status = Bench.Deployer.Status;
        var entry = status.Current ?? status.History.Single();
        Assert.That((entry.Phase, entry.Desired, entry.Checked), Is.EqualTo((phase, begin, (DateTimeOffset?)begin.AddMilliseconds(30))));
        Assert.That(entry.Swapped, phase == DeliveryPhase.Proven ? Is.EqualTo(entry.Checked) : Is.Null);
        Assert.That(entry.Proven, phase == DeliveryPhase.Proven ? Is.EqualTo(entry.Settled) : Is.Null);
    }

    [Test]
    public async Task DoesNothingWhenTheSameFileIsLiveAlready()
    {
        await Bench.DeployAsync("one");
        var written = File.GetLastWriteTimeUtc(Bench.Path);

        Assert.That(await Bench.DeployLaterAsync("one"), Is.InstanceOf<DeployOutcome.Unchanged>());
        Assert.That(Bench.Proxy.Reloads, Is.EqualTo(1));
        Assert.That(File.GetLastWriteTimeUtc(Bench.Path), Is.EqualTo(written));
    }

    [Test]
    public async Task ReloadsWithoutWritingWhenOnlyTheGenerationChanged()
    {
        await Bench.DeployAsync("one");
        Bench.Time.Advance(TimeSpan.FromSeconds(10));

        var outcome = await Bench.Deployer.DeployAsync(Bench.FileOf("one") with { Generation = "0123456789abcdef" }, "certificate", CancellationToken.None);

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(Bench.Proxy.Reloads, Is.EqualTo(2));
    }

    [Test]
    public async Task AFileThatWasFoundOnDiskIsReloadedOnceBecauseNobodyKnowsWhetherItIsLive()
    {
        File.WriteAllBytes(Bench.Path, Bench.FileOf("one").Content.ToArray());

        Assert.That(await Bench.DeployAsync("one"), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(await Bench.DeployAsync("one"), Is.InstanceOf<DeployOutcome.Unchanged>());
        Assert.That(Bench.Proxy.Reloads, Is.EqualTo(1));
    }

    [Test]
    public async Task DotegeW13WhatTheCheckerRefusesNeverReachesTheLiveFile()
    {
        await Bench.DeployAsync("one");
        Bench.Proxy.Check = text => text.StartsWith("bad", StringComparison.Ordinal) ? new CheckResult.Refused("no such directive", 7) : new CheckResult.Accepted();

        var outcome = await Bench.DeployLaterAsync("bad");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Refused>());
        Assert.That(outcome.Findings.Single().Reason, Is.EqualTo(ReasonIds.ConfigRefused));
        Assert.That(outcome.Findings.Single().Message, Does.Contain("line 7 \"no such directive\""));
        Assert.That(Bench.OnDisk, Does.StartWith("one "));
        Assert.That(Bench.Proxy.Reloads, Is.EqualTo(1));
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(Bench.Path)!), Has.Length.EqualTo(1), "the candidate is removed");
        Assert.That(Bench.Deployer.Status.History[^1].Phase, Is.EqualTo(DeliveryPhase.Refused));
    }

    [Test]
    public async Task GenerationsAreCountedAndKeepTheirNumber()
    {
        var numbers = new List<int>();
        foreach (var text in new[] { "one", "two", "one", "three", "two" })
        {
            await Bench.DeployLaterAsync(text);
            numbers.Add(Bench.Deployer.Status.Current!.Number);
            Bench.Reopen();
        }

        Assert.That(numbers, Is.EqualTo(new[] { 1, 2, 1, 3, 2 }));
        Assert.That(Bench.Deployer.Status.NumberOf(Bench.FileOf("three").Generation), Is.EqualTo(3));
        Assert.That(Bench.Deployer.Status.NumberOf("unknown"), Is.Zero);
    }

    [Test]
    public async Task MessagesCallGenerationsByTheirNumber()
    {
        Bench.Proxy.Check = text => text.StartsWith("bad", StringComparison.Ordinal) ? new CheckResult.Refused("no such directive", 7) : new CheckResult.Accepted();

        var first = await Bench.DeployAsync("bad");
        await Bench.DeployLaterAsync("one");
        var later = await Bench.DeployLaterAsync("bad too");
        await Bench.DeployLaterAsync("two");

        Assert.That(first.Findings.Single().Message, Is.EqualTo("fake refused generation 1: line 7 \"no such directive\". What is in place was not touched."));
        Assert.That(later.Findings.Single().Message, Is.EqualTo("fake refused generation 3: line 7 \"no such directive\". Generation 2 stays live."));
        Assert.That(Bench.Deployer.Status.Current!.Number, Is.EqualTo(4));
    }

    [Test]
    public async Task ARefusedGenerationIsNotCheckedAgainUntilAskedFor()
    {
        var checks = 0;
        Bench.Proxy.Check = _ => ++checks > 0 ? new CheckResult.Refused("bad", null) : new CheckResult.Accepted();

        await Bench.DeployAsync("bad");
        await Bench.DeployLaterAsync("bad");
        Assert.That(checks, Is.EqualTo(1));

        Bench.Deployer.ForgetFailure();
        await Bench.DeployLaterAsync("bad");
        Assert.That(checks, Is.EqualTo(2));
    }

    [Test]
    public async Task ATrialWaitsForTheStepThatRunsAndLeavesItsCandidateAlone()
    {
        Task<TrialResult>? trial = null;
        var isWaitedFor = false;
        Bench.Proxy.Check = shown =>
        {
            // One that does not wait checks within this very call.
            if (shown.StartsWith("tried", StringComparison.Ordinal))
                return new CheckResult.Refused("no", 1);
            trial = Bench.Deployer.TryAsync(Bench.FileOf("tried"), 2, CancellationToken.None);
            isWaitedFor = !trial.IsCompleted;
            return new CheckResult.Accepted();
        };

        var outcome = await Bench.DeployAsync("one");

        Assert.That(isWaitedFor, Is.True);
        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Owed>(), "the file is in place, and its proof makes way");
        Assert.That(Bench.OnDisk, Does.StartWith("one "));
        Assert.That(await trial!, Is.InstanceOf<TrialResult.Refused>());
        Assert.That(await Bench.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>());
    }

    [Test]
    public async Task AnUnusableCheckerIsReportedAndTheProxyJudges()
    {
        Bench.Proxy.Check = _ => new CheckResult.Unusable("permission denied");

        var outcome = await Bench.DeployAsync("one");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(outcome.Findings.Single().Reason, Is.EqualTo(ReasonIds.CheckerFailed));
    }

    [Test]
    public async Task AnUnusableCheckerHoldsTheFileBackWhenNothingElseCouldJudge()
    {
        Bench.Proxy.CanProve = false;
        Bench.Reopen();
        Bench.Proxy.Check = _ => new CheckResult.Unusable("permission denied");

        Assert.That(await Bench.DeployAsync("one"), Is.InstanceOf<DeployOutcome.Failed>());
        Assert.That(File.Exists(Bench.Path), Is.False);
    }

    [Test]
    public async Task DotegeW13WhatTheProxyRefusesIsPutBackAndNotReloadedAgain()
    {
        await Bench.DeployAsync("one");
        Bench.Proxy.Judge = RefuseBad;

        var outcome = await Bench.DeployLaterAsync("bad");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").True);
        Assert.That(((DeployOutcome.Refused)outcome).Line, Is.EqualTo(12));
        Assert.That(Bench.OnDisk, Does.StartWith("one "));
        Assert.That(outcome.Findings.Single().Message, Does.Contain("stays live and was restored on disk"));
        Assert.That(await Bench.SettleLaterAsync(), Is.Null);
        Assert.That(await Bench.DeployLaterAsync("bad"), Is.InstanceOf<DeployOutcome.Refused>(), "not tried again until the inputs change");
        Assert.That(await Bench.DeployLaterAsync("one"), Is.InstanceOf<DeployOutcome.Unchanged>());
        Assert.That(await Bench.DeployLaterAsync("two"), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(Bench.Proxy.Reloads, Is.EqualTo(3));
    }

    [Test]
    public async Task AReloadThatIsRefusedAtOnceIsNotedWithItsReason()
    {
        await Bench.DeployAsync("one");
        Bench.Proxy.Answer = new ReloadAnswer.Refused("no such directive");
        Bench.Proxy.Runtime = new RuntimeAnswer.NeedsReload("more has changed");

        Assert.That(await Bench.DeployLaterAsync("bad"), Is.InstanceOf<DeployOutcome.Refused>());

        var refused = Bench.Deployer.Status.History[^1];
        Assert.That((refused.Phase, refused.ReloadReason, refused.Delivered), Is.EqualTo((DeliveryPhase.RolledBack, "more has changed", refused.Settled)));
        Assert.That(refused.Delivered, Is.Not.Null);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task AfterARefusalTheFormerFileIsOwedToAProxyThatWasToldAPartOfTheNewOne(bool mayBeHalfTold)
    {
        await Bench.DeployAsync("one");
        Bench.Proxy.Answer = new ReloadAnswer.Refused("no such directive");
        Bench.Proxy.Runtime = new RuntimeAnswer.NeedsReload("runtime: a name was refused") { MayBeHalfTold = mayBeHalfTold };

        Assert.That(await Bench.DeployLaterAsync("bad"), Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").True);
        Assert.That(Bench.Deployer.Status.Current!.Phase, Is.EqualTo(mayBeHalfTold ? DeliveryPhase.Swapped : DeliveryPhase.Proven));
        Bench.Proxy.Runtime = new RuntimeAnswer.Applied("runtime: 1 server");

        Assert.That(await Bench.SettleLaterAsync(), mayBeHalfTold ? Is.InstanceOf<DeployOutcome.Live>() : Is.Null);
        Assert.That(Bench.Proxy.Reloads, Is.EqualTo(2), "neither needs another reload");
    }

    [Test]
    public async Task WithoutAnyGoodFileARefusedOneStaysAndIsCalledFailed()
    {
        Bench.Proxy.Judge = RefuseBad;

        var outcome = await Bench.DeployAsync("bad");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").False);
        Assert.That(Bench.Deployer.Status.Current!.Phase, Is.EqualTo(DeliveryPhase.Failed));
        Assert.That(await Bench.SettleLaterAsync(), Is.Null);
    }

    [Test]
    public async Task AFileFromBeforeTemplaterIsPutBackToo()
    {
        File.WriteAllText(Bench.Path, "by hand\n");
        Bench.Proxy.Judge = RefuseBad;

        var outcome = await Bench.DeployAsync("bad");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").True);
        Assert.That(Bench.OnDisk, Is.EqualTo("by hand\n"));
    }

    [Test]
    public async Task WhatDoesNotBecomeLiveIsToldOnceMoreAndThenPutBack()
    {
        await Bench.DeployAsync("one");
        Bench.Proxy.Judge = text => text.StartsWith("slow", StringComparison.Ordinal) ? new ProofResult.NotSeen("no new workers") : null;

        var first = await Bench.DeployLaterAsync("slow");
        Assert.That(first, Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(first.Findings.Single().Severity, Is.EqualTo(FindingSeverity.Warning));
        Assert.That(Bench.OnDisk, Does.StartWith("slow "));

        var second = await Bench.SettleLaterAsync(2);
        Assert.That(second, Is.InstanceOf<DeployOutcome.Failed>().With.Property("Restored").True);
        Assert.That(second!.Findings.Single().Reason, Is.EqualTo(ReasonIds.ReloadUnproven));
        Assert.That(Bench.OnDisk, Does.StartWith("one "));

        // It is not known what the proxy did with the file meanwhile, so it is told about the restored one.
        Assert.That(await Bench.SettleLaterAsync(2), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(Bench.Proxy.Reloads, Is.EqualTo(4));
        Assert.That(await Bench.SettleLaterAsync(), Is.Null);
    }

    [Test]
    public async Task WithoutAProofDeliveredIsFinal()
    {
        Bench.Proxy.CanProve = false;
        Bench.Reopen();

        Assert.That(await Bench.DeployAsync("one"), Is.InstanceOf<DeployOutcome.Delivered>());
        Assert.That(Bench.Deployer.Status.Current!.Phase, Is.EqualTo(DeliveryPhase.Unproven));
        Assert.That(await Bench.SettleLaterAsync(), Is.Null);
        Assert.That(await Bench.DeployLaterAsync("one"), Is.InstanceOf<DeployOutcome.Unchanged>());
    }

    [Test]
    public async Task AnAbsentProxyIsOwedAReloadThatItsStartMakesNeedless()
    {
        Bench.Proxy.IsRunning = false;

        var outcome = await Bench.DeployAsync("one");
        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Owed>().With.Property("WaitsForProxy").True);
        Assert.That(Bench.Deployer.Status.WaitsForProxy, Is.True);

        Bench.Time.Advance(TimeSpan.FromSeconds(10));
        Bench.Proxy.Start();
        Bench.Deployer.OnProxyStarted();
        Assert.That(await Bench.Deployer.SettleDebtAsync(CancellationToken.None), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(Bench.Proxy.Reloads, Is.Zero);
        Assert.That(Bench.Deployer.Status.Current!.Phase, Is.EqualTo(DeliveryPhase.Proven));
        Assert.That(await Bench.DeployAsync("one"), Is.InstanceOf<DeployOutcome.Unchanged>());
    }

    [Test]
    public async Task TheFirstFileIsWrittenButNeverOverAnExistingOne()
    {
        Assert.That(await Bench.Deployer.WriteFirstAsync(Bench.FileOf("empty"), CancellationToken.None), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(Bench.OnDisk, Does.StartWith("empty "));
        Assert.That(Bench.Proxy.Reloads, Is.Zero);

        Assert.That(await Bench.Deployer.WriteFirstAsync(Bench.FileOf("other"), CancellationToken.None), Is.InstanceOf<DeployOutcome.Unchanged>());
        Assert.That(Bench.OnDisk, Does.StartWith("empty "));
    }

    [Test]
    public async Task ADirectoryThatIsMissingIsReportedAndNothingElseHappens()
    {
        Directory.Delete(Path.GetDirectoryName(Bench.Path)!);

        var outcome = await Bench.DeployAsync("one");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Failed>());
        Assert.That(outcome.Findings.Single().Reason, Is.EqualTo(ReasonIds.OutputFailed));
        Assert.That(Bench.Proxy.Reloads, Is.Zero);
    }

    private static ProofResult.Refused? RefuseBad(string text) =>
        text.StartsWith("bad", StringComparison.Ordinal) ? new ProofResult.Refused("[emerg] unknown directive in /config/nginx.conf:12") : null;
}
