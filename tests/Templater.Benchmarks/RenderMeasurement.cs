using System.Globalization;
using Templater.Docker;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Rendering.Templates;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Benchmarks;

/// <summary>
/// Routing plus rendering in one process, without engine and disk: what one event costs once the program is warm.
/// Times in milliseconds, allocations in KiB of the measuring thread, collections of generations 0, 1 and 2 over all rounds. On a busy machine the times are those of the others, too.
/// </summary>
internal sealed record RenderMeasurement(int Containers, string Template, double Changed, double Changed95, double ChangedAllocated, string Collections, double Fresh, double FreshAllocated, int OutputSize)
{
    private const int WarmUps = 200;
    private const int Rounds = 200;
    private const double KiB = 1024;

    private static readonly RoutingPolicy Policy = new();
    private static readonly ProxyHint Hint = new ProxyHint.None();

    /// <summary>Reads <paramref name="count"/> containers, all of them routed under names of their own, from a fake engine and renders them again and again.</summary>
    public static async Task<RenderMeasurement> TakeAsync(string template, ProxyKind kind, int count)
    {
        var snapshots = await ReadAsync(count);
        var output = new OutputDefinition { Name = template, Kind = kind, Template = template, Path = "/config/" + template };
        var warm = Load(output);
        for (var i = 0; i < WarmUps; i++)
            _ = Take(warm, snapshots[i % snapshots.Length]);
        var collections = Collected();
        var changed = Enumerable.Range(0, Rounds).Select(i => Take(warm, snapshots[i % snapshots.Length])).ToArray();
        var collected = string.Join('/', Collected().Zip(collections, static (after, before) => (after - before).ToString(CultureInfo.InvariantCulture)));
        var fresh = Enumerable.Range(0, Rounds).Select(i => Take(Load(output), snapshots[i % snapshots.Length])).ToArray();
        return new RenderMeasurement(
            count, template, At(changed, 50), At(changed, 95), changed.Average(one => one.Allocated) / KiB, collected,
            At(fresh, 50), fresh.Average(one => one.Allocated) / KiB, changed[^1].Size);
    }

    public string ToTableRow() => string.Create(
        CultureInfo.InvariantCulture,
        $"| {Containers:N0} | {Template} | {Changed:F1} ms | {Changed95:F1} ms | {ChangedAllocated:N0} KiB | {Collections} | {Fresh:F1} ms | {FreshAllocated:N0} KiB | {OutputSize / KiB:N0} KiB |");

    // Two snapshots that differ in one container, as before and after an event.
    private static async Task<Snapshot[]> ReadAsync(int count)
    {
        await using var engine = new FakeDockerEngine();
        engine.AddNetwork("front");
        for (var i = 0; i < count; i++)
            Measurement.AddContainer(engine, $"app{i}", $"site{i}.example.com");
        using var client = new DockerClient(new EngineOptions { Address = EngineAddress.Parse(engine.Host) });
        var source = new DockerSnapshotSource(client, engine.Host, EnvFilter.Default, SnapshotAssembler.Nothing, TimeProvider.System, []);
        var before = await source.ReadAsync(CancellationToken.None);
        engine.Remove("app0");
        Measurement.AddContainer(engine, "app0", "site0.example.com");
        return [before, await source.ReadAsync(CancellationToken.None)];
    }

    private static OutputRenderer Load(OutputDefinition output) =>
        OutputRenderer.Load(output, new DiskTemplateFiles()).Renderer ?? throw new InvalidOperationException($"the template {output.Template} cannot be read");

    private static (double Time, long Allocated, int Size) Take(OutputRenderer renderer, Snapshot snapshot)
    {
        // Another object each time: for the same one a routing is remembered.
        var read = snapshot with { };
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var start = TimeProvider.System.GetTimestamp();
        var rendering = renderer.Render(read, Policy, Hint, CancellationToken.None);
        var time = TimeProvider.System.GetElapsedTime(start);
        return (time.TotalMilliseconds, GC.GetAllocatedBytesForCurrentThread() - allocated, rendering.File!.Content.Length);
    }

    private static int[] Collected() => [GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2)];

    private static double At((double Time, long Allocated, int Size)[] rounds, int percent) =>
        rounds.Select(one => one.Time).Order().ElementAt(rounds.Length * percent / 100);
}
