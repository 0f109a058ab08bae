using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Templater.Acme.Dns.Messages;

/// <summary>A key that is shared with a DNS server, with which messages are signed and their answers verified (RFC 8945). Thread-safe.</summary>
internal sealed class TsigKey
{
    /// <summary>Seconds by which the clocks may differ (RFC 8945 section 10: "The RECOMMENDED value of 300 seconds").</summary>
    public const ushort Fudge = 300;

    private static readonly Dictionary<string, Func<byte[], byte[], byte[]>> Algorithms = new(StringComparer.OrdinalIgnoreCase)
    {
        ["hmac-sha1"] = HMACSHA1.HashData,
        ["hmac-sha256"] = HMACSHA256.HashData,
        ["hmac-sha384"] = HMACSHA384.HashData,
        ["hmac-sha512"] = HMACSHA512.HashData,
    };

    private readonly DnsName _algorithm;
    private readonly Func<byte[], byte[], byte[]> _hash;
    private readonly byte[] _secret;

    /// <summary>Makes a key.</summary>
    /// <param name="name">Its name, as the server knows it.</param>
    /// <param name="algorithm">For example <c>hmac-sha256</c>; a dot at its end is left out.</param>
    /// <param name="secret">Base64.</param>
    /// <exception cref="ArgumentException">No such algorithm, or no base64; the message does not hold the secret.</exception>
    public TsigKey(string name, string algorithm, string secret)
    {
        Name = DnsName.TryParse(name, out var parsed) ? parsed : throw new ArgumentException($"'{name}' is no name of a TSIG key");
        var plain = algorithm.TrimEnd('.');
        if (!Algorithms.TryGetValue(plain, out _hash!))
            throw new ArgumentException($"'{algorithm}' is no algorithm of TSIG that is known here: write one of {string.Join(", ", Algorithms.Keys)}");
        _algorithm = DnsName.Parse(plain);
        _secret = new byte[secret.Length];
        if (!Convert.TryFromBase64String(secret.Trim(), _secret, out var length) || length == 0)
            throw new ArgumentException($"the secret of the TSIG key {name} is no base64");
        _secret = _secret[..length];
    }

    /// <summary>Its name.</summary>
    public DnsName Name { get; }

    /// <summary>Signs a request.</summary>
    /// <param name="message">Without a signature.</param>
    /// <param name="now">The time.</param>
    /// <param name="mac">The signature, which is part of what the answer's signature is about.</param>
    /// <returns>The bytes to send.</returns>
    public byte[] Sign(DnsMessage message, DateTimeOffset now, out byte[] mac)
    {
        var unsigned = new DnsData.Tsig(_algorithm, (ulong)now.ToUnixTimeSeconds(), Fudge, [], message.Id, 0, []);
        mac = Mac([], message.ToBytes(), Name, unsigned);
        var signature = new DnsRecord(Name, DnsType.Tsig, DnsClass.Any, 0, unsigned with { Mac = mac });
        return (message with { Additionals = [.. message.Additionals, signature] }).ToBytes();
    }

    /// <summary>Whether the answer to a request is what who has the key sent, now (RFC 8945 sections 5.2 and 5.3). A refusal of the signature itself cannot be signed.</summary>
    /// <param name="bytes">The answer as it came.</param>
    /// <param name="answer">The same, read.</param>
    /// <param name="requestMac">What <see cref="Sign"/> gave.</param>
    /// <param name="now">The time.</param>
    /// <returns>What is wrong; null when nothing is.</returns>
    public string? Mistake(byte[] bytes, DnsMessage answer, byte[] requestMac, DateTimeOffset now)
    {
        if (answer is not { SignaturePosition: { } position, Signature: { Data: DnsData.Tsig tsig } record })
            return "its answer is not signed";
        if (!record.Name.Equals(Name) || !tsig.Algorithm.Equals(_algorithm))
            return "its answer is signed with another key";
        var expected = Mac([.. UInt16((ushort)requestMac.Length), .. requestMac], WithoutSignature(bytes, position, tsig), record.Name, tsig);
        if (!CryptographicOperations.FixedTimeEquals(expected, tsig.Mac))
            return "its answer has a wrong signature";
        var difference = Math.Abs((decimal)tsig.TimeSigned - now.ToUnixTimeSeconds());
        return difference > tsig.Fudge && tsig.Error != (int)DnsResponseCode.BadTime ? $"its answer was signed {difference} s from now" : null;
    }

    /// <inheritdoc/>
    public override string ToString() => Name.ToText();

    /// <summary>Signs an answer, as a server does.</summary>
    internal byte[] SignAnswer(DnsMessage answer, byte[] requestMac, DnsData.Tsig fields)
    {
        var unsigned = fields with { Algorithm = _algorithm, OriginalId = answer.Id, Mac = [] };
        var mac = Mac([.. UInt16((ushort)requestMac.Length), .. requestMac], answer.ToBytes(), Name, unsigned);
        return (answer with { Additionals = [.. answer.Additionals, new(Name, DnsType.Tsig, DnsClass.Any, 0, unsigned with { Mac = mac })] }).ToBytes();
    }

    // RFC 8945 section 4.3: the request's signature (answers only), the message, the TSIG variables.
    private byte[] Mac(byte[] requestMac, byte[] message, DnsName name, DnsData.Tsig tsig)
    {
        var input = new ArrayBufferWriter<byte>();
        input.Write(requestMac);
        input.Write(message);
        input.Write(name.Wire);
        DnsMessage.Write(input, (ushort)DnsClass.Any);
        DnsMessage.Write(input, 0u);
        input.Write(tsig.Algorithm.Wire);
        DnsMessage.Write(input, (ushort)(tsig.TimeSigned >> 32));
        DnsMessage.Write(input, (uint)tsig.TimeSigned);
        DnsMessage.Write(input, tsig.Fudge);
        DnsMessage.Write(input, tsig.Error);
        DnsMessage.Write(input, (ushort)tsig.Other.Length);
        input.Write(tsig.Other);
        return _hash(_secret, input.WrittenSpan.ToArray());
    }

    // "The DNS message … before the TSIG RR has been added", with the id that it had then.
    private static byte[] WithoutSignature(byte[] bytes, int position, DnsData.Tsig tsig)
    {
        var message = bytes[..position];
        BinaryPrimitives.WriteUInt16BigEndian(message, tsig.OriginalId);
        var additionals = message.AsSpan(DnsMessage.AdditionalCountPosition);
        BinaryPrimitives.WriteUInt16BigEndian(additionals, (ushort)(BinaryPrimitives.ReadUInt16BigEndian(additionals) - 1));
        return message;
    }

    private static byte[] UInt16(ushort value) => [(byte)(value >> 8), (byte)value];
}
