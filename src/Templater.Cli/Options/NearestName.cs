namespace Templater.Cli.Options;

/// <summary>Finds what somebody probably meant.</summary>
internal static class NearestName
{
    private const int MaxLength = 100;

    /// <summary>The candidate with the fewest changed letters, if that is no more than about a third of the name; else null.</summary>
    public static string? Find(string name, IEnumerable<string> candidates)
    {
        if (name.Length > MaxLength)
            return null;
        var best = (Name: (string?)null, Distance: ((Math.Max(name.Length, 2) + 1) / 3) + 1);
        foreach (var candidate in candidates.Order(StringComparer.Ordinal))
        {
            var distance = Distance(name, candidate);
            if (distance < best.Distance)
                best = (candidate, distance);
        }

        return best.Name;
    }

    /// <summary>" Did you mean X?" or nothing.</summary>
    public static string Question(string name, IEnumerable<string> candidates) =>
        Find(name, candidates) is { } nearest ? $" Did you mean {nearest}?" : "";

    // Levenshtein's distance over two rows, letters compared without case.
    private static int Distance(string left, string right)
    {
        var previous = Enumerable.Range(0, right.Length + 1).ToArray();
        var current = new int[right.Length + 1];
        for (var row = 1; row <= left.Length; row++)
        {
            current[0] = row;
            for (var column = 1; column <= right.Length; column++)
            {
                var cost = char.ToUpperInvariant(left[row - 1]) == char.ToUpperInvariant(right[column - 1]) ? 0 : 1;
                current[column] = Math.Min(Math.Min(current[column - 1], previous[column]) + 1, previous[column - 1] + cost);
            }

            (previous, current) = (current, previous);
        }

        return previous[right.Length];
    }
}
