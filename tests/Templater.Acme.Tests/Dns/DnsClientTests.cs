using System.Net;
using Templater.Acme.Dns;
using Templater.Acme.Dns.Messages;

namespace Templater.Acme.Tests.Dns;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class DnsClientTests
{
    private static readonly DnsName Name = DnsName.Parse("www.example.org");

    private readonly FakeDnsServer _server = new FakeDnsServer().WithZone("example.org");

    [TearDown]
    public void Stop() => _server.Dispose();

    [Test]
    public async Task BothKindsOfAddressesAreFoundAlsoBehindAliases()
    {
        _server.Host("www.example.org", DnsType.Cname, "web.example.org");
        _server.Address("web.example.org", "192.0.2.1");
        _server.Address("web.example.org", "2001:db8::1");
        Assert.That(
            await _server.Client().AddressesAsync("www.example.org", CancellationToken.None),
            Is.EqualTo(new[] { IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1") }));
    }

    [Test]
    public async Task ATruncatedAnswerIsAskedForOverTcp()
    {
        _server.Txt("www.example.org", "long");
        _server.Answer = (query, isTcp) => isTcp ? null : (query with { IsResponse = true, IsTruncated = true }).ToBytes();
        var answer = await _server.Client().ResolveAsync(Name, DnsType.Txt, CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.Answers, Has.Count.EqualTo(1));
            Assert.That(_server.Asked.Select(asked => asked.IsTcp), Is.EqualTo(new[] { false, true }));
        }
    }

    [TestCase("another id")]
    [TestCase("another question")]
    [TestCase("no answer but a query")]
    [TestCase("no message")]
    public void WhatAnswersSomethingElseIsPassedOver(string forgery)
    {
        _server.Answer = (query, _) => forgery switch
        {
            "another id" => (_server.Usual(query) with { Id = (ushort)(query.Id + 1) }).ToBytes(),
            "another question" => (_server.Usual(query) with { Questions = [new(DnsName.Parse("example.net"), DnsType.A)] }).ToBytes(),
            "no answer but a query" => query.ToBytes(),
            _ => [1, 2, 3],
        };
        Assert.That(
            async () => await _server.Client(TimeSpan.FromMilliseconds(200)).ResolveAsync(Name, DnsType.A, CancellationToken.None),
            Throws.TypeOf<DnsException>().With.Message.Contains("did not answer within 0.2 s"));
    }

    [Test]
    public void OverTcpItIsToldAtOnceThatTheAnswerIsAnother()
    {
        _server.Answer = (query, _) => (_server.Usual(query) with { Id = (ushort)(query.Id + 1) }).ToBytes();
        Assert.That(
            async () => await _server.Client().AskOverTcpAsync(_server.EndPoint, DnsMessage.Query(1, Name, DnsType.A, recursion: false), CancellationToken.None),
            Throws.TypeOf<DnsException>().With.Message.Contains("does not belong to the question"));
    }

    [Test]
    public async Task ASilentResolverIsAskedAgain()
    {
        _server.Address("www.example.org", "192.0.2.1");
        _server.Answer = (_, _) => _server.Asked.Count == 1 ? [] : null;
        var answer = await _server.Client(TimeSpan.FromSeconds(1), attempts: 2).ResolveAsync(Name, DnsType.A, CancellationToken.None);
        Assert.That(answer.Answers, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task TheNextResolverIsAskedWhereOneDoesNotKnow()
    {
        using var broken = new FakeDnsServer();
        broken.Answer = (query, _) => (query with { IsResponse = true, ResponseCode = DnsResponseCode.ServFail }).ToBytes();
        _server.Address("www.example.org", "192.0.2.1");
        var client = new DnsClient(new() { Resolvers = [broken.EndPoint, _server.EndPoint] }, TimeProvider.System);
        Assert.That(await client.AddressesAsync("www.example.org", CancellationToken.None), Has.Count.EqualTo(1));
    }

    [Test]
    public void AllProblemsAreNamedWhereNoResolverKnows()
    {
        var gone = new FakeDnsServer();
        gone.Dispose();
        _server.Answer = (query, _) => (query with { IsResponse = true, ResponseCode = DnsResponseCode.ServFail }).ToBytes();
        var client = new DnsClient(new() { Resolvers = [gone.EndPoint, _server.EndPoint] }, TimeProvider.System);
        Assert.That(
            async () => await client.AddressesAsync("www.example.org", CancellationToken.None),
            Throws.TypeOf<DnsException>().With.Message.Contains($"{gone.EndPoint} cannot be reached").And.Message.Contains($"{_server.EndPoint} answered SERVFAIL"));
    }

    [Test]
    public async Task NoSuchNameIsAnAnswer() =>
        Assert.That(await _server.Client().AddressesAsync("nothing.example.org", CancellationToken.None), Is.Empty);

    [Test]
    public async Task AliasesAreFollowedToTheirEnd()
    {
        _server.WithZone("example.net");
        _server.Host("www.example.org", DnsType.Cname, "a.example.net");
        _server.Host("a.example.net", DnsType.Cname, "b.example.net");
        Assert.That((await _server.Client().FollowAliasesAsync(Name, CancellationToken.None)).ToString(), Is.EqualTo("b.example.net."));
    }

    [Test]
    public void AliasesInARingAreTold()
    {
        _server.Host("www.example.org", DnsType.Cname, "a.example.org");
        _server.Host("a.example.org", DnsType.Cname, "www.example.org");
        Assert.That(async () => await _server.Client().FollowAliasesAsync(Name, CancellationToken.None), Throws.TypeOf<DnsException>().With.Message.Contains("more than 8 times"));
    }

    [TestCase("_acme-challenge.www.example.org", "example.org")]
    [TestCase("example.org", "example.org")]
    [TestCase("_acme-challenge.sub.example.org", "sub.example.org")]
    public async Task TheZoneOfANameIsFound(string name, string zone)
    {
        _server.WithZone("sub.example.org");
        Assert.That((await _server.Client().ZoneOfAsync(DnsName.Parse(name), CancellationToken.None)).ToText(), Is.EqualTo(zone));
    }

    [Test]
    public async Task TheZoneOfAnAliasIsNotThatOfItsTarget()
    {
        _server.WithZone("example.net");
        _server.Host("www.example.org", DnsType.Cname, "a.example.net");
        Assert.That((await _server.Client().ZoneOfAsync(Name, CancellationToken.None)).ToText(), Is.EqualTo("example.org"));
    }

    [Test]
    public void CancellingEndsIt()
    {
        using var cancelled = new CancellationTokenSource();
        _server.Answer = (_, _) =>
        {
            cancelled.Cancel();
            return [];
        };
        Assert.That(async () => await _server.Client().ResolveAsync(Name, DnsType.A, cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [TestCase("nameserver 192.0.2.1\nnameserver\t2001:db8::1\n# nameserver 192.0.2.9\nsearch x\n", "192.0.2.1:53 [2001:db8::1]:53")]
    [TestCase("options edns0\nnameserver nonsense", "127.0.0.1:53")]
    [TestCase("", "127.0.0.1:53")]
    public void ResolversComeFromResolvConf(string text, string expected) =>
        Assert.That(string.Join(' ', DnsClientOptions.FromResolvConf(text).Resolvers), Is.EqualTo(expected));

    [TestCase("192.0.2.1", "192.0.2.1:53")]
    [TestCase("192.0.2.1:5353", "192.0.2.1:5353")]
    [TestCase("2001:db8::1", "[2001:db8::1]:53")]
    [TestCase("[2001:db8::1]:5353", "[2001:db8::1]:5353")]
    public void AServerIsAnAddressWithAPort(string text, string expected) =>
        Assert.That(DnsClientOptions.ParseServer(text).ToString(), Is.EqualTo(expected));

    [Test]
    public void AServerThatIsNoAddressIsRefused() =>
        Assert.That(() => DnsClientOptions.ParseServer("ns.example.org"), Throws.TypeOf<FormatException>().With.Message.Contains("'ns.example.org'"));
}
