using System.Collections.Immutable;
using System.Text;

namespace Templater.Pipeline.Web;

/// <summary>The request line and the fields of an HTTP/1 request, as far as the listener looks at them. Immutable.</summary>
/// <param name="Method">The method, such as <c>GET</c>.</param>
/// <param name="Path">The path, without its query.</param>
/// <param name="Host">The <c>Host</c> field.</param>
/// <param name="Origin">The <c>Origin</c> field; null when there is none.</param>
/// <param name="Authorization">The <c>Authorization</c> field; null when there is none.</param>
public sealed record RequestHead(string Method, string Path, string Host, string? Origin, string? Authorization)
{
    private const int MaxFields = 64;
    private const int MaxPath = 1024;

    // Those that would mean something else when they come twice, or that announce a body.
    private static readonly ImmutableArray<string> Once = ["host", "origin", "authorization", "content-length", "transfer-encoding"];

    /// <summary>Reads a head, without the empty line at its end.</summary>
    /// <param name="bytes">The bytes of the request line and the fields.</param>
    /// <returns>Null when it is not one that is answered: the rules of RFC 9112 are kept strictly, and no body is taken.</returns>
    public static RequestHead? Parse(ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
            if (b is not ((byte)'\r' or (byte)'\n' or (byte)'\t') and (< 0x20 or > 0x7e))
                return null;
        var lines = Encoding.ASCII.GetString(bytes).Split("\r\n");
        if (lines.Length > MaxFields + 1 || Array.Exists(lines, static line => line.Contains('\n') || line.Contains('\r')))
            return null;
        var words = lines[0].Split(' ');
        if (words is not [{ Length: > 0 } method, { Length: > 0 and <= MaxPath } target, "HTTP/1.1" or "HTTP/1.0"] || target[0] != '/' || !method.All(char.IsAsciiLetterUpper))
            return null;
        return Fields(lines.AsSpan(1)) is not { } fields || !fields.TryGetValue("host", out var host) || HasBody(fields)
            ? null
            : new RequestHead(method, target.Split('?')[0], host, fields.GetValueOrDefault("origin"), fields.GetValueOrDefault("authorization"));
    }

    private static Dictionary<string, string>? Fields(ReadOnlySpan<string> lines)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || !line[..colon].All(IsTokenCharacter))
                return null;
            var name = line[..colon].ToLowerInvariant();
            if (Once.Contains(name) && !fields.TryAdd(name, line[(colon + 1)..].Trim(' ', '\t')))
                return null;
        }

        return fields;
    }

    private static bool HasBody(Dictionary<string, string> fields) =>
        fields.ContainsKey("transfer-encoding") || (fields.TryGetValue("content-length", out var length) && length != "0");

    private static bool IsTokenCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '!' or '#' or '$' or '%' or '&' or '\'' or '*' or '+' or '^' or '`' or '|' or '~';
}
