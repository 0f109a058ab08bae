using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Proving;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>A file that was swapped in while no proxy ran, and what it does to the proxy that starts with it.</summary>
[CancelAfter(30_000)]
public sealed class CrashTests
{
    private const string Emerg = "2026/01/02 03:04:05 [emerg] 1#1: unknown directive \"servr\" in /out/nginx.conf:1";

    private ProxyFleet _fleet = null!;
    private ScriptedProxy _edge = null!;

    [SetUp]
    public async Task SwapWhileTheProxyIsStopped()
    {
        _fleet = new ProxyFleet();
        _edge = _fleet.Add("edge");
        _edge.Started = _fleet.Time.GetUtcNow();
        Assert.That(await _fleet.DeployAsync("one"), Is.InstanceOf<DeployOutcome.Live>());
        _edge.End(0);
        Assert.That(await _fleet.DeployAsync("bad"), Is.InstanceOf<DeployOutcome.Owed>());
    }

    [TearDown]
    public void RemoveFleet() => _fleet.Dispose();

    [TestCase(true)]
    [TestCase(false, TestName = "An engine with another clock: a run after one that was seen to have ended")]
    public async Task AProxyThatEndsOnItHasRefusedItAndTheLastGoodFileComesBack(bool sharesClock)
    {
        _fleet.SharesClock = sharesClock;

        _fleet.StartAndEnd(_edge, 1, Emerg);
        var outcome = await SettleAsync();

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").True.And.Property("Line").EqualTo(1));
        Assert.That(outcome!.Findings.Select(static finding => finding.ToString()), Is.EqualTo(new[]
        {
            "error config-refused: edge refused generation 2: line 1 \"unknown directive \"servr\" in /out/nginx.conf:1\". It ended on it. Generation 1 was restored on disk for its next start.",
        }));
        Assert.That(OnDisk, Does.StartWith("one "));
        Assert.That(await _fleet.DeployAsync("bad"), Is.InstanceOf<DeployOutcome.Refused>(), "until the inputs change");
        Assert.That(OnDisk, Does.StartWith("one "));

        _edge.IsRunning = true;
        _edge.Started = _fleet.Time.GetUtcNow() + TimeSpan.FromSeconds(3);
        Assert.That(await _fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>(), "the restart policy brings it up with that file");
    }

    [TestCase(0, false, true)]
    [TestCase(137, false, true)]
    [TestCase(0, true, false)]
    [TestCase(1, true, true)]
    public async Task ARunThatWasBegunForAFileRefusesItHoweverItEndsUntilItWasSeenToStayUp(int exitCode, bool wasUp, bool refuses)
    {
        _fleet.StartAndEnd(_edge, exitCode);
        var started = _fleet.Time.GetUtcNow().UtcTicks;
        var entry = _fleet.Deployer.Status.Current! with
        {
            Restarted = [FormattableString.Invariant($"edge@{started - 1}")],
            Targets = wasUp ? [FormattableString.Invariant($"edge@{started}")] : [],
        };
        var watch = new CrashWatch(new FleetControl(_fleet), static snapshot => snapshot.Containers, _fleet.Path, titles: null);

        var crash = await watch.FindAsync(entry, static _ => false, alsoRunning: false, CancellationToken.None);

        Assert.That(crash is not null, Is.EqualTo(refuses));
    }

    [Test]
    public async Task TheRefusalHoldsWhileWhatWasPutBackIsDelivered()
    {
        _fleet.StartAndEnd(_edge, 1, Emerg);
        var refusal = (await SettleAsync())!.Findings.Single();

        _edge.IsRunning = true;
        _edge.Started = _fleet.Time.GetUtcNow() + TimeSpan.FromSeconds(3);
        var live = await _fleet.SettleLaterAsync();
        var look = await _fleet.DeployAsync("bad");
        _edge.Started = _fleet.Time.GetUtcNow();
        var mended = await _fleet.DeployAsync("two");

        Assert.That(live, Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(live!.Findings, Is.EqualTo(new[] { refusal }), "else it would count as mended, and be said again at the next look");
        Assert.That(look.Findings, Is.EqualTo(new[] { refusal }));
        Assert.That(mended.Findings, Is.Empty);
    }

    [Test]
    public async Task ACrashLoopIsOneRefusalAndNeverADelivery()
    {
        var outcomes = new List<DeployOutcome?>();
        for (var run = 0; run < 4; run++)
        {
            _fleet.StartAndEnd(_edge, 1, Emerg);
            outcomes.Add(await SettleAsync());
        }

        Assert.That(outcomes.OfType<DeployOutcome.Delivered>(), Is.Empty);
        Assert.That(outcomes.OfType<DeployOutcome.Live>(), Is.Empty);
        Assert.That(_fleet.Deployer.Status.History.Count(static entry => entry.Phase == DeliveryPhase.RolledBack), Is.EqualTo(1));
    }

    [TestCase(0)]
    [TestCase(143, TestName = "Stopped by SIGTERM")]
    [TestCase(131, TestName = "Stopped by SIGQUIT")]
    [TestCase(137, TestName = "Killed")]
    [TestCase(127, TestName = "Its command does not exist")]
    public async Task AProxyThatWasEndedBySomebodyElseRefusesNothing(int exitCode)
    {
        _fleet.StartAndEnd(_edge, exitCode);

        Assert.That(await SettleAsync(), Is.InstanceOf<DeployOutcome.Owed>().With.Property("WaitsForProxy").True);
        Assert.That(OnDisk, Does.StartWith("bad "));
    }

    [Test]
    public async Task AProxyThatTheEngineCouldNotStartRefusesNothing()
    {
        _edge.StartError = "port is already allocated";
        _fleet.StartAndEnd(_edge, 128);

        Assert.That(await SettleAsync(), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(OnDisk, Does.StartWith("bad "));
    }

    [Test]
    public async Task ARunThatEndedBeforeTheFileWasThereRefusesNothing()
    {
        using var fleet = new ProxyFleet();
        var edge = fleet.Add("edge");
        edge.Started = fleet.Time.GetUtcNow();
        edge.End(1);

        Assert.That(await fleet.DeployAsync("one"), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(await fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Owed>());
    }

    [Test]
    public async Task ARunThatAClockSetBackSinceMakesLookYoungerThanTheFileRefusesNothing()
    {
        using var fleet = new ProxyFleet();
        var edge = fleet.Add("edge");
        edge.Started = fleet.Time.GetUtcNow();
        edge.End(1);
        fleet.Time.SetBack(TimeSpan.FromHours(1));

        Assert.That(await fleet.DeployAsync("one"), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(await fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(fleet.Deployer.Status.Current!.IsOwed, Is.True);
    }

    [Test]
    public async Task ARunThatBeganAfterTheClockWasSetBackIsStillALaterOne()
    {
        _fleet.Time.SetBack(TimeSpan.FromHours(1));

        _fleet.StartAndEnd(_edge, 1, Emerg);

        Assert.That(await SettleAsync(), Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").True);
    }

    [Test]
    public async Task WithoutALookAtItsRunNothingIsRefused()
    {
        _edge.HidesRun = true;
        _fleet.StartAndEnd(_edge, 1, Emerg);

        Assert.That(await SettleAsync(), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(OnDisk, Does.StartWith("bad "));
    }

    [Test]
    public async Task AProxyWithoutALogIsQuotedWithItsExitCode()
    {
        _edge.ShowsLog = false;
        _fleet.StartAndEnd(_edge, 1);

        Assert.That((await SettleAsync())!.Findings.Single().Message, Does.StartWith(
            "edge refused generation 2: \"it ended with exit code 1 and gave no reason in its log\". It ended on it. Generation 1 was restored"));
    }

    [Test]
    public async Task AProxyThatEndedSinceTheSnapshotIsNotTakenForOneThatRuns()
    {
        _fleet.StartAndEnd(_edge, 1, Emerg);
        (_edge.IsRunning, _edge.IsOver, _edge.ShowsProcesses) = (true, true, false);

        Assert.That(await SettleAsync(), Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").True);
        Assert.That(OnDisk, Does.StartWith("one "));
    }

    [Test]
    public async Task WithNothingToPutBackTheFileStaysAndStaysOwed()
    {
        using var fleet = new ProxyFleet();
        var edge = fleet.Add("edge");
        edge.IsRunning = false;
        Assert.That(await fleet.DeployAsync("bad"), Is.InstanceOf<DeployOutcome.Owed>());

        fleet.StartAndEnd(edge, 1, Emerg);
        var first = await fleet.Deployer.SettleDebtAsync(CancellationToken.None);
        fleet.StartAndEnd(edge, 1, Emerg);
        var second = await fleet.Deployer.SettleDebtAsync(CancellationToken.None);

        Assert.That(first, Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").False);
        Assert.That(first!.Findings.Single().ToString(), Is.EqualTo(
            "error config-refused: edge refused generation 1: line 1 \"unknown directive \"servr\" in /out/nginx.conf:1\". It ended on it. There is no earlier configuration to put back, so the file stays and the next start meets it again."));
        Assert.That(second!.Findings, Is.EqualTo(first.Findings), "the same words, so that they are said once");
        Assert.That(fleet.Deployer.Status, Has.Property("OwedSince").Not.Null.And.Property("WaitsForProxy").False);
        Assert.That((await fleet.Deployer.DeployAsync(DeployerBench.Rendered("bad", fleet.Path), "again", CancellationToken.None)).Findings, Is.EqualTo(first.Findings));

        edge.IsRunning = true;
        Assert.That(await fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>());
    }

    [Test]
    public async Task WithoutAProofAStartCountsOnlyWhenTheProxyStaysUp(CancellationToken cancellationToken)
    {
        using var fleet = new ProxyFleet(new NoProof());
        var edge = fleet.Add("edge");
        edge.IsRunning = false;
        await fleet.DeployAsync("one");
        edge.Started = fleet.Time.GetUtcNow() + TimeSpan.FromSeconds(3);
        edge.IsRunning = true;

        var ending = fleet.SettleLaterAsync();
        edge.IsOver = true;
        await fleet.Time.AdvanceWhenWaitingAsync(TimeSpan.FromSeconds(2), cancellationToken: cancellationToken);
        Assert.That(await ending, Is.InstanceOf<DeployOutcome.Owed>());

        edge.IsOver = false;
        var staying = fleet.SettleLaterAsync();
        Assert.That(staying.IsCompleted, Is.False);
        await fleet.Time.AdvanceWhenWaitingAsync(TimeSpan.FromSeconds(2), cancellationToken: cancellationToken);
        Assert.That(await staying, Is.InstanceOf<DeployOutcome.Delivered>());
    }

    private string OnDisk => File.ReadAllText(_fleet.Path);

    private Task<DeployOutcome?> SettleAsync() => _fleet.Deployer.SettleDebtAsync(CancellationToken.None);
}
