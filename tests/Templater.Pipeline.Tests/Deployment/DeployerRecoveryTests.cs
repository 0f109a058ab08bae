using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Checks;
using Templater.Pipeline.Deployment.Proving;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>What a failed swap, a crash in the middle of one, and a failed roll-back leave behind.</summary>
public sealed class DeployerRecoveryTests
{
    private DeployerBench _bench = null!;

    [SetUp]
    public async Task StartWithALiveGeneration()
    {
        _bench = new DeployerBench();
        await _bench.DeployAsync("one");
        _bench.Time.Advance(TimeSpan.FromSeconds(10));
    }

    [TearDown]
    public void RemoveBench() => _bench.Dispose();

    [Test]
    public async Task AProxyThatTakesNothingAnyMoreDoesNotMakeOldAndNewFlap()
    {
        _bench.Proxy.Judge = _ => new ProofResult.NotSeen("no new workers");
        await _bench.DeployAsync("two");
        await _bench.SettleLaterAsync();
        Assert.That(await _bench.DeployLaterAsync("two"), Is.InstanceOf<DeployOutcome.Failed>());
        var reloads = _bench.Proxy.Reloads;

        // An hour of 71 s each: after 1.5, 3, 6 minutes and then every ten minutes the wanted one is told twice, and the old one twice.
        for (var i = 0; i < 51; i++)
        {
            await _bench.DeployLaterAsync("two");
            await _bench.SettleLaterAsync();
        }

        Assert.That(_bench.Proxy.Reloads - reloads, Is.InRange(20, 36), "four times for each of seven or eight trials");
    }

    [Test]
    public async Task WhatFailedForAReasonThatIsGoneGoesLiveByItself()
    {
        _bench.Proxy.Judge = _ => new ProofResult.Refused("bind() failed");
        Assert.That(await _bench.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Refused>());
        Assert.That(await _bench.DeployLaterAsync("two"), Is.InstanceOf<DeployOutcome.Refused>());
        _bench.Proxy.Judge = _ => null;
        _bench.Time.Advance(TimeSpan.FromSeconds(90));

        var outcome = await _bench.DeployLaterAsync("two");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(outcome.Findings, Is.Empty);
        Assert.That(_bench.OnDisk, Does.StartWith("two "));
    }

    [Test]
    public async Task WhatAProxyThatIsSilentWasNotSeenToTakeIsPutBackAfterItsDeadline()
    {
        _bench.Proxy.Silence = TimeSpan.FromSeconds(60);
        Assert.That(await _bench.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(await _bench.SettleLaterAsync(30), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(_bench.OnDisk, Does.StartWith("two "));

        var outcome = await _bench.SettleLaterAsync(31);

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Failed>().With.Property("Restored").True);
        Assert.That(outcome!.Findings.Single().Message, Is.EqualTo(
            "generation 2 did not become live: fake does not answer, and was silent for more than 60 s. Generation 1 stays live and was restored on disk."));
        Assert.That(_bench.OnDisk, Does.StartWith("one "));
        Assert.That(await _bench.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Owed>(), "nothing is better than the last good one");
        _bench.Proxy.Silence = null;
        _bench.Time.Advance(TimeSpan.FromSeconds(90));
        Assert.That(await _bench.DeployLaterAsync("two"), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(_bench.Proxy.Live, Does.StartWith("two "));
    }

    [Test]
    public async Task AProxyThatIsNotThereLosesNothing()
    {
        _bench.Proxy.IsRunning = false;
        await _bench.DeployAsync("two");

        Assert.That(await _bench.SettleLaterAsync(3600), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(_bench.OnDisk, Does.StartWith("two "));
    }

    [Test]
    public async Task AProxyThatAnswersNowAndThenLosesNothing()
    {
        _bench.Proxy.Silence = TimeSpan.FromSeconds(60);
        await _bench.DeployAsync("two");
        (_bench.Proxy.Silence, _bench.Proxy.IsRunning) = (null, false);
        await _bench.SettleLaterAsync();
        _bench.Proxy.Silence = TimeSpan.FromSeconds(60);

        Assert.That(await _bench.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(_bench.OnDisk, Does.StartWith("two "));
    }

    [Test]
    public async Task AGenerationThatFailedForAPassingReasonIsTriedAgainWhenItIsWantedAgain()
    {
        _bench.Proxy.Judge = _ => new ProofResult.Refused("bind() failed");
        Assert.That(await _bench.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Refused>());
        _bench.Proxy.Judge = _ => null;
        await _bench.DeployLaterAsync("one");

        Assert.That(await _bench.DeployLaterAsync("two"), Is.InstanceOf<DeployOutcome.Live>());
    }

    [Test]
    public async Task AnOutputThatCannotBeWrittenDoesNotDropTheReloadThatIsOwed()
    {
        _bench.Proxy.IsRunning = false;
        await _bench.DeployAsync("two");
        // In the place of the file that would be renamed over the output's.
        var candidate = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(_bench.Path)!, ".nginx.conf.templater-" + _bench.FileOf("three").Generation)).FullName;

        var failed = await _bench.DeployLaterAsync("three");
        Assert.That(failed, Is.InstanceOf<DeployOutcome.Failed>());
        Directory.Delete(candidate);
        _bench.Proxy.IsRunning = true;

        Assert.That(_bench.OnDisk, Does.StartWith("two "));
        var settled = await _bench.SettleLaterAsync();
        Assert.That(settled, Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(settled!.Findings, Is.EqualTo(failed.Findings).And.Not.Empty, "the wanted one is not there yet");
        Assert.That(_bench.Proxy.Live, Does.StartWith("two "));
        Assert.That((await _bench.DeployLaterAsync("three")).Findings, Is.Empty);
    }

    [Test]
    public async Task AJournalThatCannotBeWrittenHoldsNothingUp()
    {
        await _bench.DeployAsync("one");
        Directory.CreateDirectory(_bench.JournalPath + ".new");

        var outcome = await _bench.DeployLaterAsync("two");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(outcome.Findings.Single().Message, Does.StartWith("cannot write the journal: ").And.EndsWith("Make the state directory writable and free some space."));
        Assert.That(_bench.Proxy.Live, Does.StartWith("two "));
    }

    [TestCase("proven/nginx", "cannot keep generation 2 for putting it back: ")]
    [TestCase("archive/nginx/2.set", "cannot keep generation 2 for templater rollback: ")]
    public async Task WhatCouldNotBeKeptIsKeptAsSoonAsItCanBe(string name, string message)
    {
        await _bench.DeployAsync("one");
        var kept = Path.Combine(_bench.StatePath, name);
        Directory.CreateDirectory(kept + ".new");

        var outcome = await _bench.DeployLaterAsync("two");
        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(outcome.Findings.Single().Message, Does.StartWith(message).And.Contain(kept).And.EndsWith("it is tried again."));
        Assert.That(_bench.Deployer.HasUnwritten);

        Directory.Delete(kept + ".new");
        Assert.That((await _bench.DeployLaterAsync("two")).Findings, Is.Empty);
        Assert.That(_bench.Deployer.HasUnwritten, Is.False);
        Assert.That(File.ReadAllText(kept), Does.StartWith("two "));
    }

    [Test]
    public async Task ACandidateThatCouldNotBeRemovedIsNotInTheWay()
    {
        await _bench.DeployAsync("one");
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(_bench.Path)!, ".nginx.conf.templater-" + _bench.FileOf("two").Generation), "half");

        Assert.That(await _bench.DeployLaterAsync("two"), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(_bench.OnDisk, Does.StartWith("two "));
    }

    [Test]
    public async Task AKeptFileThatCannotBeReadHoldsNothingUp()
    {
        await _bench.DeployAsync("one");
        File.Delete(_bench.GoodPath);
        Directory.CreateDirectory(_bench.GoodPath);

        var outcome = await _bench.DeployLaterAsync("two");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(outcome.Findings.Select(static finding => finding.Reason), Is.EqualTo(new[] { ReasonIds.OutputFailed }));
    }

    [Test]
    public async Task AfterACrashTheProxyIsToldOfAFileThatTheJournalDoesNotKnow()
    {
        await _bench.DeployAsync("one");
        Directory.CreateDirectory(_bench.JournalPath + ".new");
        _bench.Proxy.IsRunning = false;
        await _bench.DeployLaterAsync("two");
        _bench.Reopen();
        Directory.Delete(_bench.JournalPath + ".new");
        _bench.Proxy.IsRunning = true;

        Assert.That(await _bench.DeployLaterAsync("two"), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(_bench.Proxy.Live, Does.StartWith("two "));
    }

    [Test]
    public async Task AJournalThatCannotBeWrittenIsStillSaidAtTheNextLookAtARefusedFile()
    {
        _bench.Proxy.Check = static _ => new CheckResult.Refused("no such directive", 7);
        Directory.CreateDirectory(_bench.JournalPath + ".new");

        var refused = await _bench.DeployLaterAsync("bad");
        var again = await _bench.DeployLaterAsync("bad");

        Assert.That(refused.Findings.Select(static finding => finding.Reason), Is.EquivalentTo(new[] { ReasonIds.ConfigRefused, ReasonIds.OutputFailed }));
        Assert.That(again.Findings, Is.EquivalentTo(refused.Findings));
    }

    [TestCase("two", TestName = "A crash before the rename does not drop the reload that is owed for the former file")]
    [TestCase("three", TestName = "A crash after the rename does not drop the reload even without a new render")]
    public async Task ACrashDoesNotDropTheReload(string onDisk)
    {
        _bench.Proxy.IsRunning = false;
        await _bench.DeployAsync("two");
        await _bench.DeployLaterAsync("three");
        _bench.EditJournal("swapped", "checked");
        File.WriteAllBytes(_bench.Path, _bench.FileOf(onDisk).Content.ToArray());

        _bench.Reopen();
        _bench.Proxy.IsRunning = true;

        Assert.That(await _bench.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(_bench.Proxy.Live, Does.StartWith(onDisk + " "));
        Assert.That(_bench.Proxy.Reloads, Is.EqualTo(2));
    }

    [Test]
    public async Task ACrashWhileTheGoodFileIsKeptDoesNotLoseTheWayBack()
    {
        await _bench.DeployAsync("two");
        // The file of the newer generation is kept already, the journal does not know yet.
        File.WriteAllText(_bench.GoodPath, "torn");
        _bench.Reopen();
        _bench.Proxy.Judge = text => text.StartsWith("bad", StringComparison.Ordinal) ? new ProofResult.Refused("no") : null;

        Assert.That(await _bench.DeployAsync("bad"), Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").True);
        Assert.That(_bench.OnDisk, Does.StartWith("two "));
    }

    [Test]
    public async Task AGoodFileThatCannotBeReadIsAMessageAndNotTheEnd()
    {
        _bench.Proxy.Judge = text =>
        {
            if (File.Exists(_bench.GoodPath))
            {
                File.Delete(_bench.GoodPath);
                Directory.CreateDirectory(_bench.GoodPath);
            }

            return new ProofResult.Refused("no");
        };

        var outcome = await _bench.DeployAsync("two");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").False);
        Assert.That(outcome.Findings.Select(static finding => finding.Reason), Does.Contain(ReasonIds.OutputFailed));
    }
}
