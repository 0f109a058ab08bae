using System.Collections.Immutable;
using System.Net;
using System.Text.RegularExpressions;
using static Templater.Language.Define;

namespace Templater.Language;

/// <summary>The functions of <c>html</c>.</summary>
internal static partial class HtmlFunctions
{
    private static FunctionParameter TextIn => In("text", Text);

    public static ImmutableArray<FunctionDefinition> All { get; } =
    [
        TextOf("html.escape", "The text with the characters that HTML gives a meaning as entities.", c => WebUtility.HtmlEncode(c.Text(0)), TextIn),
        TextOf("html.strip", "The text without tags and comments.", c => Replaced(c, Tags, ""), TextIn),
        TextOf("html.newline_to_br", "The text with a &lt;br /&gt; before each line break.", c => Replaced(c, NewLines, "<br />$0"), TextIn),
        TextOf("html.url_encode", "The text for a query string.", c => Uri.EscapeDataString(c.Text(0)), TextIn),
        TextOrNull("html.url_escape", "The text as a URL: only what no URL may hold is encoded.", c => EscapeUrl(c.Text(0)), TextIn),
    ];

    [GeneratedRegex("<script.*?</script>|<!--.*?-->|<style.*?</style>|<(?>[^>\"']|\"[^\"]*\"|'[^']*')*>|<.*?>", RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Tags { get; }

    [GeneratedRegex("\r?\n", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NewLines { get; }

    private static string Replaced(FunctionCall call, Regex expression, string by)
    {
        try
        {
            return expression.Replace(call.Text(0), by);
        }
        catch (RegexMatchTimeoutException late)
        {
            throw RuntimeErrors.RegexTime(call.Span, late.MatchTimeout);
        }
    }

    // RFC 3986: reserved and unreserved characters stay, all others are percent-encoded.
    private static string EscapeUrl(string text)
    {
        const string kept = "-._~:/?#[]@!$&'()*+,;=%";
        return string.Concat(text.EnumerateRunes().Select(r => r.IsAscii && (char.IsAsciiLetterOrDigit((char)r.Value) || kept.Contains((char)r.Value)) ? r.ToString() : Uri.EscapeDataString(r.ToString())));
    }
}
