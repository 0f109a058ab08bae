using System.Net;
using System.Text;

namespace Templater.Acme.Dns.Messages;

/// <summary>What a record holds; one case for each type that this client understands.</summary>
internal abstract record DnsData
{
    private DnsData()
    {
    }

    /// <summary>An address (A and AAAA).</summary>
    /// <param name="Value">The address.</param>
    public sealed record Address(IPAddress Value) : DnsData;

    /// <summary>A name (NS and CNAME).</summary>
    /// <param name="Value">The name.</param>
    public sealed record Host(DnsName Value) : DnsData;

    /// <summary>The start of a zone (RFC 1035 section 3.3.13).</summary>
    /// <param name="Primary">The server that the zone comes from.</param>
    /// <param name="Responsible">Mail address of who is responsible.</param>
    /// <param name="Serial">Version of the zone.</param>
    /// <param name="Refresh">Seconds between looks of secondary servers.</param>
    /// <param name="Retry">Seconds between failed looks.</param>
    /// <param name="Expire">Seconds until a secondary server gives up.</param>
    /// <param name="Minimum">Seconds for which a "there is none" may be kept.</param>
    public sealed record Soa(DnsName Primary, DnsName Responsible, uint Serial, uint Refresh, uint Retry, uint Expire, uint Minimum) : DnsData;

    /// <summary>Texts (RFC 1035 section 3.3.14): one or more strings of at most 255 bytes.</summary>
    /// <param name="Strings">The strings.</param>
    public sealed record Txt(IReadOnlyList<byte[]> Strings) : DnsData
    {
        /// <summary>Most bytes of one string.</summary>
        public const int MaxStringLength = 255;

        /// <summary>The strings as one, which is what ACME compares (RFC 8555 section 8.4 has it in one string).</summary>
        public string Text => string.Concat(Strings.Select(Encoding.Latin1.GetString));

        /// <summary>The record of a text; a longer one is split.</summary>
        /// <param name="text">ASCII.</param>
        public static Txt Of(string text) =>
            new(text.Length == 0 ? [[]] : [.. Encoding.ASCII.GetBytes(text).Chunk(MaxStringLength)]);
    }

    /// <summary>A property of RFC 8659 section 4.1.</summary>
    /// <param name="Flags">Bit 0 (value 128): a CA that does not know the tag must not issue.</param>
    /// <param name="Tag">What it is about; compared without case.</param>
    /// <param name="Value">What is said.</param>
    public sealed record Caa(byte Flags, string Tag, string Value) : DnsData;

    /// <summary>A signature (RFC 8945 section 4.2).</summary>
    /// <param name="Algorithm">Name of the algorithm.</param>
    /// <param name="TimeSigned">Seconds since 1970, 48 bits.</param>
    /// <param name="Fudge">Seconds by which clocks may differ.</param>
    /// <param name="Mac">The signature; empty in refusals.</param>
    /// <param name="OriginalId">The message's id when it was signed.</param>
    /// <param name="Error">A code of <see cref="DnsResponseCode"/>.</param>
    /// <param name="Other">For <see cref="DnsResponseCode.BadTime"/> the server's time, else empty.</param>
    public sealed record Tsig(DnsName Algorithm, ulong TimeSigned, ushort Fudge, byte[] Mac, ushort OriginalId, ushort Error, byte[] Other) : DnsData;

    /// <summary>A type that this client does not understand, or an empty one of an update.</summary>
    /// <param name="Bytes">As they were.</param>
    public sealed record Raw(byte[] Bytes) : DnsData;
}

/// <summary>A resource record (RFC 1035 section 4.1.3).</summary>
/// <param name="Name">Whose it is.</param>
/// <param name="Type">Its type; may be one without a name here.</param>
/// <param name="Class">Its class.</param>
/// <param name="Ttl">Seconds for which it may be kept.</param>
/// <param name="Data">What it holds.</param>
internal sealed record DnsRecord(DnsName Name, DnsType Type, DnsClass Class, uint Ttl, DnsData Data);

/// <summary>A question (RFC 1035 section 4.1.2), in an update the zone.</summary>
/// <param name="Name">About which name.</param>
/// <param name="Type">Which records.</param>
/// <param name="Class">Of which class.</param>
internal sealed record DnsQuestion(DnsName Name, DnsType Type, DnsClass Class = DnsClass.In);
