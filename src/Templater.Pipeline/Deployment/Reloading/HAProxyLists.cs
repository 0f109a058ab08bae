using System.Collections.Immutable;
using System.Globalization;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>Reads what HAProxy tells of the lists of its conditions (management guide, 9.3).</summary>
internal static class HAProxyLists
{
    // "3 () acl 'var' file '/etc/haproxy.cfg' line 11. curr_ver=0 next_ver=0 entry_cnt=2"
    private const string Kind = " () acl 'var' file '";
    private const string Line = "' line ";

    /// <summary>The numbers that HAProxy gave to lists that a variable is compared with, by the lines that they stand in.</summary>
    /// <param name="answer">The answer to <c>show acl</c>.</param>
    /// <returns>Lines in which there are several, perhaps of several files, have number -1.</returns>
    public static Dictionary<int, int> Numbers(string answer)
    {
        var numbers = new Dictionary<int, int>();
        foreach (var text in answer.Split('\n'))
        {
            var kind = text.IndexOf(Kind, StringComparison.Ordinal);
            var at = text.LastIndexOf(Line, StringComparison.Ordinal);
            if (kind < 1 || at < kind || !TryNumber(text.AsSpan(0, kind), out var number))
                continue;
            var rest = text.AsSpan(at + Line.Length);
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (TryNumber(digits < 0 ? rest : rest[..digits], out var line))
                numbers[line] = numbers.ContainsKey(line) ? -1 : number;
        }

        return numbers;
    }

    /// <summary>The entries of lists, in the order in which they were asked for.</summary>
    /// <param name="answer">The answers to several <c>show acl #NUMBER</c>: a line "ADDRESS ENTRY" for each entry, an empty one after each list.</param>
    /// <param name="count">How many were asked for.</param>
    /// <returns>Null when the answer is another one.</returns>
    public static ImmutableArray<ImmutableHashSet<string>>? Entries(string answer, int count)
    {
        var lists = ImmutableArray.CreateBuilder<ImmutableHashSet<string>>(count);
        var list = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);
        foreach (var line in answer.Split('\n'))
        {
            if (line.Length == 0)
            {
                lists.Add(list.ToImmutable());
                list.Clear();
                continue;
            }

            if (!line.StartsWith("0x", StringComparison.Ordinal) || line.Split(' ') is not [_, { Length: > 0 } entry])
                return null;
            list.Add(entry);
        }

        // What follows the last line break is no line.
        return lists.Count == count + 1 && list.Count == 0 && lists[^1].IsEmpty ? lists.ToImmutable().RemoveAt(count) : null;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
