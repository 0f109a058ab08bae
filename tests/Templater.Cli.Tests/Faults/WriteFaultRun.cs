using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Templater.Cli.Tests.Faults;

/// <summary>Deployments of one running program, in each of which a write fails.</summary>
internal sealed partial class WriteFaultRun : IAsyncDisposable
{
    /// <summary>The configuration is one file.</summary>
    public const string OneFile = "file";

    /// <summary>The configuration has a further file, which changes together with it.</summary>
    public const string Group = "group";

    /// <summary>nginx alone: a password file lies beside the configuration, another one for each word.</summary>
    public const string Sides = "sides";

    private const string SideMark = ".auth-";

    private const string LoginLine =
        "{{ for host in virtual_hosts }}{{ for route in host.routes }}{{ if route.auth }}location /part { auth_basic on; auth_basic_user_file {{ route.auth.file | nginx.string }}; }{{ end }}{{ end }}{{ end }}";

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private static readonly EnumerationOptions Everywhere = new() { RecurseSubdirectories = true, AttributesToSkip = 0 };

    private readonly FaultSite _site;
    private readonly string _form;
    private readonly string _trace;
    private readonly string[] _generations = new string[Words.Count];
    private readonly string[] _sides = new string[Words.Count];
    private readonly int[] _numbers = new int[Words.Count];

    // The word of the last deployment, by its place.
    private int _target = 1;

    /// <param name="kind">One of those of <see cref="FaultProxy"/>.</param>
    /// <param name="form"><see cref="OneFile"/>, <see cref="Group"/> or <see cref="Sides"/>.</param>
    public WriteFaultRun(string kind, string form)
    {
        _site = new FaultSite(kind, "reload_interval: 0s", "resync: 1s") { Labels = form == Sides ? Login : static _ => "" };
        (_form, _trace) = (form, Path.Combine(_site.Root, "trace"));
        if (form != OneFile)
            _site.UseTemplate(_site.Proxy.Template(form == Group ? FurtherLine(kind) : LoginLine));
    }

    /// <summary>What is served in turn: three, so that of a group each turn writes one set and removes another.</summary>
    public static IReadOnlyList<string> Words { get; } = ["one", "two", "three"];

    /// <summary>How many faults there were.</summary>
    public int Count { get; private set; }

    /// <summary>Those whose call did not come.</summary>
    public List<string> Missed { get; } = [];

    /// <summary>What came of one that should not.</summary>
    public List<string> Wrong { get; } = [];

    /// <summary>A line of a table for each one that was met.</summary>
    public List<string> Met { get; } = [];

    /// <summary>What a status tells that is amiss.</summary>
    public static string Told(JsonNode? status) => string.Join("; ", status?["findings"]!.AsArray().Where(static finding => (string?)finding!["severity"] != "info")
        .Select(static finding => $"{finding!["reason"]}: {finding["message"]}") ?? []);

    /// <summary>Whether strace made a call fail.</summary>
    /// <param name="trace">What it writes.</param>
    public static bool IsInjected(string trace) => File.ReadAllText(trace).Contains("(INJECTED)", StringComparison.Ordinal);

    /// <summary>One error, with the file and a way out.</summary>
    public static bool IsClear(string told, string path) =>
        told.Contains(path, StringComparison.Ordinal) && WayOut().IsMatch(told) && !told.Contains("; output-", StringComparison.Ordinal);

    /// <summary>Lists the faults of a deployment, and goes through some of them.</summary>
    /// <param name="choose">Chooses them.</param>
    public async Task RunAsync(Func<List<WriteFault>, IEnumerable<WriteFault>> choose)
    {
        await OpenAsync();
        var calls = await CallsAsync();
        var faults = WriteFault.Of(calls, _site, withState: _form == OneFile);
        Assert.That(faults, Has.Count.GreaterThan(50), string.Join('\n', calls));
        foreach (var fault in choose(faults))
        {
            Count++;
            _target = Next(await _site.MakeOrderAsync(Words, _target, IsInOrder));
            var here = fault with { Call = fault.Call with { Path = PathFor(fault.Call.Path!, _target) } };
            await (fault.IsLasting ? LastsAsync(here, Words[_target]) : PassesAsync(here, Words[_target]));
            Assert.That(_site.Program!.HasExited, Is.False, $"{here}\n{_site.Program.Log}");
            await EndsWellAsync(here, Words[_target]);
            Met.Add($"{_site.Proxy.Kind} | {_form} | {fault.Place(_site)} | {fault.Call.Name} | {fault.Error} | {(fault.IsLasting ? "lasting" : "single")}");
        }
    }

    /// <summary>Whose share a fault is.</summary>
    public int ShareOf(WriteFault fault) => Shares.Of(fault.Call, _site, _generations, $"{fault.Error} {fault.IsLasting}");

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    private string Folder => Path.GetDirectoryName(_site.Config)!;

    // A file that the configuration names and that changes together with it.
    private static string FurtherLine(string kind) => kind == "nginx"
        ? "{{ capture part }}location /part { return 200 {{ for host in virtual_hosts }}{{ host.data['word'] | nginx.string }}{{ end }}; }{{ end }}include {{ output_file 'parts/part.conf' part }};"
        : "{{ capture part }}word {{ for host in virtual_hosts }}{{ host.data['word'] | haproxy.string }}{{ end }}\n{{ end }}http-response set-header x-part %[str(word),map({{ output_file 'maps/part.map' part }})]";

    // The hash of a login of its own for each word.
    private static string Login(string word) => $",\"templater.auth.basic\":\"{word}:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\"";

    private static int Next(int word) => (word + 1) % Words.Count;

    private async Task OpenAsync()
    {
        await _site.OpenAsync(Words[0]);
        // From the third on each turn does the same as the one before it.
        for (var turn = 0; turn <= Words.Count; turn++)
        {
            var word = turn % Words.Count;
            if (turn > 0)
            {
                await _site.TellAsync(Words[word]);
                await _site.LiveAsync(Words[word]);
            }

            var current = (await _site.StatusAsync())!["outputs"]![0]!["current"]!;
            _sides[word] = SidesOnDisk().SingleOrDefault(name => _site.OnDisk.Contains(name!, StringComparison.Ordinal)) ?? "";
            (_generations[word], _numbers[word]) = ((string)current["generation"]!, (int)current["number"]!);
        }
    }

    private async Task<IReadOnlyList<TracedCall>> CallsAsync()
    {
        await using (await FaultProgram.AttachAsync(_site.Program!.Pid, "-y", "-o", _trace, "-e", "trace=execve," + TracedCall.Changing))
        {
            Forget();
            await _site.TellAsync(Words[_target]);
            await _site.LiveAsync(Words[_target]);
        }

        return TracedCall.Read(await File.ReadAllLinesAsync(_trace), _site.Root, isWhole: false);
    }

    // Those that hold and those before them, which the next deployment removes.
    private bool IsInOrder(int word)
    {
        var former = Next(Next(word));
        return _form switch
        {
            Group => _site.HasSets(_generations[word], _generations[former]),
            Sides => SidesOnDisk().ToHashSet().SetEquals([_sides[word], _sides[former]]),
            _ => true,
        };
    }

    private string?[] SidesOnDisk() => [.. Directory.GetFiles(Folder, $".*{SideMark}*", Everywhere).Select(Path.GetFileName)];

    // What is archived is archived once, and slots are kept when they change: without these files both are written again.
    private void Forget()
    {
        foreach (var folder in (string[])["archive", "slots"])
            foreach (var file in Directory.EnumerateFiles(Path.Combine(_site.State, folder), "*", SearchOption.AllDirectories))
                File.Delete(file);
    }

    // Files are called by their generation, or by its number.
    private string PathFor(string path, int target)
    {
        string Turned(Func<int, string> name, string text)
        {
            for (var word = 0; word < Words.Count; word++)
                text = text.Replace(name(word), $"\0{word}", StringComparison.Ordinal);
            for (var word = 0; word < Words.Count; word++)
                text = text.Replace($"\0{word}", name((word + target - 1 + Words.Count) % Words.Count), StringComparison.Ordinal);
            return text;
        }

        return path.Contains("/archive/", StringComparison.Ordinal) ? Turned(word => $"/{_numbers[word]}.", path)
            : Turned(word => _form == Sides && path.Contains(SideMark, StringComparison.Ordinal) ? _sides[word] : _generations[word], path);
    }

    private async Task LastsAsync(WriteFault fault, string word)
    {
        var before = (await _site.Proxy.AskAsync())!;
        var logged = _site.Program!.Log.Length;
        var told = "";
        await using (await FaultProgram.AttachAsync(_site.Program.Pid, fault.Trace(_trace)))
        {
            Forget();
            await _site.TellAsync(word);
            var isTold = await WithinAsync(async () =>
            {
                told = fault.IsOfStatus ? _site.Program.Log[logged..] : Told(await _site.StatusAsync());
                return IsInjected(_trace) ? fault.IsHarmless || told.Contains("cannot ", StringComparison.Ordinal) : await IsLiveAsync(word);
            });
            if (!IsInjected(_trace))
                Missed.Add(fault.ToString());
            else if (!isTold)
                Wrong.Add($"{fault}: nothing is told, but: {told}\n{_site.Program.Log[logged..]}");
            else if (!fault.IsHarmless && !IsClear(told, fault.Call.Path!.StartsWith(_site.State, StringComparison.Ordinal) ? _site.State : Folder))
                Wrong.Add($"{fault}: not one clear error: {told}");
            // Without the state directory everything goes on.
            if (fault.IsHarmless || fault.Call.Path!.StartsWith(_site.State, StringComparison.Ordinal))
            {
                if (!await WithinAsync(async () => await _site.Proxy.AskAsync() == word && _site.IsWhole))
                    Wrong.Add($"{fault}: {word} is not served while it lasts\n{_site.Program.Log[logged..]}");
            }
            else
            {
                await _site.IsWholeAsync(fault.ToString(), before, word);
            }

            if (_site.Program.HasExited)
                return;
        }

        await _site.LiveAsync(word);
    }

    private async Task PassesAsync(WriteFault fault, string word)
    {
        await using (await FaultProgram.AttachAsync(_site.Program!.Pid, fault.Trace(_trace)))
        {
            Forget();
            await _site.TellAsync(word);
            await _site.LiveAsync(word);
            if (!IsInjected(_trace))
                Missed.Add(fault.ToString());
        }
    }

    private async Task EndsWellAsync(WriteFault fault, string word)
    {
        await _site.IsWholeAsync(fault.ToString(), word);
        await _site.UntilAsync($"{fault} is no more", async () => Told(await _site.StatusAsync()).Length == 0);
        // What could not be removed stays until the next turn.
        if (fault.IsHarmless)
            return;
        Assert.That(Directory.EnumerateFiles(Folder).Where(static path => !SideName().IsMatch(path)), Is.EqualTo(new[] { _site.Config }), $"{fault}: what lies beside the file");
        Assert.That(Directory.EnumerateFileSystemEntries(Folder, ".*-*", Everywhere).Where(static path => !SideName().IsMatch(path)), Is.Empty, $"{fault}: what is left of the group");
    }

    private async Task<bool> IsLiveAsync(string word) => await _site.StatusAsync() is { } status && _site.IsLive(status, word);

    private static async Task<bool> WithinAsync(Func<Task<bool>> holds)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Patience; await Task.Delay(Poll))
            if (await holds())
                return true;
        return false;
    }

    [GeneratedRegex(@"\.auth-[0-9a-f]{16}$")]
    private static partial Regex SideName();

    [GeneratedRegex("Free some|Mount it|Mount a volume|Mount the certificates directory|chown it|Make the state directory writable|Look after its disk|The write is tried again")]
    private static partial Regex WayOut();
}
