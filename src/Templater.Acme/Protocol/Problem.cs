using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Templater.Acme.Protocol;

/// <summary>A problem document: RFC 7807 with the additions of RFC 8555 section 6.7.</summary>
public sealed record Problem
{
    /// <summary>Most characters of a text of the CA's that are shown.</summary>
    public const int MaxShown = 300;

    /// <summary>Most subproblems that are shown.</summary>
    public const int MaxShownSubproblems = 10;

    /// <summary>What all types of RFC 8555 section 6.7 begin with.</summary>
    public const string Namespace = "urn:ietf:params:acme:error:";

    /// <summary>RFC 7807 section 3.1: "A URI reference that identifies the problem type". One of <see cref="ProblemType"/>, or another.</summary>
    public string Type { get; init; } = "about:blank";

    /// <summary>RFC 7807: "A short, human-readable summary of the problem type".</summary>
    public string? Title { get; init; }

    /// <summary>RFC 7807: "The HTTP status code"; 0 where the document tells none.</summary>
    public int Status { get; init; }

    /// <summary>RFC 7807: "A human-readable explanation specific to this occurrence of the problem".</summary>
    public string? Detail { get; init; }

    /// <summary>RFC 7807: "A URI reference that identifies the specific occurrence of the problem"; with userActionRequired what the operator is to visit.</summary>
    public string? Instance { get; init; }

    /// <summary>RFC 8555 section 6.7.1: "a JSON array of problem documents, each of which MAY contain an "identifier" field".</summary>
    public IReadOnlyList<Problem>? Subproblems { get; init => field = AcmeJson.Whole(value); }

    /// <summary>The identifier that a subproblem is about (RFC 8555 section 6.7.1).</summary>
    public Identifier? Identifier { get; init; }

    /// <summary>With badSignatureAlgorithm, the algorithms that the CA takes (RFC 8555 section 6.2).</summary>
    public IReadOnlyList<string>? Algorithms { get; init => field = AcmeJson.Whole(value); }

    /// <summary>The type without the namespace of ACME.</summary>
    [JsonIgnore]
    public string ShortType => Type.StartsWith(Namespace, StringComparison.Ordinal) ? Type[Namespace.Length..] : Type;

    /// <summary>What it is about, by itself and by its subproblems; empty where it does not say.</summary>
    [JsonIgnore]
    internal IReadOnlyList<Identifier> Identifiers => [.. (Subproblems ?? []).Prepend(this).Select(one => one.Identifier).OfType<Identifier>().Distinct()];

    /// <summary>Whether it is of this type.</summary>
    /// <param name="type">One of <see cref="ProblemType"/>.</param>
    public bool Is(string type) => ShortType == type;

    /// <summary>The document in a reply; where there is none (an HTML page of some proxy), one with the beginning of what is there.</summary>
    internal static Problem Of(AcmeResponse response)
    {
        if (response.MediaType is "application/problem+json" or "application/json")
        {
            try
            {
                if (JsonSerializer.Deserialize(response.Body.Span, AcmeJson.Default.Problem) is { } problem)
                    return problem with { Status = response.Status };
            }
            catch (JsonException)
            {
                // A cut-off document is told as what is there of it.
            }
        }

        return new Problem { Status = response.Status, Detail = Beginning(response.Body.Span) };
    }

    /// <summary>One line: type, explanation, what the subproblems say, where to look. Control characters of the CA's become spaces.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(ShortType == "about:blank" ? $"HTTP {Status}" : Line(ShortType));
        if ((Detail ?? Title) is { Length: > 0 } detail)
            text.Append(": ").Append(Line(detail));
        foreach (var sub in (Subproblems ?? []).Take(MaxShownSubproblems))
            text.Append("; ").Append(sub.Identifier is { } name ? Line(name.Value) + ": " : "").Append(Line(sub.ShortType)).Append(sub.Detail is { } more ? ": " + Line(more) : "");
        if (Subproblems is { Count: > MaxShownSubproblems } all)
            text.Append("; and ").Append(all.Count - MaxShownSubproblems).Append(" more");
        if (Algorithms is { Count: > 0 } algorithms)
            text.Append("; it takes ").Append(Line(string.Join(", ", algorithms)));
        if (Instance is { Length: > 0 } instance)
            text.Append("; see ").Append(Line(instance));
        return text.ToString();
    }

    /// <summary>Foreign text as one line of bounded length.</summary>
    internal static string Line(string text)
    {
        var builder = new StringBuilder(Math.Min(text.Length, MaxShown));
        foreach (var character in text)
        {
            var shown = char.IsControl(character) || char.IsWhiteSpace(character) || char.GetUnicodeCategory(character) == System.Globalization.UnicodeCategory.Format ? ' ' : character;
            if (shown == ' ' && (builder.Length == 0 || builder[^1] == ' '))
                continue;
            if (builder.Length == MaxShown)
                return builder.Append("...").ToString();
            builder.Append(shown);
        }

        return builder.ToString().TrimEnd();
    }

    private static string? Beginning(ReadOnlySpan<byte> body) =>
        body.IsEmpty ? null : Line(Encoding.UTF8.GetString(body[..Math.Min(body.Length, MaxShown)]));
}

/// <summary>Types of problems, without the namespace (RFC 8555 section 6.7, RFC 9773 section 7.4, draft-ietf-acme-profiles).</summary>
public static class ProblemType
{
#pragma warning disable CS1591 // The names are those of the registry, and its texts would only repeat them.
    public const string AccountDoesNotExist = "accountDoesNotExist";
    public const string AlreadyReplaced = "alreadyReplaced";
    public const string AlreadyRevoked = "alreadyRevoked";
    public const string BadCsr = "badCSR";
    public const string BadNonce = "badNonce";
    public const string BadPublicKey = "badPublicKey";
    public const string BadRevocationReason = "badRevocationReason";
    public const string BadSignatureAlgorithm = "badSignatureAlgorithm";
    public const string Caa = "caa";
    public const string Compound = "compound";
    public const string Connection = "connection";
    public const string Dns = "dns";
    public const string ExternalAccountRequired = "externalAccountRequired";
    public const string IncorrectResponse = "incorrectResponse";
    public const string InvalidContact = "invalidContact";
    public const string InvalidProfile = "invalidProfile";
    public const string Malformed = "malformed";
    public const string OrderNotReady = "orderNotReady";
    public const string RateLimited = "rateLimited";
    public const string RejectedIdentifier = "rejectedIdentifier";
    public const string ServerInternal = "serverInternal";
    public const string Tls = "tls";
    public const string Unauthorized = "unauthorized";
    public const string UnsupportedContact = "unsupportedContact";
    public const string UnsupportedIdentifier = "unsupportedIdentifier";
    public const string UserActionRequired = "userActionRequired";
#pragma warning restore CS1591
}
