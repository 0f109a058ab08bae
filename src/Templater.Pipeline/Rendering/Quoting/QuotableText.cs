using System.Globalization;
using System.Text;

namespace Templater.Pipeline.Rendering.Quoting;

/// <summary>What all formats ask of a text from a container before it is quoted.</summary>
internal static class QuotableText
{
    /// <summary>
    /// Why the text cannot be part of a configuration in any quoting; null when it can. A tab is allowed: all
    /// formats keep it inside quotes.
    /// </summary>
    public static string? Problem(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\n')
                return "contains a line break";
            if (c == '\r')
                return "contains a carriage return";
            if (c == '\0')
                return "contains a NUL character";
            if (IsControl(c) && c != '\t')
                return string.Create(CultureInfo.InvariantCulture, $"contains the control character U+{(int)c:X4}");
            if (!char.IsSurrogate(c))
                continue;
            if (!char.IsHighSurrogate(c) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1]))
                return "is not valid Unicode";
            i++;
        }

        return null;
    }

    /// <summary>
    /// The text on one line for a human reader: control characters, line and paragraph separators become spaces,
    /// broken surrogates U+FFFD, and what exceeds the limit is replaced by an ellipsis.
    /// </summary>
    /// <param name="text">Any text.</param>
    /// <param name="maxBytes">Most UTF-8 bytes of the result.</param>
    public static string OneLine(string text, int maxBytes)
    {
        // One byte each, and room for an ellipsis.
        if (text.Length <= maxBytes - "…"u8.Length && !text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return text;
        var line = new StringBuilder(Math.Min(text.Length, maxBytes));
        var bytes = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            // EnumerateRunes gives U+FFFD for a lone surrogate.
            var shown = IsLineBreaking(rune) ? new Rune(' ') : rune;
            bytes += shown.Utf8SequenceLength;
            if (bytes > maxBytes - "…"u8.Length)
                return line.Append('…').ToString();
            line.Append(shown.ToString());
        }

        return line.ToString();
    }

    private static bool IsControl(char c) => c < ' ' || c == '\x7F' || c is >= '\x80' and <= '\x9F';

    private static bool IsLineBreaking(Rune rune) =>
        rune.IsBmp && (IsControl((char)rune.Value) || rune.Value is 0x2028 or 0x2029);
}
