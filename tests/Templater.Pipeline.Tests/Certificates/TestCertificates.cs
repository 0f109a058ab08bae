using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Templater.Pipeline.Tests.Certificates;

/// <summary>Self-signed pairs for tests.</summary>
internal static class TestCertificates
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Chain and key in PEM form.</summary>
    public static (string Chain, string Key) Make(params string[] names) => Make(Start, Start.AddDays(90), names);

    /// <summary>Chain and key in PEM form.</summary>
    public static (string Chain, string Key) Make(DateTimeOffset from, DateTimeOffset to, params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + names.FirstOrDefault("none"), key, HashAlgorithmName.SHA256);
        if (names.Length > 0)
            request.CertificateExtensions.Add(Alternatives(names));
        using var certificate = request.CreateSelfSigned(from, to);
        return (certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <summary>The same with an RSA key in PKCS#1 form.</summary>
    public static (string Chain, string Key) MakeRsa(params string[] names)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=" + names[0], key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(Alternatives(names));
        using var certificate = request.CreateSelfSigned(Start, Start.AddDays(90));
        return (certificate.ExportCertificatePem() + "\n", key.ExportRSAPrivateKeyPem() + "\n");
    }

    private static X509Extension Alternatives(string[] names)
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
                builder.AddIpAddress(address);
            else
                builder.AddDnsName(name);
        }

        return builder.Build();
    }
}
