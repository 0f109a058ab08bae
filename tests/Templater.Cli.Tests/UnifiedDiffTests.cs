using Templater.Testing;

namespace Templater.Cli.Tests;

public sealed class UnifiedDiffTests
{
    [Test]
    public void EqualTextsHaveNoDifference() => Assert.That(UnifiedDiff.Of("a", "x\n", "b", "x\n"), Is.Empty);

    [TestCase("", "a\n", "@@ -0,0 +1 @@\n+a\n")]
    [TestCase("a\n", "", "@@ -1 +0,0 @@\n-a\n")]
    [TestCase("a\n", "b\n", "@@ -1 +1 @@\n-a\n+b\n")]
    [TestCase("a", "a\n", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n")]
    [TestCase("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nX\n6\n7\n8\n9\n", "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+X\n 6\n 7\n 8\n")]
    public void ADifferenceShowsThreeLinesAround(string before, string after, string expected) =>
        Assert.That(UnifiedDiff.Of("old", before, "new", after), Is.EqualTo("--- old\n+++ new\n" + expected));

    [Test]
    public void ChangesFarApartAreHunksOfTheirOwn()
    {
        var before = string.Concat(Enumerable.Range(1, 30).Select(static line => $"{line}\n"));
        var after = before.Replace("\n5\n", "\nfive\n", StringComparison.Ordinal).Replace("\n25\n", "\n", StringComparison.Ordinal);
        Assert.That(UnifiedDiff.Of("o", before, "n", after).Split('\n').Where(static line => line.StartsWith('@')),
            Is.EqualTo(new[] { "@@ -2,7 +2,7 @@", "@@ -22,7 +22,6 @@" }));
    }

    // Texts made from a few different lines, so that the many ways to align them all occur.
    [Test]
    public async Task DiffAgreesWithPatchOnArbitraryTexts()
    {
        using var directory = new TempDirectory();
        var state = 12345u;
        for (var round = 0; round < 60; round++)
        {
            var (before, after) = (Text(ref state), Text(ref state));
            directory.Write("file", before);
            var patch = directory.Write("patch", UnifiedDiff.Of("file", before, "file", after));
            if (before != after)
                (await ChildProcess.RunAsync("patch", ["-s", "-u", "-F0", "-i", patch, directory["file"]])).MustSucceed();
            Assert.That(File.Exists(directory["file"]) ? directory.Read("file") : "", Is.EqualTo(after), $"round {round}");
        }
    }

    [Test]
    public void VeryDifferentLongTextsAreStillShownCompletely()
    {
        var before = string.Concat(Enumerable.Range(0, 3_000).Select(static line => $"a{line}\n"));
        var diff = UnifiedDiff.Of("o", before, "n", before.Replace('a', 'b'));
        Assert.That(diff.Count(static c => c == '\n'), Is.EqualTo(2 + 1 + 6_000));
    }

    private static string Text(ref uint state)
    {
        var lines = new List<string>();
        var count = Next(ref state) % 25;
        for (var line = 0; line < count; line++)
            lines.Add("abcd"[(int)(Next(ref state) % 4)].ToString());
        return string.Concat(lines.Select(static line => line + "\n"));
    }

    private static uint Next(ref uint state) => (state = (state * 1664525) + 1013904223) >> 16;
}
