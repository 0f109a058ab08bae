using Templater.Testing;

namespace Templater.Cli.Tests.Running;

/// <summary><c>templater run</c> in this process, under a settings file that a test can change, with its log.</summary>
internal sealed class RunBench : IDisposable
{
    // Whatever else the machine does.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private ProcessSignals _signals = new();
    private readonly StringWriter _log = new();
    private Task<CommandRun>? _run;

    public TempDirectory Directory { get; } = new();

    public string Log => _log.ToString();

    public bool HasEnded => _run!.IsCompleted;

    /// <summary>Id of the container of the engine that it runs in; null = in none.</summary>
    public string? Container { get; set; }

    /// <summary>Writes the settings: an output <c>out.txt</c> that nobody reads, and what a test adds.</summary>
    public string Settings(params string[] lines) => Directory.Write("t.yaml", string.Join('\n',
        (string[])[$"output: {Directory["out.txt"]}", $"certs_dir: {Directory["certs"]}", .. lines, ""]));

    /// <summary>A setting with the usual state directory.</summary>
    public string State => $"state_dir: {Directory["state"]}";

    /// <summary>A plain template as a setting.</summary>
    public string Template(string text) => $"template: {Directory.Write("site.scriban", "{{# format: plain #}}" + text)}";

    public string Containers(string host) =>
        Directory.Write("containers.json", Commands.RenderFixture.Containers("shop", "templater.host", host));

    /// <summary>Starts it; once more after it has ended.</summary>
    public void Start(params string[] arguments)
    {
        if (_run is not null)
        {
            _signals.Dispose();
            _signals = new ProcessSignals();
        }

        string[] all = ["run", "--config", Directory["t.yaml"], .. arguments];
        _run = Container is { } container ? CommandRun.Contained(_signals, _log, container, all) : CommandRun.Daemon(_signals, _log, all);
    }

    /// <summary>Starts it with containers out of a file.</summary>
    public void StartFromFile(params string[] arguments) => Start(["--from", Containers("a.example.com"), .. arguments]);

    public void Renew() => _signals.Renew();

    public void HangUp() => _signals.HangUp();

    public Task Output(string text, CancellationToken cancellationToken) =>
        Commands.RenderFixture.Until(Directory["out.txt"], text, cancellationToken);

    public Task Says(string part, CancellationToken cancellationToken) => Until(() => Log.Contains(part, StringComparison.Ordinal), cancellationToken);

    public async Task Until(Func<bool> holds, CancellationToken cancellationToken)
    {
        while (!holds())
        {
            // Waiting for what an ended program will never do says less than its last words.
            if (HasEnded)
                Assert.Fail($"it ended: {await _run!}\n{Log}");
            if (cancellationToken.IsCancellationRequested)
                Assert.Fail($"it did not come:\n{Log}");
            await Task.Delay(20, CancellationToken.None);
        }
    }

    /// <summary>Ends it by SIGTERM.</summary>
    public async Task<int> End()
    {
        _signals.End(ProcessSignals.Terminate);
        return (await _run!.WaitAsync(Patience)).ExitCode;
    }

    /// <summary>Waits for it to end by itself.</summary>
    public Task<CommandRun> Ended() => _run!.WaitAsync(Patience);

    public void Dispose()
    {
        _signals.End(ProcessSignals.Terminate);
        _signals.Dispose();
        _log.Dispose();
        Directory.Dispose();
    }
}
