using System.Reflection;

namespace Templater.Cli.Tests;

/// <summary>Which project may know which, read from the assemblies.</summary>
public sealed class DependencyTests
{
    private static readonly string[] OwnAssemblies = ["templater", "Templater.Pipeline", "Templater.Language", "Templater.Docker", "Templater.Acme"];

    [TestCase("Templater.Language")]
    [TestCase("Templater.Docker")]
    [TestCase("Templater.Acme")]
    [TestCase("Templater.Pipeline", "Templater.Acme", "Templater.Docker", "Templater.Language")]
    [TestCase("templater", "Templater.Acme", "Templater.Docker", "Templater.Language", "Templater.Pipeline")]
    public void EachProjectKnowsOnlyThoseBelowIt(string name, params string[] allowed) =>
        Assert.That(ReferencesOf(name).Where(OwnAssemblies.Contains), Is.SubsetOf(allowed));

    [TestCase("Templater.Language")]
    [TestCase("Templater.Docker")]
    [TestCase("Templater.Acme")]
    public void TheLibrariesStandOnTheBaseClassLibraryAlone(string name) =>
        Assert.That(ReferencesOf(name), Is.All.StartsWith("System.").Or.EqualTo("netstandard").Or.StartsWith("Microsoft.Win32."));

    [TestCase("Templater.Pipeline", "System.CommandLine")]
    [TestCase("Templater.Pipeline", "System.Console")]
    [TestCase("Templater.Language", "System.Console")]
    [TestCase("Templater.Docker", "System.Console")]
    [TestCase("Templater.Acme", "System.Console")]
    public void TheCommandLineAndTheConsoleBelongToTheCommand(string name, string forbidden) =>
        Assert.That(ReferencesOf(name), Does.Not.Contain(forbidden));

    private static string[] ReferencesOf(string name) =>
        [.. Assembly.Load(name).GetReferencedAssemblies().Select(static reference => reference.Name!)];
}
