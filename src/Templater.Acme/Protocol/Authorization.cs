using System.Text.Json.Serialization;

namespace Templater.Acme.Protocol;

/// <summary>RFC 8555 section 7.1.4: "An ACME authorization object represents a server's authorization for an account to represent an identifier".</summary>
public sealed record Authorization
{
    /// <summary>Where it is; from the order.</summary>
    [JsonIgnore]
    public Uri Url { get; init; } = null!;

    /// <summary>"The identifier that the account is authorized to represent"; of a wildcard the name without <c>*.</c>.</summary>
    public required Identifier Identifier { get; init; }

    /// <summary>"The status of this authorization", one of <see cref="AuthorizationStatus"/>.</summary>
    public required string Status { get; init; }

    /// <summary>"The timestamp after which the server will consider this authorization invalid".</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>"For pending authorizations, the challenges that the client can fulfill in order to prove possession of the identifier"; in no order.</summary>
    public required IReadOnlyList<Challenge> Challenges { get; init => field = AcmeJson.Whole(value); }

    /// <summary>"This field MUST be present and true for authorizations created as a result of a newOrder request containing a DNS identifier with a value that was a wildcard domain name".</summary>
    public bool Wildcard { get; init; }

    /// <summary>The identifier as the order has it.</summary>
    internal Identifier Ordered => Wildcard ? Identifier with { Value = "*." + Identifier.Value } : Identifier;
}

/// <summary>RFC 8555 section 7.1.6: states of an authorization. What a CA adds to them counts as not yet over.</summary>
public static class AuthorizationStatus
{
    /// <summary>A challenge is to be answered.</summary>
    public const string Pending = "pending";

    /// <summary>The account may have certificates for the identifier.</summary>
    public const string Valid = "valid";

    /// <summary>A challenge was not answered.</summary>
    public const string Invalid = "invalid";

    /// <summary>The account gave it up.</summary>
    public const string Deactivated = "deactivated";

    /// <summary>Its time is over.</summary>
    public const string Expired = "expired";

    /// <summary>The CA took it back.</summary>
    public const string Revoked = "revoked";
}

public sealed partial class AcmeClient
{
    /// <summary>Section 7.5: reads an authorization.</summary>
    /// <param name="account">The account of the order.</param>
    /// <param name="url">Its URL.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AcmeException">It cannot be read.</exception>
    public async Task<Authorization> ReadAuthorizationAsync(Account account, Uri url, CancellationToken cancellationToken) =>
        (await ReadAuthorizationWithPauseAsync(account, url, cancellationToken)).Value;

    /// <summary>Section 7.5.1: waits until the CA has validated the challenge or found it wrong. "processing" of a challenge leaves the authorization pending.</summary>
    /// <param name="account">The account of the order.</param>
    /// <param name="url">Its URL.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AcmeException">It takes too long, or cannot be read.</exception>
    public Task<Authorization> WaitForAuthorizationAsync(Account account, Uri url, CancellationToken cancellationToken) => PolledAsync(
        () => ReadAuthorizationWithPauseAsync(account, url, cancellationToken),
        authorization => authorization.Status is AuthorizationStatus.Valid or AuthorizationStatus.Invalid or AuthorizationStatus.Deactivated or AuthorizationStatus.Expired or AuthorizationStatus.Revoked,
        "the validation",
        cancellationToken);

    /// <summary>Section 7.5.2: "If a client wishes to relinquish its authorization to issue certificates for an identifier". Frees what a CA counts as pending.</summary>
    /// <param name="account">The account of the order.</param>
    /// <param name="url">Its URL.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AcmeException">The CA refuses.</exception>
    public Task DeactivateAuthorizationAsync(Account account, Uri url, CancellationToken cancellationToken) =>
        PostAsync(account, url, new AccountChange { Status = AuthorizationStatus.Deactivated }, AcmeJson.Default.AccountChange, Replay.Always, "give up an authorization", cancellationToken);

    private async Task<(Authorization Value, DateTimeOffset? RetryAt)> ReadAuthorizationWithPauseAsync(Account account, Uri url, CancellationToken cancellationToken)
    {
        const string operation = "read the authorization";
        var response = await PostAsGetAsync(account, url, operation, cancellationToken);
        return (response.Read(AcmeJson.Default.Authorization, operation) with { Url = url }, response.RetryAt);
    }
}
