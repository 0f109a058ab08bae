using System.Globalization;

namespace Templater.Language;

/// <summary>The cultures that functions can be asked for. Data of others is not part of the program, so that all machines write the same.</summary>
internal static class Cultures
{
    private static readonly CultureInfo DayFirst = WithDatePattern("dd/MM/yyyy");

    /// <summary>The culture that an argument names; the invariant one without a name. English ones differ from it only in the order of day and month.</summary>
    public static CultureInfo Of(FunctionCall call, int index)
    {
        var name = call.Text(index);
        if (name.Length == 0 || Is(name, "en") || Is(name, "en-US"))
            return CultureInfo.InvariantCulture;
        if (name.StartsWith("en-", StringComparison.OrdinalIgnoreCase))
            return DayFirst;
        // Where nobody is strict, a name that can be no culture's is one without customs of its own.
        if (!call.Context.Options.Strict && !IsLanguage(name.Split('-')[0]))
            return CultureInfo.InvariantCulture;
        throw call.Wrong(index, "an English culture, such as \"en-US\" or \"en-GB\"");
    }

    private static bool IsLanguage(string name) => name.Length is 2 or 3 && name.All(char.IsAsciiLetter);

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static CultureInfo WithDatePattern(string pattern)
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.DateTimeFormat.ShortDatePattern = pattern;
        return CultureInfo.ReadOnly(culture);
    }
}
