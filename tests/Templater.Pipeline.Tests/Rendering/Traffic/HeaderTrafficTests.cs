namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>Configured headers arrive as the label says, and bodies as they are sent.</summary>
[TestFixture(Stage.NginxName)]
[TestFixture(Stage.HAProxyName)]
[Platform("Linux")]
public sealed class HeaderTrafficTests(string proxy)
{
    private static readonly string[] Nasty =
    [
        "$host", "${HOME}", "$", "%[src]", "%", "%%", "a\"b", "it's", "\"q\"", "\\", "\\n\\", "a;b{c}", "#x", "x # y", "a, b", "\"$host\" 100%; '\\' #", "~x", "%{+Q}o", "`id`",
    ];

    private Stage _stage = null!;

    public static IEnumerable<int> Values => Enumerable.Range(0, Nasty.Length);

    [OneTimeSetUp]
    public async Task Start()
    {
        _stage = new Stage(proxy);
        for (var i = 0; i < Nasty.Length; i++)
        {
            _stage.Add($"c{i}", ("templater.host", $"n{i}.example.com"),
                ("templater.response.set.X-Set", Nasty[i]), ("templater.response.add.X-Add", Nasty[i]), ("templater.response.default.X-Default", Nasty[i]), ("templater.response.delete", "X-Gone"),
                ("templater.request.set.X-Set", Nasty[i]), ("templater.request.add.X-Add", Nasty[i]), ("templater.request.default.X-Default", Nasty[i]), ("templater.request.delete", "X-Gone"));
        }

        _stage.Certificate("free.example.com");
        _stage.Add("body", ("templater.host", "body.example.com"), ("templater.max-body", "100k"))
            .Add("free", ("templater.host", "free.example.com"), ("templater.https", "optional"))
            .Add("events", ("templater.host", "events.example.com"), ("templater.buffering", "off"))
            .Add("reuse", ("templater.host", "reuse.example.com"), ("templater.keepalive", "8"));
        await _stage.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop() => await _stage.DisposeAsync();

    [TestCaseSource(nameof(Values))]
    public async Task NastyValuesArriveLiterally(int index)
    {
        var answer = await _stage.GetAsync($"n{index}.example.com", "/", "X-Gone: 1\n");

        using (Assert.EnterMultipleScope())
        {
            foreach (var name in (string[])["X-Set", "X-Add", "X-Default"])
            {
                Assert.That(answer[name], Is.EqualTo(Nasty[index]), $"response {name}");
                Assert.That(answer.Seen(name), Is.EqualTo(Nasty[index]), $"request {name}");
            }

            Assert.That(answer.Seen("X-Gone"), Is.Null);
        }
    }

    [Test]
    public async Task OperationsMeetHeadersThatAreThere()
    {
        var answer = await _stage.GetAsync("n4.example.com", "/", "X-Set: old\nX-Add: old\nX-Default: old\nX-Answer: X-Set: old|X-Add: old|X-Default: old|X-Gone: old\n");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer["X-Set"], Is.EqualTo(Nasty[4]));
            Assert.That(answer["X-Add"], Is.EqualTo("old|" + Nasty[4]));
            Assert.That(answer["X-Default"], Is.EqualTo("old"));
            Assert.That(answer["X-Gone"], Is.Null);
            Assert.That(answer.Seen("X-Set"), Is.EqualTo(Nasty[4]));
            Assert.That(answer.Seen("X-Add")?.Replace("|", ", ", StringComparison.Ordinal), Is.EqualTo("old, " + Nasty[4]));
            Assert.That(answer.Seen("X-Default"), Is.EqualTo("old"));
        }
    }

    /// <summary>All that nginx-proxy tells an application, and nothing that the client wrote there.</summary>
    [TestCase(false)]
    [TestCase(true)]
    public async Task TheApplicationIsToldWhoAskedForWhat(bool isSecure)
    {
        var host = isSecure ? "free.example.com:8443" : "free.example.com:8080";
        var answer = await _stage.AskAsync(
            $"GET /a%20b/?c=d%2F HTTP/1.1\nHost: {host}\nProxy: http://evil.example.com\nForwarded: for=192.0.2.9\nX-Forwarded-Ssl: maybe\nX-Original-URI: /admin\nX-Other: kept", "127.0.0.2", isSecure, isSecure ? "free.example.com" : null);

        var seen = Answer.ReadHeaders(answer.Body).Where(static header => header.Name != "Connection").Select(static header => $"{header.Name.ToLowerInvariant()}: {header.Value}");
        Assert.That(answer.SeenLine, Is.EqualTo("GET /a%20b/?c=d%2F HTTP/1.1"));
        Assert.That(seen, Is.EquivalentTo(new[]
        {
            $"host: {host}", "x-real-ip: 127.0.0.2", "x-forwarded-for: 127.0.0.2", $"x-forwarded-host: {host}", $"x-forwarded-proto: {(isSecure ? "https" : "http")}",
            $"x-forwarded-ssl: {(isSecure ? "on" : "off")}", $"x-forwarded-port: {(isSecure ? _stage.HttpsPort : _stage.HttpPort)}", "x-original-uri: /a%20b/?c=d%2F", "x-other: kept",
        }));
        Assert.That(answer.Seen("Connection"), Is.Null.Or.EqualTo("keep-alive").Or.EqualTo("close"), "it is between the application and the proxy");
    }

    [TestCase("body.example.com", 100 * 1024, 200)]
    [TestCase("body.example.com", (100 * 1024) + 1, 413)]
    [TestCase("free.example.com", 300 * 1024, 200)]
    public async Task BodiesAreLimited(string host, int length, int status)
    {
        await using var connection = await RawConnection.OpenAsync(_stage.HttpPort);
        await connection.SendAsync($"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n");
        if (status == 200)
            await connection.SendAsync(new string('x', length));

        Assert.That((await connection.ReadAsync()).Status, Is.EqualTo(status));
    }

    [TestCase("free.example.com")]
    [TestCase("body.example.com")]
    public async Task BodiesWithoutALengthArrive(string host)
    {
        await using var connection = await RawConnection.OpenAsync(_stage.HttpPort);
        await connection.SendAsync($"POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
        var answer = await connection.ReadAsync();

        Assert.That((answer.Status, answer.Body.Contains("hello", StringComparison.Ordinal)), Is.EqualTo((200, true)));
    }

    [TestCase("GET / HTTP/1.1\r\nHost: free.example.com\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [TestCase("GET / HTTP/1.1\r\nHost: free.example.com\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd")]
    [TestCase("GET / HTTP/1.1\r\nHost : free.example.com\r\n\r\n")]
    [TestCase("GET / HTTP/1.1\r\nHost: free.example.com\r\nX-Nul: a\0b\r\n\r\n")]
    public async Task AmbiguousRequestsReachNobodyTwice(string request)
    {
        var before = _stage["free"].Requests;
        await using var connection = await RawConnection.OpenAsync(_stage.HttpPort);
        await connection.SendAsync(request);
        var answer = await connection.ReadOrEndAsync();

        // Newer versions hang up on some of them.
        Assert.That(answer?.Status, Is.Null.Or.EqualTo(400).Or.EqualTo(200));
        Assert.That(_stage["free"].Requests - before, Is.EqualTo(answer is { Status: 200 } ? 1 : 0));
        Assert.That(answer?.Seen("Content-Length") is not null && answer?.Seen("Transfer-Encoding") is not null, Is.False, "one length at most is passed on");
    }

    [Test]
    public async Task EventsArriveAtOnce()
    {
        await using var connection = await RawConnection.OpenAsync(_stage.HttpPort);
        await connection.SendAsync("GET /events HTTP/1.1\r\nHost: events.example.com\r\n\r\n");

        Assert.That(await connection.ReadUntilAsync("data: 1\n\n"), Does.StartWith("HTTP/1.1 200"));
        _stage["events"].Release();
        Assert.That(await connection.ReadUntilAsync("data: 2\n\n"), Is.Not.Empty);
    }

    [TestCase("free.example.com")]
    [TestCase("reuse.example.com")]
    public async Task AnUpgradePassesBothWays(string host)
    {
        await using var connection = await RawConnection.OpenAsync(_stage.HttpPort);
        await connection.SendAsync($"GET /chat HTTP/1.1\r\nHost: {host}\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        var answer = await connection.ReadAsync();
        Assert.That((answer.Status, answer["Upgrade"]), Is.EqualTo((101, "websocket")));

        for (var i = 0; i < 3; i++)
        {
            await connection.SendAsync($"hello {i}\n");
            Assert.That(await connection.ReadUntilAsync("\n"), Is.EqualTo($"HELLO {i}\n"));
        }
    }

    /// <summary>Inside the tunnel nobody would look at paths and access lists.</summary>
    [TestCase("free.example.com", "Upgrade: h2c")]
    [TestCase("reuse.example.com", "Upgrade: H2C")]
    [TestCase("free.example.com", "Upgrade: websocket, h2c", "websocket")]
    [TestCase("free.example.com", "Upgrade: websocket\r\nUpgrade: h2c", "websocket")]
    public async Task AnApplicationIsNotAskedForATunnelOfHttp2(string host, string upgrade, string? passed = null)
    {
        await using var connection = await RawConnection.OpenAsync(_stage.HttpPort);
        await connection.SendAsync(
            $"GET /chat HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade, HTTP2-Settings\r\n{upgrade}\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        var answer = await connection.ReadAsync();

        if (answer.Status == 101)
            Assert.That(answer["Upgrade"], Is.EqualTo(passed));
        else
            Assert.That((answer.Status, answer.Seen("Upgrade"), answer.Seen("HTTP2-Settings")), Is.EqualTo((200, (string?)null, (string?)null)), answer.Body);
    }

    [Test]
    public async Task ConnectionsToTheContainerAreReused()
    {
        var before = _stage["reuse"].Connections;
        await using var connection = await RawConnection.OpenAsync(_stage.HttpPort);
        for (var i = 0; i < 20; i++)
        {
            await connection.SendAsync("GET / HTTP/1.1\r\nHost: reuse.example.com\r\n\r\n");
            Assert.That((await connection.ReadAsync()).Seen("Connection"), Is.Null.Or.EqualTo("keep-alive"));
        }

        Assert.That(_stage["reuse"].Connections - before, Is.LessThanOrEqualTo(1));
    }
}
