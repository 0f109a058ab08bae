using System.Collections.Immutable;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Tests.Inventory;
using Templater.Pipeline.Watching;
using Templater.Pipeline.Watching.Metrics;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Watching;

/// <summary>What is counted, and how it is written.</summary>
public sealed class MetricsTextTests
{
    private static readonly DateTimeOffset Now = Snapshots.Noon;

    private static readonly JournalEntry Live = new()
    {
        Generation = "aaaa000000000017",
        Number = 17,
        Content = "c",
        Phase = DeliveryPhase.Proven,
        Cause = "evil\"name started",
        Desired = Now.AddSeconds(-10),
        Checked = Now.AddSeconds(-10).AddMilliseconds(30),
        Swapped = Now.AddSeconds(-9.9),
        Delivered = Now.AddSeconds(-9.5),
        Settled = Now.AddSeconds(-9.3),
    };

    [Test]
    public void WhatWasCountedIsWrittenWithHelpAndType()
    {
        var meter = new RunMeter();
        meter.Note("nginx", Status(null));
        meter.Note("nginx", Status(Live));
        meter.Note("nginx", Status(Live));
        meter.NoteRender("nginx", TimeSpan.FromMilliseconds(3));
        meter.NoteRender("nginx", TimeSpan.FromSeconds(90));
        meter.Note(SourceChangeKind.Event, isFile: false, isReload: false);
        meter.Note(SourceChangeKind.Event, isFile: true, isReload: false);
        meter.NoteRead(isComplete: true);
        meter.NoteCertificates([Pair("shop.example.com", Now.AddDays(30)), Pair("a\"b", Now.AddDays(60))]);
        Golden.Verify(MetricsText.Of(Report(), meter.Counts), "metrics.txt");
    }

    [Test]
    public void EveryFamilyIsThereBeforeAnythingHappened() =>
        Golden.Verify(MetricsText.Of(StatusReport.Of(null, [], Now, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5)), new RunCounts()), "metrics-empty.txt");

    [Test]
    public void NothingOutOfAContainerIsALabelAndOutputsAreEscaped()
    {
        var meter = new RunMeter();
        meter.Note("a\"b\\c\nd", Status(null));
        meter.Note("a\"b\\c\nd", Status(Live));
        var text = MetricsText.Of(Report(), meter.Counts);
        Assert.That(text, Does.Contain("templater_reloads_total{output=\"a\\\"b\\\\c\\nd\",reason=\"change\",result=\"proven\"} 1\n").And.Not.Contain("evil"));
        Assert.That(text.Split('\n').SkipLast(1), Has.All.Match(@"^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z]+=""([^""\\]|\\[""\\n])*"",?)+\})? (\+Inf|[-0-9.eE+]+))$"));
    }

    [Test]
    public void WhatTheJournalHeldBeforeTheRunIsNotCounted()
    {
        var meter = new RunMeter();
        meter.Note("nginx", Status(Live));
        meter.Note("nginx", Status(Live with { Generation = "b" }, Live));
        Assert.That(meter.Counts.Counters["templater_generations_total"].Values.Sum(), Is.EqualTo(1));
    }

    [TestCase("start", null, "start")]
    [TestCase("first start", null, "start")]
    [TestCase("re-sync", null, "re-sync")]
    [TestCase("reload requested", null, "request")]
    [TestCase("found on disk", null, "recovery")]
    [TestCase("tried again", null, "recovery")]
    [TestCase("put back: generation 3 was not taken", null, "put-back")]
    [TestCase("start started", null, "change")]
    [TestCase("put back started", null, "change")]
    [TestCase("web started", "proxy", "proxy-started")]
    public void AReasonIsOneOfFewWords(string cause, string? owedAnew, string reason) =>
        Assert.That(ReloadReasons.Of(Live with { Cause = cause, OwedAnew = owedAnew is null ? null : Now }), Is.EqualTo(reason));

    [Test]
    public void AClockThatWasSetBackMakesNoNegativeTime() =>
        Assert.That(Histogram.Empty.With(TimeSpan.FromSeconds(-5)), Has.Property("Sum").EqualTo(0).And.Property("Counts").ItemAt(0).EqualTo(1));

    private static DeliveryStatus Status(JournalEntry? current, params JournalEntry[] history) =>
        new(current, null, null, false, true, [.. history]);

    private static CertificatePair Pair(string name, DateTimeOffset end) =>
        new() { Name = name, ChainPath = name, KeyPath = name, Fingerprint = name, ContentDigest = name, NotAfter = end };

    private static StatusReport Report()
    {
        var output = new OutputStatus("nginx", "/config/nginx.conf", Live.Generation, 17, "live", true, false, null, false, 3)
        {
            OldWorkers = 3,
            LeftOut = [new LeftOutContainer("0123456789ab", "why") { Name = "evil" }],
            Excluded = [new ExcludedContainers("no-host", 4), new ExcludedContainers("quarantined", 1)],
        };
        var told = new WatcherStatus
        {
            Started = Now.AddHours(-1),
            Written = Now,
            Source = "unix:///x",
            LastCompleteSnapshot = Now.AddSeconds(-12.5),
            Containers = 9,
            Outputs = [output],
            Certificates =
            [
                new("a.example.com", ["a.example.com"], "resting") { NotAfter = Now.AddDays(9) },
                new("evil.example.com", ["evil.example.com"], "waiting") { LastError = "no answer", Failed = 2 },
                new("c.example.com", ["c.example.com"], "ordering") { NotAfter = Now.AddDays(-1), LastError = "no answer" },
            ],
        };
        ImmutableArray<JournalReading> journals = [new("nginx", new JournalState { Current = Live })];
        return StatusReport.Of(told, journals, Now, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5));
    }
}
