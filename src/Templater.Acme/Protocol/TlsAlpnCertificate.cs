using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Templater.Acme.Protocol;

/// <summary>
/// RFC 8737 section 3: what a server shows to a CA that connects with the protocol <see cref="Protocol"/>: a self-signed
/// certificate with the name alone in subjectAltName and "an acmeIdentifier extension", critical, with the digest of the key
/// authorization.
/// </summary>
public static class TlsAlpnCertificate
{
    /// <summary>The protocol that the CA offers (RFC 8737 section 6.2).</summary>
    public const string Protocol = "acme-tls/1";

    /// <summary>The extension's identifier, id-pe-acmeIdentifier (RFC 8737 section 6.1).</summary>
    public const string ExtensionOid = "1.3.6.1.5.5.7.1.31";

    private static readonly TimeSpan Backdated = TimeSpan.FromHours(1);
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    /// <summary>The certificate, with its private key.</summary>
    /// <param name="key">A key made for it; neither the account's nor that of the certificate to come.</param>
    /// <param name="identifier">Name or address of the challenge.</param>
    /// <param name="keyAuthorization">Its key authorization.</param>
    /// <param name="now">The present.</param>
    public static X509Certificate2 Create(PrivateKey key, Identifier identifier, string keyAuthorization, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.WithRequest(new X500DistinguishedName("CN=ACME challenge"), request =>
        {
            request.CertificateExtensions.Add(CertificateSigningRequest.AlternativeNames([identifier]).Build());
            request.CertificateExtensions.Add(new X509Extension(ExtensionOid, ExtensionValue(keyAuthorization), critical: true));
            return request.CreateSelfSigned(now - Backdated, now + Lifetime);
        });
    }

    /// <summary>RFC 8737 section 3: "Authorization ::= OCTET STRING (SIZE (32))", the digest of the key authorization.</summary>
    /// <param name="keyAuthorization">The key authorization.</param>
    public static byte[] ExtensionValue(string keyAuthorization)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteOctetString(KeyAuthorization.Digest(keyAuthorization));
        return writer.Encode();
    }

    /// <summary>
    /// The server name that the CA sends: the name, or for an address, which cannot be one, its name for reverse look-ups in
    /// IN-ADDR.ARPA or IP6.ARPA (RFC 8738 section 6).
    /// </summary>
    /// <param name="identifier">Name or address of the challenge.</param>
    public static string ServerName(Identifier identifier)
    {
        ArgumentNullException.ThrowIfNull(identifier);
        if (identifier.Type != Identifier.IpType)
            return identifier.Value;
        var bytes = IPAddress.Parse(identifier.Value).GetAddressBytes();
        return bytes.Length == 4
            ? string.Join('.', bytes.Reverse()) + ".in-addr.arpa"
            : string.Join('.', Convert.ToHexStringLower(bytes).Reverse()) + ".ip6.arpa";
    }
}
