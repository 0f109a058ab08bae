using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Templater.Pipeline;
using Templater.Testing;

namespace Templater.Cli.Tests.Explaining;

/// <summary>What explain says about every fixture: hosts with one mistake each, named by the reason that it leads to, and the samples.</summary>
public sealed class ExplainGoldenTests
{
    private const string Proxy = "edge-nginx-1";

    private static IEnumerable<string> Fixtures() => Directory.GetFiles(Folder(), "*.json").Select(static path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal);

    [TestCaseSource(nameof(Fixtures))]
    public async Task EveryFixtureIsExplained(string name)
    {
        var text = new StringBuilder();
        await Append(text, name, Path.Combine(Folder(), name + ".json"));
        foreach (var container in await Named(Path.Combine(Folder(), name + ".json"), name == ReasonIds.IsProxy))
            await Append(text, name, Path.Combine(Folder(), name + ".json"), container);
        foreach (var host in await Hosts(name))
            await Append(text, name, Path.Combine(Folder(), name + ".json"), host);
        await Append(text, name, Path.Combine(Folder(), name + ".json"), "--json");
        Golden.Verify(text.ToString(), name + ".txt");
    }

    [TestCase("shop")]
    [TestCase("blue-green")]
    [TestCase("many")]
    [TestCase("traefik")]
    public async Task EverySampleIsExplained(string name)
    {
        var (text, file) = (new StringBuilder(), Path.Combine(Samples(), name + ".json"));
        await Append(text, name, file, "--all");
        foreach (var container in await Named(file, withProxy: true))
            await Append(text, name, file, container);
        Golden.Verify(text.ToString(), $"sample-{name}.txt");
    }

    [Test]
    public async Task EveryReasonComesOfARealMistake()
    {
        var produced = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in Fixtures())
        {
            var reasons = await Reasons(name);
            if (name != "routed")
                Assert.That(reasons, Does.Contain(name), "the fixture is named by what it leads to");
            produced.UnionWith(reasons);
        }

        Assert.That(OfContainers().Where(reason => !produced.Contains(reason)), Is.Empty, "reasons that no fixture produces");
    }

    [Test]
    public void EveryReasonHasAFixture() =>
        Assert.That(Fixtures(), Is.EquivalentTo(OfContainers().Append("routed")));

    /// <summary>The reasons of containers and routes come first in the list, up to those of templates and outputs.</summary>
    internal static ImmutableArray<string> OfContainers() =>
    [
        .. typeof(ReasonIds).GetFields(BindingFlags.Public | BindingFlags.Static).Select(static field => (string)field.GetRawConstantValue()!)
            .TakeWhile(static reason => reason != ReasonIds.SocketDenied),
    ];

    private static async Task<HashSet<string>> Reasons(string name)
    {
        var reasons = new HashSet<string>(StringComparer.Ordinal);
        foreach (var about in await Explained(name))
        {
            if (about.GetProperty("reason").GetString() is { } reason)
                reasons.Add(reason);
            reasons.UnionWith(about.GetProperty("warnings").EnumerateArray().Select(static warning => warning.GetProperty("reason").GetString()!));
        }

        return reasons;
    }

    private static async Task<IEnumerable<string>> Hosts(string name) => (await Explained(name))
        .SelectMany(static about => about.GetProperty("routes").EnumerateArray().Select(static route => route.GetProperty("host").GetString()!))
        .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private static async Task<JsonElement[]> Explained(string name)
    {
        var run = await Run(name, Path.Combine(Folder(), name + ".json"), "--all", "--json");
        return [.. run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement)];
    }

    private static async Task<IEnumerable<string>> Named(string file, bool withProxy)
    {
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(file));
        var names = document.RootElement.ValueKind == JsonValueKind.Array
            ? document.RootElement.EnumerateArray().Select(static container => container.GetProperty("Name").GetString()![1..])
            : document.RootElement.GetProperty("snapshot").GetProperty("containers").EnumerateArray().Select(static container => container.GetProperty("name").GetString()!);
        return [.. names.Where(name => withProxy || name != Proxy).Order(StringComparer.Ordinal)];
    }

    private static async Task Append(StringBuilder text, string name, string file, params string[] arguments)
    {
        var run = await Run(name, file, arguments);
        text.Append($"$ templater {string.Join(' ', arguments.Prepend("explain"))}\n{run.Output}{run.Error}[exit {run.ExitCode}]\n\n");
    }

    private static async Task<CommandRun> Run(string name, string file, params string[] arguments)
    {
        var own = Path.Combine(Folder(), name + ".nginx.scriban");
        if (!File.Exists(own))
            own = Path.Combine(Folder(), "fixture.nginx.scriban");
        // Messages name the template, and cut what is long: its place must be the same everywhere.
        using var directory = new TempDirectory();
        var template = Path.Combine(directory.Path, "own.nginx.scriban");
        File.Copy(own, template);
        var settings = Path.Combine(Folder(), name + ".args");
        var run = await CommandRun.Of(
            ["explain", .. File.Exists(settings) ? File.ReadAllLines(settings) : [], "--template", template, "--certs-dir", Path.Combine(Folder(), "none"), "--output", "/config/nginx.conf", "--from", file, .. arguments]);
        return run with { Output = run.Output.Replace(directory.Path + "/", "", StringComparison.Ordinal).Replace(Folder() + "/", "", StringComparison.Ordinal) };
    }

    internal static string Folder([CallerFilePath] string source = "") => Path.Combine(Path.GetDirectoryName(source)!, "Fixtures");

    private static string Samples([CallerFilePath] string source = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "..", "..", "..", "samples", "containers"));
}
