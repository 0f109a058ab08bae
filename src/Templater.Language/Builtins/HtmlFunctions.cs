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
        TextOf("html.escape", "The text with the characters that HTML gives a meaning as entities.", c => BoundedText.Changed(c, c.Text(0), WebUtility.HtmlEncode), TextIn),
        TextOf("html.strip", "The text without tags and comments.", StripTags, TextIn),
        TextOf("html.newline_to_br", "The text with a &lt;br /&gt; before each line break.", BreakLines, TextIn),
        TextOf("html.url_encode", "The text for a query string.", c => BoundedText.Changed(c, c.Text(0), Uri.EscapeDataString), TextIn),
        TextOrNull("html.url_escape", "The text as a URL: only what no URL may hold is encoded.", c => BoundedText.Changed(c, c.Text(0), EscapeUrl), TextIn),
    ];

    [GeneratedRegex("<script.*?</script>|<!--.*?-->|<style.*?</style>|<(?>[^>\"']|\"[^\"]*\"|'[^']*')*>|<.*?>", RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Tags { get; }

    private static string StripTags(FunctionCall call)
    {
        var text = call.Text(0);
        var result = new BoundedText(call);
        var from = 0;
        try
        {
            foreach (var tag in Tags.EnumerateMatches(text))
            {
                // Looking for the end of a script may take as long as an expression may.
                call.Context.CheckUse();
                result.Add(text.AsSpan(from, tag.Index - from));
                from = tag.Index + tag.Length;
            }
        }
        catch (RegexMatchTimeoutException late)
        {
            throw RuntimeErrors.RegexTime(call.Span, late.MatchTimeout);
        }
        if (from == 0)
            return text;
        result.Add(text.AsSpan(from));
        return result.ToString();
    }

    private static string BreakLines(FunctionCall call)
    {
        var rest = call.Text(0).AsSpan();
        var result = new BoundedText(call);
        for (var at = rest.IndexOf('\n'); at >= 0; at = rest.IndexOf('\n'))
        {
            var isPair = at > 0 && rest[at - 1] == '\r';
            result.Add(rest[..(isPair ? at - 1 : at)]);
            result.Add(isPair ? "<br />\r\n" : "<br />\n");
            rest = rest[(at + 1)..];
        }
        result.Add(rest);
        return result.ToString();
    }

    // RFC 3986: reserved and unreserved characters stay, all others are percent-encoded.
    private static string EscapeUrl(string text)
    {
        const string kept = "-._~:/?#[]@!$&'()*+,;=%";
        return string.Concat(text.EnumerateRunes().Select(r => r.IsAscii && (char.IsAsciiLetterOrDigit((char)r.Value) || kept.Contains((char)r.Value)) ? r.ToString() : Uri.EscapeDataString(r.ToString())));
    }
}
