using System.Net;
using Templater.Acme.Protocol;
using Templater.Testing;

namespace Templater.Acme.Tests.Live;

/// <summary>Certificates from a real CA, by each kind of challenge.</summary>
[Parallelizable(ParallelScope.Self)]
public sealed class IssuanceTests
{
    private Pebble _pebble = null!;
    private HttpSolver _http = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _pebble = await Pebble.StartAsync();
        _http = new HttpSolver(_pebble.HttpPort);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _http?.Dispose();
        if (_pebble is not null)
            await _pebble.DisposeAsync();
    }

    [TestCase(KeyType.Ec256)]
    [TestCase(KeyType.Ec384)]
    [TestCase(KeyType.Rsa2048)]
    public async Task ACertificateForTwoNamesIsObtainedByHttp(KeyType type)
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        Identifier[] names = [TestCa.NewName(), TestCa.NewName()];

        var issued = await ca.ObtainAsync(TestCa.Wish(names) with { KeyType = type }, _http);

        Assert.Multiple(() =>
        {
            Assert.That(issued.Chain.Identifiers, Is.EquivalentTo(names));
            Assert.That(issued.Key.Fits(issued.Chain.Leaf), Is.True);
            Assert.That(issued.Chain.ToPem(), Does.EndWith("-----END CERTIFICATE-----\n"));
            Assert.That(issued.Profile, Is.EqualTo("classic"));
            Assert.That(_http.Presented, Is.Zero);
            Assert.That(ca.Notices, Is.Empty);
        });
    }

    [Test]
    public async Task AWildcardAndItsNameAreObtainedByDns()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        var name = TestCa.NewName();
        var solver = new DnsSolver(_pebble, challenge => ($"_acme-challenge.{challenge.Identifier}", KeyAuthorization.DnsValue(challenge.KeyAuthorization)));

        var issued = await ca.ObtainAsync(TestCa.Wish(name, Identifier.Dns("*." + name)), _http, solver);

        Assert.That(issued.Chain.Identifiers, Is.EquivalentTo(new[] { name, Identifier.Dns("*." + name) }));
    }

    [Test]
    public async Task ANameAndAnAddressAreObtainedByTls()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        using var solver = new TlsAlpnSolver(_pebble.TlsPort);
        Identifier[] identifiers = [TestCa.NewName(), Identifier.Ip(IPAddress.Loopback)];

        var issued = await ca.ObtainAsync(TestCa.Wish(identifiers), solver);

        Assert.That(issued.Chain.Identifiers, Is.EquivalentTo(identifiers));
    }

    [Test]
    public async Task AnAddressIsObtainedByHttp()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);

        var issued = await ca.ObtainAsync(TestCa.Wish(Identifier.Ip(IPAddress.Loopback)), _http);

        Assert.That(issued.Chain.Identifiers, Is.EqualTo(new[] { Identifier.Ip(IPAddress.Loopback) }));
    }
}
