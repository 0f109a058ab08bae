using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Checks;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>kill -9 between any two steps: after the restart exactly one reload makes the wanted generation live.</summary>
public sealed class DeployerCrashTests
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
    public async Task WhileCheckingTheOldFileStaysAndTheCandidateIsRemovedAtTheNextStart()
    {
        _bench.Proxy.Check = _ => throw new CrashException();
        await CrashAsync();
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(_bench.Path)!, ".nginx.conf.templater-0123456789abcdef"), "half");
        Assert.That(_bench.OnDisk, Does.StartWith("one "));

        _bench.Proxy.Check = _ => new CheckResult.Accepted();
        _bench.Reopen();

        Assert.That(Directory.GetFiles(Path.GetDirectoryName(_bench.Path)!), Has.Length.EqualTo(1));
        await ExactlyOneReloadMakesItLiveAsync();
    }

    [Test]
    public async Task BetweenTheNoteAndTheRenameTheOldFileCountsAsLive()
    {
        await CrashBeforeTellingAsync();
        _bench.EditJournal("swapped", "checked");
        File.WriteAllBytes(_bench.Path, _bench.FileOf("one").Content.ToArray());

        _bench.Reopen();

        Assert.That(await _bench.SettleLaterAsync(), Is.Null);
        await ExactlyOneReloadMakesItLiveAsync();
    }

    [Test]
    public async Task BetweenTheRenameAndItsNoteTheReloadIsOwed()
    {
        await CrashBeforeTellingAsync();
        _bench.EditJournal("swapped", "checked");

        _bench.Reopen();

        await ExactlyOneReloadMakesItLiveAsync();
    }

    [Test]
    public async Task BeforeTheProxyIsToldTheReloadIsOwedEvenWithoutANewRender()
    {
        await CrashBeforeTellingAsync();

        _bench.Reopen();

        Assert.That(_bench.Deployer.Status.OwedSince, Is.Not.Null);
        Assert.That(await _bench.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(_bench.Proxy.Reloads, Is.EqualTo(2));
        Assert.That(await _bench.DeployLaterAsync("two"), Is.InstanceOf<DeployOutcome.Unchanged>());
    }

    [Test]
    public async Task AfterTellingAndBeforeTheProofItIsOwedBecauseNobodySawWhatCameOfIt()
    {
        _bench.Proxy.Judge = text => text.StartsWith("two", StringComparison.Ordinal) ? throw new CrashException() : null;
        _bench.Proxy.OnReload = () => throw new CrashException();
        await CrashAsync();

        _bench.Proxy.Judge = _ => null;
        _bench.Proxy.OnReload = () => { };
        _bench.Proxy.Reloads = 1;
        _bench.Reopen();

        await ExactlyOneReloadMakesItLiveAsync();
    }

    [Test]
    public async Task AGenerationThatCanBeReadBackNeedsNoSecondReload()
    {
        _bench.Proxy.CanProbe = true;
        _bench.Proxy.OnReload = () =>
        {
            _bench.Proxy.Live = _bench.OnDisk;
            throw new CrashException();
        };
        await CrashAsync();

        _bench.Proxy.OnReload = () => { };
        _bench.Reopen();

        Assert.That(await _bench.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(_bench.Proxy.Reloads, Is.EqualTo(2), "one for the first generation, one before the crash");
    }

    [Test]
    public async Task AfterTheProofNothingIsOwed()
    {
        await _bench.DeployAsync("two");
        _bench.Reopen();

        Assert.That(await _bench.SettleLaterAsync(), Is.Null);
        Assert.That(await _bench.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Unchanged>());
        Assert.That(_bench.Proxy.Reloads, Is.EqualTo(2));
    }

    [Test]
    public async Task ADamagedJournalIsKeptAndCostsOneReload()
    {
        _bench.Deployer.Dispose();
        File.WriteAllText(_bench.JournalPath, "{\"format\": 1, \"current\": [half");
        _bench.Reopen();

        Assert.That(_bench.Deployer.Damage!.Message, Does.Contain(".bad"));
        Assert.That(File.Exists(_bench.JournalPath + ".bad"), Is.True);
        Assert.That(await _bench.DeployAsync("one"), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(await _bench.DeployLaterAsync("one"), Is.InstanceOf<DeployOutcome.Unchanged>());
        Assert.That(_bench.Proxy.Reloads, Is.EqualTo(2));
    }

    private async Task CrashBeforeTellingAsync()
    {
        _bench.Proxy.Crash = true;
        await CrashAsync();
        _bench.Proxy.Crash = false;
    }

    private async Task CrashAsync() => await Assert.ThatAsync(() => _bench.DeployAsync("two"), Throws.TypeOf<CrashException>());

    private async Task ExactlyOneReloadMakesItLiveAsync()
    {
        var before = _bench.Proxy.Reloads;
        Assert.That(await _bench.DeployLaterAsync("two"), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(await _bench.DeployLaterAsync("two"), Is.InstanceOf<DeployOutcome.Unchanged>());
        Assert.That(await _bench.SettleLaterAsync(), Is.Null);
        Assert.That(_bench.Proxy.Reloads - before, Is.EqualTo(1));
        Assert.That(_bench.Proxy.Live, Does.StartWith("two "));
    }
}

/// <summary>The end of the process in the middle of a step.</summary>
public sealed class CrashException : Exception;
