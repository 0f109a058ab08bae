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

    /// <summary>True when the value is short enough and can be written as UTF-8 without loss.</summary>
    /// <param name="value">The value.</param>
    public static bool IsReadable(string value) =>
        value.Length <= MaxValueBytes && IsWellFormed(value) && Encoding.UTF8.GetByteCount(value) <= MaxValueBytes;

    /// <summary>True when the text contains a control character (C0, DEL, C1) or a line separator.</summary>
    /// <param name="text">The text.</param>
    public static bool HasControl(string text) => text.Any(IsControl);

    /// <summary>The text with control characters made visible, cut to a length that fits a message.</summary>
    /// <param name="text">The text.</param>
    public static string Shown(string text)
    {
        var shown = new StringBuilder(Math.Min(text.Length, MaxShown));
        foreach (var character in text.Take(MaxShown))
        {
            if (IsControl(character) || char.IsSurrogate(character))
                shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            else
                shown.Append(character);
        }

        return text.Length > MaxShown ? shown.Append('…').ToString() : shown.ToString();
    }

    private static bool IsControl(char character) => char.IsControl(character) || character is '\u2028' or '\u2029';

    private static bool IsWellFormed(string value)
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
