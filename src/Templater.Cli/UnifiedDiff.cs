using System.Globalization;
using System.Text;

namespace Templater.Cli;

/// <summary>The difference of two texts in the unified format (POSIX diff -u), computed by Myers' greedy algorithm.</summary>
internal static class UnifiedDiff
{
    private const int ContextLines = 3;

    // Work grows with the square of this; past it, everything from the first to the last changed line counts as changed.
    private const int MaxEdits = 2_000;
    private const string NoNewline = "\\ No newline at end of file\n";

    /// <summary>The difference, or the empty text when there is none.</summary>
    /// <param name="oldName">Name in the first header line.</param>
    /// <param name="oldText">The text before.</param>
    /// <param name="newName">Name in the second header line.</param>
    /// <param name="newText">The text after.</param>
    public static string Of(string oldName, string oldText, string newName, string newText)
    {
        if (string.Equals(oldText, newText, StringComparison.Ordinal))
            return "";
        var result = new StringBuilder().Append(CultureInfo.InvariantCulture, $"--- {oldName}\n+++ {newName}\n");
        var edits = Edits(Lines(oldText), Lines(newText));
        for (var start = 0; start < edits.Count;)
        {
            var first = edits.FindIndex(start, static edit => edit.Kind != ' ');
            if (first < 0)
                break;
            var last = LastOfHunk(edits, first);
            AppendHunk(result, edits, Math.Max(start, first - ContextLines), Math.Min(edits.Count - 1, last + ContextLines));
            start = last + 1;
        }

        return result.ToString();
    }

    // Changes closer than twice the context share a hunk.
    private static int LastOfHunk(List<Edit> edits, int first)
    {
        var last = first;
        for (var index = first + 1; index < edits.Count && index - last <= 2 * ContextLines; index++)
            if (edits[index].Kind != ' ')
                last = index;
        return last;
    }

    private static void AppendHunk(StringBuilder result, List<Edit> edits, int first, int last)
    {
        var hunk = edits.GetRange(first, last - first + 1);
        var (oldCount, newCount) = (hunk.Count(static edit => edit.Kind != '+'), hunk.Count(static edit => edit.Kind != '-'));
        var (oldLine, newLine) = (1, 1);
        foreach (var edit in edits.Take(first))
        {
            oldLine += edit.Kind != '+' ? 1 : 0;
            newLine += edit.Kind != '-' ? 1 : 0;
        }

        result.Append(CultureInfo.InvariantCulture, $"@@ -{Range(oldLine, oldCount)} +{Range(newLine, newCount)} @@\n");
        foreach (var edit in hunk)
        {
            result.Append(edit.Kind).Append(edit.Text);
            if (!edit.Text.EndsWith('\n'))
                result.Append('\n').Append(NoNewline);
        }
    }

    // An empty range is named by the line before it.
    private static string Range(int line, int count) => count switch
    {
        0 => string.Create(CultureInfo.InvariantCulture, $"{line - 1},0"),
        1 => line.ToString(CultureInfo.InvariantCulture),
        _ => string.Create(CultureInfo.InvariantCulture, $"{line},{count}"),
    };

    private static List<string> Lines(string text)
    {
        var lines = new List<string>();
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start);
            end = end < 0 ? text.Length : end + 1;
            lines.Add(text[start..end]);
            start = end;
        }

        return lines;
    }

    private static List<Edit> Edits(List<string> before, List<string> after)
    {
        var head = 0;
        while (head < before.Count && head < after.Count && before[head] == after[head])
            head++;
        var tail = 0;
        while (tail < before.Count - head && tail < after.Count - head && before[^(tail + 1)] == after[^(tail + 1)])
            tail++;
        var (oldMiddle, newMiddle) = (before.GetRange(head, before.Count - head - tail), after.GetRange(head, after.Count - head - tail));
        return
        [
            .. before.Take(head).Select(static line => new Edit(' ', line)),
            .. Middle(oldMiddle, newMiddle) ?? Replaced(oldMiddle, newMiddle),
            .. before.Skip(before.Count - tail).Select(static line => new Edit(' ', line)),
        ];
    }

    private static List<Edit> Replaced(List<string> before, List<string> after) =>
        [.. before.Select(static line => new Edit('-', line)), .. after.Select(static line => new Edit('+', line))];

    // E. Myers, "An O(ND) difference algorithm and its variations", 1986: reach[k] is the furthest line of the old text on
    // diagonal k after the present number of edits; the reach of every round is kept to walk back.
    private static List<Edit>? Middle(List<string> before, List<string> after)
    {
        var limit = Math.Min(before.Count + after.Count, MaxEdits);
        var reach = new int[(2 * limit) + 3];
        var rounds = new List<int[]>();
        for (var edits = 0; edits <= limit; edits++)
        {
            rounds.Add(reach[(limit + 1 - edits)..(limit + 2 + edits)]);
            for (var k = -edits; k <= edits; k += 2)
            {
                var index = limit + 1 + k;
                var x = k == -edits || (k != edits && reach[index - 1] < reach[index + 1]) ? reach[index + 1] : reach[index - 1] + 1;
                while (x < before.Count && x - k < after.Count && before[x] == after[x - k])
                    x++;
                reach[index] = x;
                if (x >= before.Count && x - k >= after.Count)
                    return WalkBack(before, after, rounds);
            }
        }

        return null;
    }

    private static List<Edit> WalkBack(List<string> before, List<string> after, List<int[]> rounds)
    {
        var result = new List<Edit>();
        var (x, y) = (before.Count, after.Count);
        for (var edits = rounds.Count - 1; edits >= 0; edits--)
        {
            var reach = rounds[edits];
            var k = x - y;
            var down = k == -edits || (k != edits && At(reach, edits, k - 1) < At(reach, edits, k + 1));
            var previousX = edits == 0 ? 0 : down ? At(reach, edits, k + 1) : At(reach, edits, k - 1);
            var previousY = edits == 0 ? 0 : previousX - (down ? k + 1 : k - 1);
            while (x > previousX && y > previousY)
            {
                result.Add(new Edit(' ', before[--x]));
                y--;
            }

            if (edits > 0)
                result.Add(down ? new Edit('+', after[--y]) : new Edit('-', before[--x]));
        }

        result.Reverse();
        return result;
    }

    private static int At(int[] reach, int edits, int k) => k + edits < 0 || k + edits >= reach.Length ? 0 : reach[k + edits];

    private readonly record struct Edit(char Kind, string Text);
}
