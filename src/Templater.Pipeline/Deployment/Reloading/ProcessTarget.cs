using System.Collections.Immutable;
using System.Net;
using Mono.Unix.Native;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>A proxy's master process in the own PID namespace.</summary>
/// <param name="process">The process.</param>
/// <param name="signal">What to send.</param>
/// <param name="log">The proxy's log, where the engine knows its container.</param>
internal sealed class ProcessTarget(LocalProcess process, ReloadSignal signal, ProxyLog? log) : IReloadTarget
{
    public string Key => $"process:{process.Pid}@{process.StartTicks}";

    public string Name => $"{process.Name} (process {process.Pid})";

    // The start time is in ticks since a boot whose time is only known to the second: too coarse to call a reload needless.
    public DateTimeOffset? Started => null;

    public bool SharesClock => log?.SharesClock ?? false;

    public ImmutableArray<IPAddress> Addresses => ProcSockets.SharesNetwork(process.Pid)
        ? [IPAddress.Loopback, IPAddress.IPv6Loopback]
        : log?.Addresses ?? [];

    public Task<ReloadAnswer> ReloadAsync(CancellationToken cancellationToken) => Task.FromResult(Send());

    public Task<string?> HeldUpAsync(CancellationToken cancellationToken) => Task.FromResult(ProcTable.HeldUp(process.Pid, signal.Number));

    public Task<ImmutableArray<ProxyProcess>?> ProcessesAsync(CancellationToken cancellationToken) =>
        Task.FromResult<ImmutableArray<ProxyProcess>?>(
            [.. ProcTable.All()
                .Where(other => other.Pid == process.Pid || other.ParentPid == process.Pid)
                .Select(other => new ProxyProcess(other.Pid, other.ParentPid, ProcTable.TitleOf(other.Pid)))]);

    // Where a process writes its log is its own affair; what a container writes the engine keeps.
    public async Task<ContainerLog?> LogsSinceAsync(DateTimeOffset since, CancellationToken cancellationToken) =>
        log is null ? null : await log.SinceAsync(since, cancellationToken);

    private ReloadAnswer Send()
    {
        // The id may have been given to somebody else since it was looked up.
        if (ProcTable.Read(process.Pid) is not { } now || now.StartTicks != process.StartTicks)
            return new ReloadAnswer.Gone();
        if (Syscall.kill(process.Pid, (Signum)signal.Number) == 0)
            return new ReloadAnswer.Delivered();
        return Stdlib.GetLastError() switch
        {
            Errno.ESRCH => new ReloadAnswer.Gone(),
            Errno.EPERM => new ReloadAnswer.Failed($"may not signal {Name} as {UnixFile.OwnIdentity}: run with the proxy's user id, or with CAP_KILL"),
            var errno => new ReloadAnswer.Failed($"cannot signal {Name}: {errno}"),
        };
    }
}

/// <summary><c>process:NAME</c>: the processes of that name whose parent does not bear it too.</summary>
/// <param name="spec">The spec.</param>
/// <param name="log">The proxy's log, where the engine knows its container.</param>
internal sealed class ProcessReloader(ReloadSpec.Process spec, ProxyLog? log = null) : IReloader
{
    private const int MaxNameLength = 15;

    public string Description => $"process:{spec.Name}";

    public bool HasSilentRuns => true;

    public string Way => $"{Description} {spec.Signal.Name}";

    public Task<TargetSearch> FindAsync(CancellationToken cancellationToken)
    {
        var targets = Masters(ProcTable.All(), spec.Name).Select(IReloadTarget (process) => new ProcessTarget(process, spec.Signal, log)).ToImmutableArray();
        return Task.FromResult(targets.IsEmpty ? Missing() : new TargetSearch(targets));
    }

    private TargetSearch Missing()
    {
        var why = $"no process {spec.Name} runs here";
        return new TargetSearch([])
        {
            Waiting = why,
            WaitsForProxy = true,
            Findings = [LocalTargetFindings.Missing(Description, why, $"Check the name; {LocalTargetFindings.ShareProcesses}.")],
            QuietAttempts = TargetSearch.AttemptsToAppear,
        };
    }

    public static ImmutableArray<LocalProcess> Masters(ImmutableArray<LocalProcess> all, string name)
    {
        // The kernel cuts program names off.
        var wanted = name.Length > MaxNameLength ? name[..MaxNameLength] : name;
        var matches = all.Where(process => process.Name == wanted).ToImmutableArray();
        var pids = matches.Select(process => process.Pid).ToImmutableHashSet();
        return [.. matches.Where(process => !pids.Contains(process.ParentPid))];
    }
}
