using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Templater.Acme.Dns.Messages;

/// <summary>Reads the parts of a message. Whatever the bytes are, it ends and throws nothing but <see cref="DnsException"/>.</summary>
internal ref struct DnsReader(ReadOnlySpan<byte> message, int start = 0)
{
    private const int PointerMark = 0xc0;

    private readonly ReadOnlySpan<byte> _message = message;
    private int _position = start;

    /// <summary>Where it is, in bytes from the start.</summary>
    public readonly int Position => _position;

    /// <summary>Whether all was read.</summary>
    public readonly bool IsAtEnd => _position == _message.Length;

    /// <summary>Two bytes.</summary>
    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    /// <summary>Four bytes.</summary>
    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    /// <summary>A name, also a compressed one (RFC 1035 section 4.1.4).</summary>
    public DnsName ReadName()
    {
        var labels = new List<byte[]>();
        var (length, cursor, end) = (1, _position, -1);
        // "A pointer to a prior occurrence": each must lead further back than all before, so that there is no loop.
        var bound = _position;
        while (true)
        {
            var first = ByteAt(cursor);
            if ((first & PointerMark) == PointerMark)
            {
                var target = ((first & ~PointerMark) << 8) | ByteAt(cursor + 1);
                end = end < 0 ? cursor + 2 : end;
                if (target >= bound)
                    throw Malformed("a compressed name leads forward or to itself");
                bound = cursor = target;
                continue;
            }

            if ((first & PointerMark) != 0)
                throw Malformed("a label of a kind that does not exist");
            if (first == 0)
                break;
            length += first + 1;
            if (length > DnsName.MaxLength)
                throw Malformed($"a name of more than {DnsName.MaxLength} bytes");
            if (cursor + 1 + first > _message.Length)
                throw Truncated();
            labels.Add(_message.Slice(cursor + 1, first).ToArray());
            cursor += first + 1;
        }

        _position = end < 0 ? cursor + 1 : end;
        return DnsName.Of(labels);
    }

    /// <summary>A question.</summary>
    public DnsQuestion ReadQuestion() => new(ReadName(), (DnsType)ReadUInt16(), (DnsClass)ReadUInt16());

    /// <summary>A record.</summary>
    public DnsRecord ReadRecord()
    {
        var (name, type, @class, ttl) = (ReadName(), (DnsType)ReadUInt16(), (DnsClass)ReadUInt16(), ReadUInt32());
        var length = ReadUInt16();
        var end = _position + length;
        if (end > _message.Length)
            throw Truncated();
        // RFC 2136 section 2.5: the records of an update that delete something may be empty.
        var data = length == 0 ? new DnsData.Raw([]) : ReadData(type, end);
        return _position == end ? new(name, type, @class, ttl, data) : throw Malformed($"a record of type {type} with a wrong length");
    }

    private DnsData ReadData(DnsType type, int end) => type switch
    {
        DnsType.A => ReadAddress(4),
        DnsType.Aaaa => ReadAddress(16),
        DnsType.Ns or DnsType.Cname => new DnsData.Host(ReadName()),
        DnsType.Soa => new DnsData.Soa(ReadName(), ReadName(), ReadUInt32(), ReadUInt32(), ReadUInt32(), ReadUInt32(), ReadUInt32()),
        DnsType.Txt => ReadTxt(end),
        DnsType.Caa => ReadCaa(end),
        DnsType.Tsig => ReadTsig(),
        _ => new DnsData.Raw(Take(end - _position).ToArray()),
    };

    private DnsData.Address ReadAddress(int length) => new(new IPAddress(Take(length)));

    private DnsData.Txt ReadTxt(int end)
    {
        var strings = new List<byte[]>();
        while (_position < end)
            strings.Add(Take(Take(1)[0]).ToArray());
        return new(strings);
    }

    private DnsData.Caa ReadCaa(int end)
    {
        var (flags, tagLength) = (Take(1)[0], Take(1)[0]);
        var tag = Encoding.Latin1.GetString(Take(tagLength));
        return _position <= end
            ? new(flags, tag, Encoding.Latin1.GetString(Take(end - _position)))
            : throw Malformed("a CAA record whose tag is longer than the record");
    }

    private DnsData.Tsig ReadTsig()
    {
        var algorithm = ReadName();
        var timeSigned = ((ulong)ReadUInt16() << 32) | ReadUInt32();
        var fudge = ReadUInt16();
        var mac = Take(ReadUInt16()).ToArray();
        var (originalId, error) = (ReadUInt16(), ReadUInt16());
        return new(algorithm, timeSigned, fudge, mac, originalId, error, Take(ReadUInt16()).ToArray());
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _message.Length - _position)
            throw Truncated();
        var taken = _message.Slice(_position, count);
        _position += count;
        return taken;
    }

    private readonly byte ByteAt(int position) => position < _message.Length ? _message[position] : throw Truncated();

    private static DnsException Truncated() => Malformed("it ends too early");

    private static DnsException Malformed(string mistake) => new($"a DNS message is malformed: {mistake}");
}
