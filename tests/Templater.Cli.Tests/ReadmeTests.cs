using System.Runtime.CompilerServices;
using Templater.Cli.Commands;
using Templater.Cli.Options;
using Templater.Cli.Tests.Explaining;
using Templater.Pipeline.Deployment.Preflight;

namespace Templater.Cli.Tests;

/// <summary>The README says what the program does.</summary>
public sealed class ReadmeTests
{
    private const string TableStart = "compared by a test -->\n\n";
    private const string UpdateVariable = "UPDATE_GOLDEN";
    private const string Recorded = "before.json";

    [Test]
    public void TheSettingsTableIsThatOfTheCode() => Compare("settings", SettingsDocument.Markdown());

    [Test]
    public void TheCallsToTheEngineAreThoseOfTheCode() => Compare("calls", EngineMode.Markdown());

    [Test]
    public void TheTableOfNginxProxysVariablesIsThatOfTheCode() => Compare("nginx-proxy", NginxProxyVariables.Table.Markdown());

    [TestCase("--compat nginx-proxy", "shop", 0, "routed")]
    [TestCase("--dialects templater,traefik", "traefik", 1, "NOT ROUTED")]
    public async Task WhatWouldBecomeOfContainersIsToldBeforeASwitch(string words, string sample, int exitCode, string said)
    {
        var command = (await File.ReadAllLinesAsync(PathOf("README.md"))).Single(line => line.StartsWith("$ templater explain ", StringComparison.Ordinal) && line.Contains(words, StringComparison.Ordinal));
        var arguments = command.Split(' ')[2..].Select(word => word == Recorded ? PathOf(Path.Combine("samples", "containers", sample + ".json")) : word);
        var run = await CommandRun.Of([.. arguments]);
        Assert.That((run.ExitCode, run.Output.Contains($"  {said} ", StringComparison.Ordinal)), Is.EqualTo((exitCode, true)), run.Output + run.Error);
    }

    private static void Compare(string name, string table)
    {
        var path = PathOf("README.md");
        var readme = File.ReadAllText(path);
        var start = readme.IndexOf(TableStart, readme.IndexOf($"<!-- {name}: ", StringComparison.Ordinal), StringComparison.Ordinal) + TableStart.Length;
        var end = readme.IndexOf($"\n<!-- /{name} -->", StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
            File.WriteAllText(path, string.Concat(readme.AsSpan(0, start), table, readme.AsSpan(end)));
        else
            Assert.That(readme[start..end], Is.EqualTo(table), $"rewrite it with {UpdateVariable}=1");
    }

    [Test]
    public void EveryCommandIsListed()
    {
        var readme = File.ReadAllText(PathOf("README.md"));
        using var signals = new ProcessSignals();
        foreach (var command in CommandRun.Tree(signals).Subcommands)
            Assert.That(readme, Does.Contain($"| `{command.Name}"), command.Name);
    }

    [Test]
    public void EveryReasonOfContainersHasItsParagraph()
    {
        var readme = File.ReadAllText(PathOf("README.md"));
        foreach (var reason in ExplainGoldenTests.OfContainers())
            Assert.That(readme, Does.Contain($"| `{reason}` | {ReasonTexts.Find(reason)} |\n"), reason);
    }

    private static string PathOf(string name, [CallerFilePath] string source = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "..", "..", name));
}
