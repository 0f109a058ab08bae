using System.Globalization;

namespace Templater.Cli.Options;

/// <summary>Numbers with a unit behind them.</summary>
internal static class Units
{
    /// <summary>A duration: a whole number with <c>ms</c>, <c>s</c>, <c>m</c>, <c>h</c> or <c>d</c>, or plain 0; null when it is none.</summary>
    public static TimeSpan? Duration(string text)
    {
        if (text == "0")
            return TimeSpan.Zero;
        var (number, unit) = Split(text);
        TimeSpan? one = unit switch
        {
            "ms" => TimeSpan.FromMilliseconds(1),
            "s" => TimeSpan.FromSeconds(1),
            "m" => TimeSpan.FromMinutes(1),
            "h" => TimeSpan.FromHours(1),
            "d" => TimeSpan.FromDays(1),
            _ => null,
        };
        return number is not null && one is not null && number <= TimeSpan.MaxValue.Ticks / one.Value.Ticks ? one * number : null;
    }

    /// <summary>A size in bytes: a whole number, alone or with <c>k</c>, <c>m</c> or <c>g</c> (powers of 1,024); null when it is none.</summary>
    public static long? Size(string text)
    {
        var (number, unit) = Split(text);
        long? one = unit.ToLowerInvariant() switch
        {
            "" => 1,
            "k" => 1L << 10,
            "m" => 1L << 20,
            "g" => 1L << 30,
            _ => null,
        };
        return number is not null && one is not null && number <= long.MaxValue / one ? number * one : null;
    }

    /// <summary>A number of bytes for people: <c>512 B</c>, <c>4.1 KiB</c>.</summary>
    public static string Shown(long bytes)
    {
        const double kibi = 1024;
        return bytes < kibi ? string.Create(CultureInfo.InvariantCulture, $"{bytes} B")
            : bytes < kibi * kibi ? string.Create(CultureInfo.InvariantCulture, $"{bytes / kibi:0.0} KiB")
            : string.Create(CultureInfo.InvariantCulture, $"{bytes / kibi / kibi:0.0} MiB");
    }

    private static (long? Number, string Unit) Split(string text)
    {
        var digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
            digits++;
        return long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (number, text[digits..])
            : (null, text);
    }
}
