using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Templater.Cli.Commands;
using Templater.Cli.Options;
using Templater.Cli.Tests.Explaining;
using Templater.Pipeline.Deployment.Preflight;
using Templater.Testing;

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

    [Test]
    public void TheTableOfDnsProvidersIsThatOfTheCode() => Compare("dns", DnsDocument.Markdown());

    [Test]
    public void EveryFileOfSettingsIsLegal()
    {
        using var directory = new TempDirectory();
        var secret = directory.Write("secret", "s3cret");
        foreach (var block in YamlOf("Settings"))
        {
            // What certificates are obtained with stands in another chapter.
            var file = directory.Write("templater.yaml", $"{(block.Contains("outputs:", StringComparison.Ordinal) ? "" : "template: haproxy\n")}acme_email: ops@example.com\n{Regex.Replace(block, "/run/secrets/[a-z]+", secret)}");
            var settings = new SettingsReader(new FlagLayer { ConfigPath = file }, new Dictionary<string, string>()).Read();
            Assert.That(settings.Warnings, Is.Empty, block);
        }
    }

    [Test]
    public void TheVariablesForCertificatesAreLegal()
    {
        var variables = Regex.Matches(YamlOf("Certificates").Single(), "^ +([A-Z_]+): \"?([^\" ]+)", RegexOptions.Multiline).ToDictionary(static match => match.Groups[1].Value, static match => match.Groups[2].Value);
        using var directory = new TempDirectory();
        var settings = new SettingsReader(new FlagLayer { ConfigPath = directory.Write("templater.yaml", "template: haproxy") }, variables).Read();
        Assert.That(settings.Warnings, Is.Empty);
        Assert.That((settings.Acme!.Authorities["letsencrypt"].Contacts.Single(), settings.Acme.Store.Group), Is.EqualTo(("ops@example.com", (int?)99)));
    }

    [TestCase("--compat nginx-proxy", "shop", 0, "routed")]
    [TestCase("--dialects templater,traefik", "traefik", 1, "NOT ROUTED")]
    public async Task WhatWouldBecomeOfContainersIsToldBeforeASwitch(string words, string sample, int exitCode, string said)
    {
        var command = (await File.ReadAllLinesAsync(PathOf("README.md"))).Single(line => line.StartsWith("$ templater explain ", StringComparison.Ordinal) && line.Contains(words, StringComparison.Ordinal));
        var arguments = command.Split(' ')[2..].Select(word => word == Recorded ? PathOf(Path.Combine("samples", "containers", sample + ".json")) : word);
        var run = await CommandRun.Of([.. arguments]);
        Assert.That((run.ExitCode, run.Output.Contains($"  {said} ", StringComparison.Ordinal)), Is.EqualTo((exitCode, true)), run.Output + run.Error);
    }

    // The blocks of a chapter.
    private static string[] YamlOf(string chapter)
    {
        var readme = File.ReadAllText(PathOf("README.md"));
        var start = readme.IndexOf($"\n## {chapter}\n", StringComparison.Ordinal);
        var end = readme.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
        string[] blocks = [.. Regex.Matches(readme[start..(end < 0 ? readme.Length : end)], "```yaml\n(.*?)```", RegexOptions.Singleline).Select(static match => match.Groups[1].Value)];
        Assert.That(blocks, Is.Not.Empty, chapter);
        return blocks;
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
