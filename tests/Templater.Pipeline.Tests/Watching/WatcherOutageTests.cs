using Templater.Docker;
using Templater.Docker.Wire;
using Templater.Pipeline.Tests.Inventory;
using Templater.Pipeline.Watching;

namespace Templater.Pipeline.Tests.Watching;

/// <summary>An engine that fails, hangs, restarts or tells half the truth.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(30_000)]
public sealed class WatcherOutageTests : WatcherFixture
{
    private static readonly TestCaseData[] Failures =
    [
        new(DockerErrorReason.EngineError, ReasonIds.SnapshotFailed) { TestName = "A list that fails changes nothing" },
        new(DockerErrorReason.BadResponse, ReasonIds.SnapshotFailed) { TestName = "A truncated list changes nothing" },
        new(DockerErrorReason.TimedOut, ReasonIds.EngineUnreachable) { TestName = "A list that never comes changes nothing" },
        new(DockerErrorReason.Forbidden, ReasonIds.CallForbidden) { TestName = "A forbidden list changes nothing" },
        new(DockerErrorReason.PermissionDenied, ReasonIds.SocketDenied) { TestName = "A denied socket changes nothing" },
    ];

    [TestCaseSource(nameof(Failures))]
    public async Task NothingIsAppliedWhileAListFails(DockerErrorReason reason, string expected, CancellationToken cancellationToken)
    {
        Begin(1);
        Start();
        await AppliedAsync(1, cancellationToken);
        var attempts = 0;
        Engine.Before = (call, _) =>
        {
            if (call != "list")
                return Task.CompletedTask;
            attempts++;
            return Task.FromException(new DockerException(reason, $"attempt {attempts} failed"));
        };
        Begin(2);
        await UntilAsync(() => attempts >= 12, cancellationToken, TimeSpan.FromMilliseconds(500));
        Assert.That(Pipeline.Applied, Has.Count.EqualTo(1));
        Engine.Before = static (_, _) => Task.CompletedTask;
        await AppliedAsync(2, cancellationToken, TimeSpan.FromMilliseconds(500));
        var lines = Logger.Lines.Where(line => line.Contains(expected, StringComparison.Ordinal)).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines[0], Does.StartWith($"error {expected}: attempt 1 failed."));
            Assert.That(lines[^1], Does.StartWith($"information {expected}: resolved: "));
            Assert.That(expected == ReasonIds.CallForbidden ? 2 : lines.Count, Is.EqualTo(2));
            Assert.That(Pipeline.FirstBoots, Is.Zero);
        }
    }

    [Test]
    public async Task DotegeW4AnEngineThatRestartsIsSurvived(CancellationToken cancellationToken)
    {
        Begin(1);
        Start();
        await AppliedAsync(1, cancellationToken);
        Engine.Before = static (_, _) => Task.FromException(ScriptedEngine.Gone());
        Engine.CutEvents();
        // Who listens and who reads are two tasks: on a busy machine one may try many times before the other has a turn.
        await UntilAsync(() => Engine.Count("events") >= 8 && IsSaid("error engine-unreachable: "), cancellationToken, TimeSpan.FromMilliseconds(500));
        Assert.That(Pipeline.Applied, Has.Count.EqualTo(1));
        Engine.Before = static (_, _) => Task.CompletedTask;
        Engine.Run(2);
        await UntilAsync(() => Hosts() == "h1.example.com h2.example.com", cancellationToken, TimeSpan.FromMilliseconds(500));
        await UntilAsync(() => IsSaid("resolved"), cancellationToken, TimeSpan.FromMilliseconds(500));
        Assert.That(Running.IsCompleted, Is.False);
        Assert.That(
            Logger.Lines.Where(static line => line.Contains("engine-unreachable", StringComparison.Ordinal)).Select(static line => line[..30]),
            Is.EqualTo(new[] { "error engine-unreachable: cann", "information engine-unreachable" }));
    }

    [Test]
    public async Task DotegeW4AnEngineThatIsNotThereAtTheStartIsWaitedFor(CancellationToken cancellationToken)
    {
        Engine.Before = static (_, _) => Task.FromException(ScriptedEngine.Gone());
        Start();
        await UntilAsync(
            () => Engine.Count("events") >= 5 && IsSaid("error engine-unreachable: ") && IsSaid("cause: start"), cancellationToken, TimeSpan.FromMilliseconds(500));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Pipeline.FirstBoots, Is.EqualTo(1));
            Assert.That(Pipeline.Applied, Is.Empty);
            Assert.That(Logger.Lines, Has.One.StartsWith("error engine-unreachable: cannot reach the Docker engine at unix:///x"));
            Assert.That(Logger.Lines, Has.One.EndsWith("written: 0 hosts. cause: start"));
        }

        Engine.Before = static (_, _) => Task.CompletedTask;
        Begin(1);
        await UntilAsync(() => Hosts() == "h1.example.com", cancellationToken, TimeSpan.FromMilliseconds(500));
        Assert.That(Pipeline.FirstBoots, Is.EqualTo(1));
    }

    [Test]
    public async Task AnEngineThatHangsAtTheStartDoesNotDelayTheFirstConfiguration(CancellationToken cancellationToken)
    {
        Engine.Before = static (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        Start();
        await UntilAsync(() => Pipeline.FirstBoots == 1, cancellationToken, TimeSpan.FromMilliseconds(100));
        Assert.That(Pipeline.Applied, Is.Empty);
    }

    [Test]
    public async Task AnEmptyListAfterARestartNeverReachesThePipeline(CancellationToken cancellationToken)
    {
        for (var i = 0; i < 5; i++)
            Engine.Run(i);
        Start();
        await AppliedAsync(1, cancellationToken);
        Engine.Order = static _ => [];
        Engine.CutEvents();
        await UntilAsync(() => Logger.Lines.Any(static line => line.Contains("5 of 5 routes are missing", StringComparison.Ordinal)), cancellationToken);
        Engine.Order = static rows => rows;
        await UntilAsync(() => Pipeline.Applied.Count >= 2, cancellationToken, TimeSpan.FromMilliseconds(100));
        Assert.That(Pipeline.Applied.Select(static a => a.Snapshot.Containers.Length), Is.All.EqualTo(5));
    }

    [Test]
    public async Task AnEmptyListThatIsConfirmedIsAppliedWithinTenSeconds(CancellationToken cancellationToken)
    {
        for (var i = 0; i < 5; i++)
            Engine.Run(i);
        Start();
        await AppliedAsync(1, cancellationToken);
        var start = Time.GetUtcNow();
        Engine.Order = static _ => [];
        Engine.CutEvents();
        await UntilAsync(() => Hosts().Length == 0, cancellationToken, TimeSpan.FromMilliseconds(50));
        Assert.That(Time.GetUtcNow() - start, Is.GreaterThanOrEqualTo(ShrinkGuard.ConfirmAfter).And.LessThan(ShrinkGuard.LongestDoubt));
    }

    [Test]
    public async Task ARealShutdownIsAppliedWithoutDelay(CancellationToken cancellationToken)
    {
        await RunFiveAsync(cancellationToken);
        var start = Time.GetUtcNow();
        EndFive(isListed: true);
        await UntilAsync(() => Hosts().Length == 0, cancellationToken);
        Assert.That(Time.GetUtcNow() - start, Is.LessThan(TimeSpan.FromSeconds(1)));
    }

    [Test]
    public async Task AShutdownDuringAReadIsAppliedWithoutDelayAndWithItsCause(CancellationToken cancellationToken)
    {
        await RunFiveAsync(cancellationToken);
        var isFirst = true;
        Engine.Before = async (call, token) =>
        {
            // The list has been answered already; while a container is inspected all of them end.
            if (!call.StartsWith("inspect", StringComparison.Ordinal) || !isFirst)
                return;
            isFirst = false;
            EndFive(isListed: true);
            // Time for the events to arrive, as they do while a real engine answers.
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, token);
        };
        var start = Time.GetUtcNow();
        Engine.Say("start", 1);
        await UntilAsync(() => Hosts().Length == 0, cancellationToken);
        Assert.That(Time.GetUtcNow() - start, Is.LessThan(TimeSpan.FromSeconds(1)));
        await UntilAsync(() => Logger.Lines[^1].Contains("cause: web-0 ended (exit 0), web-1 ended (exit 0)", StringComparison.Ordinal), cancellationToken);
    }

    [Test]
    public async Task AnEngineThatReportsAShutdownBeforeItsListShowsItIsAskedOnceMore(CancellationToken cancellationToken)
    {
        await RunFiveAsync(cancellationToken);
        var start = Time.GetUtcNow();
        EndFive(isListed: false);
        await AppliedAsync(2, cancellationToken);
        for (var i = 0; i < 5; i++)
            Engine.Stop(i);
        await UntilAsync(() => Hosts().Length == 0, cancellationToken);
        Assert.That(Time.GetUtcNow() - start, Is.LessThan(ShrinkGuard.ConfirmAfter));
        await UntilAsync(() => Logger.Lines[^1].Contains("cause: web-0 ended (exit 0), web-1 ended (exit 0)", StringComparison.Ordinal), cancellationToken);
        await NothingMoreIsAskedAsync(cancellationToken);
    }

    [Test]
    public async Task AnEngineThatReportsANetworkBeforeItsListShowsItIsAskedOnceMore(CancellationToken cancellationToken)
    {
        await RunFiveAsync(cancellationToken);
        var start = Time.GetUtcNow();
        Engine.Say(new DockerEvent
        {
            Type = "network",
            Action = "connect",
            Actor = new EventActor { ID = "n-back", Attributes = new Dictionary<string, string> { ["name"] = "back", ["container"] = ScriptedEngine.Id(1) } },
        });
        await AppliedAsync(3, cancellationToken);
        Assert.That(Time.GetUtcNow() - start, Is.LessThan(TimeSpan.FromSeconds(3)));
        await NothingMoreIsAskedAsync(cancellationToken);
    }

    // Who reports what never comes is not asked every second.
    private async Task NothingMoreIsAskedAsync(CancellationToken cancellationToken)
    {
        var applied = Pipeline.Applied.Count;
        for (var i = 0; i < 50; i++)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancellationToken);
        }

        Assert.That(Pipeline.Applied, Has.Count.EqualTo(applied));
    }

    private bool IsSaid(string text) => Logger.Lines.Any(line => line.Contains(text, StringComparison.Ordinal));

    private async Task RunFiveAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < 5; i++)
            Engine.Run(i);
        Start();
        await AppliedAsync(1, cancellationToken);
    }

    private void EndFive(bool isListed)
    {
        for (var i = 0; i < 5; i++)
        {
            if (isListed)
                Engine.Stop(i);
            Engine.Say("die", i, ("exitCode", "0"));
        }
    }
}
