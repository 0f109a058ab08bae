using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Templater.Acme.Protocol;

/// <summary>
/// RFC 8555 section 6.2: "all ACME requests with a non-empty body MUST encapsulate their payload in a JSON Web Signature",
/// in the flattened JSON serialization of RFC 7515 section 7.2.2, without an unprotected header.
/// </summary>
internal static class Jws
{
    /// <summary>The one media type of requests; nothing may be appended to it (RFC 8555 section 6.2).</summary>
    public const string MediaType = "application/jose+json";

    /// <summary>A message signed by an account (RFC 8555 section 6.2: "kid") or, where there is no URL yet, by a bare key ("jwk").</summary>
    /// <param name="key">Signs it.</param>
    /// <param name="account">The account's URL; null to show the public key instead.</param>
    /// <param name="nonce">RFC 8555 section 6.5.2; null only for the inner message of a change of keys (section 7.3.5).</param>
    /// <param name="url">Where it is sent (RFC 8555 section 6.4.1).</param>
    /// <param name="payload">The payload; empty for a POST-as-GET (section 6.3).</param>
    public static byte[] Signed(PrivateKey key, Uri? account, string? nonce, Uri url, ReadOnlySpan<byte> payload)
    {
        var identity = account is null ? $"\"jwk\":{key.Public.Json}" : $"\"kid\":{Quoted(account.AbsoluteUri)}";
        var once = nonce is null ? "" : $"\"nonce\":{Quoted(nonce)},";
        var header = $"{{\"alg\":\"{key.Algorithm}\",{identity},{once}\"url\":{Quoted(url.AbsoluteUri)}}}";
        return Message(header, payload, input => key.Sign(input));
    }

    /// <summary>
    /// RFC 8555 section 7.3.4: the account's key signed with the key that the CA gave out of band. "The "alg" field MUST
    /// indicate a MAC-based algorithm", "The "nonce" field MUST NOT be present".
    /// </summary>
    public static byte[] Bound(ExternalAccountBinding binding, JsonWebKey accountKey, Uri url)
    {
        var header = $"{{\"alg\":\"HS256\",\"kid\":{Quoted(binding.KeyId)},\"url\":{Quoted(url.AbsoluteUri)}}}";
        return Message(header, Encoding.ASCII.GetBytes(accountKey.Json), binding.Sign);
    }

    private delegate byte[] Signer(ReadOnlySpan<byte> input);

    private static byte[] Message(string header, ReadOnlySpan<byte> payload, Signer sign)
    {
        var protectedHeader = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header));
        var body = Base64Url.EncodeToString(payload);
        var signature = sign(Encoding.ASCII.GetBytes($"{protectedHeader}.{body}"));
        return JsonSerializer.SerializeToUtf8Bytes(new JwsMessage(protectedHeader, body, Base64Url.EncodeToString(signature)), AcmeJson.Default.JwsMessage);
    }

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}

/// <summary>The flattened JSON serialization of RFC 7515 section 7.2.2.</summary>
internal sealed record JwsMessage(string Protected, string Payload, string Signature);

/// <summary>
/// RFC 8555 section 7.3.4: what the CA gives to bind an ACME account to an account of another kind. Its
/// <see cref="ToString"/> tells the key's name alone.
/// </summary>
public sealed class ExternalAccountBinding
{
    private readonly byte[] _key;

    /// <summary>Takes what the CA gave out.</summary>
    /// <param name="keyId">The key identifier, an ASCII string.</param>
    /// <param name="macKey">The MAC key in base64url; with padding and in plain base64 too, since CAs show it in either.</param>
    /// <exception cref="FormatException">No base64, or empty. The message does not hold it.</exception>
    public ExternalAccountBinding(string keyId, string macKey)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(keyId);
        ArgumentNullException.ThrowIfNull(macKey);
        KeyId = keyId;
        var unified = macKey.Trim().TrimEnd('=').Replace('+', '-').Replace('/', '_');
        if (unified.Length == 0 || !Base64Url.IsValid(unified))
            throw new FormatException($"the MAC key of the external account '{keyId}' is not base64url; give it as the CA shows it");
        _key = Base64Url.DecodeFromChars(unified);
    }

    /// <summary>Names the key at the CA; no secret.</summary>
    public string KeyId { get; }

    /// <inheritdoc/>
    public override string ToString() => $"external account {KeyId}";

    internal byte[] Sign(ReadOnlySpan<byte> input) => HMACSHA256.HashData(_key, input);
}
