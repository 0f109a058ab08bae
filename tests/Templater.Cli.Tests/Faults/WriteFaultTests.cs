using System.Text.Json.Nodes;

namespace Templater.Cli.Tests.Faults;

/// <summary>Every write of the configuration fails in every way, for as long as strace holds it.</summary>
[CancelAfter(900_000)]
[Platform("Linux")]
public sealed class WriteFaultTests
{
    // Each of them takes some seconds.
    private const int ShortParts = 2;

    private static readonly string[] Words = ["one", "two"];
    private static readonly string[] Errors = ["ENOSPC", "EROFS"];
    private static readonly string[] Writes = ["openat", "write", "pwrite64", "ftruncate", "fsync", "rename", "renameat", "mkdir", "symlink"];

    /// <summary>The fault lasts until it is told of, and somewhat longer.</summary>
    [TestCase("nginx")]
    [TestCase("haproxy")]
    public async Task AWriteThatFailsFromNowOnIsToldOfAndMadeUpFor(string kind)
    {
        await using var site = await OpenAsync(kind);
        // Those of the configuration itself: without them nothing new can be served.
        var folder = Path.GetDirectoryName(site.Config)!;
        var (first, second, every) = await WritesAsync(site);
        var writes = every.Where(call => call.Name is "openat" or "fsync" && call.Path != folder && call.Path!.StartsWith(folder, StringComparison.Ordinal)).DistinctBy(static call => (call.Name, call.Path)).ToList();
        (TracedCall Call, string Error)[] all = [.. Errors.SelectMany(error => writes.Select(call => (call, error)))];
        var turn = 0;
        foreach (var (call, error) in Rotation.Of(all, ShortParts))
        {
            var what = $"{error} from now on at {call}";
            var trace = Path.Combine(site.Root, "trace");
            var before = await site.Proxy.AskAsync();
            var word = Words[turn];
            var here = turn == 1 ? call : call with { Path = call.Path!.Replace(second, first, StringComparison.Ordinal) };
            turn = 1 - turn;
            var told = "";
            await using (await FaultProgram.AttachAsync(site.Program!.Pid, [.. Trace(here, trace, $"error={error}:when={call.Ordinal}+")]))
            {
                await site.TellAsync(word);
                await site.UntilAsync($"{what} is told", async () => (told = Told(await site.StatusAsync())).Length > 0);
                Assert.That(IsInjected(trace), $"{what}: {told}");
                Assert.That(told, Does.Contain(error == "ENOSPC" ? "output-failed" : "output-denied"), what);
                await site.IsWholeAsync(what, before!);
                Assert.That(site.Program.HasExited, Is.False, $"{what}\n{site.Program.Log}");
            }

            await site.LiveAsync(word);
            await EndsWellAsync(site, what, word);
            TestContext.Out.WriteLine($"{kind} | lasting | {what} | {told}");
        }
    }

    private static async Task<FaultSite> OpenAsync(string kind)
    {
        FaultProgram.RequireStrace();
        var site = new FaultSite(kind, "reload_interval: 0s", "resync: 1s");
        await site.OpenAsync(Words[0]);
        // What is archived is archived once: the writes are those of generations that were live before.
        foreach (var word in (string[])[Words[1], Words[0]])
        {
            await site.TellAsync(word);
            await site.LiveAsync(word);
        }

        return site;
    }

    // The status is written whenever there is something to tell, and cannot tell of its own file.
    private static async Task<(string First, string Second, List<TracedCall> Writes)> WritesAsync(FaultSite site)
    {
        var first = await site.GenerationAsync();
        var steps = await site.StepsAsync(Words[1]);
        var writes = steps.Where(static step => step.Path is not null && Writes.Contains(step.Name) && !step.Path.Contains("status.json", StringComparison.Ordinal)).ToList();
        Assert.That(writes, Has.Count.GreaterThan(8), string.Join('\n', steps));
        return (first, await site.GenerationAsync(), writes);
    }

    // The programs that it starts are not meant: a checker writes nothing, and tells of what it cannot read itself.
    private static string[] Trace(TracedCall call, string trace, string fault) =>
        ["-b", "execve", "-P", call.Path!, "-o", trace, "-e", "trace=" + call.Name, "-e", $"inject={call.Name}:{fault}"];

    private static bool IsInjected(string trace) => File.ReadAllText(trace).Contains("(INJECTED)", StringComparison.Ordinal);

    private static async Task EndsWellAsync(FaultSite site, string what, string word)
    {
        await site.IsWholeAsync(what, word);
        await site.UntilAsync($"{what} is no more", async () => Told(await site.StatusAsync()).Length == 0);
        var folder = Path.GetDirectoryName(site.Config)!;
        Assert.That(Directory.EnumerateFiles(folder), Is.EqualTo(new[] { site.Config }), $"{what}: what lies beside the file");
    }

    private static string Told(JsonNode? status) => string.Join("; ", status?["findings"]!.AsArray().Where(static finding => (string?)finding!["severity"] != "info")
        .Select(static finding => $"{finding!["reason"]}: {finding["message"]}") ?? []);
}
