using System.Globalization;
using System.Text;

namespace Templater.Pipeline.Web;

/// <summary>What a request is answered. Immutable.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Type">Media type of the body.</param>
/// <param name="Body">The body.</param>
public sealed record Answer(int Status, string Type, string Body)
{
    private const string Plain = "text/plain; charset=utf-8";

    /// <summary>A line of text.</summary>
    /// <param name="status">The status code.</param>
    /// <param name="line">The line, without its end.</param>
    public static Answer Text(int status, string line) => new(status, Plain, line + "\n");

    /// <summary>The answer as it goes over the wire; the connection ends after it.</summary>
    /// <param name="isHead">Without its body, as HEAD asks.</param>
    public byte[] ToBytes(bool isHead)
    {
        var body = Encoding.UTF8.GetBytes(Body);
        var extra = Status switch
        {
            401 => "WWW-Authenticate: Bearer\r\n",
            405 => "Allow: GET, HEAD\r\n",
            _ => "",
        };
        var head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"HTTP/1.1 {Status} {Phrase(Status)}\r\nContent-Type: {Type}\r\nContent-Length: {body.Length}\r\n{extra}Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nContent-Security-Policy: default-src 'none'\r\nConnection: close\r\n\r\n"));
        return isHead ? head : [.. head, .. body];
    }

    private static string Phrase(int status) => status switch
    {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        421 => "Misdirected Request",
        431 => "Request Header Fields Too Large",
        _ => "Service Unavailable",
    };
}
