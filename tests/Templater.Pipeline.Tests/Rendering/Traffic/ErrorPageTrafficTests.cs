namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>What is shown when something goes wrong.</summary>
[Platform("Linux")]
public sealed class ErrorPageTrafficTests
{
    private Stage _stage = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _stage = new Stage(Stage.NginxName)
            .Add("pages")
            .Add("web", ("templater.host", "a.example.com"), ("templater.errors.503", "/sorry.html?why=full"), ("templater.errors.5xx", "pages:8080/any;x.html"), ("templater.errors.4xx", "/oops"))
            .Add("plain", ("templater.host", "b.example.com"), ("templater.errors.503", "nobody:8080/x"))
            .Add("drained", ("templater.host", "c.example.com"), ("templater.weight", "0"), ("templater.errors.503", "pages:8080/away"), ("templater.errors.502", "/own"))
            .Add("shut", ("templater.host", "d.example.com"), ("templater.allow", "192.0.2.1"), ("templater.errors.403", "pages:8080/private"))
            .Add("bad", ("templater.host", "e.example.com"), ("templater.allow", "everyone"), ("templater.errors.503", "pages:8080/x"));
        _stage.Add("namesake", ("templater.host", _stage.Scenario.Snapshot.Containers.Single(static container => container.Name == "pages").Endpoints[0].IPv4));
        _stage.AddContainer("dead", ("templater.host", "f.example.com"), ("templater.errors.5xx", "pages:8080/dead"));
        await _stage.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop() => await _stage.DisposeAsync();

    [TestCase("503", "web", "GET /sorry.html?why=full HTTP/1.1")]
    [TestCase("502", "pages", "GET /any;x.html HTTP/1.1")]
    [TestCase("599", "pages", "GET /any;x.html HTTP/1.1")]
    [TestCase("404", "web", "GET /oops HTTP/1.1")]
    [TestCase("418", "web", "GET /oops HTTP/1.1")]
    public async Task AnErrorOfTheApplicationBecomesItsPage(string status, string backend, string line)
    {
        var answer = await _stage.GetAsync("a.example.com", "/x?secret=1", $"X-Status: {status}\nCookie: a=b\n");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((answer.Status.ToString(System.Globalization.CultureInfo.InvariantCulture), answer["X-Backend"], answer.SeenLine), Is.EqualTo((status, backend, line)));
            Assert.That((answer.Seen("Cookie"), answer.Seen("Host"), answer.Seen("X-Forwarded-For")), Is.EqualTo(((string?)null, "a.example.com", "127.0.0.1")));
        }
    }

    /// <summary>nginx calls upstreams by their hosts, and takes one in the place of an address.</summary>
    [Test]
    public async Task AHostThatIsCalledLikeTheAddressOfAPageDoesNotShowIt()
    {
        var address = _stage.Scenario.Snapshot.Containers.Single(static container => container.Name == "pages").Endpoints[0].IPv4;
        var page = await _stage.GetAsync("a.example.com", "/x", "X-Status: 502\n");
        Assert.That((page["X-Backend"], (await _stage.GetAsync(address))["X-Backend"]), Is.EqualTo(("pages", "namesake")));
    }

    [TestCase("200")]
    [TestCase("302")]
    public async Task EverythingElseIsPassedOn(string status) =>
        Assert.That((await _stage.GetAsync("a.example.com", "/x", $"X-Status: {status}\n")).SeenLine, Is.EqualTo("GET /x HTTP/1.1"));

    [Test]
    public async Task WhatWasSentIsNotSentToThePage()
    {
        var answer = await _stage.AskAsync("POST /x HTTP/1.1\nHost: a.example.com\nX-Status: 500\nContent-Length: 0\n");
        Assert.That((answer.Status, answer.SeenLine), Is.EqualTo((500, "GET /any;x.html HTTP/1.1")));
    }

    [TestCase("c.example.com", 503, "GET /away HTTP/1.1")]
    [TestCase("d.example.com", 403, "GET /private HTTP/1.1")]
    [TestCase("f.example.com", 502, "GET /dead HTTP/1.1")]
    public async Task AnErrorOfTheProxyBecomesItsPageToo(string host, int status, string line)
    {
        var answer = await _stage.GetAsync(host, "/");
        Assert.That((answer.Status, answer["X-Backend"], answer.SeenLine), Is.EqualTo((status, "pages", line)));
    }

    [Test]
    public async Task APageOfNoContainerChangesNothing() =>
        Assert.That((await _stage.GetAsync("b.example.com", "/x", "X-Status: 503\n")).SeenLine, Is.EqualTo("GET /x HTTP/1.1"));

    [Test]
    public async Task WhatIsClosedShowsNoPage() => Assert.That((await _stage.GetAsync("e.example.com", "/"))["X-Backend"], Is.Null);

    [Test]
    public async Task NobodyAsksForAPageByName() =>
        Assert.That((await _stage.GetAsync("d.example.com", "/@errors_403")).Status, Is.EqualTo(403));
}
