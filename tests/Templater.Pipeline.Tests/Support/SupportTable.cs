using System.Runtime.CompilerServices;

namespace Templater.Pipeline.Tests.Support;

/// <summary>A line of the table.</summary>
/// <param name="Keys">Its labels or variables.</param>
/// <param name="Marked">Those of them that are marked as failing closed.</param>
/// <param name="Cells">What each proxy does, in the order of <see cref="SupportTable.Proxies"/>.</param>
internal sealed record SupportRow(string[] Keys, string[] Marked, string[] Cells);

/// <summary>The README's table of labels and variables by proxy.</summary>
internal static class SupportTable
{
    /// <summary>The proxies, as their templates are called, in the order of the columns.</summary>
    public static readonly string[] Proxies = ["nginx", "haproxy", "centauri"];

    private const string Head = "| label or variable | meaning | default | nginx | HAProxy | Centauri |\n|---|---|---|---|---|---|\n";
    private const string Mark = " ▲";
    private const int ProxyColumn = 3;

    /// <summary>Its lines.</summary>
    public static SupportRow[] Read()
    {
        var text = File.ReadAllText(PathOfReadme());
        var start = text.IndexOf(Head, StringComparison.Ordinal);
        Assert.That(start, Is.Positive, "the table has another head");
        var end = text.IndexOf("\n\n", start, StringComparison.Ordinal);
        return [.. text[(start + Head.Length)..end].Split('\n').Where(static line => !line.StartsWith("| **", StringComparison.Ordinal)).Select(Row)];
    }

    private static SupportRow Row(string line)
    {
        // A bar in a cell has a backslash before it.
        var cells = line.Replace("\\|", "\u0001", StringComparison.Ordinal).Trim('|').Split('|').Select(static cell => cell.Trim().Replace('\u0001', '|')).ToArray();
        Assert.That(cells, Has.Length.EqualTo(ProxyColumn + Proxies.Length), line);
        var keys = cells[0].Split(", ");
        return new SupportRow(
            [.. keys.Select(static key => key.Replace(Mark, "", StringComparison.Ordinal).Trim('`'))],
            [.. keys.Where(static key => key.EndsWith(Mark, StringComparison.Ordinal)).Select(static key => key.Replace(Mark, "", StringComparison.Ordinal).Trim('`'))],
            cells[ProxyColumn..]);
    }

    private static string PathOfReadme([CallerFilePath] string source = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "..", "..", "..", "README.md"));
}
