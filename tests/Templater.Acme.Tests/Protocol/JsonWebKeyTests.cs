using System.Buffers.Text;
using System.Security.Cryptography;
using Templater.Acme.Protocol;

namespace Templater.Acme.Tests.Protocol;

/// <summary>Public keys as JSON, held against the examples of the RFCs.</summary>
public sealed class JsonWebKeyTests
{
    /// <summary>The key of RFC 7638 section 3.1 and its thumbprint.</summary>
    [Test]
    public void TheThumbprintIsThatOfTheRfc()
    {
        using var key = RSA.Create(new RSAParameters
        {
            Exponent = Base64Url.DecodeFromChars("AQAB"),
            Modulus = Base64Url.DecodeFromChars(
                "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W"
                + "-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdk"
                + "t-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"),
        });
        Assert.That(JsonWebKey.Of(key).Thumbprint, Is.EqualTo("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"));
    }

    /// <summary>The key of RFC 7515 appendix A.3.1.</summary>
    [Test]
    public void AKeyOnACurveHasItsRequiredMembersInTheOrderOfTheirNames()
    {
        const string x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
        using var key = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = Base64Url.DecodeFromChars(x), Y = Base64Url.DecodeFromChars(y) },
        });
        Assert.That(JsonWebKey.Of(key).Json, Is.EqualTo($$"""{"crv":"P-256","kty":"EC","x":"{{x}}","y":"{{y}}"}"""));
    }

    [Test]
    public void ACurveThatNoCaAcceptsIsRefused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP521);
        Assert.That(() => JsonWebKey.Of(key), Throws.ArgumentException.With.Message.Contains("use P-256 or P-384"));
    }
}
