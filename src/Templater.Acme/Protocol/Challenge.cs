using System.Text.Json.Serialization;

namespace Templater.Acme.Protocol;

/// <summary>RFC 8555 section 8: "Challenges provide the server with assurance that an account holder is also the entity that controls an identifier".</summary>
public sealed record Challenge
{
    /// <summary>"The type of challenge encoded in the object", one of <see cref="ChallengeType"/> or another.</summary>
    public required string Type { get; init; }

    /// <summary>"The URL to which a response can be posted".</summary>
    public required Uri Url { get; init; }

    /// <summary>"The status of this challenge": pending, processing, valid or invalid (section 7.1.6).</summary>
    public required string Status { get; init; }

    /// <summary>Section 8.3: "A random value that uniquely identifies the challenge".</summary>
    public string? Token { get; init; }

    /// <summary>"Error that occurred while the server was validating the challenge, if any".</summary>
    public Problem? Error { get; init; }

    /// <summary>draft-ietf-acme-dns-persist: how the CA calls itself in the record.</summary>
    [JsonPropertyName("issuer-domain-names")]
    public IReadOnlyList<string>? IssuerDomainNames { get; init => field = AcmeJson.Whole(value); }
}

public sealed partial class AcmeClient
{
    private static readonly byte[] EmptyObject = "{}"u8.ToArray();

    /// <summary>Section 7.5.1: "The client indicates to the server that it is ready for the challenge validation by sending an empty JSON body ("{}")".</summary>
    /// <param name="account">The account of the order.</param>
    /// <param name="challenge">The challenge, whose answer is in place.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AcmeException">The CA refuses.</exception>
    public Task AnswerChallengeAsync(Account account, Challenge challenge, CancellationToken cancellationToken) =>
        PostAsync(account.Key, account.Url, challenge.Url, EmptyObject, Replay.Always, $"tell the CA that {challenge.Type} is answered", cancellationToken);
}
