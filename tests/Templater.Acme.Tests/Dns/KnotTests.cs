using System.Net;
using Templater.Acme.Dns;
using Templater.Acme.Dns.Messages;
using Templater.Acme.Dns.Providers;
using Templater.Acme.Protocol;
using Templater.Testing;

namespace Templater.Acme.Tests.Dns;

/// <summary>Messages, signatures and updates, held against a real server.</summary>
[FixtureLifeCycle(LifeCycle.SingleInstance)]
public sealed class KnotTests
{
    private const string Records = """
        caa CAA 128 issue "ca.example; accounturi=https://ca.example/1"
        texts TXT "one" "two"
        texts TXT "a\"b"
        alias CNAME texts
        six AAAA 2001:db8::1
        """;

    private KnotServer? _server;

    private IPEndPoint Address => new(IPAddress.Loopback, _server!.Port);

    [OneTimeSetUp]
    public async Task StartAsync() => _server = await KnotServer.StartAsync(Records);

    [OneTimeTearDown]
    public void Stop() => _server?.Dispose();

    [TestCaseSource(typeof(KnotServer), nameof(KnotServer.Algorithms))]
    public async Task TwoValuesStandSideBySideAndOneIsTakenAway(string algorithm)
    {
        var provider = Provider(new(Address) { KeyName = $"{algorithm}.key", Algorithm = algorithm + ".", Secret = KnotServer.Secret });
        var (first, second) = (Record($"{algorithm}.{KnotServer.Zone}", "first"), Record($"{algorithm}.{KnotServer.Zone}", "second"));
        await provider.AddAsync(first, CancellationToken.None);
        await provider.AddAsync(second, CancellationToken.None);
        await provider.AddAsync(second, CancellationToken.None);
        Assert.That(await TextsAsync(first.Name), Is.EquivalentTo(new[] { "first", "second" }));
        await provider.RemoveAsync(first, CancellationToken.None);
        Assert.That(await TextsAsync(first.Name), Is.EqualTo(new[] { "second" }));
        await provider.RemoveAsync(first, CancellationToken.None);
        await provider.RemoveAsync(second, CancellationToken.None);
        Assert.That(await TextsAsync(first.Name), Is.Empty);
    }

    [TestCase("", KnotServer.Zone, "NOTAUTH, it is not the primary server of rfc2136.test, or wants a TSIG key and none is set")]
    [TestCase("unknown.key", KnotServer.Zone, "BADKEY, it does not know the TSIG key unknown.key")]
    [TestCase("hmac-sha512.key", KnotServer.Zone, "BADKEY, it does not know the TSIG key hmac-sha512.key with this algorithm")]
    [TestCase("hmac-sha256.key", "other.test", "no zone is found that _acme-challenge.other.test is in")]
    public void WhatItRefusesIsTold(string key, string domain, string expected)
    {
        var provider = Provider(new(Address) { KeyName = key, Secret = KnotServer.Secret });
        Assert.That(
            async () => await provider.AddAsync(Record(domain, "value"), CancellationToken.None),
            Throws.TypeOf<ChallengeException>().With.Message.Contains(expected).And.Message.Not.Contains(KnotServer.Secret));
    }

    [Test]
    public async Task WithoutAnAlgorithmTheKeyIsOfTheOneThatLegoTakes()
    {
        var settings = new Dictionary<string, string> { ["RFC2136_NAMESERVER"] = Address.ToString(), ["RFC2136_TSIG_KEY"] = "hmac-sha1.key", ["RFC2136_TSIG_SECRET"] = KnotServer.Secret };
        using var http = new HttpClient();
        var provider = DnsProviders.Find("rfc2136").Create(new(settings.GetValueOrDefault, http, TimeProvider.System));
        var record = Record($"lego.{KnotServer.Zone}", "value");
        await provider.AddAsync(record, CancellationToken.None);
        Assert.That(await TextsAsync(record.Name), Is.EqualTo(new[] { "value" }));
        await provider.RemoveAsync(record, CancellationToken.None);
    }

    [Test]
    public void AWrongSecretIsTold()
    {
        var provider = Provider(new(Address) { KeyName = "hmac-sha256.key", Secret = "d3Jvbmc=" });
        Assert.That(
            async () => await provider.AddAsync(Record(KnotServer.Zone, "value"), CancellationToken.None),
            Throws.TypeOf<ChallengeException>().With.Message.Contains("BADSIG, the signature is wrong; the secret of the TSIG key hmac-sha256.key is not the server's"));
    }

    [Test]
    public void AWrongZoneIsTold()
    {
        var client = new DnsClient(new() { Resolvers = [Address] }, TimeProvider.System);
        var update = new DnsUpdate(client, Address, new("hmac-sha256.key", "hmac-sha256", KnotServer.Secret));
        var change = new DnsRecord(DnsName.Parse("a.other.test"), DnsType.Txt, DnsClass.In, 60, DnsData.Txt.Of("value"));
        Assert.That(
            async () => await update.ChangeAsync(DnsName.Parse("other.test"), change, CancellationToken.None),
            Throws.TypeOf<DnsException>().With.Message.Contains("NOTAUTH, it is not the primary server of other.test"));
    }

    [Test]
    public void ClocksThatDifferAreTold()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(1));
        var provider = new Rfc2136Records(new(Address) { KeyName = "hmac-sha256.key", Secret = KnotServer.Secret }, clock);
        Assert.That(
            async () => await provider.AddAsync(Record(KnotServer.Zone, "value"), CancellationToken.None),
            Throws.TypeOf<ChallengeException>().With.Message.Match("BADTIME, the clocks differ by 360[0-9] s; at most 300 s are allowed"));
    }

    [Test]
    public async Task ItsRecordsAreReadAsTheyAreWritten()
    {
        var client = new DnsClient(new() { Resolvers = [Address] }, TimeProvider.System);
        var caa = await Caa.FindAsync(client, $"www.caa.{KnotServer.Zone}", CancellationToken.None);
        var soa = await client.ResolveAsync(DnsName.Parse(KnotServer.Zone), DnsType.Soa, CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(caa.Owner, Is.EqualTo($"caa.{KnotServer.Zone}"));
            Assert.That(caa.Properties, Is.EqualTo(new[] { new CaaProperty(128, "issue", "ca.example; accounturi=https://ca.example/1") }));
            Assert.That(await TextsAsync($"alias.{KnotServer.Zone}"), Is.EquivalentTo(new[] { "onetwo", "a\"b" }));
            Assert.That(await client.AddressesAsync($"six.{KnotServer.Zone}", CancellationToken.None), Is.EqualTo(new[] { IPAddress.Parse("2001:db8::1") }));
            Assert.That(((DnsData.Soa)soa.Answers[0].Data).Primary.ToText(), Is.EqualTo($"ns.{KnotServer.Zone}"));
            Assert.That((await client.FollowAliasesAsync(DnsName.Parse($"alias.{KnotServer.Zone}"), CancellationToken.None)).ToText(), Is.EqualTo($"texts.{KnotServer.Zone}"));
            Assert.That((await client.ZoneOfAsync(DnsName.Parse($"no.such.name.{KnotServer.Zone}"), CancellationToken.None)).ToText(), Is.EqualTo(KnotServer.Zone));
        }
    }

    [Test]
    public async Task TheWholeWayOfAChallengeIsGone()
    {
        var client = new DnsClient(new() { Resolvers = [Address] }, TimeProvider.System);
        var check = new PropagationCheck(client, new() { PollingInterval = TimeSpan.FromMilliseconds(20) }) { EndPointOf = address => new(address, _server!.Port) };
        using var solver = new Dns01Solver(Provider(new(Address) { KeyName = "hmac-sha256.key", Secret = KnotServer.Secret }), client, check);
        var apex = new PendingChallenge(Identifier.Dns($"way.{KnotServer.Zone}"), ChallengeType.Dns01, "t", "t.apex", new("https://ca.example/1"));
        var wildcard = apex with { KeyAuthorization = "t.wildcard", IsWildcard = true };
        await Task.WhenAll(solver.PresentAsync(apex, CancellationToken.None), solver.PresentAsync(wildcard, CancellationToken.None));
        await Task.WhenAll(solver.WaitAsync(apex, CancellationToken.None), solver.WaitAsync(wildcard, CancellationToken.None));
        await solver.CleanUpAsync(apex, CancellationToken.None);
        Assert.That(await TextsAsync($"_acme-challenge.way.{KnotServer.Zone}"), Is.EqualTo(new[] { KeyAuthorization.DnsValue("t.wildcard") }));
        await solver.CleanUpAsync(wildcard, CancellationToken.None);
        Assert.That(await TextsAsync($"_acme-challenge.way.{KnotServer.Zone}"), Is.Empty);
    }

    private static Rfc2136Records Provider(Rfc2136Options options) => new(options, TimeProvider.System);

    private static TxtRecord Record(string domain, string value)
    {
        var name = $"_acme-challenge.{domain}.";
        return new(name, name, value, domain, "token", "token.thumbprint");
    }

    private async Task<IEnumerable<string>> TextsAsync(string name)
    {
        var client = new DnsClient(new() { Resolvers = [Address] }, TimeProvider.System);
        var answer = await client.ResolveAsync(DnsName.Parse(name), DnsType.Txt, CancellationToken.None);
        return answer.Answers.Select(record => record.Data).OfType<DnsData.Txt>().Select(text => text.Text);
    }
}
