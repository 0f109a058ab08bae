using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Templater.Acme.Tests;

/// <summary>The table of features says of each that is there which test shows it, and that test is there.</summary>
public sealed partial class FeatureTableTests
{
    private const int Features = 82;

    private static readonly string[] Rows = [.. File.ReadLines(Path.Combine(Here(), "FEATURES.md")).Where(static line => Row().IsMatch(line))];

    [Test]
    public void EachFeatureHasItsRow() =>
        Assert.That(Rows.Select(static row => int.Parse(Row().Match(row).Groups[1].ValueSpan, CultureInfo.InvariantCulture)), Is.EqualTo(Enumerable.Range(1, Features)));

    [Test]
    public void WhatIsThereIsShownByATestThatIsThere()
    {
        var tests = Directory.EnumerateFiles(Path.Combine(Here(), ".."), "*.cs", SearchOption.AllDirectories)
            .GroupBy(static file => Path.GetFileNameWithoutExtension(file), StringComparer.Ordinal)
            .ToDictionary(static files => files.Key, static files => string.Concat(files.Select(File.ReadAllText)), StringComparer.Ordinal);
        Assert.Multiple(() =>
        {
            foreach (var row in Rows)
            {
                var named = Test().Matches(row);
                if (row.Contains("| yes", StringComparison.Ordinal))
                    Assert.That(named, Is.Not.Empty, row);
                foreach (var (type, method) in named.Select(static test => (test.Groups[1].Value, test.Groups[2].Value)))
                    Assert.That(tests.GetValueOrDefault(type, ""), Does.Match($@"public (static )?(async )?(Task(<\w+>)?|void) {method}\("), row);
            }
        });
    }

    private static string Here([CallerFilePath] string source = "") => Path.GetDirectoryName(source)!;

    [GeneratedRegex(@"^\| (\d+) \|")]
    private static partial Regex Row();

    [GeneratedRegex(@"`(\w+)\.(\w+)`")]
    private static partial Regex Test();
}
