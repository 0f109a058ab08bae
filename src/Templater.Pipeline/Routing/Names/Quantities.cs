using System.Globalization;

namespace Templater.Pipeline.Routing.Names;

/// <summary>Numbers with their units as labels write them. All are ordinal and culture-free.</summary>
internal static class Quantities
{
    /// <summary>What is legal, for messages.</summary>
    public const string LegalBoolean = "true or false";

    /// <summary>What is legal, for messages.</summary>
    public const string LegalDuration = "a duration such as 500ms, 30s, 5m or 1h";

    /// <summary>What is legal, for messages.</summary>
    public const string LegalSize = "a size such as 0, 512k, 10m or 2g";

    /// <summary>What is legal, for messages.</summary>
    public const string LegalPort = "a port from 1 to 65535";

    /// <summary>Longest time-out: both proxies keep milliseconds in 31 bits, which is more than 24 days.</summary>
    private static readonly TimeSpan MaxDuration = TimeSpan.FromDays(24);

    /// <summary>Largest body, 8 TiB: far above any use, and safe in every proxy's arithmetic.</summary>
    private const long MaxSize = 1L << 43;

    /// <summary>Reads <c>true/false</c>, <c>yes/no</c>, <c>on/off</c>, <c>1/0</c>.</summary>
    public static bool TryBoolean(string text, out bool value)
    {
        bool? found = text.ToLowerInvariant() switch
        {
            "true" or "yes" or "on" or "1" => true,
            "false" or "no" or "off" or "0" => false,
            _ => null,
        };
        value = found ?? false;
        return found is not null;
    }

    /// <summary>Reads a whole number between bounds, digits with an optional minus.</summary>
    public static bool TryInteger(string text, int least, int most, out int value) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
        && value >= least && value <= most && !text.StartsWith('+');

    /// <summary>Reads a port, digits only.</summary>
    public static bool TryPort(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value is >= 1 and <= 65535;

    /// <summary>Reads a duration with its unit.</summary>
    public static bool TryDuration(string text, out TimeSpan value)
    {
        (string Unit, double Milliseconds)[] units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];
        value = TimeSpan.Zero;
        foreach (var (unit, milliseconds) in units)
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal) || !TryDigits(text[..^unit.Length], out var number))
                continue;
            if (number * milliseconds > MaxDuration.TotalMilliseconds)
                return false;
            value = TimeSpan.FromMilliseconds(number * milliseconds);
            return true;
        }

        return text == "0";
    }

    /// <summary>A duration as labels write it, in the largest unit that keeps it whole.</summary>
    public static string Text(TimeSpan time)
    {
        var milliseconds = (long)time.TotalMilliseconds;
        var text = milliseconds switch
        {
            _ when milliseconds % 1000 != 0 => $"{milliseconds}ms",
            _ when milliseconds % 60_000 != 0 || milliseconds == 0 => $"{milliseconds / 1000}s",
            _ when milliseconds % 3_600_000 != 0 => $"{milliseconds / 60_000}m",
            _ => $"{milliseconds / 3_600_000}h",
        };
        return text.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Reads a duration above zero.</summary>
    public static bool TryPositiveDuration(string text, out TimeSpan value) =>
        TryDuration(text, out value) && value > TimeSpan.Zero;

    /// <summary>Reads a size in bytes; <c>k</c>, <c>m</c> and <c>g</c> are powers of 1024.</summary>
    public static bool TrySize(string text, out long value)
    {
        var shift = text.Length == 0 ? 0 : char.ToLowerInvariant(text[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, _ => 0 };
        value = 0;
        if (!TryDigits(shift > 0 ? text[..^1] : text, out var number) || number > MaxSize >> shift)
            return false;
        value = number << shift;
        return true;
    }

    private static bool TryDigits(string text, out long number)
    {
        // 15 digits cannot overflow anything that follows.
        const int MaxDigits = 15;
        number = 0;
        return text.Length is > 0 and <= MaxDigits
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
