using System.Text.RegularExpressions;
using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary>What the README shows is what there is.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Text = File.ReadAllText(Repository.PathOf("README.md"));

    // A build that waits for the next one would hold the pipes of this one open.
    private static readonly Dictionary<string, string?> BuildEnvironment = new() { ["MSBUILDDISABLENODEREUSE"] = "1" };
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(3);

    [Test]
    public void PrintsTheNginxExampleAsItIsTested() =>
        Assert.That(Text, Does.Contain(File.ReadAllText(Repository.PathOf("samples", "compose", "nginx", "compose.yaml"))));

    [Test]
    public void PrintsTheHAProxyExampleAsItIsTested() =>
        Assert.That(Text, Does.Contain(File.ReadAllText(Repository.PathOf("samples", "compose", "haproxy", "compose.yaml"))));

    [Test]
    public void PrintsTheExampleOfNginxProxyAsItIsTested() =>
        Assert.That(Text, Does.Contain(File.ReadAllText(Repository.PathOf("samples", "compose", "nginx-proxy", "compose.yaml"))));

    [Test]
    public void PrintsTheExampleOfCentauriOverTheNetworkAsItIsTested() =>
        Assert.That(Text, Does.Contain(File.ReadAllText(Repository.PathOf("samples", "compose", "centauri-push", "compose.yaml"))));

    [Test]
    public void NamesEveryComposeExample()
    {
        foreach (var directory in Directory.GetDirectories(Repository.PathOf("samples", "compose")))
            Assert.That(File.Exists(Path.Combine(directory, "compose.yaml")), Is.True, directory);
        Assert.That(Text, Does.Contain("samples/compose"));
    }

    [Test]
    public void TheTestsOfSituationsAreThere()
    {
        var sources = Directory.GetFiles(Repository.PathOf("tests"), "*Tests.cs", SearchOption.AllDirectories).ToLookup(static path => Path.GetFileNameWithoutExtension(path), File.ReadAllText);
        var named = TestName().Matches(File.ReadAllText(Repository.PathOf("tests", "README.md")));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(named, Has.Count.GreaterThan(15));
            foreach (Match test in named)
                Assert.That(sources[test.Groups[1].Value], Has.Some.Contains(test.Groups[2].Success ? $" {test.Groups[2].Value}(" : $" class {test.Groups[1].Value}"), test.Value);
        }
    }

    [Test, CancelAfter(240_000)]
    public async Task ItsFirstCommandPrintsAConfigurationThatNginxAccepts()
    {
        var command = Text.Split('\n').Single(line => line.StartsWith("$ dotnet run ", StringComparison.Ordinal))[2..];
        using var directory = new TempDirectory();

        var render = await ChildProcess.RunAsync("sh", ["-c", "cd \"$1\" && " + command, "sh", Repository.Root], BuildEnvironment, BuildLimit);

        render.MustSucceed();
        Assert.That(render.Output, Does.Contain("server {").And.Contain("upstream "));
        if (Images.Unavailable is { } reason)
            Missing.Report(reason);
        var check = await ChildProcess.RunAsync("nginx", ["-t", "-c", directory.Write("nginx.conf", render.Output)]);
        Assert.That(check.ExitCode, Is.Zero, check.Error);
    }

    [GeneratedRegex(@"`(\w+Tests)(?:\.(\w+))?`")]
    private static partial Regex TestName();
}
