using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Templater.Acme.Protocol;

/// <summary>The public half of a key as JSON (RFC 7517, members of RFC 7518 section 6). Immutable; never holds a private key.</summary>
public sealed class JsonWebKey
{
    private JsonWebKey(string json) => Json = json;

    /// <summary>
    /// The object with its required members alone, in the order of their names and without white space: what goes into a
    /// header, and at once the form that RFC 7638 section 3 takes the thumbprint of.
    /// </summary>
    public string Json { get; }

    /// <summary>SHA-256 over <see cref="Json"/>, in base64url without padding (RFC 7638; RFC 8555 section 8.1 uses it in key authorizations).</summary>
    public string Thumbprint => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Json)));

    /// <summary>That of an elliptic curve key on P-256 or P-384, the two that CAs accept.</summary>
    /// <param name="key">The key; only its public point is read.</param>
    /// <exception cref="ArgumentException">Another curve.</exception>
    public static JsonWebKey Of(ECDsa key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var parameters = key.ExportParameters(includePrivateParameters: false);
        var curve = key.KeySize switch
        {
            256 => "P-256",
            384 => "P-384",
            _ => throw new ArgumentException($"a key of {key.KeySize} bits on an elliptic curve is none that CAs accept; use P-256 or P-384", nameof(key)),
        };
        return new($$"""{"crv":"{{curve}}","kty":"EC","x":"{{Base64Url.EncodeToString(parameters.Q.X)}}","y":"{{Base64Url.EncodeToString(parameters.Q.Y)}}"}""");
    }

    /// <summary>That of an RSA key.</summary>
    /// <param name="key">The key; only modulus and exponent are read.</param>
    public static JsonWebKey Of(RSA key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var parameters = key.ExportParameters(includePrivateParameters: false);
        return new($$"""{"e":"{{Base64Url.EncodeToString(parameters.Exponent)}}","kty":"RSA","n":"{{Base64Url.EncodeToString(parameters.Modulus)}}"}""");
    }
}
