using System.Text;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Rendering.Quoting;

/// <summary>
/// Quoting for HAProxy's configuration language. Single quotes keep everything but themselves; in double quotes
/// HAProxy expands its own environment, so they are never used. Pure.
/// </summary>
internal static class HAProxyQuoting
{
    /// <summary>Most bytes of one word; a header has to fit into a buffer of 16 KiB together with all others.</summary>
    public const int MaxWordBytes = 8192;

    /// <summary>Most bytes of a text in a comment.</summary>
    public const int MaxCommentBytes = 1024;

    /// <summary>Ends a condition: HAProxy compares words after it took their quotes away, so nothing can quote it.</summary>
    private const string ConditionEnd = "}";

    /// <summary>One word that HAProxy takes as it is, also in a condition.</summary>
    public static QuotingResult Literal(string text) => text == ConditionEnd
        ? QuotingResult.Refused("is a closing brace alone, which ends a condition in HAProxy even in quotes")
        : Quote(text);

    private static QuotingResult Quote(string text)
    {
        if (QuotableText.Problem(text) is { } problem)
            return QuotingResult.Refused(problem);
        var quoted = "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
        return Encoding.UTF8.GetByteCount(quoted) > MaxWordBytes
            ? QuotingResult.Refused("is longer than the 8,192 bytes that one word may have")
            : QuotingResult.Of(quoted);
    }

    /// <summary>One word in which HAProxy looks for <c>%</c>, such as the value of <c>set-header</c>.</summary>
    public static QuotingResult Format(string text) =>
        text.Length == 0
            ? QuotingResult.Refused("is empty, which HAProxy does not take here")
            : Quote(text.Replace("%", "%%", StringComparison.Ordinal));

    /// <summary>A header's or cookie's name where no quotes are possible, such as inside <c>req.hdr()</c>.</summary>
    public static QuotingResult Token(string text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
                return QuotingResult.Refused("contains a character that HAProxy does not take in a name here");
        }

        return text.Length == 0 ? QuotingResult.Refused("is empty") : QuotingResult.Of(text);
    }

    /// <summary>A regular expression.</summary>
    public static QuotingResult Regex(string text) =>
        PortableRegex.Problem(text) is { } problem ? QuotingResult.Refused("is a regular expression that " + problem) : Quote(text == ConditionEnd ? "\\" + text : text);

    /// <summary>A text behind <c>#</c>; never refused.</summary>
    public static QuotingResult Comment(string text) => QuotingResult.Of(QuotableText.OneLine(text, MaxCommentBytes));
}
