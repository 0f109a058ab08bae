using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Templater.Cli.Options;

namespace Templater.Cli.Tests;

/// <summary>Nobody is told to run a command, to give a flag or to set a variable that is not there.</summary>
public sealed partial class NamesInTextsTests
{
    // Words that follow the program's name in a sentence or a build command.
    private static readonly string[] Prose = ["has", "artifacts"];

    // Flags of docker, of the test script and of the image's health check.
    private static readonly string[] FlagsOfOthers =
    [
        "--build-arg", "--budget", "--full", "--group-add", "--gw-priority", "--interval", "--name", "--network", "--no-trunc", "--project", "--restart",
        "--start-interval", "--start-period", "--timeout",
    ];

    private static readonly string[] Folders = ["src", "templates", "samples"];
    private static readonly string[] Files = ["README.md", "Dockerfile"];
    private static readonly string[] Suffixes = [".cs", ".md", ".scriban", ".yaml", ".yml"];

    [Test]
    public void EveryCommandIsThere()
    {
        using var signals = new ProcessSignals();
        var commands = CommandRun.Tree(signals).Subcommands.Select(static command => command.Name).ToList();
        var named = Named(Command()).ToList();
        Assert.That(named.Select(static name => name.Name), Does.Contain("healthcheck").And.Contain("run"), "the texts are not found");
        Assert.That(named.Where(name => !commands.Contains(name.Name) && !Prose.Contains(name.Name)), Is.Empty);
    }

    [Test]
    public void EveryFlagIsThere()
    {
        using var signals = new ProcessSignals();
        var tree = CommandRun.Tree(signals);
        var flags = tree.Subcommands.Concat(tree.Subcommands.SelectMany(static command => command.Subcommands)).SelectMany(static command => command.Options).Concat(tree.Options).Select(static option => option.Name).ToHashSet();
        var named = Named(Flag()).ToList();
        Assert.That(named.Select(static name => name.Name), Does.Contain("--http-port"), "the texts are not found");
        Assert.That(named.Where(name => !flags.Contains(name.Name) && !FlagsOfOthers.Contains(name.Name)), Is.Empty);
    }

    [Test]
    public void EveryVariableIsThere()
    {
        var variables = SettingsTable.All.SelectMany(static setting => new[] { setting.EnvironmentName, setting.EnvironmentName + "_FILE" })
            .Append(EnvironmentLayer.ConfigName).ToHashSet();
        var named = Named(Variable()).ToList();
        Assert.That(named.Select(static name => name.Name), Does.Contain("TEMPLATER_TEMPLATE"), "the texts are not found");
        Assert.That(named.Where(name => !variables.Contains(name.Name)), Is.Empty);
    }

    private static IEnumerable<(string Place, string Name)> Named(Regex pattern) =>
        from path in Paths()
        from line in File.ReadLines(path).Select(static (text, index) => (Text: text, Number: index + 1))
        where !path.EndsWith(".cs", StringComparison.Ordinal) || !line.Text.TrimStart().StartsWith("// ", StringComparison.Ordinal)
        from Match match in pattern.Matches(line.Text)
        select ($"{Path.GetRelativePath(Root(), path)}:{line.Number}", match.Groups[1].Value);

    private static IEnumerable<string> Paths() =>
        Folders.SelectMany(static folder => Directory.EnumerateFiles(Path.Combine(Root(), folder), "*", SearchOption.AllDirectories))
            .Where(static path => Suffixes.Contains(Path.GetExtension(path)))
            .Concat(Files.Select(static file => Path.Combine(Root(), file)));

    private static string Root([CallerFilePath] string source = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "..", ".."));

    [GeneratedRegex(@"\btemplater(?::1)? ([a-z][a-z-]*)", RegexOptions.CultureInvariant)]
    private static partial Regex Command();

    [GeneratedRegex("(?<![a-z-])(--[a-z][a-z0-9-]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Flag();

    [GeneratedRegex(@"\b(TEMPLATER_[A-Z][A-Z0-9_]*)\b", RegexOptions.CultureInvariant)]
    private static partial Regex Variable();
}
