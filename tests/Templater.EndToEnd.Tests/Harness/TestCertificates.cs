using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Templater.EndToEnd.Tests.Harness;

/// <summary>Self-signed certificates as an operator puts them into the certificates directory.</summary>
internal static class TestCertificates
{
    /// <summary>Writes one file with key and certificate, readable for the proxy's user.</summary>
    /// <param name="directory">An existing directory.</param>
    /// <param name="name">The DNS name it is for, and the file's name before <c>.pem</c>.</param>
    /// <returns>The certificate without its key, for clients to trust.</returns>
    public static X509Certificate2 WriteCombined(string directory, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var pair = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(30));
        var path = Path.Combine(directory, name + ".pem");
        File.WriteAllText(path, pair.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
        File.SetUnixFileMode(path, (UnixFileMode)0b110_100_100);
        return X509CertificateLoader.LoadCertificate(pair.RawData);
    }
}
