using System.Security.Cryptography;
using System.Text;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>A deployer of an output of several files, and what lies on disk of them.</summary>
internal static class GroupBench
{
    public const string Map = "maps/hosts.map";

    /// <summary>A configuration that names its further files as the proxy finds them.</summary>
    public static RenderedFile Group(this DeployerBench bench, string text, params (string Name, string Text)[] files)
    {
        var directory = Path.Combine(bench.Folder(), ".templater/nginx/current");
        var generation = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text + string.Join('|', files))))[..16];
        return new RenderedFile
        {
            Output = "nginx",
            Path = bench.Path,
            Content = Encoding.UTF8.GetBytes($"{text} {generation} {string.Join(' ', files.Select(file => $"{directory}/{file.Name}"))}\n"),
            Generation = generation,
            PrintsGeneration = true,
            Files = [.. files.OrderBy(file => file.Name, StringComparer.Ordinal).Select(file => new FurtherFile(file.Name, Encoding.UTF8.GetBytes(file.Text)))],
            FilesDirectory = directory,
        };
    }

    public static Task<DeployOutcome> DeployGroupAsync(this DeployerBench bench, string text, string map) =>
        bench.DeployFileAsync(bench.Group(text, (Map, map)));

    public static Task<DeployOutcome> DeployFileAsync(this DeployerBench bench, RenderedFile file)
    {
        bench.Time.Advance(TimeSpan.FromSeconds(10));
        return bench.Deployer.DeployAsync(file, "test", CancellationToken.None);
    }

    public static string Folder(this DeployerBench bench) => Path.GetDirectoryName(bench.Path)!;

    public static string InFolder(this DeployerBench bench, string name) => Path.Combine(bench.Folder(), name);

    public static string OnDiskMap(this DeployerBench bench) => File.ReadAllText(bench.InFolder($".templater/nginx/current/{Map}"));

    public static string[] Sets(this DeployerBench bench) =>
        [.. Directory.GetFileSystemEntries(bench.InFolder(".templater/nginx/gen")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
