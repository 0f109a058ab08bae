using Templater.Docker;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Tests.Inventory;
using Templater.Pipeline.Watching;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Watching;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(30_000)]
public sealed class WatcherTests : IAsyncDisposable
{
    private readonly ScriptedEngine _engine = new();
    private readonly RecordingPipeline _pipeline = new();
    private readonly RecordingLogger _logger = new();
    private readonly FakeTimeProvider _time = new();
    private readonly TempDirectory _directory = new();
    private readonly CancellationTokenSource _stop = new();
    private Action _beforeLook = static () => { };
    private Watcher? _watcher;
    private Task _run = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAny(_run);
        _stop.Dispose();
        _directory.Dispose();
    }

    [Test]
    public async Task TheFirstLookComesAtOnceEvenWithoutContainers(CancellationToken cancellationToken)
    {
        Start();
        await UntilAsync(() => _pipeline.Applied.Count == 1, cancellationToken, step: TimeSpan.Zero);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_pipeline.Applied[0].Cause.Text, Is.EqualTo("start"));
            Assert.That(_pipeline.FirstBoots, Is.Zero);
        }
    }

    [Test]
    public async Task ItSubscribesBeforeItLists(CancellationToken cancellationToken)
    {
        Start();
        await AppliedAsync(1, cancellationToken);
        Assert.That(_engine.Calls.First(), Is.EqualTo("events"));
    }

    [Test]
    public async Task AContainerThatStartsDuringTheFirstListIsNotMissed(CancellationToken cancellationToken)
    {
        var isFirst = true;
        _engine.Before = (call, _) =>
        {
            // The list has been asked for; its answer will not have the container, the event will.
            if (call == "networks" && isFirst)
            {
                isFirst = false;
                _engine.Run(1);
                _engine.Say("start", 1);
            }

            return Task.CompletedTask;
        };
        Start();
        await UntilAsync(() => Hosts() == "h1.example.com", cancellationToken);
    }

    [Test]
    public async Task WhatIsToldWhileTheEngineIsReadExplainsTheNextList(CancellationToken cancellationToken)
    {
        _engine.Run(1);
        Start();
        await AppliedAsync(1, cancellationToken);
        var isTold = false;
        _engine.Before = async (call, token) =>
        {
            // The list has been answered, the container is in it; then it ends.
            if (!call.StartsWith("inspect", StringComparison.Ordinal) || isTold)
                return;
            isTold = true;
            _engine.Stop(1);
            _engine.Say("die", 1, ("exitCode", "0"));
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, token);
        };
        _engine.Say("update", 1);
        await UntilAsync(() => Hosts().Length == 0, cancellationToken);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_logger.Lines, Has.None.Contains("no event explains it"));
            Assert.That(_logger.Lines[^1], Does.EndWith("ms: -h1.example.com. cause: web-1 ended (exit 0)"));
        }
    }

    [Test]
    public async Task AStartIsAppliedAndLoggedWithItsCause(CancellationToken cancellationToken)
    {
        Start();
        await AppliedAsync(1, cancellationToken);
        Begin(1);
        await AppliedAsync(2, cancellationToken);
        Assert.That(_logger.Lines[^1], Does.Match(@"^information generation: generation 2 \([0-9a-f]{6}\) live in nginx, \d+ ms: \+h1\.example\.com \(1 server\)\. cause: web-1 started$"));
    }

    [Test]
    public async Task ABurstOfTwentyStartsIsOneOrTwoLooks(CancellationToken cancellationToken)
    {
        Start();
        await AppliedAsync(1, cancellationToken);
        for (var i = 0; i < 20; i++)
        {
            Begin(i);
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }

        await UntilAsync(() => _pipeline.Applied[^1].Snapshot.Containers.Length == 20, cancellationToken);
        Assert.That(_pipeline.Applied, Has.Count.InRange(2, 3));
    }

    [Test]
    public async Task DotegeW7ASteadyStreamOfEventsStarvesNobody(CancellationToken cancellationToken)
    {
        Start();
        await AppliedAsync(1, cancellationToken);
        Begin(1);
        var asked = 0;
        // An event each 20 ms, always.
        await UntilAsync(
            () =>
            {
                if (++asked % 4 == 0)
                    _engine.Say("health_status: healthy", 1);
                return _pipeline.Applied.Count >= 4;
            },
            cancellationToken);
        Assert.That(Hosts(), Is.EqualTo("h1.example.com"));
    }

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
        _engine.Before = (call, _) =>
        {
            if (call != "list")
                return Task.CompletedTask;
            attempts++;
            return Task.FromException(new DockerException(reason, $"attempt {attempts} failed"));
        };
        Begin(2);
        await UntilAsync(() => attempts >= 12, cancellationToken, TimeSpan.FromMilliseconds(500));
        Assert.That(_pipeline.Applied, Has.Count.EqualTo(1));
        _engine.Before = static (_, _) => Task.CompletedTask;
        await AppliedAsync(2, cancellationToken, TimeSpan.FromMilliseconds(500));
        var lines = _logger.Lines.Where(line => line.Contains(expected, StringComparison.Ordinal)).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines[0], Does.StartWith($"error {expected}: attempt 1 failed."));
            Assert.That(lines[^1], Does.StartWith($"information {expected}: resolved: "));
            Assert.That(expected == ReasonIds.CallForbidden ? 2 : lines.Count, Is.EqualTo(2));
            Assert.That(_pipeline.FirstBoots, Is.Zero);
        }
    }

    [Test]
    public async Task DotegeW4AnEngineThatRestartsIsSurvived(CancellationToken cancellationToken)
    {
        Begin(1);
        Start();
        await AppliedAsync(1, cancellationToken);
        _engine.Before = static (_, _) => Task.FromException(ScriptedEngine.Gone());
        _engine.CutEvents();
        await UntilAsync(() => _engine.Count("events") >= 8, cancellationToken, TimeSpan.FromMilliseconds(500));
        Assert.That(_pipeline.Applied, Has.Count.EqualTo(1));
        _engine.Before = static (_, _) => Task.CompletedTask;
        _engine.Run(2);
        await UntilAsync(() => Hosts() == "h1.example.com h2.example.com", cancellationToken, TimeSpan.FromMilliseconds(500));
        await UntilAsync(() => _logger.Lines.Any(static line => line.Contains("resolved", StringComparison.Ordinal)), cancellationToken, TimeSpan.FromMilliseconds(500));
        Assert.That(_run.IsCompleted, Is.False);
        Assert.That(
            _logger.Lines.Where(static line => line.Contains("engine-unreachable", StringComparison.Ordinal)).Select(static line => line[..30]),
            Is.EqualTo(new[] { "error engine-unreachable: cann", "information engine-unreachable" }));
    }

    [Test]
    public async Task DotegeW4AnEngineThatIsNotThereAtTheStartIsWaitedFor(CancellationToken cancellationToken)
    {
        _engine.Before = static (_, _) => Task.FromException(ScriptedEngine.Gone());
        Start();
        await UntilAsync(() => _engine.Count("events") >= 5, cancellationToken, TimeSpan.FromMilliseconds(500));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_pipeline.FirstBoots, Is.EqualTo(1));
            Assert.That(_pipeline.Applied, Is.Empty);
            Assert.That(_logger.Lines, Has.One.StartsWith("error engine-unreachable: cannot reach the Docker engine at unix:///x"));
            Assert.That(_logger.Lines, Has.One.EndsWith("written: 0 hosts. cause: start"));
        }

        _engine.Before = static (_, _) => Task.CompletedTask;
        Begin(1);
        await UntilAsync(() => Hosts() == "h1.example.com", cancellationToken, TimeSpan.FromMilliseconds(500));
        Assert.That(_pipeline.FirstBoots, Is.EqualTo(1));
    }

    [Test]
    public async Task AnEngineThatHangsAtTheStartDoesNotDelayTheFirstConfiguration(CancellationToken cancellationToken)
    {
        _engine.Before = static (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        Start();
        await UntilAsync(() => _pipeline.FirstBoots == 1, cancellationToken, TimeSpan.FromMilliseconds(100));
        Assert.That(_pipeline.Applied, Is.Empty);
    }

    [Test]
    public async Task AnEmptyListAfterARestartNeverReachesThePipeline(CancellationToken cancellationToken)
    {
        for (var i = 0; i < 5; i++)
            _engine.Run(i);
        Start();
        await AppliedAsync(1, cancellationToken);
        _engine.Order = static _ => [];
        _engine.CutEvents();
        await UntilAsync(() => _logger.Lines.Any(static line => line.Contains("5 of 5 routes are missing", StringComparison.Ordinal)), cancellationToken);
        _engine.Order = static rows => rows;
        await UntilAsync(() => _pipeline.Applied.Count >= 2, cancellationToken, TimeSpan.FromMilliseconds(100));
        Assert.That(_pipeline.Applied.Select(static a => a.Snapshot.Containers.Length), Is.All.EqualTo(5));
    }

    [Test]
    public async Task AnEmptyListThatIsConfirmedIsAppliedWithinTenSeconds(CancellationToken cancellationToken)
    {
        for (var i = 0; i < 5; i++)
            _engine.Run(i);
        Start();
        await AppliedAsync(1, cancellationToken);
        var start = _time.GetUtcNow();
        _engine.Order = static _ => [];
        _engine.CutEvents();
        await UntilAsync(() => Hosts().Length == 0, cancellationToken, TimeSpan.FromMilliseconds(50));
        Assert.That(_time.GetUtcNow() - start, Is.GreaterThanOrEqualTo(ShrinkGuard.ConfirmAfter).And.LessThan(ShrinkGuard.LongestDoubt));
    }

    [Test]
    public async Task ARealShutdownIsAppliedWithoutDelay(CancellationToken cancellationToken)
    {
        await RunFiveAsync(cancellationToken);
        var start = _time.GetUtcNow();
        EndFive(isListed: true);
        await UntilAsync(() => Hosts().Length == 0, cancellationToken);
        Assert.That(_time.GetUtcNow() - start, Is.LessThan(TimeSpan.FromSeconds(1)));
    }

    [Test]
    public async Task AShutdownDuringAReadIsAppliedWithoutDelayAndWithItsCause(CancellationToken cancellationToken)
    {
        await RunFiveAsync(cancellationToken);
        var isFirst = true;
        _engine.Before = async (call, token) =>
        {
            // The list has been answered already; while a container is inspected all of them end.
            if (!call.StartsWith("inspect", StringComparison.Ordinal) || !isFirst)
                return;
            isFirst = false;
            EndFive(isListed: true);
            // Time for the events to arrive, as they do while a real engine answers.
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, token);
        };
        var start = _time.GetUtcNow();
        _engine.Say("start", 1);
        await UntilAsync(() => Hosts().Length == 0, cancellationToken);
        Assert.That(_time.GetUtcNow() - start, Is.LessThan(TimeSpan.FromSeconds(1)));
        await UntilAsync(() => _logger.Lines[^1].Contains("cause: web-0 ended (exit 0), web-1 ended (exit 0)", StringComparison.Ordinal), cancellationToken);
    }

    [Test]
    public async Task AnEngineThatReportsAShutdownBeforeItsListShowsItIsAskedOnceMore(CancellationToken cancellationToken)
    {
        await RunFiveAsync(cancellationToken);
        var start = _time.GetUtcNow();
        EndFive(isListed: false);
        await AppliedAsync(2, cancellationToken);
        for (var i = 0; i < 5; i++)
            _engine.Stop(i);
        await UntilAsync(() => Hosts().Length == 0, cancellationToken);
        Assert.That(_time.GetUtcNow() - start, Is.LessThan(ShrinkGuard.ConfirmAfter));
        await UntilAsync(() => _logger.Lines[^1].Contains("cause: web-0 ended (exit 0), web-1 ended (exit 0)", StringComparison.Ordinal), cancellationToken);
        // Once: who reports an end that never comes is not asked every second.
        var applied = _pipeline.Applied.Count;
        for (var i = 0; i < 50; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancellationToken);
        }

        Assert.That(_pipeline.Applied, Has.Count.EqualTo(applied));
    }

    [Test]
    public async Task EverythingIsReadAgainEveryMinute(CancellationToken cancellationToken)
    {
        Start();
        await AppliedAsync(1, cancellationToken);
        _engine.Run(1);
        var start = _time.GetUtcNow();
        await UntilAsync(() => Hosts() == "h1.example.com", cancellationToken, TimeSpan.FromSeconds(1));
        Assert.That(_time.GetUtcNow() - start, Is.InRange(TimeSpan.FromSeconds(59), TimeSpan.FromSeconds(65)));
    }

    [Test]
    public async Task ThePipelineCanAskForAnEarlierLook(CancellationToken cancellationToken)
    {
        _pipeline.AgainAfter = TimeSpan.FromSeconds(3);
        Start();
        await AppliedAsync(1, cancellationToken);
        var start = _time.GetUtcNow();
        await AppliedAsync(2, cancellationToken, TimeSpan.FromMilliseconds(200));
        Assert.That(_time.GetUtcNow() - start, Is.InRange(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(5)));
    }

    [Test]
    public async Task AnIdleHostWritesNoLine(CancellationToken cancellationToken)
    {
        Begin(1);
        Start();
        await AppliedAsync(1, cancellationToken);
        var lines = _logger.Lines.Count;
        await AppliedAsync(20, cancellationToken, TimeSpan.FromSeconds(10));
        Assert.That(_logger.Lines, Has.Count.EqualTo(lines));
    }

    [Test]
    public async Task AChangedTemplateIsACause(CancellationToken cancellationToken)
    {
        _directory.Write("site.scriban", "a");
        Start();
        await AppliedAsync(1, cancellationToken);
        _directory.Write("site.scriban", "ab");
        await AppliedAsync(2, cancellationToken, TimeSpan.FromMilliseconds(200));
        Assert.That(_pipeline.Applied[1].Cause, Has.Property(nameof(Cause.FilesChanged)).True.And.Property(nameof(Cause.Text)).EqualTo("site.scriban changed"));
    }

    [Test]
    public async Task AFileThatIsStillBeingWrittenIsWaitedFor(CancellationToken cancellationToken)
    {
        _directory.Write("site.scriban", "a");
        var looks = 0;
        _beforeLook = () => _ = ++looks switch
        {
            // A poll finds it emptied; it is filled before the next look.
            2 => _directory.Write("site.scriban", ""),
            3 => _directory.Write("site.scriban", "abc"),
            _ => "",
        };
        Start();
        await AppliedAsync(1, cancellationToken);
        var read = "";
        _pipeline.Before = _ =>
        {
            read = File.ReadAllText(_directory["site.scriban"]);
            return Task.CompletedTask;
        };
        await AppliedAsync(2, cancellationToken, TimeSpan.FromMilliseconds(20));
        Assert.That((read, looks), Is.EqualTo(("abc", 4)));
    }

    [Test]
    public async Task ARequestedReloadIsServedAtOnce(CancellationToken cancellationToken)
    {
        Start();
        await AppliedAsync(1, cancellationToken);
        _watcher!.RequestReload();
        await UntilAsync(() => _pipeline.Applied.Count == 2, cancellationToken, step: TimeSpan.Zero);
        Assert.That(_pipeline.Applied[1].Cause.ReloadRequested, Is.True);
    }

    [Test]
    public async Task FindingsOfThePipelineAreSaidOnceAndResolved(CancellationToken cancellationToken)
    {
        _pipeline.Findings = [new Finding(FindingSeverity.Error, ReasonIds.TemplateError, "site.scriban:1:1: no.")];
        Start();
        await AppliedAsync(1, cancellationToken);
        Begin(1);
        await AppliedAsync(2, cancellationToken);
        _pipeline.Findings = [];
        Begin(2);
        await UntilAsync(() => _logger.Lines.Any(static l => l.Contains("resolved", StringComparison.Ordinal)), cancellationToken);
        Assert.That(_logger.Lines.Where(static l => l.Contains("template-error", StringComparison.Ordinal)).ToList(), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task TheStatusTellsTheHealth(CancellationToken cancellationToken)
    {
        var file = new StatusFile(_directory.Path);
        await file.WriteAsync(new WatcherStatus { Started = _time.GetUtcNow(), Written = _time.GetUtcNow(), Source = "old", LastCompleteSnapshot = _time.GetUtcNow() }, cancellationToken);
        _engine.Before = static (_, _) => Task.FromException(ScriptedEngine.Gone());
        Start();
        await UntilAsync(() => file.Read() is { Source: "unix:///x", Findings.Count: 1 }, cancellationToken, TimeSpan.FromMilliseconds(100));
        Assert.That(Health(file).IsHealthy, Is.False);
        _engine.Before = static (_, _) => Task.CompletedTask;
        await UntilAsync(() => Health(file).IsHealthy, cancellationToken, TimeSpan.FromMilliseconds(100));
        Assert.That(file.Read()!.Outputs.Single(), Has.Property(nameof(OutputStatus.Step)).EqualTo("live"));
    }

    [Test]
    public async Task ALateResultBecomesPartOfLogAndStatus(CancellationToken cancellationToken)
    {
        var file = new StatusFile(_directory.Path);
        Begin(1);
        Start();
        await AppliedAsync(1, cancellationToken);
        _watcher!.Report(
            new OutputResult { Output = "nginx", Path = "/config/nginx.conf", Generation = "ffffffffffffffff", Number = 2, Step = GenerationStep.Live, Exists = true },
            "proxy started");
        Assert.That(_logger.Lines[^1], Does.Contain("generation 2 (ffffff) live in nginx: same hosts. cause: proxy started"));
        await UntilAsync(() => file.Read()?.Outputs is [{ Generation: "ffffffffffffffff", Hosts: 1 }], cancellationToken, TimeSpan.FromMilliseconds(100));
    }

    [Test]
    public async Task AResultThatComesDuringALookIsNotOverwrittenByTheOlderOne(CancellationToken cancellationToken)
    {
        var file = new StatusFile(_directory.Path);
        _pipeline.After = result => _watcher!.Report(result with { Step = GenerationStep.Delivered, Findings = [] }, "the reload that was owed");
        Start();
        await AppliedAsync(1, cancellationToken);
        await UntilAsync(() => file.Read()?.Outputs is [{ Step: "delivered" }], cancellationToken, TimeSpan.FromMilliseconds(100));
        Assert.That(_logger.Lines.Count(static line => line.Contains("generation 1", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [TestCase(true, TestName = "It ends within two seconds while a list hangs")]
    [TestCase(false, TestName = "It ends within two seconds while idle")]
    public async Task ItEndsQuickly(bool hangs, CancellationToken cancellationToken)
    {
        Start();
        await AppliedAsync(1, cancellationToken);
        if (hangs)
        {
            var isHanging = false;
            _engine.Before = (_, token) =>
            {
                isHanging = true;
                return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            };
            Begin(1);
            await UntilAsync(() => isHanging, cancellationToken);
        }

        await _stop.CancelAsync();
        await Assert.ThatAsync(() => _run.WaitAsync(TimeSpan.FromSeconds(2), TimeProvider.System, cancellationToken), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task DotegeW15EventsDuringReadsDisturbNoSnapshot(CancellationToken cancellationToken)
    {
        for (var i = 0; i < 50; i++)
            _engine.Run(i);
        Start();
        await AppliedAsync(1, cancellationToken);
        var churn = Task.Run(
            async () =>
            {
                for (var i = 0; i < 2000; i++)
                {
                    if (i % 3 == 0)
                        _engine.Stop(i % 50);
                    else
                        _engine.Run(i % 50);
                    _engine.Say(i % 3 == 0 ? "die" : "start", i % 50);
                    if (i % 20 == 0)
                        await Task.Yield();
                }
            },
            cancellationToken);
        await UntilAsync(() => churn.IsCompleted, cancellationToken);
        for (var i = 0; i < 50; i++)
            _engine.Run(i);
        _engine.Say("start", 1);
        await UntilAsync(() => Hosts().Split(' ').Length == 50, cancellationToken);
        Assert.That(_pipeline.Applied.Select(static a => a.Snapshot.Containers.Length), Is.All.EqualTo(50));
    }

    private async Task RunFiveAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < 5; i++)
            _engine.Run(i);
        Start();
        await AppliedAsync(1, cancellationToken);
    }

    private void EndFive(bool isListed)
    {
        for (var i = 0; i < 5; i++)
        {
            if (isListed)
                _engine.Stop(i);
            _engine.Say("die", i, ("exitCode", "0"));
        }
    }

    private string Hosts() => _pipeline.Applied is [.., var last]
        ? string.Join(' ', _pipeline.RoutesOf(last.Snapshot).Select(static r => r.Host)) : "";

    private void Begin(int number)
    {
        _engine.Run(number);
        _engine.Say("start", number);
    }

    private HealthReport Health(StatusFile file) =>
        HealthReport.Evaluate(file.Read(), _time.GetUtcNow(), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5));

    private void Start()
    {
        var source = new DockerSnapshotSource(_engine, "unix:///x", EnvFilter.Default, SnapshotAssembler.Nothing, _time, []);
        var files = new FileChanges(() =>
        {
            _beforeLook();
            return new WatchedFiles([_directory["site.scriban"]], []);
        });
        _watcher = new Watcher(source, _pipeline, files, new StatusFile(_directory.Path), new WatcherOptions(), _time, _logger);
        _run = _watcher.RunAsync(_stop.Token);
    }

    private Task AppliedAsync(int count, CancellationToken cancellationToken, TimeSpan? step = null) =>
        UntilAsync(() => _pipeline.Applied.Count >= count, cancellationToken, step);

    // The clock goes on only as far as needed, in small steps, and lets the loop run in between.
    private async Task UntilAsync(Func<bool> holds, CancellationToken cancellationToken, TimeSpan? step = null)
    {
        while (!holds())
        {
            if (_run.IsFaulted)
                await _run;
            _time.Advance(step ?? TimeSpan.FromMilliseconds(5));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancellationToken);
        }
    }
}
