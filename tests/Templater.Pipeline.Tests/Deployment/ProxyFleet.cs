using System.Collections.Immutable;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Proving;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>A deployer whose targets are scripted one by one, proven by a real proof over fake processes.</summary>
internal sealed class ProxyFleet : IReloader, IDisposable
{
    private readonly TempDirectory _directory = new();

    public ProxyFleet(IProof? proof = null)
    {
        Directory.CreateDirectory(_directory["out"]);
        var journal = Journal.Open(StateDirectory.Open(_directory["state"]), "nginx");
        Deployer = new Deployer(new DeployerParts
        {
            Output = "nginx",
            File = new OutputFile(Path, new OutputFileOptions(), journal.ScratchDirectory),
            Journal = journal,
            Reloader = this,
            Proof = proof ?? new WorkersProof(WorkerTitles.Nginx, TimeSpan.FromMilliseconds(200), TimeProvider.System),
            Time = Time,
        });
    }

    public FakeTimeProvider Time { get; } = new();

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

/// <summary>One nginx of a <see cref="ProxyFleet"/>: its workers change when it reloads, unless it refuses.</summary>
internal sealed class ScriptedProxy(string name) : IReloadTarget
{
    private int _worker = 20;

    public bool IsRunning { get; set; } = true;

    public bool HasWorkers { get; set; } = true;

    public bool Refuses { get; set; }

    /// <summary>False: the engine does not allow a look; null: it fails right now.</summary>
    public bool? ShowsProcesses { get; set; } = true;

    public bool ShowsLog { get; set; } = true;

    public int Reloads { get; private set; }

    public List<string> Log { get; } = [];

    public string Key => name;

    public string Name => name;

    public DateTimeOffset? Started { get; set; }

    public Task<ReloadAnswer> ReloadAsync(CancellationToken cancellationToken)
    {
        Reloads++;
        if (Refuses)
            Log.Add($"2026/01/02 03:04:05 [emerg] 1#1: unknown directive \"x{Reloads}\" in /out/nginx.conf:1");
        else
            _worker++;
        return Task.FromResult<ReloadAnswer>(new ReloadAnswer.Delivered());
    }

    public Task<ImmutableArray<ProxyProcess>?> ProcessesAsync(CancellationToken cancellationToken) => ShowsProcesses switch
    {
        null => throw new ContainerControlException("the engine does not answer"),
        false => Task.FromResult<ImmutableArray<ProxyProcess>?>(null),
        true => Task.FromResult<ImmutableArray<ProxyProcess>?>(
            HasWorkers ? [new ProxyProcess(10, 1, "nginx: master process nginx"), new ProxyProcess(_worker, 10, "nginx: worker process")] : [new ProxyProcess(10, 1, "sleep")]),
    };

    public Task<string?> LogsSinceAsync(DateTimeOffset since, CancellationToken cancellationToken) =>
        Task.FromResult(ShowsLog ? string.Join('\n', Log) : null);
}
