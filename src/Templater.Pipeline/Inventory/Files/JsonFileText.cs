using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Templater.Pipeline.Inventory.Files;

/// <summary>The text of a JSON file that a person named: repaired where strings are not Unicode, located where it is wrong.</summary>
internal static partial class JsonFileText
{
    private const int EscapeLength = 6;

    private const string CutOff = "the text ends in the middle, so it was cut off; write it anew";

    private static readonly (string Said, string Meant)[] Meanings =
    [
        ("invalid after a single JSON value", "more text follows where it should end"),
        ("end of data", CutOff),
        ("depth to be zero", CutOff),
        ("Expected end of string", CutOff),
        ("does not contain any JSON tokens", CutOff),
        ("trailing comma", "a comma stands before the end of a list or an object; remove it"),
        ("could not be converted", "the value is of another kind"),
        ("could not be mapped", "this member is not known; a newer version may have written it"),
    ];

    /// <summary>
    /// Makes the bytes readable for a strict reader: a byte order mark is dropped, invalid UTF-8 and escapes of lone
    /// surrogates become U+FFFD. What was well-formed is not copied.
    /// </summary>
    public static ReadOnlyMemory<byte> Repaired(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Span.StartsWith(Encoding.UTF8.Preamble))
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        if (!System.Text.Unicode.Utf8.IsValid(bytes.Span))
            bytes = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes.Span));
        return HasLoneSurrogate(bytes.Span, out _) ? WithoutLoneSurrogates(bytes.ToArray()) : bytes;
    }

    /// <summary>The one-line failure for text that is not what was expected.</summary>
    /// <param name="file">The file's name.</param>
    /// <param name="exception">What the reader said.</param>
    /// <param name="expected">What was expected, for example <c>a recorded snapshot</c>.</param>
    /// <param name="lineOffset">Lines of the file before the text that was read.</param>
    public static SnapshotFailedException Invalid(string file, JsonException exception, string expected, long lineOffset = 0)
    {
        var line = (exception.LineNumber ?? 0) + lineOffset + 1;
        var column = (exception.BytePositionInLine ?? 0) + 1;
        var where = exception.Path is { Length: > 1 } path ? $" at {UntrustedText.Printable(path, 120)}" : "";
        var what = UntrustedText.Printable(Words(exception.Message).TrimEnd('.', ' '), 300);
        return Invalid(file, line, column, $"{expected} was expected{where}: {what}.", exception);
    }

    // What the reader says is meant for programmers.
    private static string Words(string message)
    {
        foreach (var (said, meant) in Meanings)
            if (message.Contains(said, StringComparison.Ordinal))
                return meant;
        if (Missing().Match(message) is { Success: true } missing)
            return $"members are missing: {missing.Groups[1].Value}; write it anew";
        var bare = LocationSuffix().Replace(message, "");
        return bare.Length == 0 ? "it is not JSON" : char.ToLowerInvariant(bare[0]) + bare[1..];
    }

    /// <summary>The one-line failure for a position in a file.</summary>
    public static SnapshotFailedException Invalid(string file, long line, long column, string what, Exception? inner = null) =>
        new(ReasonIds.InvalidInput, $"{file}:{line}:{column}: {what}", inner);

    [GeneratedRegex(@"\s*(Path: .*|LineNumber: .*)$", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex LocationSuffix();

    [GeneratedRegex(@"missing required properties,? including: (('[^']*'[, ]*)+)", RegexOptions.CultureInvariant)]
    private static partial Regex Missing();

    private static byte[] WithoutLoneSurrogates(byte[] bytes)
    {
        var rest = bytes.AsSpan();
        while (HasLoneSurrogate(rest, out var at))
        {
            "\\ufffd"u8.CopyTo(rest[at..]);
            rest = rest[(at + EscapeLength)..];
        }

        return bytes;
    }

    private static bool HasLoneSurrogate(ReadOnlySpan<byte> text, out int at)
    {
        at = 0;
        while (text[at..].IndexOf((byte)'\\') is var next and >= 0)
        {
            at += next;
            var unit = EscapedUnit(text[at..]);
            if (unit is null)
                at += Math.Min(2, text.Length - at);
            else if (char.IsHighSurrogate(unit.Value) && EscapedUnit(text[(at + EscapeLength)..]) is { } low && char.IsLowSurrogate(low))
                at += 2 * EscapeLength;
            else if (char.IsSurrogate(unit.Value))
                return true;
            else
                at += EscapeLength;
        }

        return false;
    }

    // The UTF-16 unit of an escape \uXXXX at the beginning of the text.
    private static char? EscapedUnit(ReadOnlySpan<byte> text) =>
        text.Length >= EscapeLength && text[0] == '\\' && text[1] == 'u'
        && ushort.TryParse(text[2..EscapeLength], System.Globalization.NumberStyles.AllowHexSpecifier, null, out var unit)
            ? (char)unit
            : null;
}
