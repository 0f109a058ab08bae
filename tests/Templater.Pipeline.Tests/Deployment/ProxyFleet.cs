using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Checks;
using Templater.Pipeline.Deployment.Proving;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>A deployer whose targets are scripted one by one, proven by a real proof over fake processes.</summary>
internal sealed class ProxyFleet : IReloader, IDisposable
{
    private readonly TempDirectory _directory = new();

    public ProxyFleet(IProof? proof = null, IConfigChecker? checker = null)
    {
        Directory.CreateDirectory(_directory["out"]);
        var journal = Journal.Open(StateDirectory.Open(_directory["state"]), "nginx");
        Deployer = new Deployer(new DeployerParts
        {
            Output = "nginx",
            File = new OutputFile(Path, new OutputFileOptions(), journal.ScratchDirectory),
            Journal = journal,
            Checker = checker,
            Reloader = this,
            Proof = proof ?? new WorkersProof(WorkerTitles.Nginx, TimeSpan.FromMilliseconds(200), TimeProvider.System),
            Crashes = new CrashWatch(new FleetControl(this), static snapshot => snapshot.Containers, Path, WorkerTitles.Nginx),
            Time = Time,
        });
    }

    public FakeTimeProvider Time { get; } = new();

    /// <summary>Whether the engine's clock is ours.</summary>
    public bool SharesClock { get; set; } = true;

    public string Path => _directory["out/nginx.conf"];

    public Deployer Deployer { get; }

    public List<ScriptedProxy> Proxies { get; } = [];

    /// <summary>Said when no proxy runs, after <see cref="QuietAttempts"/> attempts.</summary>
    public Finding? MissingFinding { get; set; }

    public int QuietAttempts { get; set; }

    public ImmutableArray<Finding> Notes { get; set; } = [];

    public string Description => "fleet";

    public Task<TargetSearch> FindAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new TargetSearch([.. Proxies.Where(static proxy => proxy.IsRunning)])
        {
            Waiting = "nobody runs",
            WaitsForProxy = true,
            Findings = MissingFinding is { } finding ? [finding] : [],
            QuietAttempts = QuietAttempts,
            Notes = Notes,
        });

    /// <summary>A proxy starts on the file in place, a moment after now, and has ended already.</summary>
    public void StartAndEnd(ScriptedProxy proxy, int exitCode, string log = "")
    {
        Time.Advance(TimeSpan.FromSeconds(3));
        proxy.Started = Time.GetUtcNow();
        proxy.End(exitCode);
        if (log.Length > 0)
            proxy.Log.Add(log);
        Deployer.OnProxyEnded();
    }

    public ScriptedProxy Add(string name)
    {
        var proxy = new ScriptedProxy(name);
        Proxies.Add(proxy);
        return proxy;
    }

    public Task<DeployOutcome> DeployAsync(string text)
    {
        Time.Advance(TimeSpan.FromSeconds(10));
        return Deployer.DeployAsync(DeployerBench.Rendered(text, Path), "test", CancellationToken.None);
    }

    public Task<DeployOutcome?> SettleLaterAsync()
    {
        Time.Advance(TimeSpan.FromSeconds(61));
        return Deployer.SettleDebtAsync(CancellationToken.None);
    }

    public void Dispose()
    {
        Deployer.Dispose();
        _directory.Dispose();
    }
}

/// <summary>The engine of a <see cref="ProxyFleet"/>.</summary>
internal sealed class FleetControl(ProxyFleet fleet) : IContainerControl
{
    public bool SharesClock => fleet.SharesClock;

    public Snapshot Latest => new()
    {
        TakenAt = DateTimeOffset.UnixEpoch,
        Containers =
        [
            .. fleet.Proxies.Select(static proxy => new Container
            {
                Id = new ContainerId(proxy.Name),
                Name = proxy.Name,
                Image = new ImageReference("", "nginx", "1", ""),
                State = proxy.IsRunning ? ContainerState.Running : ContainerState.Exited,
            }),
        ],
    };

    public Task<ContainerRun?> RunAsync(ContainerId id, CancellationToken cancellationToken) => Task.FromResult(Proxy(id).Run);

    public Task<ContainerLog?> LogsAsync(ContainerId id, DateTimeOffset since, CancellationToken cancellationToken) => Proxy(id).LogsSinceAsync(since, cancellationToken);

    public Task<bool> KillAsync(ContainerId id, ReloadSignal signal, CancellationToken cancellationToken) => throw new InvalidOperationException();

    public Task<bool> RestartAsync(ContainerId id) => throw new InvalidOperationException();

    public Task<ImmutableArray<ProxyProcess>?> TopAsync(ContainerId id, CancellationToken cancellationToken) => throw new InvalidOperationException();

    public Task<ContainerCommandResult?> ExecAsync(ContainerId id, ImmutableArray<string> words, TimeSpan timeLimit, CancellationToken cancellationToken) =>
        throw new InvalidOperationException();

    private ScriptedProxy Proxy(ContainerId id) => fleet.Proxies.Single(proxy => proxy.Name == id.Value);
}

/// <summary>One nginx of a <see cref="ProxyFleet"/>: its workers change when it reloads, unless it refuses.</summary>
internal sealed class ScriptedProxy(string name) : IReloadTarget
{
    private int _worker = 20;
    private int _exitCode;

    public bool IsRunning { get; set; } = true;

    public bool HasWorkers { get; set; } = true;

    public bool Refuses { get; set; }

    /// <summary>False: the engine does not allow a look; null: it fails right now.</summary>
    public bool? ShowsProcesses { get; set; } = true;

    public bool ShowsLog { get; set; } = true;

    public int Reloads { get; private set; }

    public List<string> Log { get; } = [];

    /// <summary>How often it has started, where that is another target each time; 0 = it is always the same.</summary>
    public int Runs { get; set; }

    public string Key => Runs == 0 ? name : $"{name}@{Runs}";

    public string Name => name;

    public bool IsLaterRunThan(string key) => key.Split('@') is [var id, var run] && id == name && int.Parse(run, CultureInfo.InvariantCulture) < Runs;

    public DateTimeOffset? Started { get; set; }

    public OutputView? View { get; set; }

    public ImmutableArray<System.Net.IPAddress> Addresses { get; set; } = [];

    /// <summary>What the engine says of it beside <see cref="IsRunning"/>; null when it may not tell.</summary>
    public ContainerRun? Run => HidesRun ? null : new ContainerRun(IsRunning && !IsOver, Started, _exitCode) { Error = StartError };

    public bool HidesRun { get; set; }

    public string StartError { get; set; } = "";

    /// <summary>It has ended, and the snapshot does not know it yet.</summary>
    public bool IsOver { get; set; }

    /// <summary>It ends.</summary>
    public void End(int exitCode)
    {
        IsRunning = false;
        _exitCode = exitCode;
    }

    public Task<bool> HasEndedAsync(CancellationToken cancellationToken) => Task.FromResult(IsOver || !IsRunning);

    /// <summary>Set: it answers a reload only when this is over.</summary>
    public TaskCompletionSource? Answering { get; set; }

    public async Task<ReloadAnswer> ReloadAsync(CancellationToken cancellationToken)
    {
        Reloads++;
        if (Answering is { } answering)
            await answering.Task.WaitAsync(cancellationToken);
        if (Refuses)
            Log.Add($"2026/01/02 03:04:05 [emerg] 1#1: unknown directive \"x{Reloads}\" in /out/nginx.conf:1");
        else
            _worker++;
        return new ReloadAnswer.Delivered();
    }

    public Task<ImmutableArray<ProxyProcess>?> ProcessesAsync(CancellationToken cancellationToken) => ShowsProcesses switch
    {
        null => throw new ContainerControlException("the engine does not answer"),
        false => Task.FromResult<ImmutableArray<ProxyProcess>?>(null),
        true => Task.FromResult<ImmutableArray<ProxyProcess>?>(
            HasWorkers ? [new ProxyProcess(10, 1, "nginx: master process nginx"), new ProxyProcess(_worker, 10, "nginx: worker process")] : [new ProxyProcess(10, 1, "sleep")]),
    };

    public Task<ContainerLog?> LogsSinceAsync(DateTimeOffset since, CancellationToken cancellationToken) =>
        Task.FromResult(ShowsLog ? new ContainerLog(string.Join('\n', Log)) : null);
}
