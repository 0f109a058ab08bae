using Templater.Testing;

namespace Templater.Cli.Tests.Faults;

/// <summary>
/// Every write of a deployment fails in every way, once and for as long as strace holds it: what was proven is served, one clear error is
/// told, and what is wanted goes live when the fault is gone, without anything else that happens.
/// </summary>
[CancelAfter(900_000)]
[Platform("Linux")]
public sealed class WriteFaultTests
{
    // Each of them takes a second or two. Odd, as only every other turn comes to the same site.
    private const int ShortParts = 59;

    private static readonly string[] InTheFullTier = Rotation.IsFullTier ? ["nginx", "haproxy"] : [];

    // One of each half is a file and one a group.
    public static IEnumerable<TestCaseData> Sites => Rotation.Of<TestCaseData>([
        new("nginx", WriteFaultRun.OneFile), new("haproxy", WriteFaultRun.OneFile), new("haproxy", WriteFaultRun.Group), new("nginx", WriteFaultRun.Group),
    ], parts: 2).Concat(Rotation.IsFullTier ? [new("nginx", WriteFaultRun.Sides)] : []);

    [TestCaseSource(nameof(Sites))]
    public async Task AWriteThatFailsIsToldOfAndMadeUpFor(string kind, string form)
    {
        FaultProgram.RequireStrace();
        var runs = await Shares.RunAsync(async share =>
        {
            await using var run = new WriteFaultRun(kind, form);
            await run.RunAsync(faults => Rotation.IsFullTier ? faults.Where(fault => run.ShareOf(fault) == share) : Rotation.Of(faults, ShortParts));
            return run;
        });
        var (count, missed) = (runs.Sum(static run => run.Count), runs.SelectMany(static run => run.Missed).ToArray());
        foreach (var row in runs.SelectMany(static run => run.Met).GroupBy(static row => row, StringComparer.Ordinal).OrderBy(static row => row.Key, StringComparer.Ordinal))
            TestContext.Out.WriteLine($"{row.Key} | {row.Count()}");
        TestContext.Out.WriteLine($"{count} faults; not met: {string.Join(", ", missed)}");
        Assert.That(runs.SelectMany(static run => run.Wrong), Is.Empty);
        // strace counts by thread, and threads take turns as they like: hardly ever another one makes the call.
        Assert.That(missed, Has.Length.LessThanOrEqualTo(2 + (count / 10)), string.Join('\n', missed));
    }

    /// <summary>What is refused is kept under <c>failed/</c> for a person to look at, and its candidate is removed: neither is missed.</summary>
    [TestCaseSource(nameof(InTheFullTier))]
    public async Task ARefusedConfigurationThatCannotBeKeptIsToldOfAllTheSame(string kind)
    {
        FaultProgram.RequireStrace();
        await using var site = new FaultSite(kind, "reload_interval: 0s", "resync: 1s");
        await site.OpenAsync(WriteFaultRun.Words[0]);
        var trace = Path.Combine(site.Root, "trace");
        await using (await FaultProgram.AttachAsync(site.Program!.Pid, "-y", "-o", trace, "-e", "trace=execve," + TracedCall.Changing))
        {
            await RefuseAsync(site, static () => true);
            await TakeBackAsync(site);
        }

        var calls = TracedCall.Read(await File.ReadAllLinesAsync(trace), site.Root, isWhole: false);
        var faults = WriteFault.Of(calls.Where(static call => call.Path is not null && (call.Path.Contains("/failed/", StringComparison.Ordinal) || call.Name == "unlink")), site, withState: true);
        Assert.That(faults, Has.Count.GreaterThan(8), string.Join('\n', calls));
        foreach (var fault in faults)
        {
            foreach (var folder in Directory.EnumerateDirectories(Path.Combine(site.State, "failed")))
                Directory.Delete(folder, recursive: true);
            await using (await FaultProgram.AttachAsync(site.Program!.Pid, fault.Trace(trace)))
                await RefuseAsync(site, () => WriteFaultRun.IsInjected(trace));
            Assert.That(site.Program.HasExited, Is.False, $"{fault}\n{site.Program.Log}");
            await site.IsWholeAsync(fault.ToString(), WriteFaultRun.Words[0]);
            await TakeBackAsync(site);
        }

        TestContext.Out.WriteLine($"{kind}, failed: {faults.Count} faults");
    }

    private static async Task RefuseAsync(FaultSite site, Func<bool> isMet)
    {
        site.UseTemplate(site.Proxy.Template("no_such_directive on;"));
        await site.Program!.SignalAsync("HUP");
        // A candidate that cannot be removed is in the way of the next one, which is told instead.
        await site.UntilAsync("refused", async () => isMet() && WriteFaultRun.Told(await site.StatusAsync()) is var told && (told.Contains("config-refused", StringComparison.Ordinal) || told.Contains("File exists", StringComparison.Ordinal)));
    }

    private static async Task TakeBackAsync(FaultSite site)
    {
        site.UseTemplate(site.Proxy.Template());
        await site.Program!.SignalAsync("HUP");
        await site.UntilAsync("taken back", async () => WriteFaultRun.Told(await site.StatusAsync()).Length == 0);
    }
}
