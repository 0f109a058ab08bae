namespace Templater.Language.Tests;

/// <summary>Reads Cases/*.cases: a template, the arrow ⇶ and what it renders, or "error". The name of a case is its file and line.</summary>
internal static class CaseTable
{
    // The arrow is used because it occurs in no template language.
    private const string Arrow = " ⇶ ";

    public static IEnumerable<TestCaseData> Read(string file)
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Cases", file));
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].Length == 0 || lines[i].StartsWith("//", StringComparison.Ordinal))
                continue;
            var at = lines[i].IndexOf(Arrow, StringComparison.Ordinal);
            Assert.That(at, Is.Positive, $"{file}:{i + 1} has no arrow");
            yield return new TestCaseData(Unescape(lines[i][..at]), Unescape(lines[i][(at + Arrow.Length)..])).SetName($"{file}:{i + 1}");
        }
    }

    /// <summary>All rows of the tables whose file names are wanted.</summary>
    public static IEnumerable<TestCaseData> ReadAll(Func<string, bool> isWanted)
    {
        return Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Cases"), "*.cases").Select(f => Path.GetFileName(f)).Where(isWanted).Order(StringComparer.Ordinal).SelectMany(Read);
    }

    public static IEnumerable<string> Templates() => ReadAll(_ => true).Select(row => (string)row.Arguments[0]!);

    private static string Unescape(string text) => text.Replace(@"\\n", "\0", StringComparison.Ordinal).Replace(@"\n", "\n", StringComparison.Ordinal).Replace("\0", @"\n", StringComparison.Ordinal);
}

public sealed class LanguageTests
{
    private static IEnumerable<TestCaseData> Strict => CaseTable.ReadAll(file => !IsLenient(file));

    private static IEnumerable<TestCaseData> Lenient => CaseTable.ReadAll(IsLenient);

    [TestCaseSource(nameof(Strict))]
    public void RendersAsTheTableSays(string template, string expected) => Check(template, expected, new LanguageOptions());

    [TestCaseSource(nameof(Lenient))]
    public void RendersAsTheTableSaysWithoutStrictness(string template, string expected) => Check(template, expected, new LanguageOptions { Strict = false });

    private static bool IsLenient(string file) => file.StartsWith("lenient", StringComparison.Ordinal);

    private static void Check(string template, string expected, LanguageOptions options)
    {
        var parsed = Template.Parse(new SourceText("case", template), options);
        var result = parsed.Template?.Render(new MapObject());
        Assert.That(result?.Text ?? "error", Is.EqualTo(expected), result?.Error?.Diagnostic.ToString() ?? string.Join('\n', parsed.Diagnostics));
    }
}
