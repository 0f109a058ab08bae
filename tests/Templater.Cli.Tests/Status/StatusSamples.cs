using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Watching;

namespace Templater.Cli.Tests.Status;

/// <summary>What a Templater left in its state directory at noon, as several situations have it.</summary>
internal static class StatusSamples
{
    public static readonly DateTimeOffset Noon = DateTimeOffset.Parse("2026-11-26T12:00:00Z", CultureInfo.InvariantCulture);

    public static readonly WatcherStatus Running = new()
    {
        Started = Noon.AddHours(-3),
        Written = Noon.AddSeconds(-4),
        Source = "unix:///var/run/docker.sock",
        Engine = "20.10.24, API 1.41",
        LastCompleteSnapshot = Noon.AddSeconds(-4),
        Containers = 12,
        Outputs = [new OutputStatus("nginx", "/config/nginx.conf", "aaaa000000000017", 17, "live", true, false, null, false, 3) { LeftOut = [], OldWorkers = 2 }],
        Findings = [],
    };

    private const string Failure = "letsencrypt: 404\u001b[31m from http://d.example.com/";

    /// <summary>One that rests, one that is being ordered, one that waits for its proxy, and one that failed, in hostile words.</summary>
    public static readonly CertificateState[] Certificates =
    [
        new("a.example.com", ["a.example.com", "www.example.com"], "resting") { Authority = "letsencrypt", Id = "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE", NotAfter = Noon.AddDays(61), RenewAt = Noon.AddDays(31), IsSuggested = true },
        new("b.example.com", ["b.example.com"], "ordering") { Authority = "zerossl", NotAfter = Noon.AddDays(20), RenewAt = Noon.AddHours(-1) },
        new("c.example.com", ["c.example.com"], "waiting") { WaitsFor = "its proxy is not proven to answer challenges" },
        new("d.example.com", ["d.example.com"], "waiting") { WaitsFor = Failure, NextAt = Noon.AddMinutes(10), Failed = 2, LastError = Failure },
    ];

    /// <summary>An account that gets another key, one that has it, and one that keeps its own, in hostile words.</summary>
    public static readonly KeyChange[] KeyChanges =
    [
        new("a") { WaitsFor = "1 order of the present key is under way" },
        new("b") { EndedAt = Noon.AddMinutes(-3) },
        new("c") { EndedAt = Noon.AddDays(-1), Refusal = Failure },
    ];

    public static readonly JournalEntry Live = new()
    {
        Generation = "aaaa000000000017",
        Number = 17,
        Content = "c17",
        Phase = DeliveryPhase.Proven,
        Cause = "web-1 started, web-2 started",
        Desired = Noon.AddMinutes(-2),
        Checked = Noon.AddMinutes(-2).AddMilliseconds(31),
        Swapped = Noon.AddMinutes(-2).AddMilliseconds(40),
        Delivered = Noon.AddMinutes(-2).AddMilliseconds(52),
        Settled = Noon.AddMinutes(-2).AddMilliseconds(212),
        Targets = ["edge-nginx-1"],
        HasProof = true,
        Result = "the workers of \"edge-nginx-1\" changed",
    };

    public static readonly JournalEntry Refused = Live with
    {
        Generation = "bbbb000000000018",
        Number = 18,
        Phase = DeliveryPhase.Refused,
        Cause = "mail started",
        Desired = Noon.AddMinutes(-1),
        Checked = Noon.AddMinutes(-1).AddMilliseconds(25),
        Swapped = null,
        Delivered = null,
        Settled = Noon.AddMinutes(-1).AddMilliseconds(25),
        Targets = [],
        HasProof = false,
        Result = "nginx: [emerg] unknown directive \"lisen\" in nginx.conf:88",
    };

    public static readonly JournalEntry Before = Live with
    {
        Generation = "9999000000000016",
        Number = 16,
        Cause = "start",
        Desired = Noon.AddDays(-1),
        Checked = null,
        Swapped = Noon.AddDays(-1).AddMilliseconds(3),
        Delivered = Noon.AddDays(-1).AddMilliseconds(9),
        Settled = Noon.AddDays(-1).AddSeconds(2),
    };

    public static readonly JournalState Journal = new()
    {
        Current = Live,
        LastGood = new GoodGeneration(Live.Generation, Live.Content, true, Live.Settled!.Value) { Number = 17 },
        History = [Before],
        LastNumber = 17,
    };

    /// <summary>Each situation with its name.</summary>
    public static ImmutableArray<(string Name, WatcherStatus? Told, JournalState? Journal)> All =>
    [
        ("live", Running, Journal),
        ("certificates", Running with { Certificates = Certificates, KeyChanges = KeyChanges }, Journal),
        ("certificates-unknown", Running with { AwaitsCertificates = true, Findings = [new("error", "listen-failed", "no certificates are obtained: cannot listen on 127.0.0.1:8402", null), new("error", "config-refused", "of a container", "shop")] }, Journal),
        ("refused", Running with
        {
            Outputs = [Running.Outputs[0] with
            {
                Generation = "bbbb000000000018", Number = 18, Step = "rejected",
                LeftOut = [new LeftOutContainer("0123456789ab", "line 88 of /config/nginx.conf, which comes from it, was refused") { Name = "mail" }],
            }],
            Findings = [new FindingStatus("error", "config-refused", "nginx refused generation 18.", "mail")],
        }, Journal with { History = [Before, Refused], LastNumber = 18 }),
        ("owed", Running with
        {
            Outputs = [Running.Outputs[0] with { Step = "written", OwedSince = Noon.AddMinutes(-10), WaitsForProxy = true }],
        }, Journal with
        {
            Current = Live with { Phase = DeliveryPhase.Swapped, Swapped = Noon.AddMinutes(-10), Desired = Noon.AddMinutes(-10), Checked = null, Delivered = null, Settled = null, Result = "" },
            LastGood = new GoodGeneration(Before.Generation, Before.Content, true, Before.Settled!.Value) { Number = 16 },
        }),
        ("put-back", Running, Journal with
        {
            Current = Before with { Cause = "put back: generation 18 was not taken", Desired = Noon.AddMinutes(-1), Swapped = Noon.AddMinutes(-1), Delivered = null, Settled = Noon.AddMinutes(-1), Result = "" },
            History = [Before, Refused with { Phase = DeliveryPhase.RolledBack, Swapped = Noon.AddMinutes(-1) }],
        }),
        ("stale", Running with { LastCompleteSnapshot = null, Outputs = [], Containers = 0, Engine = null }, Journal),
        ("ended", Running with { Ended = Noon.AddMinutes(-30), Written = Noon.AddMinutes(-30) }, Journal),
        ("silent", Running with { Written = Noon.AddHours(-1) }, Journal),
        ("nothing-told", null, Journal),
        ("hostile", Running with
        {
            Outputs = [Running.Outputs[0] with { LeftOut = [new LeftOutContainer("0123456789ab", "why\u001b[31m\nnot") { Name = "x\r\ny" }] }],
        }, Journal with { Current = Live with { Cause = "evil\n  proven      now started", Result = "\u001b]0;x\u0007" } }),
        ("before-anything", Running with { Outputs = [] }, null),
    ];
}
