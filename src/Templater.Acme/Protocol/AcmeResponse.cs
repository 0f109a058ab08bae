using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;

namespace Templater.Acme.Protocol;

/// <summary>A reply of the CA, read whole.</summary>
internal sealed partial record AcmeResponse(Uri Url, int Status, string? MediaType, ReadOnlyMemory<byte> Body)
{
    /// <summary>RFC 8555 section 6.5.1; null where there is none or more than one.</summary>
    public string? Nonce { get; init; }

    /// <summary>The URL of what was made (RFC 8555 section 7.3, 7.4); relative ones are resolved.</summary>
    public Uri? Location { get; init; }

    /// <summary>RFC 9110 section 10.2.3, in both of its forms as a moment; one that lies in the past is now.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>The targets of RFC 8288 by their relation.</summary>
    public IReadOnlyList<(string Relation, Uri Target)> Links { get; init; } = [];

    public bool IsSuccess => Status is >= 200 and < 300;

    public static AcmeResponse Of(Uri url, HttpResponseMessage message, byte[] body, DateTimeOffset now) => new(url, (int)message.StatusCode, message.Content.Headers.ContentType?.MediaType?.ToLowerInvariant(), body)
    {
        Nonce = message.Headers.TryGetValues("Replay-Nonce", out var nonces) && nonces.ToArray() is [var nonce] ? nonce : null,
        Location = message.Headers.Location is { } location && Uri.TryCreate(url, location, out var absolute) ? absolute : null,
        RetryAt = Moment(message.Headers.RetryAfter, now),
        Links = message.Headers.TryGetValues("Link", out var links) ? [.. links.SelectMany(link => LinksIn(url, link))] : [],
    };

    /// <summary>The object in the body.</summary>
    /// <exception cref="AcmeException">No such object.</exception>
    public T Read<T>(JsonTypeInfo<T> type, string operation)
    {
        try
        {
            return JsonSerializer.Deserialize(Body.Span, type) ?? throw new JsonException("it is null");
        }
        catch (JsonException exception)
        {
            var place = exception.Path is { Length: > 0 } path ? $" at {Problem.Line(path)}" : "";
            throw new AcmeException(AcmeFailure.BadAnswer, $"cannot {operation}: {Url.Authority} sent no {typeof(T).Name.ToLowerInvariant()} that can be read ({Body.Length} bytes of {MediaType ?? "no media type"}, wrong{place})", exception)
            {
                Status = Status,
            };
        }
    }

    private static DateTimeOffset? Moment(RetryConditionHeaderValue? header, DateTimeOffset now) => header switch
    {
        { Delta: { } delta } => delta < DateTimeOffset.MaxValue - now ? now + delta : DateTimeOffset.MaxValue,
        { Date: { } date } => date > now ? date : now,
        _ => null,
    };

    private static IEnumerable<(string, Uri)> LinksIn(Uri url, string header)
    {
        foreach (Match match in Link().Matches(header))
        {
            if (Uri.TryCreate(url, match.Groups["target"].Value, out var target))
                yield return (match.Groups["relation"].Value, target);
        }
    }

    // Several targets may stand in one header with commas between them.
    [GeneratedRegex("""<(?<target>[^<>]*)>[^,<]*?;\s*rel\s*=\s*"?(?<relation>[A-Za-z0-9.-]+)""", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();
}
