namespace Templater.Language;

/// <summary>Finds the known name that an unknown one was probably meant to be. Pure and thread-safe.</summary>
public static class NearestName
{
    private const int LongestName = 64;

    /// <summary><c>did you mean "x"?</c>, or an empty text when nothing is near.</summary>
    internal static string Hint(string name, IEnumerable<string> known)
    {
        return FindTypo(name, known.Where(candidate => candidate != name)) is { } nearest ? $"did you mean \"{nearest}\"?" : "";
    }

    /// <summary>The nearest known name: at most a third of the name's letters differ, but two always may. Null when none is near.</summary>
    /// <param name="name">What was written; longer than 64 characters is no typing mistake and finds nothing.</param>
    /// <param name="known">What is known; of equally near names the first in ordinal order is taken.</param>
    public static string? Find(string name, IEnumerable<string> known) => Find(name, known, Math.Max(2, name.Length / 3));

    /// <summary>The same for the short names of a language, where two letters would make any word of any other.</summary>
    internal static string? FindTypo(string name, IEnumerable<string> known) => Find(name, known, name.Length switch
    {
        < 2 => 0,
        < 5 => 1,
        _ => Math.Max(2, name.Length / 3),
    });

    private static string? Find(string name, IEnumerable<string> known, int most)
    {
        if (name.Length is 0 or > LongestName)
            return null;
        string? best = null;
        var bestDistance = most + 1;
        foreach (var candidate in known.Order(StringComparer.Ordinal))
        {
            if (Math.Abs(candidate.Length - name.Length) >= bestDistance)
                continue;
            var distance = Distance(name, candidate);
            if (distance < bestDistance)
                (best, bestDistance) = (candidate, distance);
        }
        return best;
    }

    // Damerau-Levenshtein with adjacent swaps: "lables" is one step from "labels".
    private static int Distance(string a, string b)
    {
        var rows = new int[3][];
        for (var i = 0; i < 3; i++)
            rows[i] = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            rows[0][j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var (previous, current, beforePrevious) = (rows[(i - 1) % 3], rows[i % 3], rows[(i + 1) % 3]);
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                current[j] = Math.Min(Math.Min(current[j - 1] + 1, previous[j] + 1), previous[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    current[j] = Math.Min(current[j], beforePrevious[j - 2] + 1);
            }
        }
        return rows[a.Length % 3][b.Length];
    }
}
