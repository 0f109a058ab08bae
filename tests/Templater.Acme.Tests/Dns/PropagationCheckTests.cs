using System.Net;
using Templater.Acme.Dns;
using Templater.Acme.Dns.Messages;

namespace Templater.Acme.Tests.Dns;

/// <summary>A zone with name servers at addresses for documentation, each of which is a server of its own on this machine.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class PropagationCheckTests
{
    private const string Name = "_acme-challenge.example.org";

    private readonly FakeDnsServer _resolver = new FakeDnsServer().WithZone("org");
    private readonly Dictionary<IPAddress, FakeDnsServer> _servers = [];

    // For what never comes.
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(400);

    private readonly PropagationOptions _options = new() { PollingInterval = TimeSpan.FromMilliseconds(10), Timeout = TimeSpan.FromSeconds(10) };

    [SetUp]
    public void MakeTheZone() => _resolver.WithZone("example.org");

    [TearDown]
    public void Stop()
    {
        _resolver.Dispose();
        foreach (var server in _servers.Values)
            server.Dispose();
    }

    [Test]
    public async Task AllServersAreAskedDirectlyOverTcp()
    {
        NameServer("ns1.example.org", "192.0.2.1").Txt(Name, "value");
        NameServer("ns2.example.org", "192.0.2.2").Txt(Name, "value");
        Assert.That(await WaitAsync(_options), Is.Empty);
        Assert.That(
            _servers.Values.SelectMany(server => server.Asked).Select(asked => (asked.IsTcp, asked.Message.WantsRecursion)),
            Is.EqualTo(new[] { (true, false), (true, false) }));
    }

    [Test]
    public async Task TheOneThatLagsIsWaitedForAmongOldValues()
    {
        NameServer("ns1.example.org", "192.0.2.1").Txt(Name, "value");
        var lagging = NameServer("ns2.example.org", "192.0.2.2");
        lagging.Txt(Name, "left over");
        lagging.Answer = (query, _) =>
        {
            if (lagging.Asked.Count == 4)
                lagging.Txt(Name, "value");
            return null;
        };
        Assert.That(await WaitAsync(_options), Is.Empty);
        Assert.That(lagging.Asked, Has.Count.EqualTo(4));
    }

    [Test]
    public void TheOneThatNeverHasItIsNamed()
    {
        NameServer("ns1.example.org", "192.0.2.1").Txt(Name, "value");
        NameServer("ns2.example.org", "192.0.2.2").Txt(Name, "left over");
        Assert.That(
            async () => await WaitAsync(_options with { Timeout = Short }),
            Throws.TypeOf<DnsException>().With.Message.StartsWith("the TXT record at _acme-challenge.example.org is not seen everywhere after 0 s: ns2.example.org has 1 other value(s) there, not this one yet. The CA was not asked."));
    }

    [Test]
    public async Task TheOneThatCannotBeReachedIsLeftAside()
    {
        NameServer("ns1.example.org", "192.0.2.1").Txt(Name, "value");
        NameServer("ns2.example.org", "192.0.2.2").Dispose();
        Assert.That(await WaitAsync(_options), Has.One.Items.And.One.StartsWith("ns2.example.org fails: "));
    }

    [TestCase("lame", "ns2.example.org does not have the zone (lame delegation)")]
    [TestCase("refused", "ns2.example.org answers REFUSED")]
    public async Task ALameServerIsLeftAside(string fault, string expected)
    {
        NameServer("ns1.example.org", "192.0.2.1").Txt(Name, "value");
        var lame = NameServer("ns2.example.org", "192.0.2.2");
        lame.Answer = (query, _) => (lame.Usual(query) with { IsAuthoritative = false, ResponseCode = fault == "lame" ? DnsResponseCode.NoError : DnsResponseCode.Refused }).ToBytes();
        Assert.That(await WaitAsync(_options), Is.EqualTo(new[] { expected }));
    }

    [Test]
    public async Task AnIPv6OnlyServerIsAskedThereAndLeftAsideWhereThatCannotBe()
    {
        NameServer("ns1.example.org", "192.0.2.1").Txt(Name, "value");
        NameServer("ns6.example.org", "2001:db8::6").Txt(Name, "value");
        Assert.That(await WaitAsync(_options), Is.Empty, "reached over IPv6");
        _servers[IPAddress.Parse("2001:db8::6")].Dispose();
        Assert.That(
            await WaitAsync(_options),
            Has.One.Items.And.One.EndsWith("it has only IPv6 addresses, which this machine may not have"));
    }

    [Test]
    public void WhereNoServerWorksThereIsNoSuccess()
    {
        NameServer("ns1.example.org", "192.0.2.1").Dispose();
        _resolver.Host("example.org", DnsType.Ns, "nowhere.example.org");
        Assert.That(
            async () => await WaitAsync(_options with { Timeout = Short }),
            Throws.TypeOf<DnsException>().With.Message.Contains("ns1.example.org fails: ").And.Message.Contains("nowhere.example.org its name has no address"));
    }

    [Test]
    public async Task OneOfTheAddressesOfAServerIsEnough()
    {
        NameServer("ns1.example.org", "192.0.2.1").Txt(Name, "value");
        _resolver.Address("ns1.example.org", "192.0.2.9");
        _servers[IPAddress.Parse("192.0.2.9")] = Gone();
        Assert.That(await WaitAsync(_options), Is.Empty);
    }

    [Test]
    public void AllAddressesOfAServerThatAnswerMustHaveIt()
    {
        NameServer("ns1.example.org", "192.0.2.1").Txt(Name, "value");
        _resolver.Address("ns1.example.org", "192.0.2.9");
        _servers[IPAddress.Parse("192.0.2.9")] = new FakeDnsServer().WithZone("example.org");
        Assert.That(async () => await WaitAsync(_options with { Timeout = Short }), Throws.TypeOf<DnsException>().With.Message.Contains("ns1.example.org has no TXT record there yet"));
    }

    [Test]
    public async Task AnAliasIsFollowedToTheServersOfItsZone()
    {
        NameServer("ns1.example.org", "192.0.2.1");
        _resolver.WithZone("acme.net");
        _resolver.Host(Name, DnsType.Cname, "x.acme.net");
        _resolver.Host("acme.net", DnsType.Ns, "ns.acme.net");
        _resolver.Address("ns.acme.net", "192.0.2.3");
        var other = _servers[IPAddress.Parse("192.0.2.3")] = new FakeDnsServer().WithZone("acme.net");
        other.Txt("x.acme.net", "value");
        Assert.That(await WaitAsync(_options), Is.Empty);
        Assert.That(_servers[IPAddress.Parse("192.0.2.1")].Asked, Is.Empty);
    }

    [Test]
    public async Task ServersOfOnesOwnAreAskedInsteadAsResolvers()
    {
        using var own = new FakeDnsServer().WithZone("example.org");
        own.Txt(Name, "value");
        own.Answer = (query, _) => (own.Usual(query) with { IsAuthoritative = false }).ToBytes();
        Assert.That(await WaitAsync(_options with { Mode = PropagationMode.Servers, Servers = [own.EndPoint] }), Is.Empty);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(own.Asked.Select(asked => asked.Message.WantsRecursion), Is.EqualTo(new[] { true }));
            Assert.That(_resolver.Asked, Is.Empty);
        }
    }

    [Test]
    public async Task SwitchedOffNobodyIsAsked()
    {
        Assert.That(await WaitAsync(_options with { Mode = PropagationMode.Off }), Is.Empty);
        Assert.That(_resolver.Asked, Is.Empty);
    }

    [Test]
    public void AResolverThatDoesNotWorkIsTold()
    {
        _resolver.Answer = (query, _) => (query with { IsResponse = true, ResponseCode = DnsResponseCode.ServFail }).ToBytes();
        Assert.That(async () => await WaitAsync(_options with { Timeout = Short }), Throws.TypeOf<DnsException>().With.Message.Contains($"{_resolver.EndPoint} answered SERVFAIL"));
    }

    [Test]
    public void CancellingEndsIt()
    {
        NameServer("ns1.example.org", "192.0.2.1");
        using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        Assert.That(async () => await WaitAsync(_options with { Timeout = TimeSpan.FromMinutes(1) }, cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    private FakeDnsServer NameServer(string name, string address)
    {
        _resolver.Host("example.org", DnsType.Ns, name);
        _resolver.Address(name, address);
        return _servers[IPAddress.Parse(address)] = new FakeDnsServer().WithZone("example.org");
    }

    private static FakeDnsServer Gone()
    {
        var server = new FakeDnsServer();
        server.Dispose();
        return server;
    }

    private Task<IReadOnlyList<string>> WaitAsync(PropagationOptions options, CancellationToken cancellationToken = default) =>
        new PropagationCheck(_resolver.Client(), options) { EndPointOf = address => _servers[address].EndPoint }
            .WaitAsync(new(Name + ".", Name + ".", "value", "example.org", "", ""), new(), cancellationToken);
}
