using System.Collections.Frozen;

namespace Templater.Pipeline.Routing.Names;

/// <summary>Names and values of HTTP headers.</summary>
internal static class HeaderSyntax
{
    private const int MaxNameLength = 100;

    /// <summary>
    /// Request headers that no label may touch: they frame the message or tell the application who the client is.
    /// </summary>
    private static readonly FrozenSet<string> ForbiddenInRequests = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "Host", "Connection", "Content-Length", "Transfer-Encoding", "Forwarded", "X-Real-IP");

    /// <summary>Response headers that would break the framing of the message.</summary>
    private static readonly FrozenSet<string> ForbiddenInResponses = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "Connection", "Content-Length", "Transfer-Encoding");

    /// <summary>
    /// True for a token (RFC 9110 5.6.2) of sane length. Of its signs only those that names really have: the others mean something to
    /// nginx and HAProxy in places where nothing can be quoted.
    /// </summary>
    /// <param name="text">The name.</param>
    public static bool IsToken(string text) =>
        text.Length is > 0 and <= MaxNameLength
        && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.');

    /// <summary>True when a label may change the header.</summary>
    /// <param name="name">The header's name.</param>
    /// <param name="isRequest">True for the request towards the application.</param>
    public static bool IsAllowed(string name, bool isRequest) => isRequest
        ? !ForbiddenInRequests.Contains(name) && !name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase)
        : !ForbiddenInResponses.Contains(name);

    /// <summary>True for a value without control characters; it is still untrusted and must be quoted.</summary>
    /// <param name="value">The value.</param>
    public static bool IsValue(string value) => value.Length > 0 && !Untrusted.HasControl(value);

    /// <summary>
    /// True for a Strict-Transport-Security value (RFC 6797 6.1): <c>max-age</c> and the two known directives.
    /// </summary>
    /// <param name="value">The value.</param>
    public static bool IsHsts(string value)
    {
        var directives = value.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return directives.Length is > 0 and <= 3
            && directives.Count(directive => directive.StartsWith("max-age=", StringComparison.OrdinalIgnoreCase)) == 1
            && directives.All(IsHstsDirective);
    }

    private static bool IsHstsDirective(string directive) =>
        directive.Equals("includeSubDomains", StringComparison.OrdinalIgnoreCase)
        || directive.Equals("preload", StringComparison.OrdinalIgnoreCase)
        || (directive.StartsWith("max-age=", StringComparison.OrdinalIgnoreCase)
            && Quantities.TryInteger(directive["max-age=".Length..], 0, int.MaxValue, out _));
}
