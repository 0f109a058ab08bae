using System.Buffers.Text;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Templater.Acme.Protocol;
using Templater.Testing;

namespace Templater.Acme.Tests.Protocol;

/// <summary>Signed messages: their members, and signatures that the platform's own verification takes.</summary>
public sealed class JwsTests
{
    private static readonly Uri Url = new("https://ca.test/acme/new-order");

    [TestCase(KeyType.Ec256, "ES256", 64)]
    [TestCase(KeyType.Ec384, "ES384", 96)]
    [TestCase(KeyType.Rsa2048, "RS256", 256)]
    public void ASignatureHasTheFormOfItsAlgorithmAndHolds(KeyType type, string algorithm, int length)
    {
        using var key = PrivateKey.Generate(type);
        var message = Parsed(Jws.Signed(key, new Uri("https://ca.test/acct/1"), "abc", Url, "{}"u8));

        Assert.Multiple(() =>
        {
            Assert.That(message.Header, Is.EqualTo($$"""{"alg":"{{algorithm}}","kid":"https://ca.test/acct/1","nonce":"abc","url":"https://ca.test/acme/new-order"}"""));
            Assert.That(message.Signature, Has.Length.EqualTo(length));
            Assert.That(Holds(key, message.Input, message.Signature), Is.True);
            Assert.That(Holds(key, message.Input + "x", message.Signature), Is.False);
        });
    }

    [Test]
    public void AMessageWithoutAnAccountShowsTheKeyAndOneWithinAnotherHasNoNonce()
    {
        using var key = PrivateKey.Generate();

        var message = Parsed(Jws.Signed(key, null, null, Url, "{}"u8));

        Assert.That(message.Header, Is.EqualTo($$"""{"alg":"ES256","jwk":{{key.Public.Json}},"url":"https://ca.test/acme/new-order"}"""));
    }

    [Test]
    public void APostAsGetHasAnEmptyPayload()
    {
        using var key = PrivateKey.Generate();

        Assert.That(Parsed(Jws.Signed(key, null, "n", Url, [])).Input, Does.EndWith("."));
    }

    /// <summary>The HS256 example of RFC 7515 appendix A.1: its key and its signing input.</summary>
    [Test]
    public void TheMacOfAnExternalAccountIsThatOfTheRfc()
    {
        var binding = new ExternalAccountBinding("kid", "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
        const string input = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

        Assert.That(Base64Url.EncodeToString(binding.Sign(Encoding.ASCII.GetBytes(input))), Is.EqualTo("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
    }

    /// <summary>The ES256 example of RFC 7515 appendix A.3: its signature, in the form that is made here, holds for its key.</summary>
    [Test]
    public void TheFormOfASignatureIsThatOfTheRfc()
    {
        using var key = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = Base64Url.DecodeFromChars("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"), Y = Base64Url.DecodeFromChars("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0") },
            D = Base64Url.DecodeFromChars("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"),
        });
        using var own = PrivateKey.FromPem(key.ExportPkcs8PrivateKeyPem());
        const string input = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

        Assert.Multiple(() =>
        {
            Assert.That(Holds(own, input, Base64Url.DecodeFromChars("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")), Is.True);
            Assert.That(Holds(own, input, own.Sign(Encoding.ASCII.GetBytes(input))), Is.True);
        });
    }

    [TestCase("")]
    [TestCase("not base64!")]
    public void AMacKeyThatIsNoneIsRefusedWithoutBeingShown(string key) =>
        Assert.That(() => new ExternalAccountBinding("kid-7", key), Throws.TypeOf<FormatException>().With.Message.EqualTo("the MAC key of the external account 'kid-7' is not base64url; give it as the CA shows it"));

    [TestCase(KeyType.Ec256, "-sha256")]
    [TestCase(KeyType.Ec384, "-sha384")]
    [TestCase(KeyType.Rsa2048, "-sha256")]
    public async Task OpenSslTakesTheSignature(KeyType type, string digest)
    {
        using var directory = new TempDirectory();
        using var key = PrivateKey.Generate(type);
        var (_, input, signature) = Parsed(Jws.Signed(key, new Uri("https://ca.test/acct/1"), "abc", Url, "{}"u8));
        directory.Write("key.pem", key.ToPem());
        directory.Write("input", input);
        await File.WriteAllBytesAsync(directory["signature"], key.Algorithm == "RS256" ? signature : InDer(signature));

        var shown = await ChildProcess.RunAsync("openssl", ["dgst", digest, "-prverify", directory["key.pem"], "-signature", directory["signature"], directory["input"]]);

        Assert.That(shown.MustSucceed().Output, Is.EqualTo("Verified OK\n"));
    }

    // RFC 7518 section 3.4 has R and S side by side, RFC 3279 section 2.2.3 as two integers.
    private static byte[] InDer(byte[] signature)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteIntegerUnsigned(signature.AsSpan(0, signature.Length / 2));
            writer.WriteIntegerUnsigned(signature.AsSpan(signature.Length / 2));
        }

        return writer.Encode();
    }

    private static (string Header, string Input, byte[] Signature) Parsed(byte[] message)
    {
        using var json = JsonDocument.Parse(message);
        Assert.That(json.RootElement.EnumerateObject().Select(member => member.Name), Is.EqualTo(new[] { "protected", "payload", "signature" }));
        string Member(string name) => json.RootElement.GetProperty(name).GetString()!;
        return (Encoding.UTF8.GetString(Base64Url.DecodeFromChars(Member("protected"))), $"{Member("protected")}.{Member("payload")}", Base64Url.DecodeFromChars(Member("signature")));
    }

    private static bool Holds(PrivateKey key, string input, byte[] signature)
    {
        var data = Encoding.ASCII.GetBytes(input);
        if (key.Algorithm == "RS256")
        {
            using var rsa = RSA.Create();
            rsa.ImportFromPem(key.ToPem());
            return rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }

        using var ec = ECDsa.Create();
        ec.ImportFromPem(key.ToPem());
        return ec.VerifyData(data, signature, key.Algorithm == "ES384" ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256);
    }
}
