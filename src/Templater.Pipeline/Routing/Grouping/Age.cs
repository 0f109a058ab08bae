using System.Globalization;

namespace Templater.Pipeline.Routing.Grouping;

/// <summary>Ages in messages.</summary>
internal static class Age
{
    /// <summary>
    /// Steps instead of exact ages: a message is logged again when its text changes, and an idle host logs nothing.
    /// </summary>
    private static readonly (TimeSpan Unit, string Word, int[] Steps)[] Scale =
    [
        (TimeSpan.FromDays(1), "day", [365, 180, 90, 30, 14, 7, 3, 2, 1]),
        (TimeSpan.FromHours(1), "hour", [12, 6, 3, 2, 1]),
        (TimeSpan.FromMinutes(1), "min", [30, 10, 5, 2, 1]),
    ];

    /// <summary>For example <c>3 days</c>, <c>2 min</c>; never more exact than the steps.</summary>
    /// <param name="age">The age; a negative one (clocks differ) counts as none.</param>
    public static string Describe(TimeSpan age)
    {
        foreach (var (unit, word, steps) in Scale)
        {
            var count = steps.FirstOrDefault(step => age >= unit * step);
            if (count > 0)
                return string.Create(CultureInfo.InvariantCulture, $"{count} {word}{(count > 1 && word != "min" ? "s" : "")}");
        }

        return "less than 1 min";
    }
}
