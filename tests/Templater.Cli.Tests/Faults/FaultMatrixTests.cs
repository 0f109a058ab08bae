using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Templater.Testing;

namespace Templater.Cli.Tests.Faults;

/// <summary>
/// One fault after another beside each proxy. While it lasts one complete generation is on disk, what was proven is served where
/// anything can be, and the status tells of it; when it is gone the wanted generation goes live, without anything else that happens.
/// </summary>
[CancelAfter(400_000)]
[Platform("Linux")]
public sealed partial class FaultMatrixTests
{
    private const string Old = "one";
    private const string New = "two";
    private const string Newest = "three";

    private static readonly FaultReport Report = new();
    private static readonly CancellationTokenSource End = new();
    private static readonly Lock Starting = new();

    // More programs that start at a time would only be late for each other.
    private static readonly SemaphoreSlim Opening = new(4);
    private static Dictionary<(string Kind, string Name), Task<Result>>? _longRuns;

    public static IEnumerable<TestCaseData> Cases => Rotation.Of([.. Of(isLong: false).Select(Case)]).Concat(Rotation.IsFullTier ? Of(isLong: true).Select(Case) : []);

    [OneTimeTearDown]
    public static async Task WriteReportAsync()
    {
        await End.CancelAsync();
        if (_longRuns is not null)
            await Task.WhenAll(_longRuns.Values.Select(static run => run.ContinueWith(static _ => { }, TaskScheduler.Default)));
        End.Dispose();
        if (Rotation.IsFullTier)
            await TestContext.Progress.WriteLineAsync(Report.Write());
    }

    [TestCaseSource(nameof(Cases))]
    public async Task GoesLiveWhenTheFaultIsGone(string kind, string name)
    {
        var fault = FaultTable.All.Single(each => each.Name == name);
        if (Rotation.IsFullTier)
            LongRuns();
        var (told, toLive) = await (fault.IsLong ? LongRuns()[(kind, name)] : RunAsync(kind, fault, CancellationToken.None));
        Report.Add(kind, fault, told, toLive);
        await TestContext.Out.WriteLineAsync($"{kind} | {name} | {told} | {toLive.TotalSeconds:0} s");
    }

    [Test]
    public void EveryFaultIsTriedBesideEveryProxyOrCannotBe() => Assert.That(
        FaultTable.All.Where(static fault => FaultTable.Kinds.Any(kind => fault.Told.ContainsKey(kind) == fault.Impossible.ContainsKey(kind))).Select(static fault => fault.Name), Is.Empty);

    private static IEnumerable<(string Kind, Fault Fault)> Of(bool isLong) =>
        FaultTable.Kinds.SelectMany(kind => FaultTable.All.Where(fault => fault.IsLong == isLong && fault.Told.ContainsKey(kind)).Select(fault => (kind, fault)));

    private static TestCaseData Case((string Kind, Fault Fault) item) => new TestCaseData(item.Kind, item.Fault.Name).SetArgDisplayNames(item.Kind, item.Fault.Name);

    // They wait nearly all the time, each for a minute and a half or longer: all of them at once, and not one after the other.
    private static Dictionary<(string Kind, string Name), Task<Result>> LongRuns()
    {
        lock (Starting)
        {
            if (_longRuns is not null)
                return _longRuns;
            // What fails in one of them is told by the case that awaits it.
            using (ExecutionContext.SuppressFlow())
                _longRuns = Of(isLong: true).ToDictionary(static item => (item.Kind, item.Fault.Name), static item => Task.Run(() => RunAsync(item.Kind, item.Fault, End.Token)));
            return _longRuns;
        }
    }

    private static async Task<Result> RunAsync(string kind, Fault fault, CancellationToken cancellationToken)
    {
        await using var site = new FaultSite(kind, fault.IsUnprivileged, ["reload_interval: 0s", "resync: 1s", .. fault.Settings]) { Cancellation = cancellationToken };
        await site.MountAsync();
        await site.PrepareCheckAsync();
        await Opening.WaitAsync(cancellationToken);
        try
        {
            await site.OpenAsync(Old);
        }
        finally
        {
            Opening.Release();
        }

        var former = site.OnDisk;

        // One look sees the fault and what is wanted.
        await site.Program!.SignalAsync("STOP");
        await fault.Begin(site);
        if (!fault.IsInTemplate)
            site.Say(New);
        await site.Program.SignalAsync("CONT");
        var told = await ToldAsync(site, fault);
        await ServesAsync(site, fault);
        var during = site.OnDisk;

        await fault.End(site);

        var clock = Stopwatch.StartNew();
        await site.LiveAsync(New);
        var toLive = clock.Elapsed;
        Assert.That(during, Is.AnyOf(former, site.OnDisk), "what lay on disk is no complete generation");
        Assert.That(site.Program.HasExited, Is.False, site.Program.Log);
        await EndsWellAsync(site, fault, told);
        return new Result(told.Replace(site.Root, "", StringComparison.Ordinal), toLive);
    }

    private static async Task<string> ToldAsync(FaultSite site, Fault fault)
    {
        var told = "";
        string[] wanted = [.. fault.Told[site.Proxy.Kind].Select(words => Named(site, words))];
        await site.UntilAsync($"\"{string.Join("\" \"", wanted)}\" is told", async () =>
        {
            told = Told(site, await site.StatusAsync());
            return wanted.All(words => told.Contains(words, StringComparison.Ordinal));
        });
        return told;
    }

    private static async Task ServesAsync(FaultSite site, Fault fault)
    {
        if (fault.Service == FaultService.Former)
            await site.UntilAsync("what was proven is on disk", () => Task.FromResult(site.IsWhole));
        if (fault.Service == FaultService.Wanted)
            await site.LiveAsync(New);
        else if (fault.Service != FaultService.Former)
            Assert.That(site.IsWhole, Is.False, "what is wanted is not on disk");
        // A proxy whose only process is stopped answers when it goes on.
        if (site.Proxy.Kind != FaultProxy.Centauri || fault.Service != FaultService.FormerOfNewFile)
            Assert.That(await site.Proxy.AskAsync(), Is.EqualTo(fault.Service switch { FaultService.Wanted => New, FaultService.Nothing => null, _ => Old }));
    }

    private static async Task EndsWellAsync(FaultSite site, Fault fault, string told)
    {
        if (told.Contains(FaultTable.WasRestored, StringComparison.Ordinal))
            Assert.That((await site.StatusAsync())!["outputs"]![0]!["history"]!.AsArray().Select(static entry => (string?)entry!["phase"]), Does.Contain("rolled-back"));
        await site.SurvivesARestartAsync(fault.Name, New);
        if (fault.IsToldUntilNext)
        {
            site.Say(Newest);
            await site.LiveAsync(Newest);
        }

        await site.UntilAsync("nothing is told any more", async () => await site.StatusAsync() is { } status && Findings(status).Length == 0);
    }

    // What differs from run to run has a name.
    private static string Told(FaultSite site, JsonNode? status)
    {
        if (status is null)
            return "";
        var output = status["outputs"]![0]!;
        var current = output["current"]!;
        string told = string.Join("; ", (IEnumerable<string>)[
            .. Findings(status),
            .. output["owed_since"] is null ? Array.Empty<string>() : [(bool?)output["waits_for_proxy"] is true ? "owed, waits for a proxy" : "owed"],
            .. (int)current["number"]! > 1 && (string?)current["phase"] == "proven" ? [$"proven: {current["result"]}"] : Array.Empty<string>()]);
        return Port().Replace(Process().Replace(told, "process N"), "127.0.0.1:PORT");
    }

    private static string[] Findings(JsonNode status) =>
        [.. status["findings"]!.AsArray().Where(static finding => (string?)finding!["severity"] != "info").Select(static finding => $"{finding!["reason"]}: {finding["message"]}")];

    private static string Named(FaultSite site, string words) => words
        .Replace("{root}", site.Root, StringComparison.Ordinal)
        .Replace("{proxy}", site.Proxy.Program, StringComparison.Ordinal)
        .Replace("FILE", site.Proxy.FileName, StringComparison.Ordinal);

    [GeneratedRegex(@"process \d+")]
    private static partial Regex Process();

    [GeneratedRegex(@"127\.0\.0\.1:\d+")]
    private static partial Regex Port();

    /// <param name="Told">What the status said while the fault lasted.</param>
    /// <param name="ToLive">From its end to the wanted generation proven.</param>
    private sealed record Result(string Told, TimeSpan ToLive);
}
