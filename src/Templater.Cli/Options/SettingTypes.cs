using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Templater.Docker;

namespace Templater.Cli.Options;

/// <summary>The kinds of values that settings take.</summary>
internal static class SettingTypes
{
    private const int MaxPort = 65535;

    /// <summary>Any text without control characters.</summary>
    public static readonly SettingType<string> Text = Of<string>("text without control characters",
        static text => text.Any(char.IsControl) ? null : text);

    /// <summary>Words separated by commas or white space.</summary>
    public static readonly SettingType<ImmutableArray<string>> List = OfValue<ImmutableArray<string>>(
        "a list, separated by commas or white space", static text => text.Any(IsForbiddenInList) ? null : Words(text));

    /// <summary>A truth value.</summary>
    public static readonly SettingType<bool> Boolean = OfValue("true or false", Truth) with { Words = ["true", "false"] };

    /// <summary>A truth value or nothing.</summary>
    public static readonly SettingType<bool?> OptionalBoolean = Nullable(Boolean);

    /// <summary>A part of a whole, more than nothing and less than all; or no value.</summary>
    public static readonly SettingType<double?> OptionalFraction = Nullable(OfValue<double>(
        "a fraction such as 1/3, or a decimal such as 0.4, above 0 and below 1", static text => Quotient(text) is > 0 and < 1 and var part ? part : null));

    /// <summary>A TCP or UDP port.</summary>
    public static readonly SettingType<int> Port = Number(1, MaxPort);

    /// <summary>A number of bytes, as far as every proxy's arithmetic is safe; the same as in labels.</summary>
    public static readonly SettingType<long> Size = Between("a size", "0", "8192g", "bytes, k, m or g", Units.Size);

    /// <summary>Permissions of a file.</summary>
    public static readonly SettingType<UnixFileMode> Mode = new(
        "an octal mode such as 0644, in which the owner may read and write", FileModes.TryParse);

    /// <summary>Networks.</summary>
    public static readonly SettingType<ImmutableArray<string>> Networks = OfValue<ImmutableArray<string>>(
        "a list of addresses or networks such as 10.0.0.0/8", static text => Words(text) is var words && words.All(IsNetwork) ? words : null);

    /// <summary>A directory or file.</summary>
    public static readonly SettingType<string> AbsolutePath = Of<string>("an absolute path",
        static text => text.StartsWith('/') && !text.Any(char.IsControl) ? text : null);

    /// <summary>Where an engine listens.</summary>
    public static readonly SettingType<EngineAddress> EngineAddress = new("unix:///path or tcp://host:port", TryParseAddress);

    /// <summary>The beginning of label names.</summary>
    public static readonly SettingType<string> LabelPrefix = Of<string>("lower-case letters, digits, dots and hyphens",
        static text => text.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-')
            && !text.StartsWith('.') && !text.EndsWith('.') ? text : null);

    /// <summary>A whole number between two bounds.</summary>
    public static SettingType<int> Number(int least, int most) => OfValue<int>(
        string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}"),
        text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most ? number : null) with
    {
        Bounds = [least.ToString(CultureInfo.InvariantCulture), most.ToString(CultureInfo.InvariantCulture)],
    };

    /// <summary>A span of time with its unit, between two bounds.</summary>
    public static SettingType<TimeSpan> Duration(string least, string most) =>
        Between("a duration", least, most, "ms, s, m, h or d", Units.Duration);

    /// <summary>A span of time between two bounds, or nothing.</summary>
    public static SettingType<TimeSpan?> OptionalDuration(string least, string most) => Nullable(Duration(least, most));

    /// <summary>One of a few words.</summary>
    public static SettingType<T> Choice<T>(params (string Word, T Value)[] choices)
        where T : struct
    {
        var words = Array.ConvertAll(choices, static choice => choice.Word);
        return OfValue<T>(Enumerated(words), Find) with { Words = [.. words] };

        T? Find(string text)
        {
            foreach (var (word, value) in choices)
                if (string.Equals(word, text, StringComparison.OrdinalIgnoreCase))
                    return value;
            return null;
        }
    }

    /// <summary>One of a few words, kept as a word.</summary>
    public static SettingType<string> Word(params string[] words) => Of(Enumerated(words),
        text => words.FirstOrDefault(word => string.Equals(word, text, StringComparison.OrdinalIgnoreCase))) with
    { Words = [.. words] };

    /// <summary>A kind whose parser answers with null when the text is not legal.</summary>
    public static SettingType<T> Of<T>(string legalValues, Func<string, T?> parse)
        where T : class
    {
        return new SettingType<T>(legalValues, Try);

        bool Try(string text, [MaybeNullWhen(false)] out T value, out string? hint)
        {
            hint = null;
            value = parse(text);
            return value is not null;
        }
    }

    /// <summary>The same for values that are not references.</summary>
    public static SettingType<T> OfValue<T>(string legalValues, Func<string, T?> parse)
        where T : struct
    {
        return new SettingType<T>(legalValues, Try);

        bool Try(string text, out T value, out string? hint)
        {
            hint = null;
            var parsed = parse(text);
            value = parsed.GetValueOrDefault();
            return parsed is not null;
        }
    }

    /// <summary>The words of a list.</summary>
    public static ImmutableArray<string> Words(string text) =>
        [.. text.Split([',', ' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries)];

    private static SettingType<T> Between<T>(string kind, string least, string most, string units, Func<string, T?> parse)
        where T : struct, IComparable<T>
    {
        var (lowest, highest) = (parse(least)!.Value, parse(most)!.Value);
        return OfValue($"{kind} from {least} to {most} ({units})", Bounded) with { Bounds = [least, most] };

        T? Bounded(string text) => parse(text) is { } value && value.CompareTo(lowest) >= 0 && value.CompareTo(highest) <= 0 ? value : null;
    }

    private static SettingType<T?> Nullable<T>(SettingType<T> type)
        where T : struct
    {
        return new SettingType<T?>(type.LegalValues, Try) { Bounds = type.Bounds, Words = type.Words };

        bool Try(string text, out T? value, out string? hint)
        {
            var legal = type.TryParse(text, out var parsed, out hint);
            value = legal ? parsed : null;
            return legal;
        }
    }

    private static string Enumerated(IEnumerable<string> words) => "one of " + string.Join(", ", words);

    private static bool IsForbiddenInList(char c) => char.IsControl(c) && c is not ('\t' or '\r' or '\n');

    private static bool? Truth(string text) => text.ToLowerInvariant() switch
    {
        "true" or "yes" or "on" or "1" => true,
        "false" or "no" or "off" or "0" => false,
        _ => null,
    };

    // Not a number where the text is none.
    private static double Quotient(string text)
    {
        if (text.Split('/') is not [var part, var whole])
            return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;
        return int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var parts) && int.TryParse(whole, NumberStyles.None, CultureInfo.InvariantCulture, out var all)
            ? (double)parts / all : double.NaN;
    }

    private static bool IsNetwork(string word) => word.Contains('/')
        ? IPNetwork.TryParse(word, out _)
        : IPAddress.TryParse(word, out _);

    private static bool TryParseAddress(string text, [MaybeNullWhen(false)] out EngineAddress address, out string? hint)
    {
        var isLegal = Templater.Docker.EngineAddress.TryParse(text, out address, out _);
        hint = !isLegal && Templater.Docker.EngineAddress.Advice(text) is { } advice ? advice + "." : null;
        return isLegal;
    }
}
