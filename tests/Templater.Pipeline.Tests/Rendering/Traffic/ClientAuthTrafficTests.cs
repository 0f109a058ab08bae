namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>Who comes in by a certificate, whatever they send.</summary>
[TestFixture(Stage.NginxName)]
[TestFixture(Stage.HAProxyName)]
[Platform("Linux")]
public sealed class ClientAuthTrafficTests(string proxy)
{
    private CertifiedClients _clients = null!;
    private Stage _stage = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _clients = new CertifiedClients();
        (string, string) byOwn = ("templater.tls.client-ca", "own.pem");
        (string, string) required = ("templater.tls.client-auth", "required");
        (string, string) inBoth = ("templater.https", "optional");
        _stage = new Stage(proxy).OperatorFile("own.pem", _clients.Own.Pem).OperatorFile("other.pem", _clients.Other.Pem)
            .Certificate("open.example.com").Certificate("closed.example.com").Certificate("maybe.example.com").Certificate("second.example.com")
            .Certificate("lost.example.com").Certificate("off.example.com")
            .Add("open", ("templater.host", "open.example.com"))
            .Add("closed", ("templater.host", "closed.example.com"), required, byOwn, inBoth, ("templater.redirect.from", "www.example.com"))
            .Add("path", ("templater.host", "closed.example.com"), ("templater.path", "/path"))
            .Add("maybe", ("templater.host", "maybe.example.com"), ("templater.tls.client-auth", "optional"), byOwn, inBoth)
            .Add("second", ("templater.host", "second.example.com"), required, ("templater.tls.client-ca", "other.pem"))
            .Add("plain", ("templater.host", "plain.example.com"), required, byOwn)
            .Add("off", ("templater.host", "off.example.com"), required, byOwn, ("templater.https", "off"))
            .Add("lost", ("templater.host", "lost.example.com"), required, ("templater.tls.client-ca", "missing.pem"));
        await _stage.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _stage.DisposeAsync();
        _clients.Dispose();
    }

    [TestCase("closed.example.com", "ann", 200)]
    [TestCase("closed.example.com", "eve", 400)]
    [TestCase("closed.example.com", "", 400)]
    [TestCase("maybe.example.com", "ann", 200)]
    [TestCase("maybe.example.com", "eve", 400)]
    [TestCase("maybe.example.com", "", 200)]
    [TestCase("second.example.com", "ann", 400)]
    [TestCase("second.example.com", "eve", 200)]
    [TestCase("open.example.com", "eve", 200)]
    [TestCase("lost.example.com", "ann", 503)]
    public async Task OnlyACertificateOfTheHostsOwnAuthorityIsGood(string host, string who, int status) =>
        Assert.That(await _clients.StatusAsync(_stage, who, host), Is.EqualTo(CertifiedClients.Refused(_stage, status)));

    [Test]
    public async Task AllPathsOfTheHostAreClosed()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await _clients.StatusAsync(_stage, "", "closed.example.com", path: "/path"), Is.EqualTo(CertifiedClients.Refused(_stage, CertifiedClients.BadRequest)));
            Assert.That(await _clients.StatusAsync(_stage, "ann", "closed.example.com", path: "/path"), Is.EqualTo(200));
        }
    }

    /// <summary>What was negotiated for one name says nothing about another: 421; without a name that is served there is no connection (0).</summary>
    [TestCase("open.example.com", "", 421)]
    [TestCase("open.example.com", "eve", 421)]
    [TestCase("second.example.com", "eve", 421)]
    [TestCase("maybe.example.com", "", 421)]
    [TestCase("maybe.example.com", "ann", 421)]
    [TestCase("unknown.example.com", "ann", 0)]
    [TestCase("", "ann", 0)]
    public async Task AnotherNameInTheConnectionIsNoWayIn(string serverName, string who, int expected)
    {
        var before = _stage["closed"].Requests;
        var status = await _clients.StatusAsync(_stage, who, "closed.example.com", serverName);

        Assert.That((status, _stage["closed"].Requests), Is.EqualTo((expected, before)));
    }

    [TestCase("closed.example.com", 308)]
    [TestCase("plain.example.com", 503)]
    [TestCase("off.example.com", 503)]
    [TestCase("lost.example.com", 308)]
    public async Task PlainHttpServesNoHostThatRequiresACertificate(string host, int status)
    {
        var answer = await _stage.GetAsync(host);
        Assert.That((answer.Status, answer["X-Backend"]), Is.EqualTo((status, (string?)null)));
    }

    [Test]
    public async Task PlainHttpMayServeWhereACertificateIsOptionalAndTellsOfNone()
    {
        var answer = await _stage.GetAsync("maybe.example.com", headers: "X-SSL-Client-Verify: SUCCESS\nX-SSL-Client-DN: CN=ann\n");
        Assert.That((answer.Status, answer.Seen("X-SSL-Client-Verify"), answer.Seen("X-SSL-Client-DN")), Is.EqualTo((200, (string?)null, (string?)null)));
    }

    [TestCase("ann", "SUCCESS", "CN=ann")]
    [TestCase("", "NONE", null)]
    public async Task TheContainerIsToldWhoCameAndNotWhoTheyClaimToBe(string who, string verified, string? name)
    {
        var answer = await _clients.AskAsync(_stage, who, "maybe.example.com", headers: "X-SSL-Client-Verify: SUCCESS\r\nX-SSL-Client-DN: CN=root\r\n");
        Assert.That((answer.Seen("X-SSL-Client-Verify"), answer.Seen("X-SSL-Client-DN")), Is.EqualTo((verified, name)));
    }
}
