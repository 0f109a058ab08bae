using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Templater.Pipeline.Certificates.Store;

namespace Templater.Cli.Certificates;

/// <summary>What people and programs want to know of a certificate, in words.</summary>
/// <param name="certificate">The certificate.</param>
internal sealed class CertificateDescription(StoredCertificate certificate)
{
    private X509Certificate2 Leaf => certificate.Chain.Leaf;

    /// <summary>Who signed it.</summary>
    public string Issuer => Leaf.Issuer;

    /// <summary>Its serial number: hexadecimal digits in pairs, as <c>openssl x509 -text</c> has them.</summary>
    public string Serial => string.Join(':', Convert.ToHexStringLower(Leaf.SerialNumberBytes.Span).Chunk(2).Select(static pair => new string(pair)));

    /// <summary>SHA-256 of it, in lower-case hexadecimal digits.</summary>
    public string Fingerprint => Convert.ToHexStringLower(Leaf.GetCertHash(HashAlgorithmName.SHA256));

    /// <summary>Kind and size of its key.</summary>
    public string Key
    {
        get
        {
            using var curve = Leaf.GetECDsaPublicKey();
            using var rsa = curve is null ? Leaf.GetRSAPublicKey() : null;
            return curve is not null ? string.Create(CultureInfo.InvariantCulture, $"EC P-{curve.KeySize}")
                : rsa is not null ? string.Create(CultureInfo.InvariantCulture, $"RSA {rsa.KeySize}")
                : Leaf.PublicKey.Oid.FriendlyName ?? "of an unknown kind";
        }
    }

    /// <summary>The certificates above it with their ends, from its issuer on.</summary>
    public IReadOnlyList<(string Subject, DateTimeOffset NotAfter)> Chain =>
        [.. certificate.Chain.Certificates.Skip(1).Select(static one => (one.Subject, new DateTimeOffset(one.NotAfter.ToUniversalTime())))];
}
