using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Templater.Acme.Protocol;

/// <summary>
/// RFC 8555 section 8.1: "A key authorization is a string that concatenates the token for the challenge with a key
/// fingerprint, separated by a "." character".
/// </summary>
public static class KeyAuthorization
{
    /// <summary>Longest token that is taken; those of known CAs have 43 characters.</summary>
    public const int MaxTokenLength = 200;

    /// <summary>The key authorization of a token.</summary>
    /// <param name="token">The challenge's token.</param>
    /// <param name="thumbprint"><see cref="JsonWebKey.Thumbprint"/> of the account key.</param>
    /// <exception cref="ArgumentException">No token: see <see cref="IsToken"/>.</exception>
    public static string Of(string token, string thumbprint) => IsToken(token)
        ? $"{token}.{thumbprint}"
        : throw new ArgumentException("a token consists of the characters of base64url alone", nameof(token));

    /// <summary>
    /// RFC 8555 section 8.3: the token "MUST NOT contain any characters outside the base64url alphabet". It becomes part of a
    /// path and of a file's name, so what else a CA sends is refused.
    /// </summary>
    /// <param name="token">What the CA sent.</param>
    public static bool IsToken(string? token) =>
        token is { Length: > 0 and <= MaxTokenLength } && token.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_');

    /// <summary>RFC 8555 section 8.4: "The record provisioned to the DNS contains the base64url encoding of this digest".</summary>
    /// <param name="keyAuthorization">Made by <see cref="Of"/>.</param>
    public static string DnsValue(string keyAuthorization) => Base64Url.EncodeToString(Digest(keyAuthorization));

    /// <summary>SHA-256 of it: what goes into the certificate of tls-alpn-01 (RFC 8737 section 3).</summary>
    /// <param name="keyAuthorization">Made by <see cref="Of"/>.</param>
    public static byte[] Digest(string keyAuthorization) => SHA256.HashData(Encoding.ASCII.GetBytes(keyAuthorization));
}
