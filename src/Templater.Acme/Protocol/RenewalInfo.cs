using System.Buffers.Text;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization;

namespace Templater.Acme.Protocol;

/// <summary>RFC 9773 section 4.2: when the CA suggests that a certificate be renewed.</summary>
public sealed record RenewalInfo
{
    /// <summary>"A JSON object with two keys, "start" and "end", whose values are timestamps"; not checked: see <see cref="IsUsable"/>.</summary>
    public required RenewalWindow SuggestedWindow { get; init; }

    /// <summary>"A URL pointing to a page that may explain why the suggested renewal window has its current value".</summary>
    [JsonPropertyName("explanationURL")]
    public string? ExplanationUrl { get; init; }

    /// <summary>When the CA wants to be asked again (section 4.3); null where it did not say. From the header Retry-After.</summary>
    [JsonIgnore]
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>Section 4.2: a window whose end is not after its start is to be treated as if there had been no answer.</summary>
    [JsonIgnore]
    public bool IsUsable => SuggestedWindow.End > SuggestedWindow.Start;
}

/// <summary>RFC 9773 section 4.2: the ends of the window.</summary>
/// <param name="Start">Renewed no earlier.</param>
/// <param name="End">Renewed no later.</param>
public sealed record RenewalWindow(DateTimeOffset Start, DateTimeOffset End);

/// <summary>RFC 9773 section 4.1: "The unique identifier is constructed by concatenating the base64url-encoding of the keyIdentifier field of the certificate's Authority Key Identifier extension, the period character ".", and the base64url-encoding of the DER-encoded Serial Number field".</summary>
public static class CertificateId
{
    /// <summary>The identifier; null for a certificate that does not name its issuer's key.</summary>
    /// <param name="certificate">The leaf.</param>
    public static string? Of(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var authority = certificate.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().FirstOrDefault();
        return authority?.KeyIdentifier is { } identifier ? Of(identifier.Span, certificate.SerialNumberBytes.Span) : null;
    }

    /// <summary>The identifier of its two parts.</summary>
    /// <param name="keyIdentifier">The keyIdentifier.</param>
    /// <param name="serial">The content of the serial number in DER, with the leading zero byte of those whose first bit is set.</param>
    public static string Of(ReadOnlySpan<byte> keyIdentifier, ReadOnlySpan<byte> serial) =>
        $"{Base64Url.EncodeToString(keyIdentifier)}.{Base64Url.EncodeToString(serial)}";
}

public sealed partial class AcmeClient
{
    /// <summary>RFC 9773 section 4.1: asks when a certificate should be renewed. Needs no account.</summary>
    /// <param name="certificateId">From <see cref="CertificateId"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What the CA says; null where it tells nobody (no such URL in its directory).</returns>
    /// <exception cref="AcmeException">It does not answer, or not what can be read. Its failure tells trouble that passes (Unreachable) from that which stays.</exception>
    public async Task<RenewalInfo?> ReadRenewalInfoAsync(string certificateId, CancellationToken cancellationToken)
    {
        const string operation = "ask when to renew";
        if ((await DirectoryAsync(cancellationToken)).RenewalInfo is not { } resource)
            return null;
        var response = await GetAsync(new Uri($"{resource.ToString().TrimEnd('/')}/{certificateId}", UriKind.RelativeOrAbsolute), operation, cancellationToken);
        return response.Read(AcmeJson.Default.RenewalInfo, operation) with { RetryAt = response.RetryAt };
    }
}
