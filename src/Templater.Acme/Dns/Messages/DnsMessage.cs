using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Templater.Acme.Dns.Messages;

/// <summary>A message of the DNS (RFC 1035 section 4.1); in an update the sections are zone, prerequisite, update and additional (RFC 2136 section 2).</summary>
internal sealed record DnsMessage
{
    /// <summary>Most bytes of a message: its length is sent in two bytes over TCP (RFC 1035 section 4.2.2).</summary>
    public const int MaxLength = 65535;

    /// <summary>Bytes of the header.</summary>
    public const int HeaderLength = 12;

    /// <summary>Where the number of additional records stands (RFC 1035 section 4.1.1).</summary>
    public const int AdditionalCountPosition = 10;

    private const int ResponseFlag = 0x8000;
    private const int AuthoritativeFlag = 0x0400;
    private const int TruncatedFlag = 0x0200;
    private const int RecursionFlag = 0x0100;

    /// <summary>Which answer belongs to which request.</summary>
    public ushort Id { get; init; }

    /// <summary>Whether it is an answer.</summary>
    public bool IsResponse { get; init; }

    /// <summary>What kind of request it is.</summary>
    public DnsOpcode Opcode { get; init; }

    /// <summary>Whether it comes from a server of the zone itself.</summary>
    public bool IsAuthoritative { get; init; }

    /// <summary>Whether not all of it found its place.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>Whether a resolver is to find the answer elsewhere.</summary>
    public bool WantsRecursion { get; init; }

    /// <summary>What became of the request.</summary>
    public DnsResponseCode ResponseCode { get; init; }

    /// <summary>The questions, in an update the zone.</summary>
    public IReadOnlyList<DnsQuestion> Questions { get; init; } = [];

    /// <summary>The answers, in an update what must hold before.</summary>
    public IReadOnlyList<DnsRecord> Answers { get; init; } = [];

    /// <summary>Records of the zone's authority, in an update what is to be changed.</summary>
    public IReadOnlyList<DnsRecord> Authorities { get; init; } = [];

    /// <summary>What else may be useful, with the signature as the last one.</summary>
    public IReadOnlyList<DnsRecord> Additionals { get; init; } = [];

    /// <summary>Where the signature begins in the bytes that this was read from; null without one.</summary>
    public int? SignaturePosition { get; private init; }

    /// <summary>The signature, where it has one.</summary>
    public DnsRecord? Signature => SignaturePosition is null ? null : Additionals[^1];

    /// <summary>A question.</summary>
    /// <param name="id">A random number.</param>
    /// <param name="name">About which name.</param>
    /// <param name="type">Which records.</param>
    /// <param name="recursion">Whether a resolver is asked, not a server of the zone.</param>
    public static DnsMessage Query(ushort id, DnsName name, DnsType type, bool recursion) =>
        new() { Id = id, WantsRecursion = recursion, Questions = [new(name, type)] };

    /// <summary>Reads a message.</summary>
    /// <param name="bytes">All of it and nothing else.</param>
    /// <exception cref="DnsException">It is malformed.</exception>
    public static DnsMessage Parse(ReadOnlySpan<byte> bytes)
    {
        var reader = new DnsReader(bytes);
        var (id, flags) = (reader.ReadUInt16(), reader.ReadUInt16());
        var (questions, answers, authorities, additionals) = (reader.ReadUInt16(), reader.ReadUInt16(), reader.ReadUInt16(), reader.ReadUInt16());
        var message = new DnsMessage
        {
            Id = id,
            IsResponse = (flags & ResponseFlag) != 0,
            Opcode = (DnsOpcode)((flags >> 11) & 0xf),
            IsAuthoritative = (flags & AuthoritativeFlag) != 0,
            IsTruncated = (flags & TruncatedFlag) != 0,
            WantsRecursion = (flags & RecursionFlag) != 0,
            ResponseCode = (DnsResponseCode)(flags & 0xf),
            Questions = ReadQuestions(ref reader, questions),
            Answers = ReadRecords(ref reader, answers, out _),
            Authorities = ReadRecords(ref reader, authorities, out _),
            Additionals = ReadRecords(ref reader, additionals, out var last),
        };
        if (!reader.IsAtEnd)
            throw new DnsException("a DNS message is malformed: bytes follow its end");
        // RFC 8945 section 5.2: a TSIG record anywhere but at the end makes the message malformed.
        var signatures = message.Answers.Concat(message.Authorities).Concat(message.Additionals).Count(record => record.Type == DnsType.Tsig);
        return (signatures, message.Additionals is [.., { Type: DnsType.Tsig, Data: DnsData.Tsig }]) switch
        {
            (0, _) => message,
            (1, true) => message with { SignaturePosition = last },
            _ => throw new DnsException("a DNS message is malformed: a TSIG record that is not the last one"),
        };
    }

    /// <summary>The bytes of the message, without compression.</summary>
    /// <exception cref="DnsException">It is longer than <see cref="MaxLength"/>.</exception>
    public byte[] ToBytes()
    {
        var output = new ArrayBufferWriter<byte>();
        Write(output, Id);
        Write(output, (ushort)((IsResponse ? ResponseFlag : 0) | ((int)Opcode << 11) | (IsAuthoritative ? AuthoritativeFlag : 0)
            | (IsTruncated ? TruncatedFlag : 0) | (WantsRecursion ? RecursionFlag : 0) | ((int)ResponseCode & 0xf)));
        foreach (var count in (ReadOnlySpan<int>)[Questions.Count, Answers.Count, Authorities.Count, Additionals.Count])
            Write(output, (ushort)count);
        foreach (var question in Questions)
        {
            output.Write(question.Name.Wire);
            Write(output, (ushort)question.Type);
            Write(output, (ushort)question.Class);
        }

        foreach (var record in Answers.Concat(Authorities).Concat(Additionals))
            Write(output, record);
        return output.WrittenCount <= MaxLength ? output.WrittenSpan.ToArray() : throw new DnsException($"a DNS message would have more than {MaxLength} bytes");
    }

    /// <summary>The bytes of one record.</summary>
    /// <param name="output">Where they go.</param>
    /// <param name="record">The record.</param>
    public static void Write(IBufferWriter<byte> output, DnsRecord record)
    {
        output.Write(record.Name.Wire);
        Write(output, (ushort)record.Type);
        Write(output, (ushort)record.Class);
        Write(output, record.Ttl);
        var data = new ArrayBufferWriter<byte>();
        Write(data, record.Data);
        Write(output, (ushort)data.WrittenCount);
        output.Write(data.WrittenSpan);
    }

    /// <summary>Two bytes.</summary>
    /// <param name="output">Where they go.</param>
    /// <param name="value">The number.</param>
    public static void Write(IBufferWriter<byte> output, ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(output.GetSpan(2), value);
        output.Advance(2);
    }

    /// <summary>Four bytes.</summary>
    /// <param name="output">Where they go.</param>
    /// <param name="value">The number.</param>
    public static void Write(IBufferWriter<byte> output, uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(output.GetSpan(4), value);
        output.Advance(4);
    }

    private static void Write(ArrayBufferWriter<byte> output, DnsData data)
    {
        switch (data)
        {
            case DnsData.Address address:
                output.Write(address.Value.GetAddressBytes());
                break;
            case DnsData.Host host:
                output.Write(host.Value.Wire);
                break;
            case DnsData.Soa soa:
                output.Write(soa.Primary.Wire);
                output.Write(soa.Responsible.Wire);
                foreach (var number in (ReadOnlySpan<uint>)[soa.Serial, soa.Refresh, soa.Retry, soa.Expire, soa.Minimum])
                    Write(output, number);
                break;
            case DnsData.Txt txt:
                foreach (var text in txt.Strings)
                {
                    output.Write([(byte)text.Length]);
                    output.Write(text);
                }

                break;
            case DnsData.Caa caa:
                output.Write([caa.Flags, (byte)caa.Tag.Length]);
                output.Write(Encoding.Latin1.GetBytes(caa.Tag + caa.Value));
                break;
            case DnsData.Tsig tsig:
                Write(output, tsig);
                break;
            case DnsData.Raw raw:
                output.Write(raw.Bytes);
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static void Write(ArrayBufferWriter<byte> output, DnsData.Tsig tsig)
    {
        output.Write(tsig.Algorithm.Wire);
        Write(output, (ushort)(tsig.TimeSigned >> 32));
        Write(output, (uint)tsig.TimeSigned);
        Write(output, tsig.Fudge);
        Write(output, (ushort)tsig.Mac.Length);
        output.Write(tsig.Mac);
        Write(output, tsig.OriginalId);
        Write(output, tsig.Error);
        Write(output, (ushort)tsig.Other.Length);
        output.Write(tsig.Other);
    }

    // The lists grow with what is there: a count alone costs no memory.
    private static List<DnsQuestion> ReadQuestions(ref DnsReader reader, int count)
    {
        var questions = new List<DnsQuestion>();
        for (var index = 0; index < count; index++)
            questions.Add(reader.ReadQuestion());
        return questions;
    }

    private static List<DnsRecord> ReadRecords(ref DnsReader reader, int count, out int last)
    {
        var records = new List<DnsRecord>();
        last = 0;
        for (var index = 0; index < count; index++)
        {
            last = reader.Position;
            records.Add(reader.ReadRecord());
        }

        return records;
    }
}
