using System.Collections.Immutable;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>How requests are spread, and how connections to containers are kept. One worker, so that turns can be counted.</summary>
[TestFixture(Stage.NginxName)]
[TestFixture(Stage.HAProxyName)]
[Platform("Linux")]
public sealed class AlgorithmTrafficTests(string proxy)
{
    private const int Replicas = 3;
    private const int Turns = 10;
    private const string Labels = "com.github.nginx-proxy.nginx-proxy.";

    // Each stays with its replica; ip_hash tells networks of 256 addresses apart.
    private static readonly string[] Clients = [.. Enumerable.Range(10, 30).Select(static i => $"127.0.{i}.1")];

    private Stage _stage = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _stage = new Stage(proxy).WithOneWorker();
        foreach (var balance in (string[])["roundrobin", "leastconn", "uri", "random", "source"])
            Add(balance, ("templater.host", balance + ".example.com"), ("templater.balance", balance));
        foreach (var (name, directive) in new[] { ("least", "least_conn;"), ("iphash", "ip_hash;"), ("hash", "hash $remote_addr consistent;"), ("turns", "round_robin;") })
            AddNginxProxy(name, (Labels + "loadbalance", directive));
        foreach (var keepalive in (string[])["auto", "4", "disabled"])
            AddNginxProxy("keep-" + keepalive, (Labels + "keepalive", keepalive));
        Add("keep-off", ("templater.host", "keep-off.example.com"), ("templater.keepalive", "off"));
        Add("keep-3", ("templater.host", "keep-3.example.com"), ("templater.keepalive", "3"));
        await _stage.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop() => await _stage.DisposeAsync();

    [Test]
    public async Task RoundRobinTakesTurns()
    {
        var counts = new Dictionary<string, int>();
        for (var i = 0; i < Replicas * Turns; i++)
        {
            var name = (await _stage.GetAsync("roundrobin.example.com"))["X-Backend"]!;
            counts[name] = counts.GetValueOrDefault(name) + 1;
        }

        Assert.That(counts.Values, Is.EqualTo(new[] { Turns, Turns, Turns }));
    }

    [TestCase("leastconn")]
    [TestCase("least")]
    public async Task WhoIsBusyGetsNothingNew(string name)
    {
        await using var busy = await RawConnection.OpenAsync(_stage.HttpPort);
        await busy.SendAsync($"GET /events HTTP/1.1\r\nHost: {name}.example.com\r\n\r\n");
        await busy.ReadUntilAsync("data: 1\n\n");
        var before = Requests(name);

        for (var i = 0; i < Turns; i++)
            Assert.That((await _stage.GetAsync(name + ".example.com")).Status, Is.EqualTo(200));

        var added = Requests(name).Zip(before, static (after, before) => after - before).ToArray();
        Assert.That((added.Sum(), added[Array.IndexOf(before, 1)]), Is.EqualTo((Turns, 0)));
        for (var i = 1; i <= Replicas; i++)
            _stage[$"{name}-{i}"].Release();
        await busy.ReadUntilAsync("data: 2\n\n");
    }

    [Test]
    public async Task AUriStaysWithItsReplica()
    {
        var seen = new HashSet<string?>();
        for (var i = 0; i < Clients.Length; i++)
        {
            var first = (await _stage.GetAsync("uri.example.com", $"/page-{i}", from: Clients[i]))["X-Backend"];
            Assert.That((await _stage.GetAsync("uri.example.com", $"/page-{i}"))["X-Backend"], Is.EqualTo(first), $"/page-{i}");
            seen.Add(first);
        }

        Assert.That(seen, Has.Count.EqualTo(Replicas));
    }

    [TestCase("source")]
    [TestCase("hash")]
    [TestCase("iphash")]
    public async Task AClientStaysWithItsReplica(string name)
    {
        var seen = new HashSet<string?>();
        foreach (var client in Clients)
        {
            var first = (await _stage.GetAsync(name + ".example.com", "/a", from: client))["X-Backend"];
            Assert.That((await _stage.GetAsync(name + ".example.com", "/b", from: client))["X-Backend"], Is.EqualTo(first), client);
            seen.Add(first);
        }

        Assert.That(seen, Has.Count.EqualTo(Replicas));
    }

    [Test]
    public async Task AtRandomAllGetSomething()
    {
        for (var i = 0; i < Clients.Length * Replicas; i++)
            await _stage.GetAsync("random.example.com");
        Assert.That(Requests("random"), Has.All.GreaterThan(0));
    }

    [TestCase("keep-auto", true)]
    [TestCase("keep-4", true)]
    [TestCase("keep-3", true)]
    [TestCase("keep-disabled", false)]
    [TestCase("keep-off", false)]
    public async Task ConnectionsAreKeptOrNot(string name, bool isKept)
    {
        await using var client = await RawConnection.OpenAsync(_stage.HttpPort);
        for (var i = 0; i < Turns * Replicas; i++)
        {
            await client.SendAsync($"GET / HTTP/1.1\r\nHost: {name}.example.com\r\n\r\n");
            var answer = await client.ReadAsync();
            Assert.That(answer.Seen("Connection"), isKept ? Is.Null.Or.EqualTo("keep-alive") : Is.EqualTo("close"));
        }

        var connections = Enumerable.Range(1, Replicas).Sum(i => _stage[$"{name}-{i}"].Connections);
        if (isKept)
            Assert.That(connections, Is.LessThanOrEqualTo(2 * Replicas));
        else
            Assert.That(connections, Is.EqualTo(Turns * Replicas));
    }

    private int[] Requests(string name) => [.. Enumerable.Range(1, Replicas).Select(i => _stage[$"{name}-{i}"].Requests)];

    private void Add(string name, params (string Key, string Value)[] labels)
    {
        for (var i = 1; i <= Replicas; i++)
            _stage.Add($"{name}-{i}", labels);
    }

    private void AddNginxProxy(string name, params (string Key, string Value)[] labels)
    {
        Add(name, labels);
        for (var i = 1; i <= Replicas; i++)
        {
            _stage.Scenario.Change($"{name}-{i}", container => container with
            {
                Env = ImmutableSortedDictionary<string, string>.Empty.Add("VIRTUAL_HOST", name + ".example.com").Add("VIRTUAL_PORT", "8080"),
            });
        }
    }
}
