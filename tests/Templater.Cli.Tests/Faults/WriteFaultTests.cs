using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Templater.Cli.Tests.Faults;

/// <summary>
/// Every write of a deployment fails in every way, once and for as long as strace holds it: what was proven is served, one clear error is
/// told, and what is wanted goes live when the fault is gone, without anything else that happens.
/// </summary>
[CancelAfter(900_000)]
[Platform("Linux")]
public sealed partial class WriteFaultTests
{
    // Each of them takes a second or two. Odd, as only every other turn comes to the same site.
    private const int ShortParts = 59;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    // Three, so that of a group each turn writes one set and removes another.
    private static readonly string[] Words = ["one", "two", "three"];

    private static readonly string[] InTheFullTier = Rotation.IsFullTier ? ["nginx", "haproxy"] : [];

    private readonly List<string> _missed = [];
    private readonly List<string> _wrong = [];
    private readonly SortedDictionary<string, int> _table = new(StringComparer.Ordinal);
    private readonly string[] _generations = new string[Words.Length];
    private readonly int[] _numbers = new int[Words.Length];

    // One of each half is a file and one a group.
    public static IEnumerable<TestCaseData> Sites => Rotation.Of<TestCaseData>([new("nginx", false), new("haproxy", false), new("haproxy", true), new("nginx", true)], parts: 2);

    [TestCaseSource(nameof(Sites))]
    public async Task AWriteThatFailsIsToldOfAndMadeUpFor(string kind, bool isGroup)
    {
        FaultProgram.RequireStrace();
        await using var site = new FaultSite(kind, "reload_interval: 0s", "resync: 1s");
        if (isGroup)
            site.UseTemplate(site.Proxy.Template(FurtherLine(kind)));
        await OpenAsync(site);
        var calls = await CallsAsync(site);
        var faults = WriteFault.Of(calls, site, withState: !isGroup);
        Assert.That(faults, Has.Count.GreaterThan(50), string.Join('\n', calls));
        faults = [.. Rotation.Of(faults, ShortParts)];

        try
        {
            await AllAsync(site, faults, $"{kind} | {(isGroup ? "group" : "file")}");
        }
        finally
        {
            foreach (var (row, count) in _table)
                TestContext.Out.WriteLine($"{row} | {count}");
            TestContext.Out.WriteLine($"{_table.Values.Sum()} of {faults.Count} faults; not met: {string.Join(", ", _missed)}");
        }

        Assert.That(_wrong, Is.Empty, string.Join('\n', _wrong));
        // strace counts by thread, and threads take turns as they like: hardly ever another one makes the call.
        Assert.That(_missed, Has.Count.LessThanOrEqualTo(2 + (faults.Count / 10)), string.Join('\n', _missed));
    }

    /// <summary>What is refused is kept under <c>failed/</c> for a person to look at, and its candidate is removed: neither is missed.</summary>
    [TestCaseSource(nameof(InTheFullTier))]
    public async Task ARefusedConfigurationThatCannotBeKeptIsToldOfAllTheSame(string kind)
    {
        FaultProgram.RequireStrace();
        await using var site = new FaultSite(kind, "reload_interval: 0s", "resync: 1s");
        await site.OpenAsync(Words[0]);
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
                await RefuseAsync(site, () => IsInjected(trace));
            Assert.That(site.Program.HasExited, Is.False, $"{fault}\n{site.Program.Log}");
            await site.IsWholeAsync(fault.ToString(), Words[0]);
            await TakeBackAsync(site);
        }

        TestContext.Out.WriteLine($"{kind}, failed: {faults.Count} faults");
    }

    private async Task AllAsync(FaultSite site, List<WriteFault> faults, string title)
    {
        var target = 1;
        foreach (var fault in faults)
        {
            target = (target + 1) % Words.Length;
            var here = fault with { Call = fault.Call with { Path = PathFor(fault.Call.Path!, target) } };
            await (fault.IsLasting ? LastsAsync(site, here, Words[target]) : PassesAsync(site, here, Words[target]));
            Assert.That(site.Program!.HasExited, Is.False, $"{here}\n{site.Program.Log}");
            await EndsWellAsync(site, here, Words[target]);
            var row = $"{title} | {fault.Place(site)} | {fault.Call.Name} | {fault.Error} | {(fault.IsLasting ? "lasting" : "single")}";
            _table[row] = _table.GetValueOrDefault(row) + 1;
        }
    }

    private void Wrong(string what)
    {
        TestContext.Progress.WriteLine(what);
        _wrong.Add(what);
    }

    private static async Task RefuseAsync(FaultSite site, Func<bool> isMet)
    {
        site.UseTemplate(site.Proxy.Template("no_such_directive on;"));
        await site.Program!.SignalAsync("HUP");
        // A candidate that cannot be removed is in the way of the next one, which is told instead.
        await site.UntilAsync("refused", async () => isMet() && Told(await site.StatusAsync()) is var told && (told.Contains("config-refused", StringComparison.Ordinal) || told.Contains("File exists", StringComparison.Ordinal)));
    }

    private static async Task TakeBackAsync(FaultSite site)
    {
        site.UseTemplate(site.Proxy.Template());
        await site.Program!.SignalAsync("HUP");
        await site.UntilAsync("taken back", async () => Told(await site.StatusAsync()).Length == 0);
    }

    // A file that the configuration names and that changes together with it.
    private static string FurtherLine(string kind) => kind == "nginx"
        ? "{{ capture part }}location /part { return 200 {{ for host in virtual_hosts }}{{ host.data['word'] | nginx.string }}{{ end }}; }{{ end }}include {{ output_file 'parts/part.conf' part }};"
        : "{{ capture part }}word {{ for host in virtual_hosts }}{{ host.data['word'] | haproxy.string }}{{ end }}\n{{ end }}http-response set-header x-part %[str(word),map({{ output_file 'maps/part.map' part }})]";

    private async Task OpenAsync(FaultSite site)
    {
        await site.OpenAsync(Words[0]);
        // From the third on each turn does the same as the one before it.
        for (var turn = 0; turn <= Words.Length; turn++)
        {
            var word = turn % Words.Length;
            if (turn > 0)
            {
                await site.TellAsync(Words[word]);
                await site.LiveAsync(Words[word]);
            }

            var current = (await site.StatusAsync())!["outputs"]![0]!["current"]!;
            (_generations[word], _numbers[word]) = ((string)current["generation"]!, (int)current["number"]!);
        }
    }

    private static async Task<IReadOnlyList<TracedCall>> CallsAsync(FaultSite site)
    {
        var trace = Path.Combine(site.Root, "trace");
        await using (await FaultProgram.AttachAsync(site.Program!.Pid, "-y", "-o", trace, "-e", "trace=execve," + TracedCall.Changing))
        {
            Forget(site);
            await site.TellAsync(Words[1]);
            await site.LiveAsync(Words[1]);
        }

        return TracedCall.Read(await File.ReadAllLinesAsync(trace), site.Root, isWhole: false);
    }

    // What is archived is archived once, and slots are kept when they change: without these files both are written again.
    private static void Forget(FaultSite site)
    {
        foreach (var folder in (string[])["archive", "slots"])
            foreach (var file in Directory.EnumerateFiles(Path.Combine(site.State, folder), "*", SearchOption.AllDirectories))
                File.Delete(file);
    }

    // Files are called by their generation, or by its number.
    private string PathFor(string path, int target)
    {
        string Turned(Func<int, string> name, string text)
        {
            for (var word = 0; word < Words.Length; word++)
                text = text.Replace(name(word), $"\0{word}", StringComparison.Ordinal);
            for (var word = 0; word < Words.Length; word++)
                text = text.Replace($"\0{word}", name((word + target - 1 + Words.Length) % Words.Length), StringComparison.Ordinal);
            return text;
        }

        return path.Contains("/archive/", StringComparison.Ordinal) ? Turned(word => $"/{_numbers[word]}.", path) : Turned(word => _generations[word], path);
    }

    private async Task LastsAsync(FaultSite site, WriteFault fault, string word)
    {
        var trace = Path.Combine(site.Root, "trace");
        var before = (await site.Proxy.AskAsync())!;
        var logged = site.Program!.Log.Length;
        var told = "";
        await using (await FaultProgram.AttachAsync(site.Program.Pid, fault.Trace(trace)))
        {
            Forget(site);
            await site.TellAsync(word);
            var isTold = await WithinAsync(async () =>
            {
                told = fault.IsOfStatus ? site.Program.Log[logged..] : Told(await site.StatusAsync());
                return IsInjected(trace) ? fault.IsHarmless || told.Contains("cannot ", StringComparison.Ordinal) : await IsLiveAsync(site, word);
            });
            if (!IsInjected(trace))
                _missed.Add(fault.ToString());
            else if (!isTold)
                Wrong($"{fault}: nothing is told, but: {told}\n{site.Program.Log[logged..]}");
            else if (!fault.IsHarmless && !IsClear(told, fault.Call.Path!.StartsWith(site.State, StringComparison.Ordinal) ? site.State : site.Config))
                Wrong($"{fault}: not one clear error: {told}");
            // Without the state directory everything goes on.
            if (fault.IsHarmless || fault.Call.Path!.StartsWith(site.State, StringComparison.Ordinal))
            {
                if (!await WithinAsync(async () => await site.Proxy.AskAsync() == word && site.IsWhole))
                    Wrong($"{fault}: {word} is not served while it lasts\n{site.Program.Log[logged..]}");
            }
            else
            {
                await site.IsWholeAsync(fault.ToString(), before, word);
            }

            if (site.Program.HasExited)
                return;
        }

        await site.LiveAsync(word);
    }

    private async Task PassesAsync(FaultSite site, WriteFault fault, string word)
    {
        var trace = Path.Combine(site.Root, "trace");
        await using (await FaultProgram.AttachAsync(site.Program!.Pid, fault.Trace(trace)))
        {
            Forget(site);
            await site.TellAsync(word);
            await site.LiveAsync(word);
            if (!IsInjected(trace))
                _missed.Add(fault.ToString());
        }
    }

    private static async Task EndsWellAsync(FaultSite site, WriteFault fault, string word)
    {
        await site.IsWholeAsync(fault.ToString(), word);
        await site.UntilAsync($"{fault} is no more", async () => Told(await site.StatusAsync()).Length == 0);
        // What could not be removed stays until the next turn.
        if (fault.IsHarmless)
            return;
        var folder = Path.GetDirectoryName(site.Config)!;
        Assert.That(Directory.EnumerateFiles(folder), Is.EqualTo(new[] { site.Config }), $"{fault}: what lies beside the file");
        Assert.That(Directory.EnumerateFileSystemEntries(folder, ".*-*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }), Is.Empty, $"{fault}: what is left of the group");
    }

    private static async Task<bool> IsLiveAsync(FaultSite site, string word) => await site.StatusAsync() is { } status && site.IsLive(status, word);

    private static async Task<bool> WithinAsync(Func<Task<bool>> holds)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Patience; await Task.Delay(Poll))
            if (await holds())
                return true;
        return false;
    }

    private static bool IsInjected(string trace) => File.ReadAllText(trace).Contains("(INJECTED)", StringComparison.Ordinal);

    // One, with the file and a way out.
    private static bool IsClear(string told, string path) =>
        told.Contains(path, StringComparison.Ordinal) && WayOut().IsMatch(told) && !told.Contains("; output-", StringComparison.Ordinal);

    [GeneratedRegex("Free some|Mount it|chown it|Make the state directory writable|Look after its disk|The write is tried again")]
    private static partial Regex WayOut();

    private static string Told(JsonNode? status) => string.Join("; ", status?["findings"]!.AsArray().Where(static finding => (string?)finding!["severity"] != "info")
        .Select(static finding => $"{finding!["reason"]}: {finding["message"]}") ?? []);
}
