namespace Templater.Cli.Tests.Faults;

/// <summary>First starts of the program at a site where nothing was ever written, in each of which a write fails.</summary>
internal sealed class FirstWriteFaultRun : IAsyncDisposable
{
    private const string Word = "one";

    private readonly FaultSite _site;
    private readonly string _trace;

    /// <param name="kind">One of those of <see cref="FaultProxy"/>.</param>
    public FirstWriteFaultRun(string kind)
    {
        _site = new FaultSite(kind, "reload_interval: 0s", "resync: 1s");
        _trace = Path.Combine(_site.Root, "trace");
        _site.Say(Word);
    }

    /// <summary>How many faults there were.</summary>
    public int Count { get; private set; }

    /// <summary>A line of a table for each one that was met.</summary>
    public List<string> Met { get; } = [];

    /// <summary>Those whose call did not come.</summary>
    public List<string> Missed { get; } = [];

    /// <summary>What came of one that should not.</summary>
    public List<string> Wrong { get; } = [];

    private FaultProgram Program => _site.Program!;

    // What it cannot go on with it says without a time, and ends.
    private bool HasEnded => Program.HasExited || Program.Log.StartsWith("error ", StringComparison.Ordinal);

    /// <summary>Lists the faults of a first start, and goes through some of them.</summary>
    /// <param name="choose">Chooses them.</param>
    public async Task RunAsync(Func<List<WriteFault>, IEnumerable<WriteFault>> choose)
    {
        var calls = await CallsAsync();
        var faults = WriteFault.Of(calls, _site, withState: true);
        Assert.That(faults, Has.Count.GreaterThan(100), string.Join('\n', calls));
        foreach (var fault in choose(faults))
        {
            Count++;
            _site.Clear();
            var isMet = await StartAsync(fault);
            var hasEnded = await EndsOrGoesOnAsync(fault);
            await LiveAsync();
            await _site.UntilAsync($"{fault} is no more", async () => WriteFaultRun.Told(await _site.StatusAsync()).Length == 0);
            if (!fault.IsHarmless && _site.Remains().ToList() is { Count: > 0 } remains)
                Wrong.Add($"{fault}: what lies beside the file: {string.Join(", ", remains)}");
            if (isMet)
                Met.Add($"{_site.Proxy.Kind} | first start | {fault.Place(_site)} | {fault.Call.Name} | {fault.Error} | {(fault.IsLasting ? "lasting" : "single")} | {(hasEnded ? "ends" : "goes on")}");
            else
                Missed.Add(fault.ToString());
        }
    }

    /// <summary>Whose share a fault is.</summary>
    public int ShareOf(WriteFault fault) => Shares.Of(fault.Call, _site, [], $"{fault.Error} {fault.IsLasting}");

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    private async Task<IReadOnlyList<TracedCall>> CallsAsync()
    {
        await _site.StartStoppedAsync();
        await using (await FaultProgram.AttachAsync(Program.Pid, "-y", "-o", _trace, "-e", "trace=execve," + TracedCall.Changing))
        {
            await Program.SignalAsync("CONT");
            await LiveAsync();
            var live = await LookAsync();
            await _site.UntilAsync("a look after that", async () => await LookAsync() != live);
        }

        // A folder is asked for again when its parent was missing, or when it is there: at the next look another thread does so, for whom that is the first time.
        return [.. TracedCall.Read(await File.ReadAllLinesAsync(_trace), _site.Root, isWhole: false).Where(static call => call is not { Name: "mkdir", Ordinal: > 1 })];
    }

    // Whether the call came.
    private async Task<bool> StartAsync(WriteFault fault)
    {
        await _site.StartStoppedAsync();
        await using (await FaultProgram.AttachAsync(Program.Pid, fault.Trace(_trace)))
        {
            await Program.SignalAsync("CONT");
            var isMet = false;
            var told = "";
            string? live = null;
            // What lasts is told, and what happens once is made up for. What has not come with the next look after that does not come.
            await _site.UntilAsync($"{fault} is met", async () =>
            {
                _site.StartProxyWithFile();
                isMet = WriteFaultRun.IsInjected(_trace);
                told = fault.IsOfStatus ? Program.Log : WriteFaultRun.Told(await _site.EarlyStatusAsync());
                if (HasEnded)
                    return true;
                if (isMet && fault is { IsLasting: true, IsHarmless: false })
                    return told.Contains("cannot ", StringComparison.Ordinal);
                if (live is null && await IsLiveAsync())
                    live = await LookAsync();
                return live is not null && (isMet || await LookAsync() != live);
            });
            if (isMet && !HasEnded && fault is { IsLasting: true, IsHarmless: false })
                await LastsAsync(fault, told);
            if (File.Exists(_site.Config) && !_site.IsWhole)
                Wrong.Add($"{fault}: half a file");
            return isMet;
        }
    }

    private async Task LastsAsync(WriteFault fault, string told)
    {
        if (!WriteFaultRun.IsClear(told, _site.Root))
            Wrong.Add($"{fault}: not one clear error: {told}");
        // Without the state directory everything goes on.
        if (fault.Call.Path!.StartsWith(_site.State, StringComparison.Ordinal))
        {
            await _site.UntilAsync($"{fault}: {Word} is served while it lasts", async () =>
            {
                _site.StartProxyWithFile();
                return await _site.Proxy.AskAsync() == Word && _site.IsWhole;
            });
        }
    }

    // Whether it has ended over it: then somebody starts it again.
    private async Task<bool> EndsOrGoesOnAsync(WriteFault fault)
    {
        if (!HasEnded)
            return false;
        var code = await Program.EndedAsync();
        var log = Program.Log.Trim();
        if (code != ExitCode.Environment || log.Contains('\n', StringComparison.Ordinal) || !WriteFaultRun.IsClear(log, _site.Root))
            Wrong.Add($"{fault}: ends with {code} and not with one clear error: {log}");
        _site.Start();
        return true;
    }

    // When it looked last.
    private async Task<string?> LookAsync() => (string?)(await _site.StatusAsync())?["snapshot"];

    private async Task<bool> IsLiveAsync() => await _site.StatusAsync() is { } status && _site.IsLive(status, Word);

    private async Task LiveAsync()
    {
        await _site.UntilAsync("the first file", () => Task.FromResult(File.Exists(_site.Config)));
        _site.StartProxyWithFile();
        await _site.LiveAsync(Word);
    }
}
