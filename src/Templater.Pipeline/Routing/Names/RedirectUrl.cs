namespace Templater.Pipeline.Routing.Names;

/// <summary>Targets of redirects.</summary>
internal static class RedirectUrl
{
    /// <summary>What is legal, for messages.</summary>
    public const string Legal = "an absolute http or https URL without user and password";

    /// <summary>True for a text that may hold a password: a URL with somebody's name in front of the host.</summary>
    /// <param name="text">Any text.</param>
    public static bool MayHoldPassword(string text) =>
        text.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme && text.IndexOf('@', scheme) >= 0;

    /// <summary>Reads an absolute URL; a trailing <c>!</c> means that path and query of the request are not appended.</summary>
    /// <param name="text">The value.</param>
    /// <param name="redirect">The redirect, with a code that the caller replaces.</param>
    public static bool TryParse(string text, out RouteRedirect redirect)
    {
        var isFixed = text.EndsWith('!');
        var url = isFixed ? text[..^1] : text;
        redirect = new RouteRedirect(url, !isFixed, 308);
        // Uri trims and escapes what it reads; the text is used as written, so anything that needs that is refused.
        return !url.Any(character => char.IsControl(character) || char.IsWhiteSpace(character) || character is '"' or '\\' or '<' or '>' || character > '~')
            && Uri.TryCreate(url, UriKind.Absolute, out var parsed)
            && parsed.Scheme is "http" or "https"
            && parsed.Host.Length > 0
            && parsed.UserInfo.Length == 0;
    }
}
