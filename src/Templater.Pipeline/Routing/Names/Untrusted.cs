using System.Buffers;
using System.Globalization;
using System.Text;

namespace Templater.Pipeline.Routing.Names;

/// <summary>What is asked of every text that comes from a container, before anything else looks at it.</summary>
internal static class Untrusted
{
    /// <summary>Longest label or variable value that is read, in UTF-8 bytes.</summary>
    public const int MaxValueBytes = 2000;

    /// <summary>Longest piece of a value that a message repeats, in characters.</summary>
    private const int MaxShown = 100;

    private static readonly char[] ControlCharacters = [.. Range('\0', '\u001f'), .. Range('\u007f', '\u009f'), '\u2028', '\u2029'];
    private static readonly SearchValues<char> Controls = SearchValues.Create(ControlCharacters);
    private static readonly SearchValues<char> Hidden = SearchValues.Create([.. ControlCharacters, .. Range('\ud800', '\udfff')]);

    /// <summary>True when the value is short enough and can be written as UTF-8 without loss.</summary>
    /// <param name="value">The value.</param>
    public static bool IsReadable(string value) =>
        value.Length <= MaxValueBytes && IsWellFormed(value) && Encoding.UTF8.GetByteCount(value) <= MaxValueBytes;

    /// <summary>True when the text contains a control character (C0, DEL, C1) or a line separator.</summary>
    /// <param name="text">The text.</param>
    public static bool HasControl(string text) => text.AsSpan().ContainsAny(Controls);

    /// <summary>The text with control characters made visible, cut to a length that fits a message.</summary>
    /// <param name="text">The text.</param>
    public static string Shown(string text)
    {
        if (text.Length <= MaxShown && !text.AsSpan().ContainsAny(Hidden))
            return text;
        var shown = new StringBuilder(Math.Min(text.Length, MaxShown));
        foreach (var character in text.Take(MaxShown))
        {
            if (Hidden.Contains(character))
                shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            else
                shown.Append(character);
        }

        return text.Length > MaxShown ? shown.Append('…').ToString() : shown.ToString();
    }

    private static IEnumerable<char> Range(char first, char last) => Enumerable.Range(first, last - first + 1).Select(static code => (char)code);

    /// <summary>True when the text can be written as UTF-8 without loss.</summary>
    /// <param name="value">The text.</param>
    public static bool IsWellFormed(string value)
    {
        for (var index = 0; index < value.Length; index++)
        {
            if (!char.IsSurrogate(value[index]))
                continue;
            if (index + 1 == value.Length || !char.IsSurrogatePair(value[index], value[index + 1]))
                return false;
            index++;
        }

        return true;
    }
}
