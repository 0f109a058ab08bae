using System.Globalization;

namespace Templater.Pipeline.Routing;

/// <summary>
/// The words of nginx's <c>return</c> that <c>DEFAULT_ROOT</c> takes: a status, or a redirect. Immutable.
/// </summary>
/// <param name="Status">The status.</param>
/// <param name="Url">Where it redirects to, with nginx's variables; null for an answer without.</param>
public sealed record DefaultRoot(int Status, string? Url)
{
    /// <summary>What is legal, in words that fit after "expected".</summary>
    public const string Legal =
        "none, a status such as 404, or a redirect such as 301 https://$host/app$request_uri (variables $scheme $host $server_name $server_port $request_uri $args $is_args)";

    /// <summary>The usual answer.</summary>
    public static readonly DefaultRoot NotFound = new(404, null);

    private const int MaxLength = 1000;
    private static readonly string[] Variables = ["scheme", "host", "server_name", "server_port", "request_uri", "args", "is_args"];

    /// <summary>Reads it.</summary>
    /// <param name="text">The text, without surrounding white space.</param>
    /// <param name="root">What it says; null for <c>none</c>.</param>
    public static bool TryParse(string text, out DefaultRoot? root)
    {
        root = null;
        if (text == "none")
            return true;
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        root = words switch
        {
            [var url] when IsUrl(url) => new DefaultRoot(302, url),
            [var status] when TryStatus(status, out var number) && !IsRedirect(number) => new DefaultRoot(number, null),
            [var status, var url] when TryStatus(status, out var number) && IsRedirect(number) && IsUrl(url) => new DefaultRoot(number, url),
            _ => null,
        };
        return root is not null;
    }

    private static bool TryStatus(string text, out int status) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out status) && status is >= 200 and <= 599;

    private static bool IsRedirect(int status) => status is 301 or 302 or 303 or 307 or 308;

    private static bool IsUrl(string text)
    {
        if (text.Length > MaxLength || !HasScheme(text))
            return false;
        for (var at = 0; at < text.Length; at++)
            if (text[at] == '$' ? !SkipVariable(text, ref at) : !IsPlain(text[at]))
                return false;
        return true;
    }

    private static bool HasScheme(string text) =>
        text.StartsWith("http://", StringComparison.Ordinal) || text.StartsWith("https://", StringComparison.Ordinal)
        || text.StartsWith("$scheme://", StringComparison.Ordinal) || (text.StartsWith('/') && !text.StartsWith("//", StringComparison.Ordinal));

    // Leaves the place at the variable's last letter.
    private static bool SkipVariable(string text, ref int at)
    {
        var end = at + 1;
        while (end < text.Length && (char.IsAsciiLetterLower(text[end]) || text[end] == '_'))
            end++;
        var name = text[(at + 1)..end];
        at = end - 1;
        return Array.IndexOf(Variables, name) >= 0;
    }

    private static bool IsPlain(char letter) => char.IsAsciiLetterOrDigit(letter) || "-._~:/?#[]@!&()*+,=%".Contains(letter, StringComparison.Ordinal);
}
