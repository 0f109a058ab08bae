using System.Buffers;
using System.Text;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects.NginxProxy;

/// <summary>
/// Reads <c>VIRTUAL_DEST</c>: a path with the variables <c>$request_uri $uri $args $is_args</c>, and behind a regular expression
/// <c>$1</c> to <c>$9</c>. It begins with a slash or a variable that does: nothing that a client sends may become part of the
/// upstream's name. Pure.
/// </summary>
internal static class DestinationParser
{
    /// <summary>What is legal, for messages.</summary>
    public const string Legal = "a path that begins with /, $uri or $request_uri, with the variables $request_uri $uri $args $is_args, and $1 to $9 behind a regular expression,";

    private static readonly SearchValues<char> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!&'()*+,=:@%/?");

    /// <summary>Reads the text.</summary>
    /// <param name="text">The text; not empty.</param>
    /// <param name="path">The path that it stands behind.</param>
    /// <returns>The destination; null when it is none.</returns>
    public static Destination? Parse(string text, PathPattern path)
    {
        var isRegex = path.Match == PathMatch.Regex;
        var isAnchored = text.StartsWith('/') || text.StartsWith("$uri", StringComparison.Ordinal) || text.StartsWith("$request_uri", StringComparison.Ordinal);
        if (!isAnchored || text.Length > PathPatternParser.MaxLength)
            return null;
        var nginx = new StringBuilder(text.Length);
        var (hasVariables, isDecoded) = (false, false);
        for (var at = 0; at < text.Length;)
        {
            if (text[at] != '$')
            {
                if (!Plain.Contains(text[at]))
                    return null;
                nginx.Append(text[at++]);
                continue;
            }

            var name = Name(text.AsSpan(at + 1));
            if (name.Length == 0 || (char.IsAsciiDigit(name[0]) && !isRegex))
                return null;
            hasVariables = true;
            isDecoded |= char.IsAsciiDigit(name[0]) || name == "uri";
            // nginx knows no braces around the number of a group.
            _ = char.IsAsciiDigit(name[0]) ? nginx.Append('$').Append(name) : nginx.Append("${").Append(name).Append('}');
            at += name.Length + 1;
        }

        // nginx takes no other path behind an expression, and a question mark only as part of a whole.
        return hasVariables || (!isRegex && !text.Contains('?', StringComparison.Ordinal))
            ? new Destination(nginx.ToString()) { HasVariables = hasVariables, IsDecoded = isDecoded }
            : null;
    }

    private static string Name(ReadOnlySpan<char> text)
    {
        if (text.Length > 0 && text[0] is >= '1' and <= '9')
            return text[..1].ToString();
        var length = 0;
        while (length < text.Length && (char.IsAsciiLetterOrDigit(text[length]) || text[length] == '_'))
            length++;
        return text[..length] switch { "request_uri" => "request_uri", "uri" => "uri", "args" => "args", "is_args" => "is_args", _ => "" };
    }
}
