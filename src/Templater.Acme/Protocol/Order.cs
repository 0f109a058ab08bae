using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Templater.Acme.Protocol;

/// <summary>RFC 8555 section 7.1.3: "An ACME order object represents a client's request for a certificate and is used to track the progress of that order through to issuance".</summary>
public sealed record Order
{
    /// <summary>Where it is. We transfer the value from the Location header to this property for later requests.</summary>
    [JsonIgnore]
    public Uri Url { get; init; } = null!;

    /// <summary>"The status of this order", one of <see cref="OrderStatus"/> (section 7.1.6).</summary>
    public required string Status { get; init; }

    /// <summary>"The timestamp after which the server will consider this order invalid".</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>"An array of identifier objects that the order pertains to"; not in the order that was asked for.</summary>
    public required IReadOnlyList<Identifier> Identifiers { get; init => field = AcmeJson.Whole(value); }

    /// <summary>"For pending orders, the authorizations that the client needs to complete before the requested certificate can be issued"; not in the order of the identifiers.</summary>
    public required IReadOnlyList<Uri> Authorizations { get; init => field = AcmeJson.Whole(value); }

    /// <summary>"A URL that a CSR must be POSTed to once all of the order's authorizations are satisfied to finalize the order".</summary>
    public required Uri Finalize { get; init; }

    /// <summary>"A URL for the certificate that has been issued in response to this order".</summary>
    public Uri? Certificate { get; init; }

    /// <summary>"The error that occurred while processing the order, if any".</summary>
    public Problem? Error { get; init; }

    /// <summary>draft-ietf-acme-profiles section 4: the profile that the CA chose.</summary>
    public string? Profile { get; init; }

    /// <summary>The names, for messages.</summary>
    internal string Names => string.Join(", ", Identifiers.Select(identifier => Problem.Line(identifier.Value)).Order(StringComparer.Ordinal));
}

/// <summary>RFC 8555 section 7.1.6: states of an order. What a CA adds to them counts as not yet over.</summary>
public static class OrderStatus
{
    /// <summary>Authorizations are missing.</summary>
    public const string Pending = "pending";

    /// <summary>All authorizations are valid; it waits for the CSR.</summary>
    public const string Ready = "ready";

    /// <summary>The certificate is being issued.</summary>
    public const string Processing = "processing";

    /// <summary>The certificate is issued.</summary>
    public const string Valid = "valid";

    /// <summary>Nothing comes of it any more.</summary>
    public const string Invalid = "invalid";
}

/// <summary>RFC 8555 section 7.4, with "profile" of draft-ietf-acme-profiles section 4 and "replaces" of RFC 9773 section 5.</summary>
internal sealed record NewOrderRequest(IReadOnlyList<Identifier> Identifiers)
{
    public string? Profile { get; init; }

    public string? Replaces { get; init; }
}

/// <summary>RFC 8555 section 7.4: "csr (required, string): A CSR encoding the parameters for the certificate being requested. The CSR is sent in the base64url-encoded version of the DER format".</summary>
internal sealed record FinalizeRequest(string Csr);

public sealed partial class AcmeClient
{
    /// <summary>Section 7.4: begins an order. The CA may give back one that it has already for the same identifiers, in whatever state.</summary>
    /// <param name="account">The account.</param>
    /// <param name="identifiers">What the certificate is for, each once.</param>
    /// <param name="profile">One of <see cref="Directory.Profiles"/>; null for the CA's default.</param>
    /// <param name="replaces">The certificate that this one is to replace (<see cref="CertificateId"/>); null for none.</param>
    /// <param name="cancellationToken">Gives up; the order may be there nevertheless.</param>
    /// <exception cref="AcmeException">The CA refuses.</exception>
    public async Task<Order> NewOrderAsync(Account account, IReadOnlyList<Identifier> identifiers, string? profile, string? replaces, CancellationToken cancellationToken)
    {
        var operation = $"order a certificate for {string.Join(", ", identifiers)}";
        var request = JsonSerializer.SerializeToUtf8Bytes(new NewOrderRequest(identifiers) { Profile = profile, Replaces = replaces }, AcmeJson.Default.NewOrderRequest);
        var response = await PostAsync(directory => directory.NewOrder, _ => (account.Key, account.Url, request), Replay.IfNotProcessed, operation, cancellationToken);
        var order = response.Read(AcmeJson.Default.Order, operation);
        return response.Location is { } url
            ? order with { Url = url }
            : throw new AcmeException(AcmeFailure.BadAnswer, $"cannot {operation}: {DirectoryUrl.Authority} does not say the order's URL (no Location)");
    }

    /// <summary>The order as it is now.</summary>
    /// <param name="account">The account that made it.</param>
    /// <param name="url">Its URL.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AcmeException">It cannot be read, or the CA does not know it.</exception>
    public async Task<Order> ReadOrderAsync(Account account, Uri url, CancellationToken cancellationToken) =>
        (await ReadOrderWithPauseAsync(account, url, cancellationToken)).Value;

    /// <summary>Waits until an order whose authorizations are all valid is not pending any more.</summary>
    /// <param name="account">The account that made it.</param>
    /// <param name="url">Its URL.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The order, in any state but that.</returns>
    /// <exception cref="AcmeException">It takes too long, or cannot be read.</exception>
    public Task<Order> WaitForAuthorizedAsync(Account account, Uri url, CancellationToken cancellationToken) =>
        PolledAsync(() => ReadOrderWithPauseAsync(account, url, cancellationToken), static order => order.Status != OrderStatus.Pending, "the order", cancellationToken);

    /// <summary>Waits until the certificate is there or the order has come to nothing. An order can be valid before it tells the certificate's URL.</summary>
    /// <param name="account">The account that made it.</param>
    /// <param name="url">Its URL.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The order, valid with its certificate or invalid; or back to ready or pending, where the CSR is asked for.</returns>
    /// <exception cref="AcmeException">It takes too long, or cannot be read.</exception>
    public Task<Order> WaitForOrderAsync(Account account, Uri url, CancellationToken cancellationToken) => PolledAsync(
        () => ReadOrderWithPauseAsync(account, url, cancellationToken),
        order => order.Status is OrderStatus.Invalid or OrderStatus.Ready or OrderStatus.Pending || (order.Status == OrderStatus.Valid && order.Certificate is not null),
        "the order",
        cancellationToken);

    /// <summary>
    /// Section 7.4: "Once the client believes it has fulfilled the server's requirements, it should send a POST request to the
    /// order resource's finalize URL". Never sent twice by itself: after a lost reply the order tells what became of it.
    /// </summary>
    /// <param name="account">The account that made the order.</param>
    /// <param name="order">The order, ready.</param>
    /// <param name="request">The request in DER, from <see cref="CertificateSigningRequest"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AcmeException">The CA refuses, or the reply was lost.</exception>
    public Task FinalizeAsync(Account account, Order order, byte[] request, CancellationToken cancellationToken)
    {
        // The reply is the order, but only the order's own URL tells it reliably: what matters here is that it was taken.
        return PostAsync(account, order.Finalize, new FinalizeRequest(Base64Url.EncodeToString(request)), AcmeJson.Default.FinalizeRequest, Replay.IfNotProcessed, $"finalize the order for {order.Names}", cancellationToken);
    }

    private async Task<(Order Value, DateTimeOffset? RetryAt)> ReadOrderWithPauseAsync(Account account, Uri url, CancellationToken cancellationToken)
    {
        const string operation = "read the order";
        var response = await PostAsGetAsync(account, url, operation, cancellationToken);
        return (response.Read(AcmeJson.Default.Order, operation) with { Url = url }, response.RetryAt);
    }
}
