using System.Diagnostics;
using System.Globalization;

namespace Templater.Benchmarks;

/// <summary>A running program whose processor time and peak memory are read from /proc.</summary>
internal sealed class MeasuredProcess : IAsyncDisposable
{
    private const double KiBPerMiB = 1024;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private double _peak;

    private MeasuredProcess(Process process) => _process = process;

    /// <summary>Processor time used so far, all threads, in milliseconds.</summary>
    public double CpuTime
    {
        get
        {
            // sum_exec_runtime counts nanoseconds, utime and stime only ticks of 10 ms.
            var total = 0.0;
            foreach (var thread in Directory.GetDirectories(ProcPath("task")))
            {
                var text = TryRead(Path.Combine(thread, "schedstat"));
                if (text is not null)
                    total += double.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture);
            }

            return total / 1e6;
        }
    }

    public static MeasuredProcess Start(string program, string[] arguments, IReadOnlyDictionary<string, string?> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        // A pipe that nobody empties would stop the program.
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, line) =>
        {
            if (line.Data is { } text && text.Contains("error", StringComparison.Ordinal))
                Console.Error.WriteLine(text);
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new MeasuredProcess(process);
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Wall-clock time in milliseconds and peak memory in MiB.</returns>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static async Task<(double Time, double Peak)> RunToEndAsync(string program, string[] arguments, IReadOnlyDictionary<string, string?> environment)
    {
        var start = TimeProvider.System.GetTimestamp();
        await using var process = Start(program, arguments, environment);
        using var timer = new PeriodicTimer(Poll);
        while (!process._process.HasExited && await timer.WaitForNextTickAsync())
            _ = process.ReadPeak();
        if (process._process.ExitCode is not 0 and var code)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with exit code {code}");
        return (TimeProvider.System.GetElapsedTime(start).TotalMilliseconds, process._peak);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            using var limit = new CancellationTokenSource(EndLimit);
            await _process.WaitForExitAsync(limit.Token);
        }

        _process.Dispose();
    }

    /// <summary>Largest resident size so far, in MiB; that of the last reading when the process has ended.</summary>
    public double ReadPeak()
    {
        var line = TryRead(ProcPath("status"))?.Split('\n').FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        if (line is not null)
            _peak = double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Trim(), CultureInfo.InvariantCulture) / KiBPerMiB;
        return _peak;
    }

    private string ProcPath(string name) => string.Create(CultureInfo.InvariantCulture, $"/proc/{_process.Id}/{name}");

    private static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return null; // The thread or process ended meanwhile.
        }
    }
}
