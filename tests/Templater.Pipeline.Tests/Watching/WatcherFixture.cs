using Templater.Pipeline.Inventory;
using Templater.Pipeline.Tests.Inventory;
using Templater.Pipeline.Watching;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Watching;

/// <summary>A watcher over an engine, a pipeline and a clock that the test moves.</summary>
public abstract class WatcherFixture : IAsyncDisposable
{
    private Watcher? _watcher;

    private protected ScriptedEngine Engine { get; } = new();

    private protected RecordingPipeline Pipeline { get; } = new();

    private protected RecordingLogger Logger { get; } = new();

    private protected FakeTimeProvider Time { get; } = new();

    /// <summary>Holds the watched <c>site.scriban</c> and the status.</summary>
    private protected TempDirectory Files { get; } = new();

    private protected CancellationTokenSource Stopping { get; } = new();

    /// <summary>Called before each look at the watched files.</summary>
    private protected Action BeforeLook { get; set; } = static () => { };

    /// <summary>The watcher, once started.</summary>
    private protected Watcher Watcher => _watcher!;

    /// <summary>What it does until it is stopped.</summary>
    private protected Task Running { get; private set; } = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await Stopping.CancelAsync();
        await Task.WhenAny(Running);
        Stopping.Dispose();
        Files.Dispose();
        GC.SuppressFinalize(this);
    }

    protected string Hosts() => Pipeline.Applied is [.., var last]
        ? string.Join(' ', Pipeline.RoutesOf(last.Snapshot).Select(static r => r.Host)) : "";

    protected void Begin(int number)
    {
        Engine.Run(number);
        Engine.Say("start", number);
    }

    private protected HealthReport Health(StatusFile file) =>
        HealthReport.Evaluate(file.Read(), Time.GetUtcNow(), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5));

    protected void Start() => Start(Pipeline);

    private protected void Start(IOutputPipeline pipeline)
    {
        var source = new DockerSnapshotSource(Engine, "unix:///x", EnvFilter.Default, SnapshotAssembler.Nothing, Time, []);
        var files = new FileChanges(() =>
        {
            BeforeLook();
            return new WatchedFiles([Files["site.scriban"]], []);
        });
        _watcher = new Watcher(source, pipeline, files, new StatusFile(Files.Path), new WatcherOptions(), Time, Logger);
        Running = _watcher.RunAsync(Stopping.Token);
    }

    protected Task AppliedAsync(int count, CancellationToken cancellationToken, TimeSpan? step = null) =>
        UntilAsync(() => Pipeline.Applied.Count >= count, cancellationToken, step);

    // The clock goes on only as far as needed, in small steps, and lets the loop run in between.
    protected async Task UntilAsync(Func<bool> holds, CancellationToken cancellationToken, TimeSpan? step = null)
    {
        while (!holds())
        {
            if (Running.IsFaulted)
                await Running;
            Time.Advance(step ?? TimeSpan.FromMilliseconds(5));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancellationToken);
        }
    }
}
