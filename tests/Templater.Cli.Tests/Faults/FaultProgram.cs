using System.Diagnostics;
using System.Globalization;
using System.Text;
using Templater.Testing;

namespace Templater.Cli.Tests.Faults;

/// <summary>The program in a process of its own, under strace where a test asks for that.</summary>
internal sealed class FaultProgram : IDisposable
{
    private const string Strace = "/usr/bin/strace";

    private const int MaxStarts = 10;

    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(60);

    // strace lets go within milliseconds. Killed it lets go, too: the kernel sees to it.
    private static readonly TimeSpan DetachPatience = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private readonly Process _process;
    private readonly bool _isTraced;
    private readonly StringBuilder _log = new();

    private FaultProgram(Process process, bool isTraced)
    {
        (_process, _isTraced) = (process, isTraced);
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>What is shipped, where it was published since the last build, else what was built.</summary>
    public static string Path { get; } = Find();

    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    public bool HasExited => _process.HasExited;

    public int Pid => _isTraced ? ChildOf(_process.Id) : _process.Id;

    public static void RequireStrace()
    {
        if (!File.Exists(Strace))
            Missing.Report("strace is not installed");
    }

    /// <param name="arguments">Those of the program.</param>
    /// <param name="trace">Those of strace; none = without it.</param>
    public static FaultProgram Start(string[] arguments, params string[] trace)
    {
        var start = trace.Length == 0
            ? new ProcessStartInfo(Path, arguments)
            : new ProcessStartInfo(Strace, ["-f", .. trace, Path, .. arguments]);
        // strace counts by thread: with one worker the same calls are made by the same thread each time.
        start.Environment["DOTNET_ThreadPool_ForceMinWorkerThreads"] = "1";
        start.Environment["DOTNET_ThreadPool_ForceMaxWorkerThreads"] = "1";
        return Start(start, trace.Length > 0);
    }

    /// <summary>Starts it as it is started outside of tests, to measure it.</summary>
    /// <param name="arguments">Those of the program.</param>
    public static FaultProgram StartUntouched(string[] arguments) => Start(new ProcessStartInfo(Path, arguments), isTraced: false);

    /// <summary>Starts it and stops it before it does anything: it goes on with SIGCONT, when somebody looks.</summary>
    /// <param name="arguments">Those of the program.</param>
    /// <param name="hasBegun">Whether it has done something already.</param>
    public static async Task<FaultProgram> StartStoppedAsync(string[] arguments, Func<bool> hasBegun)
    {
        // The runtime needs some ten times as long to start as a signal needs to arrive.
        for (var tries = 1; ; tries++)
        {
            var program = Start(arguments);
            await program.SignalAsync("STOP");
            if (!hasBegun())
                return program;
            program.Dispose();
            Assert.That(tries, Is.LessThan(MaxStarts), "it does not stop before it does something");
        }
    }

    /// <summary>Attaches strace to the running program, until disposed.</summary>
    public static async Task<Attached> AttachAsync(int pid, params string[] trace)
    {
        var start = new ProcessStartInfo(Strace, ["-f", .. trace, "-p", pid.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardError = true };
        var strace = Process.Start(start)!;
        // It says so for each thread; from the last on nothing escapes it.
        var line = await strace.StandardError.ReadLineAsync().WaitAsync(EndPatience);
        Assert.That(line, Does.Contain("attached"), $"strace -p {pid}");
        var rest = strace.StandardError.ReadToEndAsync();
        return new Attached(strace, rest, pid);
    }

    public Task SignalAsync(string signal) => ChildProcess.RunAsync("kill", ["-s", signal, Pid.ToString(CultureInfo.InvariantCulture)]);

    /// <summary>Waits until it has ended by itself.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndedAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(EndPatience);
        return _process.ExitCode;
    }

    /// <summary>Ends it by SIGTERM.</summary>
    public async Task EndAsync()
    {
        if (_process.HasExited)
            return;
        await SignalAsync("TERM");
        await _process.WaitForExitAsync().WaitAsync(EndPatience);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            // strace alone would leave the program behind.
            if (_isTraced && ChildOf(_process.Id) is var child and > 0)
                Process.GetProcessById(child).Kill(entireProcessTree: true);
            else
                _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private static FaultProgram Start(ProcessStartInfo start, bool isTraced)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        return new FaultProgram(Process.Start(start)!, isTraced);
    }

    private void Keep(string? line)
    {
        lock (_log)
            _log.Append(line).Append('\n');
    }

    private static int ChildOf(int pid)
    {
        var children = File.ReadAllText($"/proc/{pid}/task/{pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return children.Length == 0 ? -1 : int.Parse(children[0], CultureInfo.InvariantCulture);
    }

    private static string Find()
    {
        var built = System.IO.Path.Combine(AppContext.BaseDirectory, "templater");
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var published = System.IO.Path.Combine(directory.FullName, "publish", "amd64", "templater");
            if (File.Exists(published) && File.GetLastWriteTimeUtc(published) > File.GetLastWriteTimeUtc(built + ".dll"))
                return published;
        }

        return built;
    }

    /// <summary>strace beside a program that goes on when it is gone.</summary>
    internal sealed class Attached(Process strace, Task<string> said, int pid) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            if (!strace.HasExited)
                await ChildProcess.RunAsync("kill", ["-s", "INT", strace.Id.ToString(CultureInfo.InvariantCulture)]);
            for (var clock = Stopwatch.StartNew(); !strace.HasExited && clock.Elapsed < EndPatience; await Task.Delay(Poll))
                if (IsZombie(pid) || clock.Elapsed > DetachPatience)
                    strace.Kill();
            await strace.WaitForExitAsync().WaitAsync(EndPatience);
            await said;
            strace.Dispose();
        }

        // strace that is to go while the program ends stays with what is left of it, for ever; and so it does while the program starts
        // another one: the parent does not stop before its child has begun, which strace keeps from going on.
        private static bool IsZombie(int pid)
        {
            try
            {
                return File.ReadLines($"/proc/{pid}/status").Any(static line => line.StartsWith("State:\tZ", StringComparison.Ordinal));
            }
            catch (IOException)
            {
                return false;
            }
        }
    }
}
