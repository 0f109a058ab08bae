using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Templater.Pipeline.Rendering.Quoting;

namespace Templater.Pipeline.Routing.Names;

/// <summary>Reads what the settings say about somebody who is asked about requests. Pure.</summary>
public static class ForwardAuthParser
{
    /// <summary>What is legal as the URL, for messages.</summary>
    public const string LegalUrl = "http://NAME:PORT/path or https://NAME:PORT/path, of letters, digits and any of -._~/!*(),;:@&=+ with a query of the same,";

    /// <summary>What is legal as the place to log in, for messages.</summary>
    public const string LegalLogin = "an absolute http or https URL; the URL that was asked for is appended when it ends in =,";

    /// <summary>What is legal as headers, for messages.</summary>
    public const string LegalHeaders = "a list of names of headers that do not frame the message or say who the client is";

    private const int MaxHeaders = 50;
    private const int MaxHost = 253;

    /// <summary>Headers that the proxy itself says to the container.</summary>
    private static readonly ImmutableArray<string> Own =
        ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Ssl", "X-Original-URI", "Upgrade", "Proxy", "HTTP2-Settings"];

    /// <summary>Reads where it is asked.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="text">The URL.</param>
    /// <param name="asked">What was read.</param>
    public static bool TryUrl(string name, string text, out ForwardAuth asked)
    {
        ArgumentNullException.ThrowIfNull(text);
        asked = new ForwardAuth { Name = name, Host = "", Port = 0 };
        var isSecure = text.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        if (!isSecure && !text.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
            return false;
        var rest = text[(isSecure ? "https://" : "http://").Length..];
        var end = rest.IndexOfAny(['/', '?']);
        var (authority, path) = end < 0 ? (rest, "/") : (rest[..end], rest[end] == '?' ? "/" + rest[end..] : rest[end..]);
        if (!TryAuthority(authority, isSecure ? 443 : 80, out var host, out var port) || !ErrorPageParser.IsPage(path))
            return false;
        asked = asked with { IsSecure = isSecure, Host = host, Port = port, Path = path };
        return true;
    }

    /// <summary>True for a place to log in.</summary>
    /// <param name="text">The URL.</param>
    public static bool IsLogin(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return !text.EndsWith('!') && RedirectUrl.TryParse(text, out _) && NginxQuoting.Evaluated(text).Problem is null;
    }

    /// <summary>Reads the headers of its answer that are passed on.</summary>
    /// <param name="text">The list.</param>
    /// <param name="headers">Each once, in order.</param>
    public static bool TryHeaders(string text, out ImmutableArray<string> headers)
    {
        ArgumentNullException.ThrowIfNull(text);
        headers = [.. ValueList.Split(text).Distinct(StringComparer.OrdinalIgnoreCase)];
        return headers.Length <= MaxHeaders && headers.All(IsHeader);
    }

    // One that nginx has no variable for cannot be read from the answer.
    private static bool IsHeader(string name) => HeaderSyntax.IsToken(name) && NginxQuoting.HeaderVariable(name).Problem is null
        && (HeaderSyntax.IsAllowed(name, isRequest: true) || name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase))
        && !Own.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static bool TryAuthority(string text, int usualPort, out string host, out int port)
    {
        (host, port) = (text, usualPort);
        var colon = text.LastIndexOf(':');
        if (colon >= 0 && !text.EndsWith(']'))
        {
            if (!int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535)
                return false;
            host = text[..colon];
        }

        if (!host.StartsWith('['))
            return IsName(host);
        if (!host.EndsWith(']') || !IPAddress.TryParse(host[1..^1], out var address) || address.AddressFamily != AddressFamily.InterNetworkV6 || host.Contains('%', StringComparison.Ordinal))
            return false;
        host = address.ToString();
        return true;
    }

    // Names of containers may have underscores.
    private static bool IsName(string text)
    {
        foreach (var character in text)
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.'))
                return false;
        return text.Length is > 0 and <= MaxHost && char.IsAsciiLetterOrDigit(text[0]);
    }
}
