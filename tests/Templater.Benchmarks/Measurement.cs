using System.Globalization;
using Templater.Testing;

namespace Templater.Benchmarks;

/// <summary>What was measured on a host of so many containers; times in milliseconds, memory in MiB.</summary>
internal sealed record Measurement(
    int Containers,
    double OneShotTime,
    double OneShotPeak,
    double LatencyMedian,
    double Latency95,
    double CpuMedian,
    double Cpu95,
    int BurstRenders,
    double RunPeak)
{
    private const int OneShots = 5;
    private const int Events = 200;
    private const int BurstSize = 20;

    // Every second container is routed under a name of its own; the others are the databases and workers of a usual host.
    private const int RoutedOneIn = 2;

    // The quiet time after an event is waiting on purpose.
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan Calm = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan BurstTime = TimeSpan.FromSeconds(3);

    /// <summary>Starts a fake engine with <paramref name="count"/> containers and measures the program against it.</summary>
    public static async Task<Measurement> TakeAsync(string program, int count)
    {
        using var directory = new TempDirectory("templater-bench-");
        await using var engine = new FakeDockerEngine();
        engine.AddNetwork("front");
        for (var i = 0; i < count; i++)
            AddContainer(engine, $"app{i}", i % RoutedOneIn == 0 ? $"site{i}.example.com" : null);
        var environment = EnvironmentFor(engine, directory);

        var oneShots = new List<(double Time, double Peak)>();
        for (var i = 0; i < OneShots; i++)
            oneShots.Add(await MeasuredProcess.RunToEndAsync(program, ["render", "--output", directory["once.conf"]], environment));

        await using var run = MeasuredProcess.Start(program, ["run"], environment);
        var file = new WatchedFile(directory["live.conf"]);
        await file.WaitForChangeAsync();
        await Task.Delay(BurstTime);
        var events = await MeasureEventsAsync(engine, run, file);
        var renders = await MeasureBurstAsync(engine, file);
        var latencies = events.Select(one => one.Latency).Order().ToArray();
        var cpu = events.Select(one => one.Cpu).Order().ToArray();
        return new Measurement(
            count,
            oneShots.Select(one => one.Time).Order().ElementAt(OneShots / 2),
            oneShots.Max(one => one.Peak),
            latencies[Events / 2],
            latencies[Events * 95 / 100],
            cpu[Events / 2],
            cpu[Events * 95 / 100],
            renders,
            run.ReadPeak());
    }

    public string ToTableRow() => string.Create(
        CultureInfo.InvariantCulture,
        $"| {Containers:N0} | {OneShotTime:F0} ms | {OneShotPeak:F0} MB | {LatencyMedian:F1} ms | {Latency95:F1} ms | {CpuMedian:F1} ms | {Cpu95:F1} ms | {BurstRenders} | {RunPeak:F0} MB |");

    private static async Task<List<(double Latency, double Cpu)>> MeasureEventsAsync(FakeDockerEngine engine, MeasuredProcess run, WatchedFile file)
    {
        var results = new List<(double, double)>(Events);
        for (var i = 0; i < Events; i++)
        {
            await Task.Delay(Calm);
            var cpu = run.CpuTime;
            var start = TimeProvider.System.GetTimestamp();
            if (i % 2 == 0)
                AddContainer(engine, "newcomer", "newcomer.example.com");
            else
                engine.Remove("newcomer");
            await file.WaitForChangeAsync();
            var latency = TimeProvider.System.GetElapsedTime(start) - Settle;
            await Task.Delay(Calm);
            results.Add((latency.TotalMilliseconds, run.CpuTime - cpu));
        }

        return results;
    }

    // As compose starts them: one after the other, some 15 ms apart.
    private static async Task<int> MeasureBurstAsync(FakeDockerEngine engine, WatchedFile file)
    {
        using var end = new CancellationTokenSource(BurstTime);
        var counting = file.CountChangesAsync(end.Token);
        for (var i = 0; i < BurstSize; i++)
        {
            AddContainer(engine, $"burst{i}", $"burst{i}.example.com");
            await Task.Delay(TimeSpan.FromMilliseconds(15));
        }

        return await counting;
    }

    public static void AddContainer(FakeDockerEngine engine, string name, string? host) => engine.AddContainer(name, container =>
    {
        container.Image("my/app:1").Network("front").Expose(8080).Env("PATH", "/usr/bin").Label("com.docker.compose.project", "bench").Label("com.docker.compose.service", name);
        if (host is not null)
            container.Label("templater.host", host);
    });

    private static Dictionary<string, string?> EnvironmentFor(FakeDockerEngine engine, TempDirectory directory) => new()
    {
        ["DOCKER_HOST"] = engine.Host,
        ["TEMPLATER_TEMPLATE"] = "nginx",
        ["TEMPLATER_OUTPUT"] = directory["live.conf"],
        ["TEMPLATER_RELOAD"] = "none",
        ["TEMPLATER_VALIDATE"] = "none",
        ["TEMPLATER_VERIFY"] = "none",
        ["TEMPLATER_STATE_DIR"] = directory["state"],
        ["TEMPLATER_CERTS_DIR"] = directory["certs"],
    };
}
