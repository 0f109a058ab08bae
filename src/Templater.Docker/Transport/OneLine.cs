using System.Text;

namespace Templater.Docker;

/// <summary>Makes a foreign text fit into a one-line message.</summary>
internal static class OneLine
{
    /// <summary>Most characters of a foreign text that a message repeats.</summary>
    public const int MaxCharacters = 300;

    public static string From(string text)
    {
        var line = new StringBuilder(Math.Min(text.Length, MaxCharacters));
        foreach (var rune in text.Trim().EnumerateRunes())
        {
            if (line.Length >= MaxCharacters)
                return line.Append("...").ToString();
            line.Append(Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Format ? " " : rune.ToString());
        }

        return line.ToString();
    }
}
