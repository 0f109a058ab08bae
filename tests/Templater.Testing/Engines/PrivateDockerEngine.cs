using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Templater.Testing;

/// <summary>A real dockerd of the test's own, on a unix socket in a temporary directory; the machine's engine is never touched.</summary>
/// <remarks>
/// Needs root and a <c>dockerd</c> on the PATH: start it through <see cref="StartOrSkipAsync"/>. Every wait is bounded.
/// Disposal removes its containers and networks, ends it and removes its directory. One per fixture: it takes about two seconds to start.
/// </remarks>
public sealed partial class PrivateDockerEngine : IAsyncDisposable
{
    private const int SigKill = 9;
    private const int SigTerm = 15;
    private const int SigCont = 18;
    private const int SigStop = 19;

    // Of their own, so that networks meet neither those of an engine that was there before nor the end of the usual pools.
    private const int FirstAddressPool = 213;

    // Addresses for documentation, which no network here has.
    private const string Cable = "cable0";
    private const string CableHere = "192.0.2.1";
    private const string CableThere = "192.0.2.2";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly TempDirectory _directory = new("templater-engine-");
    private readonly PrivateDockerEngineOptions _options;
    private Process? _process;

    private PrivateDockerEngine(PrivateDockerEngineOptions options) => _options = options;

    /// <summary>Absolute path of the engine's unix socket.</summary>
    public string Socket => _directory["docker.sock"];

    /// <summary>The value for <c>DOCKER_HOST</c>: <c>unix://</c> and the socket.</summary>
    public string Host => "unix://" + Socket;

    /// <summary>Everything of the engine lies in this directory; tests may put their bind mounts here.</summary>
    public string WorkDirectory => _directory.Path;

    /// <summary>What dockerd has logged so far.</summary>
    public string Log => File.Exists(_directory["log"]) ? File.ReadAllText(_directory["log"]) : "";

    /// <summary>Process id of dockerd.</summary>
    /// <exception cref="InvalidOperationException">It is not running.</exception>
    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("the engine is not running");

    /// <summary>Why no private engine can run here (one line), or null when it can.</summary>
    public static string? Unavailable =>
        !OperatingSystem.IsLinux() ? "a private Docker engine needs Linux"
        : Environment.UserName != "root" ? "a private Docker engine needs root"
        : FindProgram("dockerd") is null ? "dockerd is not installed (Debian: docker.io)"
        : FindProgram("docker") is null ? "the docker client is not installed (Debian: docker.io or docker-cli)"
        : FindProgram("busybox") is null ? "busybox is not installed (Debian: busybox-static)"
        : null;

    /// <summary>Starts an engine; without one on this machine the test is ignored with the reason, or fails when <c>CI=true</c>.</summary>
    /// <param name="options">What the engine must be able to do; the defaults suit several engines side by side.</param>
    public static Task<PrivateDockerEngine> StartOrSkipAsync(PrivateDockerEngineOptions? options = null)
    {
        if (Unavailable is { } reason)
            Missing.Report(reason);
        return StartAsync(options);
    }

    /// <summary>Starts an engine and waits until it answers.</summary>
    /// <param name="options">What the engine must be able to do.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="TimeoutException">It did not answer within 30 s; the message carries its log.</exception>
    public static async Task<PrivateDockerEngine> StartAsync(
        PrivateDockerEngineOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        var engine = new PrivateDockerEngine(options ?? new PrivateDockerEngineOptions());
        try
        {
            await engine.StartAgainAsync(cancellationToken);
            return engine;
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts dockerd on the same data, after <see cref="StopAsync"/> or <see cref="KillAsync"/>.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        _process = StartDaemon();
        var watch = Stopwatch.StartNew();
        while ((await TryRunAsync("version")).ExitCode != 0)
        {
            if (_process.HasExited || watch.Elapsed > StartLimit)
                throw new TimeoutException($"dockerd does not answer: {Log}");
            await Task.Delay(Poll, cancellationToken);
        }
    }

    /// <summary>Runs the docker client against this engine and returns its standard output without the last line break.</summary>
    /// <param name="arguments">Arguments of <c>docker</c>.</param>
    /// <exception cref="InvalidOperationException">It failed; the message carries what it wrote.</exception>
    public async Task<string> RunAsync(params string[] arguments) =>
        (await TryRunAsync(arguments)).MustSucceed().Output.TrimEnd('\n');

    /// <summary>Runs the docker client against this engine, whatever its exit code.</summary>
    /// <param name="arguments">Arguments of <c>docker</c>.</param>
    public Task<ChildResult> TryRunAsync(params string[] arguments) =>
        ChildProcess.RunAsync("docker", arguments, ClientEnvironment);

    /// <summary>Runs a program in the engine's network namespace, whatever its exit code.</summary>
    /// <param name="command">The program and its arguments.</param>
    public Task<ChildResult> RunInNetworkAsync(params string[] command) =>
        ChildProcess.RunAsync("nsenter", ["--net", "--target", ProcessId.ToString(CultureInfo.InvariantCulture), .. command], ClientEnvironment);

    /// <summary>Lays a cable from this engine's network namespace to another's, so that both can be nodes of one Swarm; it goes with either.</summary>
    /// <param name="other">The other engine; both with <see cref="PrivateDockerEngineOptions.OwnNetwork"/>.</param>
    /// <returns>The addresses of the two ends.</returns>
    public async Task<(string Here, string There)> ConnectAsync(PrivateDockerEngine other)
    {
        string Id(PrivateDockerEngine engine) => engine.ProcessId.ToString(CultureInfo.InvariantCulture);
        (await ChildProcess.RunAsync("ip", ["link", "add", "name", Cable, "netns", Id(this), "type", "veth", "peer", "name", Cable, "netns", Id(other)])).MustSucceed();
        foreach (var (engine, address) in new[] { (this, CableHere), (other, CableThere) })
        {
            (await engine.RunInNetworkAsync("ip", "address", "add", address + "/30", "dev", Cable)).MustSucceed();
            (await engine.RunInNetworkAsync("ip", "link", "set", Cable, "up")).MustSucceed();
        }

        return (CableHere, CableThere);
    }

    /// <summary>The variables that point a docker or docker-compose client at this engine and away from the user's own settings.</summary>
    public IReadOnlyDictionary<string, string?> ClientEnvironment => new Dictionary<string, string?>
    {
        ["DOCKER_HOST"] = Host,
        ["DOCKER_CONFIG"] = _directory["client"],
        ["DOCKER_CONTEXT"] = null,
        ["DOCKER_TLS_VERIFY"] = null,
        ["DOCKER_CERT_PATH"] = null,
        ["DOCKER_API_VERSION"] = null,
    };

    /// <summary>Ends dockerd with TERM and waits for it; without live-restore its containers stop too.</summary>
    public Task StopAsync() => EndAsync(SigTerm);

    /// <summary>Ends dockerd with KILL: containers go on, nothing is cleaned up.</summary>
    public Task KillAsync() => EndAsync(SigKill);

    /// <summary>Freezes dockerd (SIGSTOP): its socket accepts connections, nobody answers.</summary>
    public void Freeze() => _ = NativeKill(ProcessId, SigStop);

    /// <summary>Lets a frozen dockerd go on (SIGCONT).</summary>
    public void Thaw() => _ = NativeKill(ProcessId, SigCont);

    /// <summary>Removes all containers and networks, ends the engine and removes its directory.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            Thaw();
            await RemoveContainersAsync();
            await RemoveNetworksAsync();
            await EndAsync(SigTerm);
        }

        await EndLeftoversAsync();
        _process?.Dispose();
        _process = null;
        _directory.Dispose();
    }

    private Process StartDaemon()
    {
        string[] arguments =
        [
            "-H", Host,
            "--data-root", _directory["data"], "--exec-root", _directory["exec"], "--pidfile", _directory["pid"],
            .. _options.DefaultBridge ? Array.Empty<string>() : ["--bridge=none"],
            .. _options.Iptables ? Array.Empty<string>() : ["--iptables=false"],
            .. _options.OwnNetwork ? Array.Empty<string>() : ["--default-address-pool", string.Create(CultureInfo.InvariantCulture, $"base=10.{FirstAddressPool + _options.AddressPool}.0.0/16,size=24")],
            .. _options.LiveRestore ? ["--live-restore"] : Array.Empty<string>(),
        ];
        // Through exec, so that the process id is dockerd's and the log goes to a file without a pipe that could fill up.
        string[] shell = ["/bin/sh", "-c", $"{(_options.OwnNetwork ? "ip link set lo up; " : "")}log=$1; shift; exec dockerd \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", _directory["log"], .. arguments];
        return _options.OwnNetwork
            ? Process.Start(new ProcessStartInfo("unshare", ["--net", .. shell]))!
            : Process.Start(new ProcessStartInfo(shell[0], shell[1..]))!;
    }

    private async Task RemoveContainersAsync()
    {
        var ids = (await TryRunAsync("ps", "-aq")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (ids.Length > 0)
            await TryRunAsync(["rm", "-f", "-v", .. ids]);
    }

    // Their bridges outlive an engine that shares the machine's network, and use up its addresses run by run.
    private async Task RemoveNetworksAsync()
    {
        var ids = (await TryRunAsync("network", "ls", "-q", "--filter", "type=custom")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (ids.Length > 0)
            await TryRunAsync(["network", "rm", .. ids]);
    }

    private async Task EndAsync(int signal)
    {
        if (_process is not { HasExited: false } process)
            return;
        _ = NativeKill(process.Id, signal);
        using var limit = new CancellationTokenSource(StopLimit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
        }
    }

    // A killed dockerd leaves its containerd, shims, containers and mounts behind.
    private async Task EndLeftoversAsync()
    {
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                if (IsLeftover(process.Id))
                    _ = NativeKill(process.Id, SigKill);
            }
        }

        var mounts = File.ReadLines("/proc/self/mounts").Select(line => line.Split(' ')[1])
            .Where(path => path.StartsWith(_directory.Path, StringComparison.Ordinal)).Reverse().ToArray();
        if (mounts.Length > 0)
            await ChildProcess.RunAsync("umount", ["-l", .. mounts]);
        await ChildProcess.RunAsync("rm", ["-rf", _directory.Path]);
    }

    // The engine's programs name its directory in their arguments; a container's root file system lies in it.
    private bool IsLeftover(int processId)
    {
        var program = ReadProc(processId, "comm");
        var isEngine = program.StartsWith("dockerd", StringComparison.Ordinal) || program.StartsWith("containerd", StringComparison.Ordinal);
        return isEngine
            ? ReadProc(processId, "cmdline").Contains(_directory.Path, StringComparison.Ordinal)
            : ReadProc(processId, "mountinfo").Split('\n').Any(line =>
                line.Split(' ') is [_, _, _, _, "/", ..] && line.Contains(_directory.Path + "/data/", StringComparison.Ordinal));
    }

    private static string ReadProc(int processId, string file)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/{file}"));
        }
        catch (IOException)
        {
            return ""; // It ended meanwhile.
        }
    }

    private static string? FindProgram(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin")
            .Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists);

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativeKill(int processId, int signal);
}
