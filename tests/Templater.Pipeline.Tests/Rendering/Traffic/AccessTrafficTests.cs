using System.Collections.Immutable;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>Who gets in where containers say <c>NETWORK_ACCESS=internal</c>, or name a list. The client's address is told by a proxy in front.</summary>
[TestFixture(Stage.NginxName)]
[TestFixture(Stage.HAProxyName)]
[Platform("Linux")]
public sealed class AccessTrafficTests(string proxy)
{
    private const string InFront = "127.0.0.3";

    private Stage _stage = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _stage = new Stage(proxy).Certificate("internal.example.com");
        _stage.Scenario.Proxy = _stage.Scenario.Proxy with { TrustedProxies = [InFront] };
        _stage.Scenario.Policy = _stage.Scenario.Policy with
        {
            AccessLists = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty.Add("office", ["198.51.100.0/24", "2001:db8:1::/48"]),
        };
        Add("internal", "internal.example.com", ("NETWORK_ACCESS", "internal"), ("HTTPS_METHOD", "noredirect"));
        Add("open", "paths.example.com", ("VIRTUAL_PATH", "/"), ("NETWORK_ACCESS", "external"));
        Add("inner", "paths.example.com", ("VIRTUAL_PATH", "/inner"), ("NETWORK_ACCESS", "internal"));
        Add("odd", "odd.example.com", ("NETWORK_ACCESS", "intern"));
        _stage.Add("list", ("templater.host", "private.example.com"), ("templater.allow", "private"))
            .Add("office", ("templater.host", "office.example.com"), ("templater.allow", "office, 203.0.113.7"), ("templater.deny", "198.51.100.66"))
            .Add("nobody", ("templater.host", "nobody.example.com"), ("templater.allow", "offices"));
        await _stage.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop() => await _stage.DisposeAsync();

    [TestCase("127.0.0.1", 200)]
    [TestCase("10.1.2.3", 200)]
    [TestCase("172.16.0.1", 200)]
    [TestCase("172.31.255.255", 200)]
    [TestCase("192.168.200.1", 200)]
    [TestCase("fd00::1", 200)]
    [TestCase("11.0.0.1", 403)]
    [TestCase("172.15.255.255", 403)]
    [TestCase("172.32.0.1", 403)]
    [TestCase("192.169.0.1", 403)]
    [TestCase("203.0.113.7", 403)]
    [TestCase("2001:db8::1", 403)]
    [TestCase("::2", 403)]
    public async Task InternalMeansPrivateAddresses(string client, int status)
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (var (host, path) in ((string, string)[])[("internal.example.com", "/"), ("paths.example.com", "/inner/a"), ("private.example.com", "/")])
                Assert.That((await AskAsync(host, path, client)).Status, Is.EqualTo(status), host + path);
            Assert.That((await AskAsync("paths.example.com", "/", client)).Status, Is.EqualTo(200), "the rest of the host is open");
            var secure = await _stage.AskAsync($"GET / HTTP/1.1\nHost: internal.example.com\nX-Forwarded-For: {client}", InFront, secure: true, serverName: "internal.example.com");
            Assert.That(secure.Status, Is.EqualTo(status), "over TLS");
        }
    }

    [TestCase("198.51.100.1", 200)]
    [TestCase("198.51.100.66", 403)]
    [TestCase("198.51.101.1", 403)]
    [TestCase("203.0.113.7", 200)]
    [TestCase("203.0.113.8", 403)]
    [TestCase("2001:db8:1:2::3", 200)]
    [TestCase("2001:db8:2::1", 403)]
    [TestCase("10.1.2.3", 403)]
    public async Task TheOperatorsListsCountByTheirNames(string client, int status) =>
        Assert.That((await AskAsync("office.example.com", "/", client)).Status, Is.EqualTo(status));

    [TestCase("odd.example.com")]
    [TestCase("nobody.example.com")]
    public async Task AWordThatMeansNothingLetsNobodyIn(string host) =>
        Assert.That((await AskAsync(host, "/", "10.1.2.3"))["X-Backend"], Is.Null);

    [Test]
    public async Task AStrangerIsWhereItComesFromWhateverItSays()
    {
        Assert.That((await _stage.GetAsync("office.example.com", "/", "X-Forwarded-For: 198.51.100.1\nX-Real-IP: 198.51.100.1\nForwarded: for=198.51.100.1\n", "127.0.0.9")).Status, Is.EqualTo(403));
        Assert.That((await _stage.GetAsync("internal.example.com", "/", "X-Forwarded-For: 203.0.113.7\n", "127.0.0.9")).Status, Is.EqualTo(200), "127.0.0.9 is private itself");
    }

    private Task<Answer> AskAsync(string host, string path, string client) => _stage.GetAsync(host, path, $"X-Forwarded-For: {client}\n", InFront);

    private void Add(string name, string host, params (string Key, string Value)[] variables)
    {
        _stage.Add(name);
        _stage.Scenario.Change(name, container => container with
        {
            Env = ImmutableSortedDictionary.CreateRange(
                StringComparer.Ordinal, variables.Append(("VIRTUAL_HOST", host)).Append(("VIRTUAL_PORT", "8080")).Select(static item => KeyValuePair.Create(item.Item1, item.Item2))),
        });
    }
}
