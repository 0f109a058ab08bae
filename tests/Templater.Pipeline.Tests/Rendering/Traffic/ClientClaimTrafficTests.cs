namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>What clients say about themselves, believed from 127.0.0.3 and 127.0.0.4 alone.</summary>
[TestFixture(Stage.NginxName)]
[TestFixture(Stage.HAProxyName)]
[Platform("Linux")]
public sealed class ClientClaimTrafficTests(string proxy)
{
    private const string Forged =
        "X-Forwarded-For: 203.0.113.9\nX-Forwarded-Proto: https\nX-Forwarded-Host: other.example.com\nX-Forwarded-Port: 8443\nX-Real-IP: 203.0.113.9\nForwarded: for=203.0.113.9\nProxy: http://203.0.113.9\nX_Forwarded_For: 203.0.113.9\nX_Real_IP: 203.0.113.9\nX_Forwarded_Proto: https\nX-Forwarded-Ssl: on\nX-Original-URI: /203.0.113.9\n";

    private Stage _open = null!;
    private Stage _trusting = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _open = WithHosts(new Stage(proxy));
        _trusting = WithHosts(new Stage(proxy));
        _trusting.Scenario.Proxy = _trusting.Scenario.Proxy with { TrustedProxies = ["127.0.0.3/32", "127.0.0.4/32"] };
        await _open.StartAsync();
        await _trusting.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _open.DisposeAsync();
        await _trusting.DisposeAsync();
    }

    [TestCase(false, "/")]
    [TestCase(true, "/")]
    [TestCase(false, "/headers")]
    [TestCase(true, "/headers")]
    public async Task ForgedClaimsAreOverwritten(bool othersAreTrusted, string path)
    {
        var stage = othersAreTrusted ? _trusting : _open;
        var answer = await stage.GetAsync("a.example.com:81", path, Forged + "X-Forwarded-For: 203.0.113.10\n", "127.0.0.2");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.Seen("X-Forwarded-For"), Is.EqualTo("127.0.0.2"));
            Assert.That(answer.Seen("X-Forwarded-Proto"), Is.EqualTo("http"));
            Assert.That(answer.Seen("X-Forwarded-Host"), Is.EqualTo("a.example.com:81"));
            Assert.That(answer.Seen("X-Forwarded-Port"), Is.EqualTo($"{stage.HttpPort}"));
            Assert.That(answer.Seen("X-Real-IP"), Is.EqualTo("127.0.0.2"));
            Assert.That(answer.Seen("X-Forwarded-Ssl"), Is.EqualTo("off"));
            Assert.That(answer.Seen("X-Original-URI"), Is.EqualTo(path));
            Assert.That(answer.Body, Does.Not.Contain("203.0.113"), "underscores read like hyphens in many applications");
        }
    }

    [Test]
    public async Task ClaimsOfTrustedProxiesAreBelieved()
    {
        var answer = await _trusting.GetAsync("a.example.com", "/", Forged, "127.0.0.3");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Folded(answer), Is.EqualTo("203.0.113.9, 127.0.0.3"));
            Assert.That(answer.Seen("X-Forwarded-Proto"), Is.EqualTo("https"));
            Assert.That(answer.Seen("X-Forwarded-Ssl"), Is.EqualTo("on"), "it follows the protocol that is believed");
            Assert.That(answer.Seen("X-Original-URI"), Is.EqualTo("/"));
            Assert.That(answer.Seen("X-Forwarded-Host"), Is.EqualTo("other.example.com"));
            Assert.That(answer.Seen("X-Forwarded-Port"), Is.EqualTo("8443"));
            Assert.That(answer.Seen("X-Real-IP"), Is.EqualTo("203.0.113.9"));
            Assert.That(answer.Seen("Forwarded") ?? answer.Seen("Proxy"), Is.Null);
        }
    }

    [Test]
    public async Task OfAChainTheLastUntrustedAddressIsTheClient()
    {
        var answer = await _trusting.GetAsync("a.example.com", "/", "X-Forwarded-For: 192.0.2.1, 203.0.113.9, 127.0.0.4\n", "127.0.0.3");

        Assert.That(answer.Seen("X-Real-IP"), Is.EqualTo("203.0.113.9"));
        Assert.That(Folded(answer), Is.EqualTo("192.0.2.1, 203.0.113.9, 127.0.0.4, 127.0.0.3"));
    }

    [Test]
    public async Task AClaimHoldsForOneRequest()
    {
        await using var connection = await RawConnection.OpenAsync(_trusting.HttpPort, "127.0.0.3");
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: a.example.com\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n");
        Assert.That((await connection.ReadAsync()).Seen("X-Real-IP"), Is.EqualTo("203.0.113.9"));
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: a.example.com\r\n\r\n");
        Assert.That((await connection.ReadAsync()).Seen("X-Real-IP"), Is.EqualTo("127.0.0.3"));
    }

    [TestCase("127.0.0.2", "192.0.2.1", 403)]
    [TestCase("127.0.0.3", "192.0.2.1", 200)]
    [TestCase("127.0.0.3", "192.0.2.1, 203.0.113.9", 403)]
    [TestCase("127.0.0.3", "192.0.2.1, 127.0.0.4", 200)]
    [TestCase("127.0.0.3", "203.0.113.9, 127.0.0.4", 403)]
    [TestCase("127.0.0.3", "nonsense", 403)]
    [TestCase("127.0.0.3", "192.0.2.1, nonsense", 403)]
    [TestCase("127.0.0.3", "192.0.2.1, unknown, 127.0.0.4", 403)]
    [TestCase("127.0.0.3", "", 403)]
    public async Task AllowedAddressesAreThoseOfTheClient(string from, string claim, int status) =>
        Assert.That((await _trusting.GetAsync("a.example.com", "/inner", $"X-Forwarded-For: {claim}\n", from)).Status, Is.EqualTo(status));

    [TestCase("127.0.0.5", 200)]
    [TestCase("127.0.0.6", 403)]
    [TestCase("127.0.0.7", 403)]
    public async Task DenyWinsOverAllow(string from, int status) =>
        Assert.That((await _open.GetAsync("a.example.com", "/some", "", from)).Status, Is.EqualTo(status));

    private static Stage WithHosts(Stage stage) => stage
        .Add("web", ("templater.host", "a.example.com"))
        .Add("headers", ("templater.host", "a.example.com"), ("templater.path", "/headers"), ("templater.request.set.X-A", "b"))
        .Add("inner", ("templater.host", "a.example.com"), ("templater.path", "/inner"), ("templater.allow", "192.0.2.1"))
        .Add("some", ("templater.host", "a.example.com"), ("templater.path", "/some"), ("templater.allow", "127.0.0.5 127.0.0.6"), ("templater.deny", "127.0.0.6"));

    private static string? Folded(Answer answer) => answer.Seen("X-Forwarded-For")?.Replace("|", ", ", StringComparison.Ordinal);
}
