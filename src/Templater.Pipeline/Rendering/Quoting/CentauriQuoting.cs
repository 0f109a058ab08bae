using System.Text;

namespace Templater.Pipeline.Rendering.Quoting;

/// <summary>
/// Texts for Centauri's route file, which has neither quotes nor escapes: a token ends at white space, a value at the
/// end of the line. Pure.
/// </summary>
internal static class CentauriQuoting
{
    /// <summary>Most bytes of a token or value; Centauri refuses a file with a line of 65,536 bytes or more.</summary>
    public const int MaxBytes = 32 * 1024;

    /// <summary>Most bytes of a text in a comment.</summary>
    public const int MaxCommentBytes = 1024;

    /// <summary>One token, such as an upstream or a header's name.</summary>
    public static QuotingResult Token(string text)
    {
        if (Checked(text) is { } problem)
            return QuotingResult.Refused(problem);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune))
                return QuotingResult.Refused("contains white space, which ends a word in Centauri's file");
        }

        return QuotingResult.Of(text);
    }

    /// <summary>The rest of a line, such as a header's value. White space at its ends is removed, as Centauri does.</summary>
    public static QuotingResult Value(string text)
    {
        var value = text.Trim().Replace('\t', ' ');
        return Checked(value) is { } problem ? QuotingResult.Refused(problem) : QuotingResult.Of(value);
    }

    /// <summary>A text behind <c>#</c> and a space; never refused.</summary>
    public static QuotingResult Comment(string text) => QuotingResult.Of(QuotableText.OneLine(text, MaxCommentBytes));

    private static string? Checked(string text)
    {
        if (text.Length == 0)
            return "is empty, which Centauri's file cannot express";
        if (QuotableText.Problem(text) is { } problem)
            return problem;
        return Encoding.UTF8.GetByteCount(text) > MaxBytes ? "is too long for a line of Centauri's file" : null;
    }
}
