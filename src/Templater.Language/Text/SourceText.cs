namespace Templater.Language;

/// <summary>The text of one template file. Immutable and safe for use from several threads.</summary>
/// <param name="path">Name shown in messages; never opened.</param>
/// <param name="text">The whole text.</param>
public sealed class SourceText(string path, string text)
{
    // Only needed once an error is made: most templates never pay for it.
    private int[]? _lineStarts;

    /// <summary>Name shown in messages.</summary>
    public string Path { get; } = path;

    /// <summary>The whole text.</summary>
    public string Text { get; } = text;

    /// <summary>The template in whose folder includes are looked for: of a text that runs, the one that runs it.</summary>
    internal string IncludingPath { get; init; } = path;

    /// <summary>Line and column of a position, both from 1. Positions past the end count as the end.</summary>
    public (int Line, int Column) GetLineAndColumn(int position)
    {
        var starts = LineStarts();
        position = Math.Clamp(position, 0, Text.Length);
        var index = Array.BinarySearch(starts, position);
        if (index < 0)
            index = ~index - 1;
        return (index + 1, position - starts[index] + 1);
    }

    /// <summary>The text of a line (from 1) without its line break; empty when there is no such line.</summary>
    public string GetLine(int line)
    {
        var starts = LineStarts();
        if (line < 1 || line > starts.Length)
            return "";
        var start = starts[line - 1];
        var end = line < starts.Length ? starts[line] : Text.Length;
        return Text[start..end].TrimEnd('\r', '\n');
    }

    /// <summary>The text that a span covers, cut to what exists.</summary>
    public string Slice(TextSpan span)
    {
        var start = Math.Clamp(span.Start, 0, Text.Length);
        return Text[start..Math.Clamp(span.End, start, Text.Length)];
    }

    // "\n", "\r\n" and a lone "\r" all end a line.
    private int[] LineStarts()
    {
        if (_lineStarts is { } known)
            return known;
        var starts = new List<int> { 0 };
        for (var i = 0; i < Text.Length; i++)
            if (Text[i] == '\n' || (Text[i] == '\r' && (i + 1 == Text.Length || Text[i + 1] != '\n')))
                starts.Add(i + 1);
        return _lineStarts = [.. starts];
    }
}
