using System.Globalization;
using Templater.Benchmarks;
using Templater.Pipeline.Routing;

// dotnet run -c Release --project tests/Templater.Benchmarks [TEMPLATER] [N...]
// TEMPLATER is the program to measure, by default the published one.
// dotnet run -c Release --project tests/Templater.Benchmarks render [N...]
// Routing and rendering alone, in this process, warm.
var program = args.FirstOrDefault(File.Exists) ?? PublishedProgram();
var counts = args.Where(argument => argument.All(char.IsAsciiDigit)).Select(argument => int.Parse(argument, CultureInfo.InvariantCulture)).ToArray();
if (args.Contains("render"))
{
    Console.WriteLine("""
        | N | template | one container changed: median | p95 | allocated | collections | nothing remembered: median | allocated | file |
        |--:|---|--:|--:|--:|--:|--:|--:|--:|
        """);
    foreach (var count in counts.Length > 0 ? counts : [10, 1_000, 5_000])
    {
        Console.WriteLine((await RenderMeasurement.TakeAsync("nginx", ProxyKind.Nginx, count)).ToTableRow());
        Console.WriteLine((await RenderMeasurement.TakeAsync("haproxy", ProxyKind.HAProxy, count)).ToTableRow());
    }

    return 0;
}

if (program is null)
{
    Console.Error.WriteLine("nothing to measure: run `dotnet publish src/Templater.Cli` first");
    return 2;
}

Console.WriteLine("""
    | N | one-shot render | peak | event -> file: median | p95 | CPU per event: median | p95 | burst of 20: renders | peak of run |
    |--:|--:|--:|--:|--:|--:|--:|--:|--:|
    """);
foreach (var count in counts.Length > 0 ? counts : [10, 1_000, 5_000])
    Console.WriteLine((await Measurement.TakeAsync(program, count)).ToTableRow());
return 0;

static string? PublishedProgram()
{
    for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
    {
        var path = Path.Combine(directory.FullName, "artifacts", "publish", "amd64", "templater");
        if (File.Exists(path))
            return path;
    }

    return null;
}
