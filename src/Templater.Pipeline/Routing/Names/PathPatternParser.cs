namespace Templater.Pipeline.Routing.Names;

/// <summary>Reads what a request's path must look like.</summary>
internal static class PathPatternParser
{
    /// <summary>Longest path, in characters.</summary>
    public const int MaxLength = 1000;

    /// <summary>What is legal, for messages.</summary>
    private const string Legal = "/prefix, =/exact or ~regex, decoded and without empty or dot segments,";

    /// <summary>What was expected instead of a value that is not legal, for messages.</summary>
    /// <param name="text">The value.</param>
    public static string Expected(string text) =>
        text.StartsWith('~') && RegexPattern.Complaint(text[1..]) is { } complaint ? $"a regular expression that every proxy reads alike ({complaint})" : Legal;

    /// <summary>Reads <c>/prefix</c>, <c>=/exact</c> or <c>~regex</c>. A prefix ends on a segment border, so its trailing slash is dropped.</summary>
    /// <param name="text">The value.</param>
    /// <param name="pattern">The pattern, when there is one.</param>
    public static bool TryParse(string text, out PathPattern pattern)
    {
        if (text.StartsWith('~'))
            return TryParseRegex(text[1..], out pattern);
        return text.StartsWith('=') ? TryParseExact(text[1..], out pattern) : TryParsePrefix(text, out pattern);
    }

    /// <summary>Reads a prefix.</summary>
    /// <param name="text">The path.</param>
    /// <param name="pattern">The pattern, when there is one.</param>
    public static bool TryParsePrefix(string text, out PathPattern pattern)
    {
        pattern = text == "/" ? PathPattern.Root : new PathPattern(PathMatch.Prefix, text.EndsWith('/') ? text[..^1] : text);
        return IsNormalized(text);
    }

    /// <summary>Reads a prefix that may end within a segment.</summary>
    /// <param name="text">The path.</param>
    /// <param name="pattern">The pattern, when there is one.</param>
    public static bool TryParseRawPrefix(string text, out PathPattern pattern)
    {
        pattern = text == "/" ? PathPattern.Root : new PathPattern(PathMatch.Prefix, text) { IsRaw = true };
        return IsNormalized(text);
    }

    /// <summary>Reads an exact path.</summary>
    /// <param name="text">The path.</param>
    /// <param name="pattern">The pattern, when there is one.</param>
    public static bool TryParseExact(string text, out PathPattern pattern)
    {
        pattern = new PathPattern(PathMatch.Exact, text);
        return IsNormalized(text);
    }

    /// <summary>Reads a regular expression.</summary>
    /// <param name="text">The expression without modifier.</param>
    /// <param name="pattern">The pattern, when there is one.</param>
    public static bool TryParseRegex(string text, out PathPattern pattern)
    {
        pattern = new PathPattern(PathMatch.Regex, text);
        return RegexPattern.Complaint(text) is null;
    }

    /// <summary>
    /// True for a path as proxies compare it: they decode and normalise the request's first, so that a pattern with an escape, an
    /// empty segment or a dot segment would never match, and what it closes would be open.
    /// </summary>
    private static bool IsNormalized(string text) =>
        IsPath(text)
        && !text.Contains('%', StringComparison.Ordinal)
        && !text.Contains("//", StringComparison.Ordinal)
        && !text.Split('/').Any(segment => segment is "." or "..");

    /// <summary>True for an absolute path without control characters, white space, query and fragment.</summary>
    /// <param name="text">The path.</param>
    public static bool IsPath(string text) =>
        text.Length is > 0 and <= MaxLength
        && text[0] == '/'
        && !text.Any(character => char.IsControl(character) || char.IsWhiteSpace(character) || character is '?' or '#');
}
