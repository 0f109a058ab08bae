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

    /// <summary>A pair for a.example.com: <c>rsa-1024</c>, <c>rsa-2048</c>, <c>sha-1</c> (signed by another) or <c>sha-1 root</c> (by itself).</summary>
    public static (string Chain, string Key) MakeWeak(string kind)
    {
        using var key = RSA.Create(kind == "rsa-1024" ? 1024 : 2048);
        var request = new CertificateRequest("CN=a.example.com", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(Alternatives(["a.example.com"]));
        using var other = RSA.Create(2048);
        using var certificate = kind switch
        {
            "sha-1" => request.Create(new X500DistinguishedName("CN=issuer"), new Sha1Signature(other), Start, Start.AddDays(90), [1, 2, 3]),
            "sha-1 root" => request.Create(request.SubjectName, new Sha1Signature(key), Start, Start.AddDays(90), [1, 2, 3]),
            _ => request.CreateSelfSigned(Start, Start.AddDays(90)),
        };
        return (certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    // .NET makes no such signatures any more.
    private sealed class Sha1Signature(RSA key) : X509SignatureGenerator
    {
        private readonly X509SignatureGenerator _modern = CreateForRSA(key, RSASignaturePadding.Pkcs1);

        // sha1WithRSAEncryption, RFC 8017 A.2.4.
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) =>
            [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05, 0x05, 0x00];

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => key.SignData(data, HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1);

        protected override PublicKey BuildPublicKey() => _modern.PublicKey;
    }

    /// <summary>The extension that names what a certificate is for.</summary>
    public static X509Extension Alternatives(params string[] names)
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
