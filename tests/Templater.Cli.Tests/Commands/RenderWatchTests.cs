using Templater.Testing;

namespace Templater.Cli.Tests.Commands;

/// <summary>Rendering again on every save.</summary>
public sealed class RenderWatchTests : RenderFixture
{
    [Test, CancelAfter(60_000)]
    public async Task StandardInputIsReadOnceHoweverOftenItIsRendered(CancellationToken cancellationToken)
    {
        using var signals = new ProcessSignals();
        var template = Scratch.Write("site.scriban", Listing);
        var path = Scratch["out.txt"];
        var run = CommandRun.Fed(signals, Scratch.Read("containers.json"), "render", "--template", template, "--from", "-", "--output", path, "--watch");
        await Until(path, "shop.example.com\n", cancellationToken);
        Scratch.Write("site.scriban", "again " + Listing);
        await Until(path, "again shop.example.com\n", cancellationToken);
        signals.End(ProcessSignals.Interrupt);
        Assert.That((await run).ExitCode, Is.EqualTo(130));
    }

    [Test, CancelAfter(60_000)]
    public async Task StandardInputThatIsNoneEndsTheWatch(CancellationToken cancellationToken)
    {
        using var signals = new ProcessSignals();
        var template = Scratch.Write("site.scriban", Listing);
        var run = await CommandRun.Fed(signals, "", "render", "--template", template, "--from", "-", "--watch").WaitAsync(cancellationToken);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((3,
            "error invalid-input: standard input:1:1: a recorded snapshot, the output of docker inspect, or lines of docker ps --no-trunc --format json was expected, but it is empty. Write it with: templater snapshot, or docker inspect $(docker ps -q).\n")));
    }

    [Test, CancelAfter(60_000)]
    public async Task WhatIsSavedBeforeTheResultIsPrintedIsRenderedToo(CancellationToken cancellationToken)
    {
        using var signals = new ProcessSignals();
        var template = Scratch.Write("site.scriban", "{{# format: plain #}}one\n");
        var time = new FakeTimeProvider();
        await using var output = new Noticing(() => Scratch.Write("site.scriban", "{{# format: plain #}}and two\n"));
        var run = CommandRun.With(signals, time, output, "render", "--template", template, "--from", Recorded, "--watch");
        while (!output.ToString().EndsWith("and two\n", StringComparison.Ordinal))
        {
            await Task.Delay(1, cancellationToken);
            await time.AdvanceWhenWaitingAsync(TimeSpan.FromSeconds(1), 1, cancellationToken);
        }

        signals.End(ProcessSignals.Interrupt);
        Assert.That((await run).Output, Is.EqualTo("one\nand two\n"));
    }

    [Test, CancelAfter(60_000)]
    public async Task WatchSaysBesideTheResultsWhenItRendersAgainAndWhenAMistakeIsMended(CancellationToken cancellationToken)
    {
        using var signals = new ProcessSignals();
        var template = Scratch.Write("site.scriban", "{{# format: plain #}}one\n");
        var (time, output) = (new FakeTimeProvider(), new StringWriter());
        var run = CommandRun.With(signals, time, output, "render", "--template", template, "--from", Recorded, "--watch");
        foreach (var text in new[] { "{{ oops", "two\n", "three\n" })
        {
            while (time.PendingTimers == 0)
                await Task.Delay(5, cancellationToken);
            Scratch.Write("site.scriban", "{{# format: plain #}}" + text);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        while (!output.ToString().EndsWith("three\n", StringComparison.Ordinal))
            await Task.Delay(5, cancellationToken);
        signals.End(ProcessSignals.Interrupt);
        var ended = await run;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ended.Output, Is.EqualTo("one\ntwo\nthree\n"));
            Assert.That(ended.Error.Split('\n').Where(static line => line.StartsWith("info", StringComparison.Ordinal)), Is.EqualTo(new[]
            {
                "info  rendering again: site.scriban changed", "info  rendering again: site.scriban changed",
                $"info  resolved: {template} can be rendered again", "info  rendering again: site.scriban changed",
            }));
        }
    }

    [Test, CancelAfter(30_000)]
    public async Task WatchRendersAgainOnEverySaveAndEndsOnInterrupt(CancellationToken cancellationToken)
    {
        using var signals = new ProcessSignals();
        var template = Scratch.Write("site.scriban", "{{# format: plain #}}one");
        var path = Scratch["out.txt"];
        var run = CommandRun.Daemon(signals, new StringWriter(), "render", "--template", template, "--from", Recorded, "--output", path, "--watch");
        await Until(path, "one", cancellationToken);
        Scratch.Write("site.scriban", "{{# format: plain #}}{{ oops");
        Scratch.Write("site.scriban", "{{# format: plain #}}second");
        await Until(path, "second", cancellationToken);
        signals.End(ProcessSignals.Interrupt);
        Assert.That((await run).ExitCode, Is.EqualTo(130));
    }

    [Test, CancelAfter(60_000)]
    public async Task WatchRendersAgainWhenABrokenIncludeIsMended(CancellationToken cancellationToken)
    {
        using var signals = new ProcessSignals();
        Scratch.Write("part.scriban", "{{ oops");
        var template = Scratch.Write("site.scriban", "{{# format: plain #}}{{ include 'part.scriban' }}");
        var time = new FakeTimeProvider();
        var run = CommandRun.With(signals, time, new StringWriter(), "render", "--template", template, "--from", Recorded, "--output", Scratch["out.txt"], "--watch");
        while (time.PendingTimers == 0)
            await Task.Delay(5, cancellationToken);
        Scratch.Write("part.scriban", "mended");
        time.Advance(TimeSpan.FromSeconds(1));
        await Until(Scratch["out.txt"], "mended", cancellationToken);
        signals.End(ProcessSignals.Interrupt);
        Assert.That((await run).Error, Does.Contain("part.scriban:1:"));
    }

    // Does something once, when something is printed for the first time.
    private sealed class Noticing(Action first) : StringWriter
    {
        private Action? _first = first;

        public override void Flush()
        {
            Interlocked.Exchange(ref _first, null)?.Invoke();
            base.Flush();
        }
    }
}
