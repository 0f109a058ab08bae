using System.Net;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>nginx-proxy's variables about ports and connections, over the wire.</summary>
[TestFixture(Stage.NginxName)]
[TestFixture(Stage.HAProxyName)]
[Platform("Linux")]
public sealed class NginxProxyTrafficTests(string proxy)
{
    private const string Labels = "com.github.nginx-proxy.nginx-proxy.";
    private const int Requests = 4;
    private const int OtherBackendPort = 9090;

    private readonly int _outerHttp = Stage.FreePort();
    private readonly int _outerHttps = Stage.FreePort();
    private readonly int _multiHttp = Stage.FreePort();

    private Stage _stage = null!;
    private EchoBackend _other = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _stage = new Stage(proxy);
        Add("web", ("VIRTUAL_HOST", "web.example.com"));
        Add("outer", ("VIRTUAL_HOST", "outer.example.com"), ("EXTERNAL_HTTP_PORT", $"{_outerHttp}"), ("EXTERNAL_HTTPS_PORT", $"{_outerHttps}"));
        Add("multi", ("VIRTUAL_HOST", "ignored.example.com"), ("VIRTUAL_HOST_MULTIPORTS", $$"""
            multi.example.com:
              "/": { port: 8080 }
              "/api": { port: {{OtherBackendPort}}, dest: "/" }
            plain.example.com:
            far.example.com:
              external_http_port: {{_multiHttp}}
              "/": { port: {{OtherBackendPort}} }
            """));
        Add("reused", ("VIRTUAL_HOST", "reused.example.com"));
        Add("closing", ("VIRTUAL_HOST", "closing.example.com"));
        Label("reused", "keepalive", "8");
        Label("closing", "keepalive", "disabled");
        _stage.Certificate("outer.example.com");
        var multi = _stage.Scenario.Snapshot.Containers.Single(static container => container.Name == "multi");
        _other = new EchoBackend("multi-other", new IPEndPoint(IPAddress.Parse(multi.Endpoints[0].IPv4), OtherBackendPort), Manner.Echo);
        await _stage.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _stage.DisposeAsync();
        await _other.DisposeAsync();
    }

    [Test]
    public async Task AHostAnswersOnItsExternalPortsAlone()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await AskAsync(_outerHttps, "outer.example.com", isSecure: true), Is.EqualTo("200 outer"));
            Assert.That(await AskAsync(_outerHttp, "outer.example.com"), Is.EqualTo($"301 https://outer.example.com:{_outerHttps}/x"));
            Assert.That(await AskAsync(_stage.HttpPort, "outer.example.com"), Is.EqualTo("503 "));
        }
    }

    /// <summary>nginx-proxy answers them with the first host on that port.</summary>
    [Test]
    public async Task OthersGetTheFallbackOnThatPort()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await AskAsync(_outerHttp, "unknown.example.com"), Is.EqualTo("503 "));
            Assert.That(await AskAsync(_outerHttp, "web.example.com"), Is.EqualTo("503 "));
            Assert.That(await AskAsync(_stage.HttpPort, "web.example.com"), Is.EqualTo("200 web"));
        }
    }

    [TestCase("multi.example.com", "/x", "200 multi", "/x")]
    [TestCase("multi.example.com", "/api/x", "200 multi-other", "//x")]
    [TestCase("plain.example.com", "/x", "200 multi", "/x")]
    [TestCase("far.example.com", "/x", "200 multi-other", "/x")]
    [TestCase("ignored.example.com", "/x", "503 ", null)]
    public async Task OneContainerServesHostsAndPathsByItsPorts(string host, string target, string answer, string? seen)
    {
        var got = await GetAsync(host.StartsWith("far.", StringComparison.Ordinal) ? _multiHttp : _stage.HttpPort, host, target);
        Assert.That((Text(got), got.Status == 200 ? got.SeenLine.Split(' ')[1] : null), Is.EqualTo((answer, seen)));
    }

    [TestCase("reused", 1)]
    [TestCase("closing", Requests)]
    public async Task ConnectionsAreKeptAsAsked(string name, int connections)
    {
        var before = _stage[name].Connections;
        await using var connection = await RawConnection.OpenAsync(_stage.HttpPort);
        for (var request = 0; request < Requests; request++)
        {
            await connection.SendAsync($"GET / HTTP/1.1\r\nHost: {name}.example.com\r\n\r\n");
            Assert.That((await connection.ReadAsync()).Status, Is.EqualTo(200));
        }

        Assert.That(_stage[name].Connections - before, Is.EqualTo(connections));
    }

    private void Add(string name, params (string Key, string Value)[] variables)
    {
        _stage.Add(name);
        foreach (var (key, value) in variables)
            _stage.Scenario.Change(name, container => container with { Env = container.Env.SetItem(key, value) });
    }

    private void Label(string name, string key, string value) =>
        _stage.Scenario.Change(name, container => container with { Labels = container.Labels.SetItem(Labels + key, value) });

    private static async Task<string> AskAsync(int port, string host, bool isSecure = false) => Text(await GetAsync(port, host, "/x", isSecure));

    private static async Task<Answer> GetAsync(int port, string host, string target, bool isSecure = false)
    {
        await using var connection = await RawConnection.OpenAsync(port, serverName: isSecure ? host : null);
        await connection.SendAsync($"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        return await connection.ReadAsync();
    }

    private static string Text(Answer answer) => $"{answer.Status} {answer["X-Backend"] ?? answer["Location"]}";
}
