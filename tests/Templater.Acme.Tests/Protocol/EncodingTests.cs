using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Templater.Acme.Protocol;
using Templater.Testing;

namespace Templater.Acme.Tests.Protocol;

/// <summary>Encodings held against OpenSSL and the examples of the RFCs.</summary>
public sealed class EncodingTests
{
    [TestCase(KeyType.Ec256, "id-ecPublicKey", "ecdsa-with-SHA256")]
    [TestCase(KeyType.Ec384, "id-ecPublicKey", "ecdsa-with-SHA384")]
    [TestCase(KeyType.Rsa2048, "Public-Key: (2048 bit)", "sha256WithRSAEncryption")]
    [TestCase(KeyType.Rsa3072, "Public-Key: (3072 bit)", "sha256WithRSAEncryption")]
    [TestCase(KeyType.Rsa4096, "Public-Key: (4096 bit)", "sha256WithRSAEncryption")]
    public async Task OpenSslVerifiesARequestAndReadsItsNames(KeyType type, string key, string signature)
    {
        using var directory = new TempDirectory();
        using var own = PrivateKey.Generate(type);
        var file = directory["request.der"];
        await File.WriteAllBytesAsync(file, CertificateSigningRequest.Create(own, [Identifier.Dns("*.Example.org"), Identifier.Dns("bücher.example"), Identifier.Ip(IPAddress.Parse("192.0.2.1")), Identifier.Ip(IPAddress.Parse("2001:db8::1"))]));

        var shown = (await ChildProcess.RunAsync("openssl", ["req", "-inform", "DER", "-in", file, "-noout", "-verify", "-text"])).MustSucceed();

        Assert.Multiple(() =>
        {
            Assert.That(shown.Output + shown.Error, Does.Contain("verify OK"));
            Assert.That(shown.Output, Does.Match("Subject: *\n"));
            Assert.That(shown.Output, Does.Contain("DNS:*.example.org, DNS:xn--bcher-kva.example, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1"));
            Assert.That(shown.Output, Does.Contain(key).And.Contains(signature));
        });
    }

    // What a CA, or a person, put into a certificate is looked at when it is read, and not when it is used.
    [TestCase("2.5.29.17")]
    [TestCase("2.5.29.35")]
    public void ACertificateWithAnExtensionThatCannotBeDecodedIsNone(string identifier)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=a.example", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509Extension(identifier, [0x30, 0x05, 0x01], critical: false));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1));

        Assert.That(() => CertificateChain.Parse(certificate.ExportCertificatePem()), Throws.TypeOf<FormatException>().With.Message.EqualTo("certificate 1 of it cannot be read"));
    }

    [Test]
    public async Task OpenSslReadsTheCertificateOfTlsAlpn()
    {
        using var directory = new TempDirectory();
        using var key = PrivateKey.Generate();
        var now = DateTimeOffset.UtcNow;
        using var certificate = TlsAlpnCertificate.Create(key, Identifier.Dns("a.example"), "token.thumbprint", now);
        var file = directory.Write("certificate.pem", certificate.ExportCertificatePem());

        var shown = (await ChildProcess.RunAsync("openssl", ["x509", "-in", file, "-noout", "-text"])).MustSucceed().Output;
        var digest = (await ChildProcess.RunAsync("openssl", ["dgst", "-sha256", directory.Write("input", "token.thumbprint")])).MustSucceed().Output.Split("= ")[1].Trim();

        Assert.Multiple(() =>
        {
            Assert.That(shown, Does.Match(@"1\.3\.6\.1\.5\.5\.7\.1\.31: critical"));
            Assert.That(shown, Does.Contain("DNS:a.example"));
            // RFC 8737 section 3: an OCTET STRING (04) of 32 (20) bytes.
            Assert.That(Convert.ToHexStringLower(TlsAlpnCertificate.ExtensionValue("token.thumbprint")), Is.EqualTo("0420" + digest));
        });
    }

    /// <summary>The example of RFC 9773 section 4.1.</summary>
    [Test]
    public void TheIdentifierOfACertificateIsThatOfTheRfc() =>
        Assert.That(
            CertificateId.Of(Convert.FromHexString("69885B6B87464041E1B37B847BA0AE2CDE01C8D4"), Convert.FromHexString("0087654321")),
            Is.EqualTo("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE"));

    /// <summary>RFC 8738 section 6 and RFC 3596 section 2.5.</summary>
    [TestCase("192.0.2.1", "1.2.0.192.in-addr.arpa")]
    [TestCase("2001:db8::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa")]
    [TestCase("a.example", "a.example")]
    public void TheServerNameOfAnAddressIsItsReverseName(string identifier, string expected) =>
        Assert.That(TlsAlpnCertificate.ServerName(Identifier.Parse(identifier)), Is.EqualTo(expected));

    /// <summary>The example of RFC 8555 section 8.1 with a thumbprint of its own, and the digest by OpenSSL (<c>printf … | openssl dgst -sha256 -binary | basenc --base64url</c>).</summary>
    [Test]
    public void TheValueOfATxtRecordIsTheDigestInBase64Url() => Assert.Multiple(() =>
    {
        Assert.That(KeyAuthorization.Of("evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA", "9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI"), Is.EqualTo("evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI"));
        Assert.That(KeyAuthorization.DnsValue("evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI"), Is.EqualTo("lCM7cZyQXcVHK2nnW3jjAhNT3Fvm18UN-kWZZknKoYM"));
    });

    // Fault 33
    [TestCase("ecparam -name prime256v1 -genkey -noout", "ES256")]
    [TestCase("ecparam -name secp384r1 -genkey -noout", "ES384")]
    [TestCase("ecparam -name prime256v1 -genkey", "ES256")]
    [TestCase("genrsa -traditional 2048", "RS256")]
    [TestCase("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072", "RS256")]
    [TestCase("ecparam -name secp521r1 -genkey -noout", null)]
    [TestCase("genpkey -algorithm ED25519", null)]
    [TestCase("genrsa 1024", null)]
    public async Task KeysOfOpenSslAreReadWhereCasTakeThem(string command, string? algorithm)
    {
        var pem = (await ChildProcess.RunAsync("openssl", command.Split(' '))).MustSucceed().Output;

        if (algorithm is null)
        {
            Assert.That(() => PrivateKey.FromPem(pem), Throws.TypeOf<FormatException>());
            return;
        }

        using var key = PrivateKey.FromPem(pem);
        using var again = PrivateKey.FromPem(key.ToPem());
        Assert.Multiple(() =>
        {
            Assert.That(key.Algorithm, Is.EqualTo(algorithm));
            Assert.That(again.Public.Thumbprint, Is.EqualTo(key.Public.Thumbprint));
            Assert.That(key.ToPem(), Does.StartWith("-----BEGIN PRIVATE KEY-----\n").And.EndsWith("-----END PRIVATE KEY-----\n"));
            Assert.That(key.ToString(), Is.EqualTo($"{algorithm} key {key.Public.Thumbprint}"));
        });
    }

    [TestCase("")]
    [TestCase("hello")]
    [TestCase("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")]
    public void WhatIsNoKeyIsRefused(string text) => Assert.That(() => PrivateKey.FromPem(text), Throws.TypeOf<FormatException>());

    [TestCase(KeyType.Ec256)]
    [TestCase(KeyType.Rsa2048)]
    public void APublicKeyIsNoPrivateOne(KeyType type)
    {
        using var key = PrivateKey.Generate(type);
        var pem = key.WithRequest(new X500DistinguishedName(""), request => request.PublicKey.ExportSubjectPublicKeyInfo());

        Assert.That(
            () => PrivateKey.FromPem(PemEncoding.WriteString("PUBLIC KEY", pem)),
            Throws.TypeOf<FormatException>().With.Message.EqualTo("it is no private key in PEM form without a password"));
    }

    [Test]
    public void ACertificateWithoutTheKeyOfItsIssuerHasNoIdentifier()
    {
        using var certificates = new TransportCertificates();
        Assert.That(CertificateId.Of(certificates.Server), Is.Null);
    }
}
