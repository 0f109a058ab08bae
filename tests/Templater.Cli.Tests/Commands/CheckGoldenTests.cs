using System.Runtime.CompilerServices;
using Templater.Testing;

namespace Templater.Cli.Tests.Commands;

/// <summary>
/// Wrong templates in <c>Golden/check</c>, each with what <c>templater check</c> says about it: the place, the source line with
/// carets, and what to do.
/// </summary>
public sealed class CheckGoldenTests
{
    private static string Folder([CallerFilePath] string source = "") => Path.Combine(Path.GetDirectoryName(source)!, "Golden", "check");

    private static IEnumerable<string> Templates => Directory.EnumerateFiles(Folder(), "*.scriban").Select(static path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal);

    [TestCaseSource(nameof(Templates))]
    public async Task NamesThePlaceAndWhatToWrite(string name)
    {
        var run = await CommandRun.Of("check", "--template-format", "nginx", Path.Combine(Folder(), name + ".scriban"));
        Golden.Verify(run.Error.Replace(Folder() + "/", "", StringComparison.Ordinal) + run.Output, $"check/{name}.txt");
    }

    [TestCaseSource(nameof(Templates))]
    public async Task EveryMessageSaysWhatToDo(string name)
    {
        var run = await CommandRun.Of("check", "--template-format", "nginx", Path.Combine(Folder(), name + ".scriban"));
        var carets = run.Error.Split('\n').Where(static line => line.StartsWith("      | ", StringComparison.Ordinal)).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(carets, Is.Not.Empty);
            Assert.That(carets, Has.All.Match(@"\^+ \S.{4}"));
            Assert.That(run.ExitCode, Is.EqualTo(run.Error.Contains(": error ", StringComparison.Ordinal) ? 3 : 0));
        }
    }

    [Test]
    public void ThereAreAtLeastThirty() => Assert.That(Templates.Count(), Is.GreaterThanOrEqualTo(30));

    [Test]
    public void NoAnswerIsLeftWithoutItsTemplate() =>
        Assert.That(Directory.EnumerateFiles(Folder(), "*.txt").Select(static path => Path.GetFileNameWithoutExtension(path)), Is.SubsetOf(Templates));

    [Test]
    public async Task NothingIsWrongWithTheShippedTemplates()
    {
        foreach (var path in Directory.EnumerateFiles(Path.Combine(Folder(), "../../../../../templates"), "*.scriban", SearchOption.AllDirectories))
            Assert.That(await CommandRun.Of("check", Path.GetFullPath(path)), Is.EqualTo(new CommandRun(0, "1 file, 0 errors\n", "")), path);
    }
}
