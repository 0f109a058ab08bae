using System.Text;

namespace Templater.Pipeline.Inventory;

/// <summary>Bounds and repairs text that comes from containers, so that it can be stored, printed and compared.</summary>
internal static class UntrustedText
{
    /// <summary>
    /// Longest value that is kept, in UTF-16 units. It is more than twice what any label may have, so a value that was
    /// cut is still refused as too long and never mistaken for a shorter legal one.
    /// </summary>
    public const int MaxLength = 4096;

    /// <summary>The text with every lone surrogate replaced by U+FFFD, cut to <see cref="MaxLength"/>.</summary>
    public static string Bounded(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        if (text.Length > MaxLength)
            text = text[..(char.IsHighSurrogate(text[MaxLength - 1]) ? MaxLength - 1 : MaxLength)];
        return IsWellFormed(text) ? text : Repaired(text);
    }

    /// <summary>For a log line: control characters shown as <c>?</c>, cut with an ellipsis.</summary>
    public static string Printable(string text, int maxLength)
    {
        var shown = new StringBuilder(Math.Min(text.Length, maxLength));
        foreach (var character in text)
        {
            if (shown.Length == maxLength - 1)
                return shown.Append('…').ToString();
            shown.Append(char.IsControl(character) || char.IsSurrogate(character) ? '?' : character);
        }

        return shown.ToString();
    }

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 >= text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                return false;
            i++;
        }

        return true;
    }

    private static string Repaired(string text)
    {
        var repaired = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            repaired.Append(rune);
        return repaired.ToString();
    }
}
