using System.Globalization;
using System.Text;

namespace Templater.Language;

/// <summary>Writes diagnostics for people: the message, the source line and a line of carets with the hint.</summary>
public static class DiagnosticFormatter
{
    private const int LongestExcerpt = 160;

    /// <summary>One line: <c>site.scriban:14:22: error unknown-member: "lables" is not a member of container</c>.</summary>
    public static string FormatLine(Diagnostic diagnostic)
    {
        var (line, column) = diagnostic.Source.GetLineAndColumn(diagnostic.Span.Start);
        var severity = diagnostic.Severity == DiagnosticSeverity.Error ? "error" : "warning";
        return string.Create(CultureInfo.InvariantCulture, $"{diagnostic.Path}:{line}:{column}: {severity} {diagnostic.Id}: {diagnostic.Message}");
    }

    /// <summary>The line of <see cref="FormatLine"/>, the source line, the carets with the hint, and the include calls. Ends with a line break.</summary>
    public static string Format(Diagnostic diagnostic)
    {
        var text = new StringBuilder(FormatLine(diagnostic)).Append('\n');
        var (line, column) = diagnostic.Source.GetLineAndColumn(diagnostic.Span.Start);
        var source = diagnostic.Source.GetLine(line);
        var number = line.ToString(CultureInfo.InvariantCulture).PadLeft(5);
        var first = Math.Max(0, Math.Min(column - 1, source.Length) - LongestExcerpt + 40);
        var shown = source.Substring(first, Math.Min(LongestExcerpt, source.Length - first));
        text.Append(number).Append(" | ").Append(Visible(shown)).Append('\n');
        var before = Math.Max(0, column - 1 - first);
        var carets = Math.Clamp(diagnostic.Span.Length, 1, Math.Max(1, shown.Length - before));
        text.Append("      | ").Append(' ', before).Append('^', carets);
        if (diagnostic.Hint.Length > 0)
            text.Append(' ').Append(diagnostic.Hint);
        text.Append('\n');
        foreach (var call in diagnostic.IncludedFrom)
            text.Append("      included from ").Append(call).Append('\n');
        return text.ToString();
    }

    // A tab would move the carets; control characters do not belong on a terminal.
    private static string Visible(string line)
    {
        return string.Create(line.Length, line, static (target, from) =>
        {
            for (var i = 0; i < from.Length; i++)
                target[i] = char.IsControl(from[i]) ? ' ' : from[i];
        });
    }
}
