using System.Runtime.CompilerServices;
using Templater.Cli.Commands;
using Templater.Cli.Options;
using Templater.Cli.Tests.Explaining;

namespace Templater.Cli.Tests;

/// <summary>The README says what the program does.</summary>
public sealed class ReadmeTests
{
    private const string TableStart = "compared by a test -->\n\n";
    private const string TableEnd = "\n<!-- /settings -->";
    private const string UpdateVariable = "UPDATE_GOLDEN";

    [Test]
    public void TheSettingsTableIsThatOfTheCode()
    {
        var path = PathOf("README.md");
        var readme = File.ReadAllText(path);
        var start = readme.IndexOf(TableStart, StringComparison.Ordinal) + TableStart.Length;
        var end = readme.IndexOf(TableEnd, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
            File.WriteAllText(path, string.Concat(readme.AsSpan(0, start), SettingsDocument.Markdown(), readme.AsSpan(end)));
        else
            Assert.That(readme[start..end], Is.EqualTo(SettingsDocument.Markdown()), $"rewrite it with {UpdateVariable}=1");
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
