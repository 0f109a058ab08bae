using System.Collections.Immutable;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Checks;
using Templater.Pipeline.Deployment.Proving;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>A proxy that reads the output's file when it is told to, and may refuse, be absent, or not show.</summary>
internal sealed class FakeProxy(string path, TimeProvider time) : IReloader, IReloadTarget, IProof, IConfigChecker
{
    public bool IsRunning { get; set; } = true;

    /// <summary>It is there and gives no answer, which it may do for so long.</summary>
    public TimeSpan? Silence { get; set; }

    /// <summary>What it runs.</summary>
    public string? Live { get; set; }

    public int Reloads { get; set; }

    public Func<string, ProofResult?> Judge { get; set; } = _ => null;

    public Func<string, CheckResult> Check { get; set; } = _ => new CheckResult.Accepted();

    public ReloadAnswer Answer { get; set; } = new ReloadAnswer.Delivered();

    /// <summary>What comes of telling it something while it runs; null when it can be told nothing.</summary>
    public RuntimeAnswer? Runtime { get; set; }

    public Action OnReload { get; set; } = () => { };

    public bool CanProve { get; set; } = true;

    /// <summary>The process ends before the proxy is looked for.</summary>
    public bool Crash { get; set; }

    public bool CanProbe { get; set; }

    /// <summary>What it answers when it is asked whether it still runs what it was told; it does again after a reload.</summary>
    public bool? StillRuns { get; set; }

    public int Questions { get; private set; }

    /// <summary>What is found about it whenever it is looked for.</summary>
    public ImmutableArray<Finding> Notes { get; set; } = [];

    public bool HasSilentRuns { get; set; }

    public DateTimeOffset? Started { get; set; }

    public DateTimeOffset? Began { get; set; }

    public string Description => "fake";

    public string Key { get; set; } = "fake";

    public string Name => "fake";

    public void Start()
    {
        IsRunning = true;
        Started = time.GetUtcNow();
        Live = File.Exists(path) ? File.ReadAllText(path) : null;
    }

    public Task<TargetSearch> FindAsync(CancellationToken cancellationToken) => Crash ? throw new CrashException() : Task.FromResult(
        Silence is not null ? new TargetSearch([]) { Waiting = "fake does not answer", SilenceLimit = Silence }
        : IsRunning ? new TargetSearch([this]) { Notes = Notes }
        : new TargetSearch([]) { Waiting = "fake is not running", WaitsForProxy = true });

    public Task<ReloadAnswer> ReloadAsync(CancellationToken cancellationToken)
    {
        Reloads++;
        StillRuns = null;
        OnReload();
        var content = File.ReadAllText(path);
        if (Answer is ReloadAnswer.Delivered && Judge(content) is null)
            Live = content;
        return Task.FromResult(Answer);
    }

    public Task<RuntimeAnswer?> ApplyAsync(JournalEntry entry, OutputSet files, RuntimeCertificates? certificates, CancellationToken cancellationToken) =>
        Task.FromResult(Runtime);

    public Task<bool> IsLiveAsync(IReloadTarget target, JournalEntry entry, CancellationToken cancellationToken) =>
        Task.FromResult(CanProbe && Live is not null && Live.Contains(entry.Generation, StringComparison.Ordinal));

    public Task<bool?> StillRunsAsync(IReloadTarget target, JournalEntry entry, CancellationToken cancellationToken)
    {
        Questions++;
        return Task.FromResult(StillRuns);
    }

    public Task<ProofBaseline> CaptureAsync(IReloadTarget target, CancellationToken cancellationToken) => Task.FromResult(ProofBaseline.None);

    public Task<ProofResult> ProveAsync(ProofRequest request, CancellationToken cancellationToken)
    {
        if (!CanProve)
            return Task.FromResult<ProofResult>(new ProofResult.Impossible(IsBlind: false));
        return Task.FromResult(Judge(File.ReadAllText(path)) ?? new ProofResult.Proven("fake"));
    }

    /// <summary>The version of its checker.</summary>
    public Version? Version { get; set; }

    public int VersionQuestions { get; private set; }

    public Task<Version?> VersionAsync(CancellationToken cancellationToken)
    {
        VersionQuestions++;
        return Task.FromResult(Version);
    }

    public Task<CheckResult> CheckAsync(string candidate, string live, CancellationToken cancellationToken) =>
        Task.FromResult(Check(File.ReadAllText(candidate)));

    public Task<ImmutableArray<ProxyProcess>?> ProcessesAsync(CancellationToken cancellationToken) =>
        Task.FromResult<ImmutableArray<ProxyProcess>?>(null);

    public Task<ContainerLog?> LogsSinceAsync(DateTimeOffset since, CancellationToken cancellationToken) => Task.FromResult<ContainerLog?>(null);
}
