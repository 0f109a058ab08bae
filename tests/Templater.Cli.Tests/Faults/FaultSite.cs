using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Templater.Testing;

namespace Templater.Cli.Tests.Faults;

/// <summary>
/// One container whose label is a word, the real program that renders it, and a real proxy that serves it: all of one
/// directory, so that it can be put back to where it began.
/// </summary>
internal sealed partial class FaultSite : IAsyncDisposable
{
    /// <summary>Within this time something that was only waited for has to come. Machines that test may be slow.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);

    // The one that holds, the former one, and one that waits for the next swap to go.
    private const int MaxSets = 3;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(40);

    // Two states within one tick of the file system's clock look alike.
    private static readonly TimeSpan StatusAge = TimeSpan.FromMilliseconds(500);

    private readonly TempDirectory _directory = new();
    private readonly HashSet<string> _legal = [];
    private (string Stamp, long Asked, JsonNode? Status)? _status;

    /// <param name="kind">One of those of <see cref="FaultProxy"/>.</param>
    /// <param name="settings">Further settings.</param>
    public FaultSite(string kind, params string[] settings)
        : this(kind, isUnprivileged: false, settings)
    {
    }

    /// <param name="kind">One of those of <see cref="FaultProxy"/>.</param>
    /// <param name="isUnprivileged">The proxy runs as another user than the program.</param>
    /// <param name="settings">Further settings.</param>
    public FaultSite(string kind, bool isUnprivileged, params string[] settings)
    {
        Proxy = FaultProxy.Of(kind, _directory.Path, isUnprivileged);
        if (isUnprivileged)
            OpenToOthers();
        System.IO.Directory.CreateDirectory(_directory["config"]);
        UseTemplate(Proxy.Template());
        _directory.Write("t.yaml", string.Join('\n', (string[])
        [
            $"output: {Config}", $"certs_dir: {_directory["certs"]}", $"state_dir: {State}", $"template: {_directory[TemplateName]}",
            $"reload: {Proxy.Reload}", .. settings.Select(setting => setting.Replace("{0}", _directory.Path, StringComparison.Ordinal).Replace("{proxy}", Proxy.Program, StringComparison.Ordinal).Replace("{check}", Proxy.CheckArguments, StringComparison.Ordinal)), "",
        ]));
    }

    public FaultProxy Proxy { get; }

    public FaultProgram? Program { get; private set; }

    /// <summary>Gives up what is waited for.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>The file that the proxy reads.</summary>
    public string Config => Path.Combine(_directory["config"], Proxy.FileName);

    public string State => _directory["state"];

    public string Root => _directory.Path;

    private string TemplateName => $"site.{Proxy.Format}.scriban";

    /// <summary>Further labels of the container for a word, as JSON that goes on after others.</summary>
    public Func<string, string> Labels { get; init; } = static _ => "";

    /// <summary>The containers are those of an engine that the settings name, and not of a file.</summary>
    public bool HasEngine { get; init; }

    private string[] Arguments => ["run", "--config", _directory["t.yaml"], .. HasEngine ? Array.Empty<string>() : ["--from", _directory["containers.json"]]];

    public void UseTemplate(string template) => Replace(TemplateName, template);

    /// <summary>The container's label is this word from now on.</summary>
    public void Say(string word) => Replace("containers.json", $$"""
        [{"Id":"{{new string('a', 64)}}","Name":"/shop","Created":"2026-01-01T00:00:00Z","State":{"Status":"running","StartedAt":"2026-01-01T00:00:01Z"},
        "Image":"sha256:1","Config":{"Image":"my/shop","Env":[],"Labels":{"templater.host":"a.example.com","templater.data.word":"{{word}}"{{Labels(word)}} },"ExposedPorts":{"8080/tcp":{} } },
        "HostConfig":{"NetworkMode":"front"},"Mounts":[],
        "NetworkSettings":{"Ports":{},"Networks":{"front":{"NetworkID":"{{new string('f', 64)}}","IPAddress":"172.20.0.5"} } } }]
        """);

    public void Start(params string[] trace)
    {
        Program?.Dispose();
        Program = FaultProgram.Start(Arguments, trace);
    }

    /// <summary>Nothing runs, and nothing was ever written.</summary>
    public void Clear()
    {
        Program?.Dispose();
        Program = null;
        Proxy.Kill();
        foreach (var folder in (string[])[State, _directory["config"], _directory["certs"]])
            if (System.IO.Directory.Exists(folder))
                System.IO.Directory.Delete(folder, recursive: true);
        System.IO.Directory.CreateDirectory(_directory["config"]);
    }

    /// <summary>Starts the program for the first time ever, stopped before it does anything.</summary>
    public async Task StartStoppedAsync()
    {
        Program?.Dispose();
        Program = await FaultProgram.StartStoppedAsync(Arguments, () =>
        {
            var hasBegun = System.IO.Directory.Exists(State);
            if (hasBegun)
                System.IO.Directory.Delete(State, recursive: true);
            return hasBegun;
        });
    }

    /// <summary>Starts the proxy when there is a file for it.</summary>
    public void StartProxyWithFile()
    {
        if (!Proxy.Runs && File.Exists(Config))
            Proxy.Start(Config);
    }

    /// <summary>Program and proxy run and serve a word, which is proven; the program goes on.</summary>
    public async Task OpenAsync(string word)
    {
        Say(word);
        Start();
        await UntilAsync("the first file", () => Task.FromResult(File.Exists(Config)));
        Proxy.Start(Config);
        await LiveAsync(word);
    }

    /// <summary>Everything as it is now becomes where <see cref="ResetAsync"/> returns to. Nothing may run but the proxy.</summary>
    public Task KeepAsync() => CopyAsync("config", "state", _directory["base"]);

    /// <summary>Puts files and proxy back to what was kept, whose word this is.</summary>
    public async Task ResetAsync(string word)
    {
        Program?.Dispose();
        Program = null;
        foreach (var name in (string[])["config", "state"])
            System.IO.Directory.Delete(_directory[name], recursive: true);
        await CopyAsync(Path.Combine("base", "config"), Path.Combine("base", "state"), _directory.Path);
        Proxy.Kill();
        Proxy.Start(Config);
        await UntilAsync($"{word} again", async () => await Proxy.AskAsync() == word);
    }

    /// <summary>Notes what is on disk now as a complete generation.</summary>
    public void Learn() => _legal.Add(Whole());

    /// <summary>The file is one of the complete generations.</summary>
    public bool IsWhole => _legal.Contains(Whole());

    /// <summary>What lies there and belongs to no generation, nor to two former ones at most.</summary>
    public IEnumerable<string> Remains()
    {
        var folder = Path.GetDirectoryName(Config)!;
        var group = Groups().SingleOrDefault();
        var sets = group is null ? [] : System.IO.Directory.GetDirectories(Path.Combine(group, "gen"));
        return
        [
            .. System.IO.Directory.EnumerateFiles(folder).Where(path => path != Config),
            .. group is null ? [] : System.IO.Directory.EnumerateFileSystemEntries(group).Where(static path => Path.GetFileName(path) is not ("current" or "gen")),
            .. sets.Where(static path => Path.GetFileName(path).StartsWith('.')),
            .. sets.Skip(MaxSets),
        ];
    }

    /// <summary>Of a group these sets are there and no other, all whole.</summary>
    public bool HasSets(params string[] names)
    {
        var sets = Groups().SelectMany(static group => System.IO.Directory.GetDirectories(Path.Combine(group, "gen"))).ToArray();
        return sets.Select(Path.GetFileName).ToHashSet().SetEquals(names)
            && sets.Select(static set => System.IO.Directory.GetFiles(set, "*", SearchOption.AllDirectories).Length).Distinct().Count() == 1;
    }

    /// <summary>
    /// What was not removed goes with the next deployment, or is in the way of the next one of its name, which then gets another: deployments of
    /// the words in turn, without a fault, until that is over.
    /// </summary>
    /// <param name="words">The words.</param>
    /// <param name="turn">Which of them is live.</param>
    /// <param name="isInOrder">Says whether it is over, given which word is live.</param>
    /// <returns>Which of them is live then.</returns>
    public async Task<int> MakeOrderAsync(IReadOnlyList<string> words, int turn, Func<int, bool> isInOrder)
    {
        for (var turns = 0; !isInOrder(turn); turns++)
        {
            Assert.That(turns, Is.LessThan(2 * words.Count), $"what stays: {string.Join('\n', System.IO.Directory.GetFileSystemEntries(Folder, "*", SearchOption.AllDirectories))}");
            turn = (turn + 1) % words.Count;
            await TellAsync(words[turn]);
            await LiveAsync(words[turn]);
        }

        return turn;
    }

    /// <summary>The file is one of the complete generations, and the proxy serves one of the words.</summary>
    public async Task IsWholeAsync(string step, params string[] words)
    {
        Assert.That(_legal, Does.Contain(Whole()), $"{step}: the file is no complete generation");
        Assert.That(await Proxy.AskAsync(), Is.AnyOf(words), $"{step}: what the proxy serves");
    }

    /// <summary>The word is served, and the status says that it is what is live and nothing is amiss.</summary>
    public async Task LiveAsync(string word)
    {
        await UntilAsync($"{word} served", async () => await Proxy.AskAsync() == word);
        await UntilAsync($"{word} proven", async () => await StatusAsync() is { } status && IsLive(status, word));
        Learn();
    }

    /// <summary>The text that lies where the proxy reads it.</summary>
    public string OnDisk => File.ReadAllText(Config);

    /// <summary>A proxy that is started anew serves the word out of the files on disk.</summary>
    public async Task SurvivesARestartAsync(string step, string word)
    {
        Proxy.Kill();
        Proxy.Start(Config);
        await UntilAsync($"{step}: {word} after a restart of the proxy", async () => await Proxy.AskAsync() == word);
    }

    /// <summary>What is on disk is what is wanted, and proven.</summary>
    public bool IsLive(JsonNode status, string word) =>
        status["outputs"]![0]! is var output && IsFinal((string?)output["current"]!["phase"])
        && (string)output["current"]!["generation"]! is var generation && generation == (string?)output["wanted"]
        && Whole() is var text && text.Contains(generation, StringComparison.Ordinal) && text.Contains(word, StringComparison.Ordinal);

    /// <summary>What <c>templater status --json</c> says; null when nothing was swapped yet.</summary>
    public async Task<JsonNode?> StatusAsync() => await EarlyStatusAsync() is { } status && status["outputs"]![0]!["current"] is not null ? status : null;

    /// <summary>The same from the first look on; null when there is nothing yet.</summary>
    public async Task<JsonNode?> EarlyStatusAsync()
    {
        // To ask costs some milliseconds of processor time, which the programs under test wait for.
        var stamp = StampOfState();
        if (_status is { } known && known.Stamp == stamp && Stopwatch.GetElapsedTime(known.Asked) < StatusAge)
            return known.Status;
        var asked = Stopwatch.GetTimestamp();
        var run = await CommandRun.Of(["status", "--json", "--history", "--state-dir", State]);
        var status = run.Output.StartsWith('{') && JsonNode.Parse(run.Output) is { } node && node["outputs"]!.AsArray().Count > 0 ? node : null;
        _status = (stamp, asked, status);
        return status;
    }

    /// <summary>The generation that is in place.</summary>
    public async Task<string> GenerationAsync() => (string)(await StatusAsync())!["outputs"]![0]!["current"]!["generation"]!;

    /// <summary>The system calls of the deployment of another word.</summary>
    public async Task<IReadOnlyList<TracedCall>> StepsAsync(string word)
    {
        var trace = _directory["trace"];
        await using (await FaultProgram.AttachAsync(Program!.Pid, "-y", "-o", trace, "-e", "trace=execve," + TracedCall.Changing))
        {
            await TellAsync(word);
            await LiveAsync(word);
        }

        return TracedCall.Read(await File.ReadAllLinesAsync(trace), Root, isWhole: false);
    }

    /// <summary>Looks at the container at once, and not at the next turn.</summary>
    public async Task TellAsync(string word)
    {
        Say(word);
        await Program!.SignalAsync("HUP");
    }

    public async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        for (var clock = Stopwatch.StartNew(); ;)
        {
            if (await holds())
                return;
            if (clock.Elapsed > Patience)
                Assert.Fail($"{what}: it did not come.\n{Program?.Log}\n{Proxy.Errors}\n{(await StatusAsync())?.ToJsonString(new JsonSerializerOptions { WriteIndented = false })}");
            await Task.Delay(Poll, Cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Program?.Dispose();
        Proxy.Dispose();
        await UnmountAsync();
        _directory.Dispose();
    }

    private void OpenToOthers()
    {
        const UnixFileMode All = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Root, All);
    }

    private bool IsFinal(string? phase) => phase is "proven" or "not-needed" || (phase is "unproven" && !Proxy.CanBeProven);

    // Links as links, with owners and modes.
    private async Task CopyAsync(string first, string second, string target)
    {
        System.IO.Directory.CreateDirectory(target);
        (await ChildProcess.RunAsync("cp", ["-a", _directory[first], _directory[second], target])).MustSucceed();
    }

    // The configuration and the further files that are in place with it.
    private string Whole()
    {
        var current = Groups().Select(static group => Path.Combine(group, "current")).Where(System.IO.Directory.Exists);
        var further = current.SelectMany(static folder => System.IO.Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)).Order(StringComparer.Ordinal);
        return string.Concat(further.Select(File.ReadAllText).Prepend(File.ReadAllText(Config)));
    }

    private string StampOfState() => !System.IO.Directory.Exists(State) ? "" : string.Join('\n', new DirectoryInfo(State).EnumerateFiles("*", SearchOption.AllDirectories)
        .Select(static file => file.Exists ? $"{file.FullName} {file.LastWriteTimeUtc.Ticks} {file.Length}" : file.FullName));

    private string[] Groups() => Path.Combine(_directory["config"], ".templater") is var top && System.IO.Directory.Exists(top) ? System.IO.Directory.GetDirectories(top) : [];

    private void Replace(string name, string text)
    {
        _directory.Write(name + ".next", text);
        File.Move(_directory[name + ".next"], _directory[name], overwrite: true);
    }
}
