using System.Net;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>Clients that come by IPv6, and containers that have such addresses.</summary>
[TestFixture(Stage.NginxName, false)]
[TestFixture(Stage.NginxName, true)]
[TestFixture(Stage.HAProxyName, false)]
[TestFixture(Stage.HAProxyName, true)]
[Platform("Linux")]
public sealed class IPv6TrafficTests(string proxy, bool isPreferred)
{
    private const string V4 = "127.0.0.2";
    private const string V6 = "::1";

    private Stage _stage = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _stage = new Stage(proxy).Certificate("four.example.com");
        _stage.Scenario.Proxy = _stage.Scenario.Proxy with { IPv6 = true };
        _stage.Scenario.Policy = _stage.Scenario.Policy with { PreferIPv6 = isPreferred };
        _stage.Add("four", ("templater.host", "four.example.com"), ("templater.https", "optional"))
            .Add("only4", ("templater.host", "four.example.com"), ("templater.path", "/only4"), ("templater.allow", V4))
            .Add("only6", ("templater.host", "four.example.com"), ("templater.path", "/only6"), ("templater.allow", V6))
            .Add("not6", ("templater.host", "four.example.com"), ("templater.path", "/not6"), ("templater.deny", V6))
            .Add("private", ("templater.host", "four.example.com"), ("templater.path", "/private"), ("templater.allow", "private"))
            .Add("elsewhere", ("templater.host", "four.example.com"), ("templater.path", "/elsewhere"), ("templater.allow", "2001:db8::/32, 192.0.2.0/24"));
        AddSix("six", isAlsoFour: false);
        AddSix("both", isAlsoFour: true);
        await _stage.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop() => await _stage.DisposeAsync();

    [TestCase(V4, "four")]
    [TestCase(V6, "four")]
    [TestCase(V4, "six")]
    [TestCase(V6, "six")]
    public async Task EveryClientReachesEveryContainerAndIsNamedByItsAddress(string from, string host)
    {
        var answer = await _stage.GetAsync(host + ".example.com", from: from);
        Assert.That((answer["X-Backend"]?.Split('-')[0], answer.Seen("X-Real-IP"), answer.Seen("X-Forwarded-For")), Is.EqualTo((host, from, from)));
    }

    [TestCase(V4)]
    [TestCase(V6)]
    public async Task TlsIsSpokenToBoth(string from)
    {
        var answer = await _stage.AskAsync("GET / HTTP/1.1\nHost: four.example.com", from, secure: true, serverName: "four.example.com");
        Assert.That((answer["X-Backend"], answer.Seen("X-Real-IP"), answer.Seen("X-Forwarded-Proto")), Is.EqualTo(("four", from, "https")));
    }

    [TestCase(V4)]
    [TestCase(V6)]
    public async Task UnknownNamesGetTheFallbackFromBoth(string from) =>
        Assert.That((await _stage.GetAsync("unknown.example.com", from: from)).Status, Is.EqualTo(503));

    [Test]
    public async Task OfBothAddressesThePreferredOneIsUsed() =>
        Assert.That((await _stage.GetAsync("both.example.com"))["X-Backend"], Is.EqualTo(isPreferred ? "both-6" : "both-4"));

    [TestCase(V4, "/only4", 200)]
    [TestCase(V6, "/only4", 403)]
    [TestCase(V4, "/only6", 403)]
    [TestCase(V6, "/only6", 200)]
    [TestCase(V4, "/not6", 200)]
    [TestCase(V6, "/not6", 403)]
    [TestCase(V4, "/private", 200)]
    [TestCase(V6, "/private", 200)]
    [TestCase(V4, "/elsewhere", 403)]
    [TestCase(V6, "/elsewhere", 403)]
    public async Task AccessListsTellTheFamiliesApart(string from, string path, int status) =>
        Assert.That((await _stage.GetAsync("four.example.com", path, from: from)).Status, Is.EqualTo(status));

    // ::1 is the only address of IPv6 that every machine has for itself, so ports tell the backends apart.
    private void AddSix(string name, bool isAlsoFour)
    {
        var port = Stage.FreePort();
        var four = _stage.AddContainer(name, ("templater.host", name + ".example.com"), ("templater.port", $"{port}"));
        if (isAlsoFour)
            _stage.AddTarget(name + "-4", new IPEndPoint(four.Address, port));
        _stage.AddTarget(name + "-6", new IPEndPoint(IPAddress.IPv6Loopback, port));
        _stage.Scenario.Change(name, container => container with
        {
            Endpoints = [new Endpoint { NetworkName = "front", NetworkId = "net1", IPv4 = isAlsoFour ? $"{four.Address}" : "", IPv6 = V6 }],
        });
    }
}
