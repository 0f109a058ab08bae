using System.Globalization;
using System.Text;

namespace Templater.Cli;

/// <summary>Makes text from elsewhere safe to print: one line, no control characters, no lone surrogates.</summary>
internal static class VisibleText
{
    /// <summary>The text with control and format characters, line breaks and lone surrogates written as escapes.</summary>
    public static string Of(string text) => IsVisible(text) ? text : Escaped(text);

    private static bool IsVisible(string text)
    {
        foreach (var c in text)
            if (!IsVisible(c) || char.IsSurrogate(c))
                return false;
        return true;
    }

    // Format characters can turn the direction of a line; line and paragraph separators break it in some viewers.
    private static bool IsVisible(char c) => c is >= ' ' and < '\u007f' || CharUnicodeInfo.GetUnicodeCategory(c) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.Surrogate) || char.IsSurrogate(c);

    private static string Escaped(string text)
    {
        var result = new StringBuilder(text.Length + 16);
        for (var index = 0; index < text.Length; index++)
        {
            var c = text[index];
            if (char.IsHighSurrogate(c) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]))
                result.Append(c).Append(text[++index]);
            else if (char.IsSurrogate(c) || !IsVisible(c))
                AppendEscape(result, c);
            else
                result.Append(c);
        }

        return result.ToString();
    }

    private static void AppendEscape(StringBuilder result, char c)
    {
        var named = c switch
        {
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\0' => "\\0",
            _ => null,
        };
        if (named is not null)
            result.Append(named);
        else
            result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
    }
}
