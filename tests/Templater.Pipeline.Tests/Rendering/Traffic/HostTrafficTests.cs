using System.Net.Security;
using System.Security.Authentication;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>Which virtual host answers which name, in the clear and over TLS.</summary>
[TestFixture(Stage.NginxName)]
[TestFixture(Stage.HAProxyName)]
[Platform("Linux")]
public sealed class HostTrafficTests(string proxy)
{
    private readonly int _otherHttp = Stage.FreePort();
    private readonly int _otherHttps = Stage.FreePort();
    private Stage _stage = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _stage = new Stage(proxy);
        _stage.Certificate("secure.example.com")
            .Certificate("*.wild.example.com")
            .Certificate("down.example.com")
            .Certificate("ports.example.com")
            .Add("web", ("templater.host", "a.example.com"))
            .Add("closed", ("templater.host", "closed.example.com"), ("templater.allow", "192.0.2.1"))
            .Add("secure", ("templater.host", "secure.example.com"), ("templater.hsts", "31536000"), ("templater.https", "optional"))
            .Add("wild", ("templater.host", "*.wild.example.com"), ("templater.https", "optional"))
            .Add("off", ("templater.host", "off.wild.example.com"), ("templater.https", "off"))
            .Add("pattern", ("templater.host", "~^v[0-9]+\\.example\\.org$"))
            .Add("ports", ("templater.host", "ports.example.com"), ("templater.listen.http", $"{_otherHttp}"), ("templater.listen.https", $"{_otherHttps}"))
            .Add("down", ("templater.host", "down.example.com"))
            .Add("cleardown", ("templater.host", "cleardown.example.com"));
        _stage.Add("botched", ("templater.host", "botched.example.com alias.example.com")).Scenario.BadCertificate("botched.example.com");
        foreach (var name in (string[])["down", "cleardown"])
            _stage.Scenario.Change(name, container => container with { Health = HealthStatus.Unhealthy });
        await _stage.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop() => await _stage.DisposeAsync();

    [TestCase("a.example.com", "web")]
    [TestCase("a.example.com:80", "web")]
    [TestCase("a.example.com:12345", "web")]
    [TestCase("A.Example.COM", "web")]
    [TestCase("a.example.com.", "web")]
    [TestCase("A.EXAMPLE.com.:80", "web")]
    [TestCase("x.wild.example.com", "wild")]
    [TestCase("x.y.wild.example.com", "wild")]
    [TestCase("off.wild.example.com", "off")]
    [TestCase("v12.example.org", "pattern")]
    [TestCase("V12.example.ORG:80", "pattern")]
    public async Task NamesAreFound(string host, string backend)
    {
        var answer = await _stage.GetAsync(host);

        Assert.That((answer.Status, answer["X-Backend"], answer.Seen("Host")), Is.EqualTo((200, backend, host)));
    }

    [TestCase("unknown.example.com")]
    [TestCase("aa.example.com")]
    [TestCase("a.example.com.evil.org")]
    [TestCase("wild.example.com")]
    [TestCase("127.0.0.1")]
    [TestCase("[::1]:80")]
    [TestCase("_")]
    [TestCase("default")]
    [TestCase("xv12.example.org")]
    [TestCase("ports.example.com")]
    [TestCase("cleardown.example.com")]
    [TestCase("down.example.com:1", 308)]
    public async Task OthersGetTheFallback(string host, int status = 503) =>
        Assert.That((await _stage.GetAsync(host)).Status, Is.EqualTo(status));

    [Test]
    public async Task UnknownNamesGetTheFallbackOnEveryPort()
    {
        await using var connection = await RawConnection.OpenAsync(_otherHttp);
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: a.example.com\r\n\r\n");
        Assert.That((await connection.ReadAsync()).Status, Is.EqualTo(503));
        await using var secure = await RawConnection.OpenAsync(_otherHttps, serverName: "ports.example.com");
        await secure.SendAsync("GET / HTTP/1.1\r\nHost: unknown.example.com\r\n\r\n");
        Assert.That((await secure.ReadAsync()).Status, Is.EqualTo(503));
        await secure.SendAsync("GET / HTTP/1.1\r\nHost: ports.example.com\r\n\r\n");
        Assert.That((await secure.ReadAsync())["X-Backend"], Is.EqualTo("ports"));
    }

    [TestCase("GET / HTTP/1.0", 503)]
    [TestCase("GET / HTTP/1.0\nHost: a.example.com", 200)]
    [TestCase("GET / HTTP/1.1\nHost: a.example.com\nHost: closed.example.com", 400)]
    [TestCase("GET / HTTP/1.1\nHost: closed.example.com\nHost: a.example.com", 400)]
    [TestCase("GET http://closed.example.com/ HTTP/1.1\nHost: closed.example.com", 403)]
    [TestCase("GET http://a.example.com/ HTTP/1.1\nHost: a.example.com", 200)]
    public async Task OddHostsAreAnswered(string request, int status) =>
        Assert.That((await _stage.AskAsync(request)).Status, Is.EqualTo(status));

    [TestCase("GET http://closed.example.com/ HTTP/1.1\nHost: a.example.com")]
    [TestCase("GET http://a.example.com/ HTTP/1.1\nHost: closed.example.com")]
    [TestCase("M-SEARCH http://a.example.com/ HTTP/1.1\nHost: closed.example.com")]
    [TestCase("VERSION_CONTROL http://a.example.com/ HTTP/1.1\nHost: closed.example.com")]
    [TestCase("GET h2+c://a.example.com/ HTTP/1.1\nHost: closed.example.com")]
    [TestCase("GET x.y-1://a.example.com/ HTTP/1.1\nHost: closed.example.com")]
    [TestCase("GET http://a.example.com@closed.example.com/ HTTP/1.1\nHost: a.example.com")]
    [TestCase("GET / HTTP/1.1\nHost: closed.example.com:@a.example.com")]
    public async Task TwoDifferentHostsInOneRequestDoNotOpenARestrictedSite(string request)
    {
        var answer = await _stage.AskAsync(request);

        Assert.That(_stage["closed"].Requests, Is.Zero);
        Assert.That(answer.Status, Is.EqualTo(400).Or.EqualTo(403).Or.EqualTo(200).And.Matches<int>(_ => answer.Seen("Host") != "closed.example.com"), answer.Body);
    }

    [TestCase("secure.example.com", "secure")]
    [TestCase("x.wild.example.com", "wild")]
    public async Task KnownNamesAreServedOverTls(string host, string backend)
    {
        var answer = await _stage.GetSecurelyAsync(host, "/x");

        Assert.That((answer.Status, answer["X-Backend"], answer.Seen("X-Forwarded-Proto"), answer.Seen("X-Forwarded-Port")), Is.EqualTo((200, backend, "https", $"{_stage.HttpsPort}")));
    }

    [TestCase("unknown.example.com")]
    [TestCase("a.example.com")]
    [TestCase("wild.example.com")]
    [TestCase("botched.example.com")]
    public async Task NamesWithoutACertificateEndTheHandshake(string host) =>
        await Assert.ThatAsync(() => RawConnection.OpenAsync(_stage.HttpsPort, serverName: host), Throws.InstanceOf<AuthenticationException>().Or.InstanceOf<IOException>());

    [Test]
    public async Task ANameWithoutHttpsIsNotServedUnderAWildcard()
    {
        await using var connection = await RawConnection.OpenAsync(_stage.HttpsPort, serverName: "x.wild.example.com");
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: off.wild.example.com\r\n\r\n");

        Assert.That((await connection.ReadAsync()).Status, Is.Not.EqualTo(200));
    }

    [Test]
    public async Task AHostWhoseRenewalWentWrongIsServedNeitherInTheClearNorUnderAnothersName()
    {
        var clear = await _stage.GetAsync("botched.example.com");
        await using var connection = await RawConnection.OpenAsync(_stage.HttpsPort, serverName: "x.wild.example.com");
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: botched.example.com\r\n\r\n");
        var secure = await connection.ReadAsync();
        Assert.That((clear.Status, _stage["botched"].Requests), Is.EqualTo((503, 0)));
        Assert.That(secure.Status, Is.GreaterThanOrEqualTo(400));
        Assert.That((await _stage.GetAsync("alias.example.com")).Status, Is.EqualTo(200), "a name that the bad pair is not for");
    }

    [TestCase("down.example.com")]
    public async Task AHostWithoutServersAnswersUnavailableUnderItsOwnTls(string host) =>
        Assert.That((await _stage.GetSecurelyAsync(host)).Status, Is.EqualTo(503));

    [TestCase("", "max-age=31536000")]
    [TestCase("X-Answer: Strict-Transport-Security: max-age=7\n", "max-age=7")]
    public async Task HstsIsSentUnlessTheApplicationSendsItsOwn(string headers, string expected) =>
        Assert.That((await _stage.GetSecurelyAsync("secure.example.com", "/", headers))["Strict-Transport-Security"], Is.EqualTo(expected));

    [Test]
    public async Task HstsIsNotSentInTheClear() =>
        Assert.That((await _stage.GetAsync("secure.example.com"))["Strict-Transport-Security"], Is.Null);

    [Test]
    public async Task Http2IsNegotiated()
    {
        await using (var connection = await RawConnection.OpenAsync(_stage.HttpsPort, "127.0.0.1", "secure.example.com", SslApplicationProtocol.Http2, SslApplicationProtocol.Http11))
            Assert.That(connection.Tls!.NegotiatedApplicationProtocol, Is.EqualTo(SslApplicationProtocol.Http2));

        using var handler = new SocketsHttpHandler { UseProxy = false };
#pragma warning disable CA5359 // the test's own certificates
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        handler.ConnectCallback = async (_, token) =>
        {
            var client = new System.Net.Sockets.TcpClient();
            await client.ConnectAsync(System.Net.IPAddress.Loopback, _stage.HttpsPort, token);
            return client.GetStream();
        };
        using var http = new HttpClient(handler) { DefaultRequestVersion = new Version(2, 0), DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact, Timeout = RawConnection.Patience };
        var text = await http.GetStringAsync(new Uri($"https://secure.example.com:{_stage.HttpsPort}/over-two"));
        Assert.That(text, Does.StartWith("GET /over-two HTTP/1.1\r\n").And.Contain($"secure.example.com:{_stage.HttpsPort}\r\n"));
    }
}
