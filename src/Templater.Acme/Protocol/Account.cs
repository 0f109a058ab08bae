using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Templater.Acme.Protocol;

/// <summary>An account that is known to its CA: its key and the URL that names it in requests.</summary>
/// <param name="Url">RFC 8555 section 7.3: "The server returns this account object in a 201 (Created) response, with the account URL in a Location header field. The account URL is used as the "kid" value".</param>
/// <param name="Key">The account's key.</param>
public sealed record Account(Uri Url, PrivateKey Key);

/// <summary>RFC 8555 section 7.1.2: the account as the CA shows it.</summary>
public sealed record AccountBody
{
    /// <summary>"The status of this account. Possible values are "valid", "deactivated", and "revoked"".</summary>
    public required string Status { get; init; }

    /// <summary>"An array of URLs that the server can use to contact the client for issues related to this account".</summary>
    public IReadOnlyList<string>? Contact { get; init => field = AcmeJson.Whole(value); }

    /// <summary>True when it may be used (section 7.1.6).</summary>
    [JsonIgnore]
    public bool IsValid => Status == "valid";
}

/// <summary>RFC 8555 section 7.3.</summary>
internal sealed record NewAccountRequest
{
    public IReadOnlyList<string>? Contact { get; init; }

    public bool? TermsOfServiceAgreed { get; init; }

    /// <summary>"If this field is present with the value "true", then the server MUST NOT create a new account if one does not already exist".</summary>
    public bool? OnlyReturnExisting { get; init; }

    public JsonElement? ExternalAccountBinding { get; init; }
}

/// <summary>RFC 8555 section 7.3.2 (contact) and 7.3.6 (status).</summary>
internal sealed record AccountChange
{
    public IReadOnlyList<string>? Contact { get; init; }

    public string? Status { get; init; }
}

public sealed partial class AcmeClient
{
    /// <summary>
    /// Section 7.3: makes the account of a key, or finds it: "If the server receives a newAccount request signed with a key for
    /// which it already has an account registered with the provided account key, then it MUST return a response with status
    /// code 200 (OK)".
    /// </summary>
    /// <param name="key">The account's key, of its own for each CA.</param>
    /// <param name="contacts">Addresses of mail; may be empty.</param>
    /// <param name="termsAgreed">Whether the operator agreed to the CA's terms (<see cref="DirectoryMeta.TermsOfService"/>).</param>
    /// <param name="binding">What the CA gave out; null where it needs none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The account, and whether it was made: one that was found keeps the contacts that it had.</returns>
    /// <exception cref="AcmeException">The CA refuses.</exception>
    public async Task<(Account Account, bool IsNew)> NewAccountAsync(PrivateKey key, IReadOnlyList<string> contacts, bool termsAgreed, ExternalAccountBinding? binding, CancellationToken cancellationToken)
    {
        const string operation = "make an account at the CA";
        if (binding is null && (await DirectoryAsync(cancellationToken)).Meta is { ExternalAccountRequired: true })
        {
            throw new AcmeException(AcmeFailure.Account, $"cannot {operation}: {DirectoryUrl.Authority} makes accounts only for those who have one of another kind there; give the key id and the key that it shows for that (EAB)");
        }

        var request = new NewAccountRequest { Contact = ContactUrls(contacts), TermsOfServiceAgreed = termsAgreed };
        return await NewAccountAsync(key, url => request with { ExternalAccountBinding = binding is null ? null : Element(Jws.Bound(binding, key.Public, url)) }, operation, cancellationToken);
    }

    /// <summary>Section 7.3.1: "If a client wishes to find the URL for an existing account and does not want an account to be created if one does not already exist".</summary>
    /// <param name="key">The account's key.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The account; null where the CA knows none of this key.</returns>
    /// <exception cref="AcmeException">The CA does not say.</exception>
    public async Task<Account?> FindAccountAsync(PrivateKey key, CancellationToken cancellationToken)
    {
        try
        {
            return (await NewAccountAsync(key, _ => new NewAccountRequest { OnlyReturnExisting = true }, "find the account at the CA", cancellationToken)).Account;
        }
        catch (AcmeException exception) when (exception.Problem?.Is(ProblemType.AccountDoesNotExist) == true)
        {
            return null;
        }
    }

    /// <summary>The account as the CA shows it (section 7.1.2).</summary>
    /// <param name="account">The account.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AcmeException">It is deactivated, or not there.</exception>
    public async Task<AccountBody> ReadAccountAsync(Account account, CancellationToken cancellationToken)
    {
        const string operation = "read the account at the CA";
        return (await OfAccountAsync(PostAsGetAsync(account, account.Url, operation, cancellationToken))).Read(AcmeJson.Default.AccountBody, operation);
    }

    /// <summary>Section 7.3.2: replaces the contacts.</summary>
    /// <param name="account">The account.</param>
    /// <param name="contacts">Addresses of mail; empty to leave none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AcmeException">The CA refuses.</exception>
    public Task UpdateContactsAsync(Account account, IReadOnlyList<string> contacts, CancellationToken cancellationToken) =>
        ChangeAccountAsync(account, new AccountChange { Contact = ContactUrls(contacts) }, "change the contacts of the account", cancellationToken);

    /// <summary>Section 7.3.6: "A client can deactivate an account by posting a signed update to the account URL with a status field of "deactivated"". There is no way back.</summary>
    /// <param name="account">The account.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AcmeException">The CA refuses.</exception>
    public Task DeactivateAccountAsync(Account account, CancellationToken cancellationToken) =>
        ChangeAccountAsync(account, new AccountChange { Status = "deactivated" }, "deactivate the account", cancellationToken);

    /// <summary>
    /// Section 7.3.5: gives the account another key. The new key must be kept on disk before: when this is broken off, either of
    /// them may be the account's, and <see cref="FindAccountAsync"/> tells which. A lost reply is looked into here.
    /// </summary>
    /// <param name="account">The account with its present key.</param>
    /// <param name="newKey">The key to come, used by no other account.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The account with the new key.</returns>
    /// <exception cref="AcmeException">The CA refuses: the present key stays.</exception>
    public async Task<Account> ChangeKeyAsync(Account account, PrivateKey newKey, CancellationToken cancellationToken)
    {
        const string operation = "change the key of the account";
        var changed = account with { Key = newKey };
        try
        {
            await OfAccountAsync(PostAsync(
                directory => directory.KeyChange,
                url => (account.Key, account.Url, Jws.Signed(newKey, null, null, url, KeyChange(account))),
                Replay.IfNotProcessed,
                operation,
                cancellationToken));
        }
        catch (AcmeException exception) when (exception is { Failure: AcmeFailure.Unreachable, MayBeProcessed: true })
        {
            if (!await IsKeyOfAsync(newKey, account.Url, cancellationToken))
                throw;
        }

        return changed;
    }

    // A CA that does not say it has not refused the key either: the lost reply stays what is told.
    private async Task<bool> IsKeyOfAsync(PrivateKey key, Uri account, CancellationToken cancellationToken)
    {
        try
        {
            return await FindAccountAsync(key, cancellationToken) is { } found && found.Url == account;
        }
        catch (AcmeException)
        {
            return false;
        }
    }

    // Section 7.3.5: "account (required, string): The URL for the account being modified", "oldKey (required, JWK)".
    private static byte[] KeyChange(Account account) =>
        System.Text.Encoding.UTF8.GetBytes($"{{\"account\":\"{JsonEncodedText.Encode(account.Url.AbsoluteUri)}\",\"oldKey\":{account.Key.Public.Json}}}");

    private async Task<(Account Account, bool IsNew)> NewAccountAsync(PrivateKey key, Func<Uri, NewAccountRequest> make, string operation, CancellationToken cancellationToken)
    {
        // Twice is as good as once: the second one finds what the first one made.
        var response = await OfAccountAsync(PostAsync(
            directory => directory.NewAccount,
            url => (key, null, JsonSerializer.SerializeToUtf8Bytes(make(url), AcmeJson.Default.NewAccountRequest)),
            Replay.Always,
            operation,
            cancellationToken));
        return response.Location is { } account
            ? (new Account(account, key), response.Status == (int)HttpStatusCode.Created)
            : throw new AcmeException(AcmeFailure.BadAnswer, $"cannot {operation}: {DirectoryUrl.Authority} does not say the account's URL (no Location)");
    }

    private Task<AcmeResponse> ChangeAccountAsync(Account account, AccountChange change, string operation, CancellationToken cancellationToken) =>
        OfAccountAsync(PostAsync(account, account.Url, change, AcmeJson.Default.AccountChange, Replay.Always, operation, cancellationToken));

    // Who has no right to its own account has none to anything there.
    private static async Task<AcmeResponse> OfAccountAsync(Task<AcmeResponse> request)
    {
        try
        {
            return await request;
        }
        catch (AcmeException exception) when (exception.Problem?.Is(ProblemType.Unauthorized) == true)
        {
            throw exception.As(AcmeFailure.Account);
        }
    }

    private static List<string> ContactUrls(IReadOnlyList<string> contacts) =>
        [.. contacts.Select(contact => contact.Contains(':', StringComparison.Ordinal) ? contact : "mailto:" + contact)];

    private static JsonElement Element(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
