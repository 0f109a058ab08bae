using System.Collections.Immutable;
using Mono.Unix.Native;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>A proxy's master process in the own PID namespace.</summary>
/// <param name="process">The process.</param>
/// <param name="signal">What to send.</param>
internal sealed class ProcessTarget(LocalProcess process, ReloadSignal signal) : IReloadTarget
{
    public string Key => $"process:{process.Pid}@{process.StartTicks}";

    public string Name => $"{process.Name} (process {process.Pid})";

    // The start time is in ticks since a boot whose time is only known to the second: too coarse to call a reload needless.
    public DateTimeOffset? Started => null;

    public Task<ReloadAnswer> ReloadAsync(CancellationToken cancellationToken) => Task.FromResult(Send());

    public Task<ImmutableArray<ProxyProcess>?> ProcessesAsync(CancellationToken cancellationToken) =>
        Task.FromResult<ImmutableArray<ProxyProcess>?>(
            [.. ProcTable.All()
                .Where(other => other.Pid == process.Pid || other.ParentPid == process.Pid)
                .Select(other => new ProxyProcess(other.Pid, other.ParentPid, ProcTable.TitleOf(other.Pid)))]);

    public Task<string?> LogsSinceAsync(DateTimeOffset since, CancellationToken cancellationToken) => Task.FromResult<string?>(null);

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
internal sealed class ProcessReloader(ReloadSpec.Process spec) : IReloader
{
    private const int MaxNameLength = 15;

    public string Description => $"process:{spec.Name}";

    public Task<TargetSearch> FindAsync(CancellationToken cancellationToken)
    {
        var targets = Masters(ProcTable.All(), spec.Name).Select(IReloadTarget (process) => new ProcessTarget(process, spec.Signal));
        return Task.FromResult(new TargetSearch([.. targets]) { Waiting = $"no process {spec.Name} runs here", WaitsForProxy = true });
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

/// <summary><c>pidfile:PATH</c>: the process whose id stands in a file.</summary>
/// <param name="spec">The spec.</param>
internal sealed class PidFileReloader(ReloadSpec.PidFile spec) : IReloader
{
    private const int MaxBytes = 64;

    public string Description => $"pidfile:{spec.Path}";

    public Task<TargetSearch> FindAsync(CancellationToken cancellationToken) => Task.FromResult(Find());

    private TargetSearch Find()
    {
        string text;
        try
        {
            using var file = File.OpenRead(spec.Path);
            var buffer = new byte[MaxBytes];
            text = System.Text.Encoding.ASCII.GetString(buffer, 0, file.ReadAtLeast(buffer, MaxBytes, throwOnEndOfStream: false)).Trim();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return Nobody($"{spec.Path} is not there", proxy: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Nobody($"cannot read {spec.Path}: {error.Message}", proxy: false);
        }

        // nginx -t leaves an empty file; 0 and 1 and negative ids would signal groups or everybody.
        if (!int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var pid) || pid < 1)
            return Nobody($"{spec.Path} holds no process id", proxy: true);
        return ProcTable.Read(pid) is { } process
            ? new TargetSearch([new ProcessTarget(process, spec.Signal)])
            : Nobody($"process {pid} of {spec.Path} does not run", proxy: true);
    }

    private static TargetSearch Nobody(string why, bool proxy) => new([]) { Waiting = why, WaitsForProxy = proxy };
}
