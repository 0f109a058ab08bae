using System.Net;
using Templater.Acme.Dns;
using Templater.Acme.Dns.Messages;

namespace Templater.Acme.Tests.Dns;

public sealed class DnsMessageTests
{
    private const int Mutations = 20_000;

    private static readonly DnsName Name = DnsName.Parse("_acme-challenge.Example.ORG.");

    [Test]
    public void AQueryIsTheBytesOfTheRfc()
    {
        var bytes = DnsMessage.Query(0x1234, DnsName.Parse("example.org"), DnsType.Txt, recursion: true).ToBytes();
        // RFC 1035 section 4.1: header with RD and one question; the name; TXT; IN.
        Assert.That(Convert.ToHexString(bytes), Is.EqualTo("123401000001000000000000" + "076578616D706C65036F726700" + "0010" + "0001"));
    }

    [Test]
    public void CompressedNamesAreReadAsInTheExampleOfTheRfc()
    {
        // RFC 1035 section 4.1.4: F.ISI.ARPA at 20, FOO.F.ISI.ARPA at 40, ARPA at 64, the root at 92.
        var message = new byte[93];
        "\u0001F\u0003ISI\u0004ARPA\0"u8.CopyTo(message.AsSpan(20));
        "\u0003FOO"u8.CopyTo(message.AsSpan(40));
        (message[44], message[45], message[64], message[65], message[92]) = (0xc0, 20, 0xc0, 26, 0);
        Assert.That(
            new[] { 20, 40, 64, 92 }.Select(position => NameAt(message, position)),
            Is.EqualTo(new[] { "f.isi.arpa.", "foo.f.isi.arpa.", "arpa.", "." }));
    }

    [Test]
    public void AMessageOfAllTypesComesBackAsItWas()
    {
        var message = new DnsMessage
        {
            Id = 7,
            IsResponse = true,
            IsAuthoritative = true,
            ResponseCode = DnsResponseCode.NxDomain,
            Questions = [new(Name, DnsType.Caa)],
            Answers =
            [
                Record(DnsType.Txt, new DnsData.Txt([[1, 2], []])),
                Record(DnsType.Caa, new DnsData.Caa(128, "issue", "ca.example; accounturi=https://a")),
                Record(DnsType.A, new DnsData.Address(IPAddress.Parse("192.0.2.1"))),
                Record(DnsType.Aaaa, new DnsData.Address(IPAddress.Parse("2001:db8::1"))),
                Record(DnsType.Ns, new DnsData.Host(DnsName.Parse("ns.example.org"))),
                Record(DnsType.Cname, new DnsData.Host(DnsName.Root)),
                Record((DnsType)999, new DnsData.Raw([9, 9])),
            ],
            Authorities = [Record(DnsType.Soa, new DnsData.Soa(Name, DnsName.Root, 1, 2, 3, 4, 5))],
            Additionals = [Record(DnsType.Tsig, new DnsData.Tsig(DnsName.Parse("hmac-sha256"), 1UL << 40, 300, [1, 2, 3], 7, 18, [0, 0, 0, 0, 0, 9]))],
        };
        var bytes = message.ToBytes();
        var read = DnsMessage.Parse(bytes);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(read.ToBytes(), Is.EqualTo(bytes));
            Assert.That(read.Answers[1].Data, Is.EqualTo(message.Answers[1].Data));
            Assert.That(((DnsData.Tsig)read.Signature!.Data).TimeSigned, Is.EqualTo(1UL << 40));
            Assert.That(read.Questions, Is.EqualTo(message.Questions));
        }
    }

    [Test]
    public void ATextLongerThanAStringIsSplitAndJoined()
    {
        var text = new string('x', 700);
        Assert.That(((DnsData.Txt)RoundTrip(DnsData.Txt.Of(text), DnsType.Txt)).Text, Is.EqualTo(text));
    }

    [TestCase("", "empty")]
    [TestCase("000081", "shorter than a header")]
    [TestCase("000081000001000000000000", "a question is counted and missing")]
    [TestCase("00008100FFFFFFFFFFFFFFFF", "everything is counted and missing")]
    [TestCase("000081000001000000000000C00C00100001", "a name that is a pointer to itself")]
    [TestCase("000081000001000000000000C00E00100001", "a pointer forward")]
    [TestCase("0000810000010000000000000161C00C00100001", "a name that leads to its own start")]
    [TestCase("0000810000010000000000004061", "a label of kind 01")]
    [TestCase("000081000001000000000000806100", "a label of kind 10")]
    [TestCase("0000810000010000000000003F61", "a label longer than the message")]
    [TestCase("000081000001000000000000C0", "half a pointer")]
    [TestCase("00008100000000010000000000001000010000000500FF", "a record longer than the message")]
    [TestCase("000081000000000100000000000010000100000005000205", "a string longer than its record")]
    [TestCase("00008100000000010000000000000100010000000500020102", "an address of two bytes")]
    [TestCase("0000810000000001000000000000010001000000050005010203040500", "bytes behind the end")]
    [TestCase("00008100000000010000000000010100010000000500030009FF", "a CAA tag longer than the record")]
    [TestCase("0000810000000001000000000000FA00FF0000000000110000000000000000000000000000000000", "TSIG among the answers")]
    public void AMalformedMessageIsRefused(string hex, string mistake) =>
        Assert.That(() => DnsMessage.Parse(Convert.FromHexString(hex)), Throws.TypeOf<DnsException>(), mistake);

    [Test]
    public void ANameOfManyCompressedLabelsIsBounded()
    {
        // Each label leads to the one before: a name of 64 × 64 bytes out of few.
        var bytes = new List<byte>(Convert.FromHexString("000081000001000000000000"));
        var last = 0;
        for (var index = 0; index < 64; index++)
        {
            var start = bytes.Count;
            bytes.Add(63);
            bytes.AddRange(Enumerable.Repeat((byte)'a', 63));
            bytes.AddRange(index == 0 ? [(byte)0] : [(byte)(0xc0 | (last >> 8)), (byte)last]);
            last = start;
        }

        var message = bytes.ToArray();
        Assert.That(() => NameAt(message, last), Throws.TypeOf<DnsException>().With.Message.Contains("255"));
    }

    [Test]
    public void NoChangedMessageDoesAnythingButFailOrBeRead()
    {
        var original = new FakeMessage().Bytes;
        // The same ones each time.
        var state = 12345u;
        uint Next() => state = (state * 1664525) + 1013904223;
        var refused = 0;
        for (var round = 0; round < Mutations; round++)
        {
            var bytes = original.ToArray();
            for (var change = Next() >> 30; change < 4; change++)
                bytes[(Next() >> 8) % bytes.Length] = (byte)(Next() >> 24);
            try
            {
                DnsMessage.Parse(bytes.AsSpan(0, (Next() >> 29) == 0 ? (int)((Next() >> 8) % bytes.Length) : bytes.Length));
            }
            catch (DnsException)
            {
                refused++;
            }
        }

        Assert.That(refused, Is.InRange(Mutations / 10, Mutations - 1));
    }

    [TestCase("a..b")]
    [TestCase("")]
    [TestCase("bücher.example")]
    [TestCase("a b.example")]
    [TestCase("0123456789012345678901234567890123456789012345678901234567890123.example")]
    public void WhatIsNoNameIsRefused(string text) => Assert.That(() => DnsName.Parse(text), Throws.TypeOf<DnsException>());

    [Test]
    public void ANameIsBoundedAt255Bytes()
    {
        var longest = string.Join('.', Enumerable.Repeat(new string('a', 62), 4)) + ".b";
        using (Assert.EnterMultipleScope())
        {
            Assert.That(DnsName.Parse(longest).Wire.Length, Is.EqualTo(255));
            Assert.That(() => DnsName.Parse(longest + "c"), Throws.TypeOf<DnsException>());
        }
    }

    [TestCase("www.example.org", "example.org", true)]
    [TestCase("example.org", "example.org.", true)]
    [TestCase("EXAMPLE.org", "example.ORG", true)]
    [TestCase("badexample.org", "example.org", false)]
    [TestCase("org", "example.org", false)]
    public void ANameIsWithinAnother(string name, string ancestor, bool expected) =>
        Assert.That(DnsName.Parse(name).IsWithin(DnsName.Parse(ancestor)), Is.EqualTo(expected));

    private static string NameAt(byte[] message, int position)
    {
        var reader = new DnsReader(message, position);
        return reader.ReadName().ToString();
    }

    private static DnsRecord Record(DnsType type, DnsData data) => new(Name, type, type == DnsType.Tsig ? DnsClass.Any : DnsClass.In, 60, data);

    private static DnsData RoundTrip(DnsData data, DnsType type) =>
        DnsMessage.Parse(new DnsMessage { Answers = [Record(type, data)] }.ToBytes()).Answers[0].Data;

    private sealed class FakeMessage
    {
        public byte[] Bytes { get; } = new DnsMessage
        {
            IsResponse = true,
            Questions = [new(Name, DnsType.Txt)],
            Answers = [Record(DnsType.Txt, DnsData.Txt.Of("value")), Record(DnsType.Caa, new DnsData.Caa(0, "issue", "a")), Record(DnsType.Ns, new DnsData.Host(Name))],
            Authorities = [Record(DnsType.Soa, new DnsData.Soa(Name, Name, 1, 2, 3, 4, 5))],
            Additionals = [Record(DnsType.Tsig, new DnsData.Tsig(DnsName.Parse("hmac-sha256"), 1, 300, [1, 2, 3], 7, 0, []))],
        }.ToBytes();
    }
}
