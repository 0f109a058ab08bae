using System.Buffers.Text;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Templater.Acme.Protocol;

/// <summary>Why a certificate is revoked: the reasons of RFC 5280 section 5.3.1 that CAs take from subscribers.</summary>
public enum RevocationReason
{
    /// <summary>None is given.</summary>
    Unspecified = 0,

    /// <summary>The private key is known to others.</summary>
    KeyCompromise = 1,

    /// <summary>Something said in the certificate is not so any more.</summary>
    AffiliationChanged = 3,

    /// <summary>Another certificate took its place.</summary>
    Superseded = 4,

    /// <summary>What it was for is gone.</summary>
    CessationOfOperation = 5,
}

/// <summary>RFC 8555 section 7.6: "certificate (required, string): The certificate to be revoked, in the base64url-encoded version of the DER format".</summary>
internal sealed record RevocationRequest(string Certificate, int? Reason);

public sealed partial class AcmeClient
{
    /// <summary>Section 7.6: revokes a certificate of the account's, or one for whose identifiers it holds authorizations. One that is revoked already is success.</summary>
    /// <param name="account">The account.</param>
    /// <param name="certificate">The leaf.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AcmeException">The CA refuses.</exception>
    public Task RevokeAsync(Account account, X509Certificate2 certificate, RevocationReason reason, CancellationToken cancellationToken) =>
        RevokeAsync(account.Key, account.Url, certificate, reason, cancellationToken);

    /// <summary>Section 7.6: revokes a certificate by its own key; that needs no account.</summary>
    /// <param name="certificateKey">The certificate's key.</param>
    /// <param name="certificate">The leaf.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AcmeException">The CA refuses.</exception>
    public Task RevokeAsync(PrivateKey certificateKey, X509Certificate2 certificate, RevocationReason reason, CancellationToken cancellationToken) =>
        RevokeAsync(certificateKey, null, certificate, reason, cancellationToken);

    private async Task RevokeAsync(PrivateKey key, Uri? account, X509Certificate2 certificate, RevocationReason reason, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        // RFC 5280 section 5.3.1: "the reason code CRL entry extension SHOULD be absent instead of using the unspecified (0) reasonCode value".
        var request = new RevocationRequest(Base64Url.EncodeToString(certificate.RawData), reason == RevocationReason.Unspecified ? null : (int)reason);
        var payload = JsonSerializer.SerializeToUtf8Bytes(request, AcmeJson.Default.RevocationRequest);
        try
        {
            await PostAsync(directory => directory.RevokeCert, _ => (key, account, payload), Replay.Always, $"revoke the certificate {certificate.SerialNumber}", cancellationToken);
        }
        catch (AcmeException exception) when (exception.Problem?.Is(ProblemType.AlreadyRevoked) == true)
        {
            // What was wanted is so.
        }
    }
}
