namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>A balancer in front that tells the client by the PROXY protocol: believed from everybody, or from 127.0.0.3 alone.</summary>
[TestFixture(Stage.NginxName)]
[TestFixture(Stage.HAProxyName)]
[Platform("Linux")]
public sealed class ProxyProtocolTrafficTests(string proxy)
{
    private const string Balancer = "127.0.0.3";
    private const string Stranger = "127.0.0.9";
    private const string Client = "192.0.2.1";
    private const string Forged = "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: other.example.com\r\nX-Forwarded-Port: 7\r\nX-Real-IP: 203.0.113.9\r\nX-Forwarded-Ssl: on\r\n";

    // "PROXY TCP4 192.0.2.1 198.51.100.1 40000 443" in the second version of the protocol.
    private const string Binary = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x01\xc6\x33\x64\x01\x9c\x40\x01\xbb";

    private Stage _everybody = null!;
    private Stage _balancer = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _everybody = WithHosts(new Stage(proxy));
        _balancer = WithHosts(new Stage(proxy));
        _balancer.Scenario.Proxy = _balancer.Scenario.Proxy with { TrustedProxies = [Balancer, "192.0.2.200"] };
        await _everybody.StartAsync();
        await _balancer.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _everybody.DisposeAsync();
        await _balancer.DisposeAsync();
    }

    [TestCase(false, "PROXY TCP4 192.0.2.1 198.51.100.1 40000 443\r\n")]
    [TestCase(true, "PROXY TCP4 192.0.2.1 198.51.100.1 40000 443\r\n")]
    [TestCase(false, Binary)]
    [TestCase(true, Binary)]
    public async Task TheClientIsWhomTheBalancerTells(bool isOneTrusted, string preface)
    {
        var stage = isOneTrusted ? _balancer : _everybody;
        var answer = await AskAsync(stage, Balancer, preface, "/", Forged);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer?.Seen("X-Real-IP"), Is.EqualTo(Client));
            Assert.That(answer?.Seen("X-Forwarded-For"), Is.EqualTo(Client));
            Assert.That(answer?.Seen("X-Forwarded-Port"), Is.EqualTo("443"), "the port that the client asked, not ours");
            Assert.That(answer?.Seen("X-Forwarded-Proto"), Is.EqualTo("http"));
            Assert.That(answer?.Seen("X-Forwarded-Host"), Is.EqualTo("a.example.com"));
            Assert.That(answer?.Seen("X-Forwarded-Ssl"), Is.EqualTo("off"));
            Assert.That(answer?.Body, Does.Not.Contain("203.0.113.9"), "who speaks HTTP is a stranger, though its balancer is none");
        }
    }

    [TestCase("192.0.2.1", 200)]
    [TestCase("203.0.113.9", 403)]
    public async Task AllowedAddressesAreThoseThatTheBalancerTells(string client, int status)
    {
        foreach (var stage in (Stage[])[_everybody, _balancer])
            Assert.That((await AskAsync(stage, Balancer, $"PROXY TCP4 {client} 198.51.100.1 40000 443\r\n", "/inner", "X-Forwarded-For: 192.0.2.1\r\n"))?.Status, Is.EqualTo(status));
    }

    [TestCase("PROXY TCP4 192.0.2.1 198.51.100.1 40000 443\r\n", Description = "what it forges")]
    [TestCase("PROXY TCP4 127.0.0.3 198.51.100.1 40000 443\r\n", Description = "nor is it the balancer")]
    [TestCase("")]
    public async Task AStrangersWordIsNotBelieved(string preface)
    {
        var inner = await AskAsync(_balancer, Stranger, preface, "/inner", "X-Forwarded-For: 192.0.2.1\r\n");
        Assert.That(inner?["X-Backend"], Is.Null);
        var outer = await AskAsync(_balancer, Stranger, preface, "/", Forged);
        Assert.That(outer?.Seen("X-Real-IP"), Is.Null.Or.EqualTo(Stranger));
        Assert.That(outer?.Seen("X-Forwarded-For"), Is.Null.Or.EqualTo(Stranger));
        Assert.That(outer?.Seen("X-Forwarded-Port"), Is.Null.Or.EqualTo($"{_balancer.HttpPort}"));
    }

    [Test]
    public async Task WhoeverSaysNothingIsNotServed() => Assert.That((await AskAsync(_everybody, Stranger, "", "/", ""))?["X-Backend"], Is.Null);

    [Test]
    public async Task AProxyBehindTheBalancerIsBelieved()
    {
        var answer = await AskAsync(_balancer, Balancer, "PROXY TCP4 192.0.2.200 198.51.100.1 40000 443\r\n", "/", Forged);
        Assert.That(answer?.Seen("X-Forwarded-For")?.Replace("|", ", ", StringComparison.Ordinal), Is.EqualTo("203.0.113.9, 192.0.2.200"));
        Assert.That((answer?.Seen("X-Forwarded-Proto"), answer?.Seen("X-Forwarded-Port")), Is.EqualTo(("https", "7")));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task ItComesBeforeTls(bool isOneTrusted)
    {
        var stage = isOneTrusted ? _balancer : _everybody;
        await using var connection = await RawConnection.OpenAsync(stage.HttpsPort, Balancer);
        await connection.SendAsync("PROXY TCP6 2001:db8::1 2001:db8::2 40000 443\r\n");
        await connection.SecureAsync("a.example.com");
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: a.example.com\r\nConnection: close\r\n\r\n");
        var answer = await connection.ReadAsync();
        Assert.That((answer.Seen("X-Real-IP"), answer.Seen("X-Forwarded-Proto"), answer.Seen("X-Forwarded-Port")), Is.EqualTo(("2001:db8::1", "https", "443")));
    }

    private static Stage WithHosts(Stage stage)
    {
        stage.Scenario.Proxy = stage.Scenario.Proxy with { ProxyProtocol = true };
        return stage.Certificate("a.example.com")
            .Add("web", ("templater.host", "a.example.com"), ("templater.https", "optional"))
            .Add("inner", ("templater.host", "a.example.com"), ("templater.path", "/inner"), ("templater.allow", Client));
    }

    /// <summary>The answer; null where the connection is closed.</summary>
    private static async Task<Answer?> AskAsync(Stage stage, string from, string preface, string path, string headers)
    {
        try
        {
            await using var connection = await RawConnection.OpenAsync(stage.HttpPort, from);
            await connection.SendAsync($"{preface}GET {path} HTTP/1.1\r\nHost: a.example.com\r\n{headers}Connection: close\r\n\r\n");
            return await connection.ReadAsync();
        }
        catch (IOException)
        {
            return null;
        }
    }
}
