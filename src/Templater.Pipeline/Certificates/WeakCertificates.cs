using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace Templater.Pipeline.Certificates;

/// <summary>
/// What nginx and HAProxy refuse to load with OpenSSL as distributions build it, at security level 2 (SSL_CTX_set_security_level(3)):
/// one such pair would keep the whole configuration from being loaded.
/// </summary>
internal static class WeakCertificates
{
    private const int LeastRsaBits = 2048;
    private const int LeastCurveBits = 224;

    // RFC 8017 A.2.4, RFC 3279 2.2.3.
    private static readonly Dictionary<string, string> WeakSignatures = new(StringComparer.Ordinal)
    {
        ["1.2.840.113549.1.1.4"] = "MD5",
        ["1.2.840.113549.1.1.5"] = "SHA-1",
        ["1.2.840.10045.4.1"] = "SHA-1",
    };

    /// <summary>The first weakness of a chain, as a clause; null when there is none.</summary>
    public static string? Problem(X509Certificate2Collection chain) => chain.Select(Problem).FirstOrDefault(static problem => problem is not null);

    private static string? Problem(X509Certificate2 certificate)
    {
        using var rsa = certificate.GetRSAPublicKey();
        if (rsa?.KeySize < LeastRsaBits)
            return string.Create(CultureInfo.InvariantCulture, $"its RSA key has {rsa.KeySize} bits, and proxies refuse less than {LeastRsaBits}");
        using var curve = certificate.GetECDsaPublicKey();
        if (curve?.KeySize < LeastCurveBits)
            return string.Create(CultureInfo.InvariantCulture, $"the curve of its key has {curve.KeySize} bits, and proxies refuse less than {LeastCurveBits}");
        // A root is trusted for what it is, not for its signature.
        var isRoot = certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
        return !isRoot && WeakSignatures.GetValueOrDefault(certificate.SignatureAlgorithm.Value ?? "") is { } digest
            ? $"it is signed with {digest}, which proxies refuse"
            : null;
    }
}
