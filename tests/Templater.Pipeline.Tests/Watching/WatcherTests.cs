using Templater.Pipeline.Tests.Inventory;
using Templater.Pipeline.Watching;

namespace Templater.Pipeline.Tests.Watching;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(30_000)]
public sealed class WatcherTests : WatcherFixture
{
    [Test]
    public async Task TheFirstLookComesAtOnceEvenWithoutContainers(CancellationToken cancellationToken)
    {
        Start();
        await UntilAsync(() => Pipeline.Applied.Count == 1, cancellationToken, step: TimeSpan.Zero);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Pipeline.Applied[0].Cause.Text, Is.EqualTo("start"));
            Assert.That(Pipeline.FirstBoots, Is.Zero);
        }
    }

    [Test]
    public async Task ItSubscribesBeforeItLists(CancellationToken cancellationToken)
    {
        Start();
        await AppliedAsync(1, cancellationToken);
        Assert.That(Engine.Calls.First(), Is.EqualTo("events"));
    }

    [Test]
    public async Task AContainerThatStartsDuringTheFirstListIsNotMissed(CancellationToken cancellationToken)
    {
        var isFirst = true;
        Engine.Before = (call, _) =>
        {
            // The list has been asked for; its answer will not have the container, the event will.
            if (call == "networks" && isFirst)
            {
                isFirst = false;
                Engine.Run(1);
                Engine.Say("start", 1);
            }

            return Task.CompletedTask;
        };
        Start();
        await UntilAsync(() => Hosts() == "h1.example.com", cancellationToken);
    }

    [Test]
    public async Task WhatIsToldWhileTheEngineIsReadExplainsTheNextList(CancellationToken cancellationToken)
    {
        Engine.Run(1);
        Start();
        await AppliedAsync(1, cancellationToken);
        var isTold = false;
        Engine.Before = async (call, token) =>
        {
            // The list has been answered, the container is in it; then it ends.
            if (!call.StartsWith("inspect", StringComparison.Ordinal) || isTold)
                return;
            isTold = true;
            Engine.Stop(1);
            Engine.Say("die", 1, ("exitCode", "0"));
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, token);
        };
        Engine.Say("update", 1);
        await UntilAsync(() => Hosts().Length == 0 && Logger.Lines[^1].Contains(" -h1.", StringComparison.Ordinal), cancellationToken);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Logger.Lines, Has.None.Contains("no event explains it"));
            Assert.That(Logger.Lines[^1], Does.EndWith("ms: -h1.example.com. cause: web-1 ended (exit 0)"));
        }
    }

    [Test]
    public async Task AStartIsAppliedAndLoggedWithItsCause(CancellationToken cancellationToken)
    {
        Start();
        await AppliedAsync(1, cancellationToken);
        Begin(1);
        await AppliedAsync(2, cancellationToken);
        Assert.That(Logger.Lines[^1], Does.Match(@"^information generation: generation 2 \([0-9a-f]{6}\) live in nginx, \d+ ms: \+h1\.example\.com \(1 server\)\. cause: web-1 started$"));
    }

    [Test]
    public async Task ABurstOfTwentyStartsIsOneOrTwoLooks(CancellationToken cancellationToken)
    {
        Start();
        await AppliedAsync(1, cancellationToken);
        for (var i = 0; i < 20; i++)
        {
            Begin(i);
            Time.Advance(TimeSpan.FromMilliseconds(10));
        }

        await UntilAsync(() => Pipeline.Applied[^1].Snapshot.Containers.Length == 20, cancellationToken);
        Assert.That(Pipeline.Applied, Has.Count.InRange(2, 3));
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
                    Engine.Say("health_status: healthy", 1);
                return Pipeline.Applied.Count >= 4;
            },
            cancellationToken);
        Assert.That(Hosts(), Is.EqualTo("h1.example.com"));
    }

    [Test]
    public async Task EverythingIsReadAgainEveryMinute(CancellationToken cancellationToken)
    {
        Start();
        await AppliedAsync(1, cancellationToken);
        Engine.Run(1);
        var start = Time.GetUtcNow();
        await UntilAsync(() => Hosts() == "h1.example.com", cancellationToken, TimeSpan.FromSeconds(1));
        Assert.That(Time.GetUtcNow() - start, Is.InRange(TimeSpan.FromSeconds(59), TimeSpan.FromSeconds(65)));
    }

    [Test]
    public async Task ThePipelineCanAskForAnEarlierLook(CancellationToken cancellationToken)
    {
        Pipeline.AgainAfter = TimeSpan.FromSeconds(3);
        Start();
        await AppliedAsync(1, cancellationToken);
        var start = Time.GetUtcNow();
        await AppliedAsync(2, cancellationToken, TimeSpan.FromMilliseconds(200));
        Assert.That(Time.GetUtcNow() - start, Is.InRange(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(5)));
    }

    [Test]
    public async Task AnIdleHostWritesNoLine(CancellationToken cancellationToken)
    {
        Begin(1);
        Start();
        // What belongs to the first is written when the second is applied.
        await AppliedAsync(2, cancellationToken, TimeSpan.FromSeconds(10));
        var lines = Logger.Lines.Count;
        await AppliedAsync(20, cancellationToken, TimeSpan.FromSeconds(10));
        Assert.That(Logger.Lines, Has.Count.EqualTo(lines));
    }

    [Test]
    public async Task AChangedTemplateIsACause(CancellationToken cancellationToken)
    {
        Files.Write("site.scriban", "a");
        Start();
        await AppliedAsync(1, cancellationToken);
        Files.Write("site.scriban", "ab");
        await AppliedAsync(2, cancellationToken, TimeSpan.FromMilliseconds(200));
        Assert.That(Pipeline.Applied[1].Cause, Has.Property(nameof(Cause.FilesChanged)).True.And.Property(nameof(Cause.Text)).EqualTo("site.scriban changed"));
    }

    [Test]
    public async Task AFileThatIsStillBeingWrittenIsWaitedFor(CancellationToken cancellationToken)
    {
        Files.Write("site.scriban", "a");
        var looks = 0;
        BeforeLook = () => _ = ++looks switch
        {
            // A poll finds it emptied; it is filled before the next look.
            2 => Files.Write("site.scriban", ""),
            3 => Files.Write("site.scriban", "abc"),
            _ => "",
        };
        Start();
        await AppliedAsync(1, cancellationToken);
        var read = "";
        Pipeline.Before = _ =>
        {
            read = File.ReadAllText(Files["site.scriban"]);
            return Task.CompletedTask;
        };
        await AppliedAsync(2, cancellationToken, TimeSpan.FromMilliseconds(20));
        Assert.That(read, Is.EqualTo("abc"));
        Assert.That(looks, Is.GreaterThanOrEqualTo(3), "it was seen empty");
    }

    [Test]
    public async Task ARequestedReloadIsServedAtOnce(CancellationToken cancellationToken)
    {
        Start();
        await AppliedAsync(1, cancellationToken);
        Watcher.RequestReload();
        await UntilAsync(() => Pipeline.Applied.Count == 2, cancellationToken, step: TimeSpan.Zero);
        Assert.That(Pipeline.Applied[1].Cause.ReloadRequested, Is.True);
    }

    [Test]
    public async Task FindingsOfThePipelineAreSaidOnceAndResolved(CancellationToken cancellationToken)
    {
        Pipeline.Findings = [new Finding(FindingSeverity.Error, ReasonIds.TemplateError, "site.scriban:1:1: no.")];
        Start();
        await AppliedAsync(1, cancellationToken);
        Begin(1);
        await AppliedAsync(2, cancellationToken);
        Pipeline.Findings = [];
        Begin(2);
        await UntilAsync(() => Logger.Lines.Any(static l => l.Contains("resolved", StringComparison.Ordinal)), cancellationToken);
        Assert.That(Logger.Lines.Where(static l => l.Contains("template-error", StringComparison.Ordinal)).ToList(), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task WhatTheOutputAndItsDeploymentBothSayIsToldOnce(CancellationToken cancellationToken)
    {
        var file = new StatusFile(Files.Path);
        var denied = new Finding(FindingSeverity.Error, ReasonIds.OutputDenied, "cannot write /config/nginx.conf.");
        (Pipeline.Findings, Pipeline.OutputFindings) = ([denied, denied with { Container = "shop" }], [denied with { Message = "cannot write /config/nginx.conf." }]);
        Start();
        await AppliedAsync(1, cancellationToken);
        await UntilAsync(() => file.Read() is { Findings.Count: > 0 }, cancellationToken, TimeSpan.FromMilliseconds(100));
        Assert.That(file.Read()!.Findings.Select(static finding => finding.Container), Is.EqualTo(new[] { null, "shop" }));
    }

    [Test]
    public async Task AStatusThatCannotBeWrittenIsToldInTheLogAndWrittenWhenItCanBe(CancellationToken cancellationToken)
    {
        var file = new StatusFile(Files.Path);
        var obstacle = Directory.CreateDirectory(Path.Combine(Files.Path, "." + StatusFile.FileName + ".new")).FullName;
        Start();
        await AppliedAsync(1, cancellationToken);
        await UntilAsync(() => Logger.Lines.Any(static line => line.Contains("cannot write the status file", StringComparison.Ordinal)), cancellationToken, TimeSpan.FromMilliseconds(100));
        Assert.That(file.Read(), Is.Null);

        Directory.Delete(obstacle);

        await UntilAsync(() => file.Read() is not null, cancellationToken, TimeSpan.FromMilliseconds(100));
        Assert.That(file.Read()!.Findings, Is.Empty, "whoever reads it can read it");
    }

    [Test]
    public async Task TheStatusTellsTheHealth(CancellationToken cancellationToken)
    {
        var file = new StatusFile(Files.Path);
        await file.WriteAsync(new WatcherStatus { Started = Time.GetUtcNow(), Written = Time.GetUtcNow(), Source = "old", LastCompleteSnapshot = Time.GetUtcNow() }, cancellationToken);
        Engine.Before = static (_, _) => Task.FromException(ScriptedEngine.Gone());
        Start();
        await UntilAsync(() => file.Read() is { Source: "unix:///x", Findings.Count: 1 }, cancellationToken, TimeSpan.FromMilliseconds(100));
        Assert.That(Health(file).IsHealthy, Is.False);
        Engine.Before = static (_, _) => Task.CompletedTask;
        await UntilAsync(() => Health(file).IsHealthy, cancellationToken, TimeSpan.FromMilliseconds(100));
        Assert.That(file.Read()!.Outputs.Single(), Has.Property(nameof(OutputStatus.Step)).EqualTo("live"));
    }

    [Test]
    public async Task ALateResultBecomesPartOfLogAndStatus(CancellationToken cancellationToken)
    {
        var file = new StatusFile(Files.Path);
        Begin(1);
        Start();
        await AppliedAsync(1, cancellationToken);
        Watcher.Report(
            new OutputResult { Output = "nginx", Path = "/config/nginx.conf", Generation = "ffffffffffffffff", Number = 2, Step = GenerationStep.Live, Exists = true },
            "proxy started");
        Assert.That(Logger.Lines[^1], Does.Contain("generation 2 (ffffff) live in nginx: same hosts. cause: proxy started"));
        await UntilAsync(() => file.Read()?.Outputs is [{ Generation: "ffffffffffffffff", Hosts: 1 }], cancellationToken, TimeSpan.FromMilliseconds(100));
    }

    [Test]
    public async Task AResultThatComesDuringALookIsNotOverwrittenByTheOlderOne(CancellationToken cancellationToken)
    {
        var file = new StatusFile(Files.Path);
        Pipeline.After = result => Watcher.Report(result with { Step = GenerationStep.Delivered, Findings = [] }, "the reload that was owed");
        Start();
        await AppliedAsync(1, cancellationToken);
        await UntilAsync(() => file.Read()?.Outputs is [{ Step: "delivered" }], cancellationToken, TimeSpan.FromMilliseconds(100));
        Assert.That(Logger.Lines.Count(static line => line.Contains("generation 1", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task WhatALookFoundIsKeptAlthoughItsDeliveryWasReportedMeanwhile(CancellationToken cancellationToken)
    {
        Pipeline.LookFindings = [new Finding(FindingSeverity.Warning, "of_look", "of the look.")];
        Pipeline.After = result => Watcher.Report(result with { Step = GenerationStep.Delivered, Findings = [], LookFindings = null }, "the reload that was owed");
        Start();
        await AppliedAsync(1, cancellationToken);
        await UntilAsync(() => Watcher.Status.Findings.Any(static finding => finding.Reason == "of_look"), cancellationToken, TimeSpan.FromMilliseconds(100));
        Assert.That(Watcher.Status.Outputs[0].Step, Is.EqualTo("delivered"));
    }

    [Test]
    public async Task WhatALookFoundLateIsSaidAtOnceAndFollowedByAnotherInTime(CancellationToken cancellationToken)
    {
        var file = new StatusFile(Files.Path);
        Pipeline.Findings = [new Finding(FindingSeverity.Warning, "of_all", "of no output.")];
        Start();
        await AppliedAsync(1, cancellationToken);
        var known = Watcher.Status.Outputs[0];
        var late = new OutputResult
        {
            Output = "nginx",
            Path = "/config/nginx.conf",
            Generation = known.Generation,
            Step = GenerationStep.Rejected,
            LookFindings = [new Finding(FindingSeverity.Warning, "of_look", "of the look.")],
            Findings = [new Finding(FindingSeverity.Error, "of_delivery", "of the delivery.")],
        };
        var reported = Time.GetUtcNow();
        Watcher.Report(late, "late", TimeSpan.FromSeconds(5));
        Assert.That(Watcher.Status.Findings.Select(static finding => finding.Reason), Is.EqualTo(new[] { "of_all", "of_look", "of_delivery" }));
        Assert.That(Logger.Lines, Has.Some.Contains("of the look.").And.Some.Contains("of the delivery."));

        // What is reported of the delivery alone says nothing about the look.
        Watcher.Report(late with { LookFindings = null, Findings = [] }, "later");
        Assert.That(Watcher.Status.Findings.Select(static finding => finding.Reason), Is.EqualTo(new[] { "of_all", "of_look" }));

        await AppliedAsync(2, cancellationToken);
        Assert.That(Time.GetUtcNow() - reported, Is.InRange(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(6)));
        await UntilAsync(() => file.Read()?.Findings is [{ Reason: "of_all" }], cancellationToken, TimeSpan.FromMilliseconds(100));
    }

    [Test]
    public async Task WhatALookDidNotWaitForIsNotOverwrittenByWhatWasKnown(CancellationToken cancellationToken)
    {
        Pipeline.IsInterim = true;
        Pipeline.After = result => Watcher.Report(result with { Generation = "ffffffffffffffff", Step = GenerationStep.Rejected, IsInterim = false }, "late");
        Start();
        await AppliedAsync(1, cancellationToken);
        await UntilAsync(() => Logger.Lines.Count > 0 || Watcher.Status.Outputs.Count > 0, cancellationToken);
        Begin(1);
        await AppliedAsync(2, cancellationToken);
        Begin(2);
        await AppliedAsync(3, cancellationToken);
        Assert.That(Watcher.Status.Outputs.Single().Step, Is.EqualTo("rejected"));
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
            Engine.Before = (_, token) =>
            {
                isHanging = true;
                return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            };
            Begin(1);
            await UntilAsync(() => isHanging, cancellationToken);
        }

        await Stopping.CancelAsync();
        await Assert.ThatAsync(() => Running.WaitAsync(TimeSpan.FromSeconds(2), TimeProvider.System, cancellationToken), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task DotegeW15EventsDuringReadsDisturbNoSnapshot(CancellationToken cancellationToken)
    {
        for (var i = 0; i < 50; i++)
            Engine.Run(i);
        Start();
        await AppliedAsync(1, cancellationToken);
        var churn = Task.Run(
            async () =>
            {
                for (var i = 0; i < 2000; i++)
                {
                    if (i % 3 == 0)
                        Engine.Stop(i % 50);
                    else
                        Engine.Run(i % 50);
                    Engine.Say(i % 3 == 0 ? "die" : "start", i % 50);
                    if (i % 20 == 0)
                        await Task.Yield();
                }
            },
            cancellationToken);
        await UntilAsync(() => churn.IsCompleted, cancellationToken);
        for (var i = 0; i < 50; i++)
            Engine.Run(i);
        Engine.Say("start", 1);
        await UntilAsync(() => Hosts().Split(' ').Length == 50, cancellationToken);
        Assert.That(Pipeline.Applied.Select(static a => a.Snapshot.Containers.Length), Is.All.EqualTo(50));
    }
}
