using Templater.Acme.Dns;
using Templater.Acme.Dns.Messages;

namespace Templater.Acme.Tests.Dns;

/// <summary>Answers of servers that do not do what they should; <see cref="KnotTests"/> has the real ones.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class DnsUpdateTests
{
    private const string Secret = "c2VjcmV0IG9mIHRoZSB0ZXN0cw==";

    private static readonly DnsName Name = DnsName.Parse("_acme-challenge.example.org");
    private static readonly TsigKey Key = new("key.example", "hmac-sha256.", Secret);

    private readonly FakeDnsServer _server = new FakeDnsServer().WithZone("example.org");

    [TearDown]
    public void Stop() => _server.Dispose();

    [Test]
    public async Task AnUpdateIsSentOverTcpToTheZoneThatTheServerNames()
    {
        Answer(update => update with { IsResponse = true });
        await new DnsUpdate(_server.Client(), _server.EndPoint, key: null).AddAsync(Name, "value", TimeSpan.FromSeconds(60), CancellationToken.None);
        var (update, isTcp) = _server.Asked[^1];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(isTcp);
            Assert.That(update.Opcode, Is.EqualTo(DnsOpcode.Update));
            Assert.That(update.Questions, Is.EqualTo(new[] { new DnsQuestion(DnsName.Parse("example.org"), DnsType.Soa) }));
            Assert.That(update.Authorities[0], Has.Property(nameof(DnsRecord.Ttl)).EqualTo(60u).And.Property(nameof(DnsRecord.Class)).EqualTo(DnsClass.In));
        }
    }

    [Test]
    public async Task DeletingNamesExactlyOneValue()
    {
        Answer(update => update with { IsResponse = true });
        await new DnsUpdate(_server.Client(), _server.EndPoint, key: null).DeleteAsync(Name, "value", CancellationToken.None);
        var record = _server.Asked[^1].Message.Authorities[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That((record.Class, record.Ttl), Is.EqualTo((DnsClass.None, 0u)));
            Assert.That(((DnsData.Txt)record.Data).Text, Is.EqualTo("value"));
        }
    }

    [TestCase((int)DnsResponseCode.Refused, "REFUSED, it does not allow the TSIG key key.example this change")]
    [TestCase((int)DnsResponseCode.NotAuth, "NOTAUTH, it is not the primary server of example.org, or does not take the TSIG key key.example for it")]
    [TestCase((int)DnsResponseCode.NotImp, "NOTIMP, it cannot be updated (RFC 2136)")]
    [TestCase((int)DnsResponseCode.ServFail, "SERVFAIL, it has a problem of its own")]
    [TestCase(13, "code 13, which is not expected here")]
    public void ARefusalIsTold(int code, string expected)
    {
        Answer(update => update with { IsResponse = true, ResponseCode = (DnsResponseCode)code, Additionals = [] });
        Assert.That(async () => await Add(), Throws.TypeOf<DnsException>().With.Message.Contains($"did not change _acme-challenge.example.org in the zone example.org: {expected}"));
    }

    [TestCase((int)DnsResponseCode.BadKey, "BADKEY, it does not know the TSIG key key.example")]
    [TestCase((int)DnsResponseCode.BadSig, "BADSIG, the signature is wrong; the secret of the TSIG key key.example is not the server's")]
    [TestCase((int)DnsResponseCode.BadTime, "BADTIME, the clocks differ by ")]
    [TestCase((int)DnsResponseCode.BadTrunc, "BADTRUNC, it wants a longer signature")]
    public void ARefusedSignatureIsTold(int code, string expected)
    {
        Answer(update => update with
        {
            IsResponse = true,
            ResponseCode = DnsResponseCode.NotAuth,
            Additionals = [update.Additionals[^1] with { Data = (DnsData.Tsig)update.Additionals[^1].Data with { Mac = [], Error = (ushort)code, Other = code == (int)DnsResponseCode.BadTime ? [0, 0, 1, 2, 3, 4] : [] } }],
        });
        Assert.That(async () => await Add(), Throws.TypeOf<DnsException>().With.Message.Contains(expected).And.Message.Not.Contains(Secret));
    }

    [TestCase("unsigned", "its answer is not signed")]
    [TestCase("of another key", "its answer is signed with another key")]
    [TestCase("of another secret", "its answer has a wrong signature")]
    [TestCase("of another request", "its answer has a wrong signature")]
    [TestCase("changed", "its answer has a wrong signature")]
    [TestCase("late", "its answer was signed 400 s from now")]
    public void ASuccessThatIsNotTheServersIsNoSuccess(string forgery, string expected)
    {
        AnswerBytes(update =>
        {
            var request = (DnsData.Tsig)update.Signature!.Data;
            var answer = update with { IsResponse = true, Additionals = [], Authorities = [] };
            var late = request with { TimeSigned = request.TimeSigned + (forgery == "late" ? 400u : 0) };
            var key = forgery switch
            {
                "of another key" => new TsigKey("other.example", "hmac-sha256", Secret),
                "of another secret" => new TsigKey("key.example", "hmac-sha256", "b3RoZXI="),
                _ => Key,
            };
            if (forgery == "unsigned")
                return answer.ToBytes();
            var bytes = key.SignAnswer(answer, forgery == "of another request" ? [1, 2, 3] : request.Mac, late);
            bytes[2] ^= (byte)(forgery == "changed" ? 0x04 : 0);
            return bytes;
        });
        Assert.That(async () => await Add(), Throws.TypeOf<DnsException>().With.Message.EndsWith(expected));
    }

    [Test]
    public void ASignedSuccessIsOne()
    {
        AnswerBytes(update => Key.SignAnswer(update with { IsResponse = true, Additionals = [] }, ((DnsData.Tsig)update.Signature!.Data).Mac, (DnsData.Tsig)update.Signature.Data));
        Assert.That(async () => await Add(), Throws.Nothing);
    }

    [Test]
    public void AConnectionThatIsClosedIsTold()
    {
        AnswerBytes(_ => []);
        Assert.That(async () => await Add(), Throws.TypeOf<DnsException>().With.Property(nameof(DnsException.Failure)).EqualTo(DnsFailure.Unreachable).And.Message.Contains($"{_server.EndPoint} closed the connection without an answer"));
    }

    [TestCase("hmac-md5", Secret, "'hmac-md5' is no algorithm of TSIG that is known here: write one of hmac-sha1, hmac-sha256, hmac-sha384, hmac-sha512")]
    [TestCase("hmac-sha256", "?not base64?", "the secret of the TSIG key key.example is no base64")]
    [TestCase("hmac-sha256", "", "the secret of the TSIG key key.example is no base64")]
    public void AKeyThatIsNoneIsRefused(string algorithm, string secret, string expected) =>
        Assert.That(() => new TsigKey("key.example", algorithm, secret), Throws.ArgumentException.With.Message.EqualTo(expected));

    private Task Add() => new DnsUpdate(_server.Client(), _server.EndPoint, Key).AddAsync(Name, "value", TimeSpan.FromSeconds(60), CancellationToken.None);

    private void Answer(Func<DnsMessage, DnsMessage> answer) => AnswerBytes(update => answer(update).ToBytes());

    private void AnswerBytes(Func<DnsMessage, byte[]> answer) => _server.Answer = (query, _) => query.Opcode == DnsOpcode.Update ? answer(query) : null;
}
