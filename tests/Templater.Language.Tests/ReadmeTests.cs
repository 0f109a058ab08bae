using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Templater.Language.Tests;

/// <summary>The README of the language shows everything there is, each with an example that does what it says.</summary>
/// <remarks><c>UPDATE_GOLDEN=1</c> writes calls and descriptions of functions anew; examples and their results are written by people.</remarks>
public sealed partial class ReadmeTests
{
    private static readonly string File = Path.GetFullPath(Path.Combine(Here(), "..", "..", "src", "Templater.Language", "README.md"));

    private static readonly LanguageOptions Options = new() { Loader = new Parts() };

    private static readonly IReadOnlyList<Row> All = [.. Read()];

    private static IEnumerable<TestCaseData> Examples => All.Where(static row => row.Template.Length > 0).Select(static row => new TestCaseData(row.Template, row.Prints).SetName($"README.md:{row.Line}"));

    /// <summary>One line of a table, without the marks of the file's form.</summary>
    private sealed record Row(int Line, string Section, string Written, string Description, string Template, string Prints);

    [TestCaseSource(nameof(Examples))]
    public void AnExampleDoesWhatItSays(string template, string expected)
    {
        var parsed = Template.Parse(new SourceText("README.md", template), Options);
        var result = parsed.Template?.Render(new MapObject());
        Assert.That(result?.Text, Is.EqualTo(expected), result?.Error?.Diagnostic.ToString() ?? string.Join('\n', parsed.Diagnostics));
    }

    [Test]
    public void EveryFunctionHasItsRow()
    {
        var rows = All.Where(static row => row.Section.StartsWith("Functions", StringComparison.Ordinal)).ToDictionary(static row => row.Written.Split(' ')[0], StringComparer.Ordinal);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            Update(rows);
        else
            Assert.That(rows.Values.Select(static row => $"{row.Written}: {row.Description}"), Is.EquivalentTo(Library.With([]).All.Select(static function => $"{function.Signature}: {function.Documentation.TrimEnd('.')}")), "rewrite it with UPDATE_GOLDEN=1; a new function needs an example too");
        foreach (var (name, row) in rows)
            Assert.That(Regex.IsMatch(row.Template, $@"(?<![\w.]){Regex.Escape(name)}(?![\w.])|(?<![\w.]){Regex.Escape(name)}(?=\.)"), name);
    }

    [Test]
    public void WhatTheLibraryNamesIsThere() =>
        Assert.That(Library.With([]).Names.Where(static name => !Library.With([]).All.Any(function => function.Name == name || function.Name.StartsWith(name + ".", StringComparison.Ordinal))), Is.SubsetOf(Written("Values")));

    [Test]
    public void EveryKeywordIsInAStatementAndItsExample()
    {
        var words = All.Where(static row => row.Section == "Statements").SelectMany(static row => row.Written.Split(' ').Select(static word => word.TrimEnd(':')).Where(word => Regex.IsMatch(row.Template, $@"\b{Regex.Escape(word)}\b")));
        Word[] inExpressions = [Word.None, Word.True, Word.False, Word.Null, Word.This];
        Assert.That(Enum.GetValues<Word>().Except(inExpressions).Select(static word => word.ToString().ToLowerInvariant()), Is.SubsetOf(words));
    }

    [Test]
    public void EveryKindOfStatementAndExpressionIsInAnExample()
    {
        var seen = Trees().SelectMany(static tree => Everything(tree.Statements)).Select(static part => part.GetType()).ToHashSet();
        Assert.That(seen, Is.SupersetOf(Kinds(typeof(StatementSyntax))));
        Assert.That(seen, Is.SupersetOf(Kinds(typeof(ExpressionSyntax)).Except([typeof(ExpressionSyntax.Missing)])));
    }

    [Test]
    public void EveryOperatorIsInItsRow()
    {
        var written = Written("Operators");
        var tokens = Enum.GetValues<TokenKind>().Where(static kind => SyntaxFacts.Binary(kind).Precedence > 0 || SyntaxFacts.IsAssignment(kind)).Select(static kind => SyntaxFacts.Text(kind)!);
        Assert.That(tokens, Is.SubsetOf(written));
        foreach (var row in All.Where(static row => row.Section == "Operators" && !row.Written.Contains("name", StringComparison.Ordinal)))
            Assert.That(row.Template, Does.Contain(Sign().Match(row.Written).Value), row.Written);
        var parts = Trees().SelectMany(static tree => Everything(tree.Statements)).ToList();
        Assert.That(parts.OfType<ExpressionSyntax.Unary>().Select(static unary => unary.Operator), Is.SupersetOf(Enum.GetValues<UnaryOperator>()));
        Assert.That(parts.OfType<ExpressionSyntax.Binary>().Select(static binary => binary.Operator), Is.SupersetOf(Enum.GetValues<BinaryOperator>()));
    }

    [Test]
    public void EveryLimitIsThereWithItsDefault()
    {
        var limits = RenderLimits.Default;
        var rows = All.Where(static row => row.Section == "Limits").Select(static row => $"{row.Written} {row.Description}");
        Assert.That(rows, Is.EquivalentTo(new FormattableString[]
        {
            $"limit-loop {limits.LoopIterations}", $"limit-recursion {limits.Recursion}", $"limit-output {limits.OutputCharacters}", $"limit-string {limits.StringCharacters}",
            $"limit-memory {limits.MemoryBytes}", $"limit-list {RenderLimits.ListItems}", $"limit-value-depth {RenderLimits.ValueDepth}", $"limit-regex {RenderLimits.PatternCharacters}",
            $"limit-number {RenderLimits.NumberDigits}", $"limit-search {RenderLimits.SearchSteps}", $"limit-regex-time {limits.RegexTime.TotalSeconds} s", $"limit-wall-time {limits.WallTime.TotalSeconds} s", $"limit-parse-depth {limits.ParseDepth}", $"limit-source {limits.SourceCharacters}",
        }.Select(static text => text.ToString(CultureInfo.InvariantCulture))));
        Assert.That(typeof(RenderLimits).GetProperties().Count(static property => property.CanWrite), Is.EqualTo(9), "a limit is missing here");
        var constants = typeof(RenderLimits).GetFields(BindingFlags.Static | BindingFlags.NonPublic).Count(static field => field.IsLiteral);
        Assert.That(constants, Is.EqualTo(5), "a limit that nothing sets is missing here");
    }

    private static HashSet<string> Written(string section) =>
        [.. All.Where(row => row.Section == section).SelectMany(static row => row.Written.Split(' ').Append(row.Written))];

    private static IEnumerable<BlockSyntax> Trees() => All.Where(static row => row.Template.Length > 0)
        .Select(static row => Parser.ParseTemplate(new SourceText("README.md", row.Template), new DiagnosticBag(new SourceText("README.md", row.Template)), RenderLimits.Default));

    private static IEnumerable<Type> Kinds(Type of) => of.GetNestedTypes().Where(of.IsAssignableFrom);

    private static IEnumerable<object> Everything(IEnumerable<StatementSyntax> statements) => statements.SelectMany(static statement =>
        SyntaxParts.Expressions(statement).SelectMany(Everything).Concat(SyntaxParts.Blocks(statement).SelectMany(static block => Everything(block.Statements))).Prepend(statement));

    private static IEnumerable<object> Everything(ExpressionSyntax expression) =>
        SyntaxParts.Children(expression).SelectMany(Everything).Concat(expression is ExpressionSyntax.AnonymousFunction function ? Everything(function.Function.Body.Statements) : []).Prepend(expression);

    private static void Update(Dictionary<string, Row> rows)
    {
        var lines = System.IO.File.ReadAllLines(File);
        foreach (var function in Library.With([]).All)
        {
            if (!rows.TryGetValue(function.Name, out var row))
                continue;
            var cells = Cells(lines[row.Line - 1]);
            lines[row.Line - 1] = $"| `{Escaped(function.Signature)}` | {Escaped(function.Documentation.TrimEnd('.'))} |{cells[3]}|{cells[4]}|";
        }
        System.IO.File.WriteAllText(File, string.Join('\n', lines) + "\n");
    }

    private static string Escaped(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    private static string[] Cells(string line) => Border().Split(line);

    private static IEnumerable<Row> Read()
    {
        var section = "";
        var number = 0;
        foreach (var line in System.IO.File.ReadLines(File))
        {
            number++;
            if (line.StartsWith("## ", StringComparison.Ordinal))
                section = line[3..];
            if (section is "" or "Differences from Scriban" || !line.StartsWith("| ", StringComparison.Ordinal) || line.EndsWith("| example | prints |", StringComparison.Ordinal) || line.StartsWith("| id |", StringComparison.Ordinal))
                continue;
            var cells = Cells(line);
            var isExample = section != "Limits";
            Assert.That(cells, Has.Length.EqualTo(isExample ? 6 : 5), $"line {number}");
            yield return new Row(number, section, Plain(cells[1]).Replace("`", "", StringComparison.Ordinal), Plain(cells[2]), isExample ? Code(cells[3]) : "", isExample ? Code(cells[4]) : "");
        }
    }

    private static string Plain(string cell) => cell.Trim().Replace("\\|", "|", StringComparison.Ordinal);

    // `x`, or ``x`` with a blank at both ends for text with backticks in it.
    private static string Code(string cell)
    {
        var text = Plain(cell);
        var ticks = text.Length - text.TrimStart('`').Length;
        text = text[ticks..(text.Length - ticks)];
        return (ticks > 1 ? text[1..^1] : text).Replace('⏎', '\n');
    }

    private static string Here([CallerFilePath] string source = "") => Path.GetDirectoryName(source)!;

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex Border();

    [GeneratedRegex(@"\|>?|[^\w\s]+")]
    private static partial Regex Sign();

    private sealed class Parts : ITemplateLoader
    {
        public LoadedTemplate? Load(string name, string includedFrom) => name == "part" ? new LoadedTemplate(name, "<{{ $1 }}>") : null;
    }
}
