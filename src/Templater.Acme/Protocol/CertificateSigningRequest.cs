using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Templater.Acme.Protocol;

/// <summary>
/// The request of RFC 8555 section 7.4 (PKCS #10, RFC 2986): "The CSR MUST indicate the exact same set of requested
/// identifiers as the initial newOrder request", in subjectAltName alone. The subject stays empty, as names there have been
/// of no use for long and some profiles refuse them.
/// </summary>
public static class CertificateSigningRequest
{
    /// <summary>The request in DER.</summary>
    /// <param name="key">The certificate's key; signs the request.</param>
    /// <param name="identifiers">Names and addresses (RFC 8738 section 4: an address as iPAddress).</param>
    public static byte[] Create(PrivateKey key, IReadOnlyList<Identifier> identifiers)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.WithRequest(new X500DistinguishedName(""), request =>
        {
            request.CertificateExtensions.Add(AlternativeNames(identifiers).Build());
            return request.CreateSigningRequest();
        });
    }

    internal static SubjectAlternativeNameBuilder AlternativeNames(IReadOnlyList<Identifier> identifiers)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var identifier in identifiers)
        {
            if (identifier.Type == Identifier.IpType)
                names.AddIpAddress(IPAddress.Parse(identifier.Value));
            else
                names.AddDnsName(identifier.Value);
        }

        return names;
    }
}
