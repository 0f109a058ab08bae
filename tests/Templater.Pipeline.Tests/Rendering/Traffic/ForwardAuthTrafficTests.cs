using System.Collections.Immutable;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>Who passes where somebody else is asked, whatever they send.</summary>
[Platform("Linux")]
[NonParallelizable]
public sealed class ForwardAuthTrafficTests
{
    private const string Yes = "200 OK|Remote-User: ann|Remote-Groups: staff, admins|Set-Cookie: session=2";
    private const string No = "401 Unauthorized";

    private Stage _stage = null!;

    private static ForwardAuth Asked(string name, string host, string? login = null) => new()
    {
        Name = name,
        Host = host,
        Port = 8080,
        Path = "/verify?for=nginx",
        Login = login,
        Headers = ["Remote-User", "Remote-Groups"],
    };

    [OneTimeSetUp]
    public async Task Start()
    {
        _stage = new Stage(Stage.NginxName)
            .Add("sso")
            .Add("web", ("templater.host", "a.example.com"))
            .Add("admin", ("templater.host", "a.example.com"), ("templater.path", "/admin"), ("templater.auth.forward", "sso"), ("templater.request.set.Remote-User", "root"))
            .Add("both", ("templater.host", "a.example.com"), ("templater.path", "/both"), ("templater.auth.forward", "sso"), ("templater.allow", "127.0.0.1"))
            .Add("moved", ("templater.host", "a.example.com"), ("templater.path", "/moved"), ("templater.auth.forward", "sso"), ("templater.redirect.to", "https://new.example.org"))
            .Add("sent", ("templater.host", "b.example.com"), ("templater.auth.forward", "sent"), ("templater.errors.5xx", "/sorry"))
            .Add("down", ("templater.host", "c.example.com"), ("templater.auth.forward", "down"))
            .Add("lost", ("templater.host", "d.example.com"), ("templater.auth.forward", "lost"))
            .Add("unknown", ("templater.host", "e.example.com"), ("templater.auth.forward", "nobody"));
        _stage.AddContainer("dead");
        _stage.Scenario.Policy = _stage.Scenario.Policy with
        {
            ForwardAuths = ImmutableSortedDictionary<string, ForwardAuth>.Empty
                .Add("sso", Asked("sso", "sso"))
                .Add("sent", Asked("sent", "sso", "https://auth.example.com/?rd="))
                .Add("down", Asked("down", "dead"))
                .Add("lost", Asked("lost", "nobody.invalid")),
        };
        await _stage.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop() => await _stage.DisposeAsync();

    [Test]
    public async Task WhoeverMayPassesWithWhatTheAuthoriserSaysOfThem()
    {
        _stage["sso"].Reply = Yes;
        var answer = await _stage.GetAsync("a.example.com", "/admin/x?y=1", "Remote-User: root\nremote-groups: wheel\nCookie: session=1\nX-Original-URL: http://b/\nX-Forwarded-Uri: /open\nX-Forwarded-Method: HEAD\n");
        var asked = _stage["sso"].Last;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((answer.Status, answer.SeenLine, answer["Set-Cookie"]), Is.EqualTo((200, "GET /admin/x?y=1 HTTP/1.1", "session=2")));
            Assert.That((answer.Seen("Remote-User"), answer.Seen("Remote-Groups"), answer.Seen("Cookie"), answer.Seen("Host")), Is.EqualTo(("ann", "staff, admins", "session=1", "a.example.com")));
            Assert.That((asked.SeenLine, asked["Host"], asked["Cookie"]), Is.EqualTo(("GET /verify?for=nginx HTTP/1.1", "sso:8080", "session=1")));
            Assert.That((asked["X-Original-URL"], asked["X-Original-Method"], asked["X-Original-URI"]), Is.EqualTo(("http://a.example.com/admin/x?y=1", "GET", "/admin/x?y=1")));
            Assert.That((asked["X-Forwarded-Method"], asked["X-Forwarded-Uri"], asked["X-Forwarded-For"], asked["X-Forwarded-Host"]), Is.EqualTo(("GET", "/admin/x?y=1", "127.0.0.1", "a.example.com")));
        }
    }

    [Test]
    public async Task WhatTheAuthoriserDoesNotSayIsSaidByNobody()
    {
        _stage["sso"].Reply = "204 No Content";
        var answer = await _stage.GetAsync("a.example.com", "/admin", "Remote-User: root\nRemote_User: root\nRemote-Groups: wheel\n");
        Assert.That((answer.Status, answer.Seen("Remote-User"), answer.Seen("Remote_User"), answer.Seen("Remote-Groups")), Is.EqualTo((200, (string?)null, (string?)null, (string?)null)));
    }

    [Test]
    public async Task OpenPathsOfTheHostAskNobodyAndCannotBeToldWhoSomebodyIs()
    {
        _stage["sso"].Reply = No;
        var before = _stage["sso"].Requests;
        var answer = await _stage.GetAsync("a.example.com", "/", "Remote-User: root\n");
        Assert.That((answer.Status, answer.Seen("Remote-User"), _stage["sso"].Requests - before), Is.EqualTo((200, (string?)null, 0)));
    }

    [TestCase("POST", 3_000_000)]
    [TestCase("PUT", 0)]
    public async Task ABodyGoesToTheApplicationAlone(string method, int length)
    {
        _stage["sso"].Reply = Yes;
        var before = _stage["admin"].Requests;
        var answer = await _stage.AskAsync($"{method} /admin HTTP/1.1\nHost: a.example.com\n{(length > 0 ? "Expect: 100-continue\n" : "")}Content-Length: {length}\n");
        // The test sends no body: what counts is that nobody refuses its length, and that the authoriser waits for none.
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.Status, Is.EqualTo(length > 0 ? 100 : 200));
            Assert.That((_stage["sso"].Last.SeenLine, _stage["sso"].Last["Content-Length"], _stage["sso"].Last["X-Original-Method"]), Is.EqualTo(("GET /verify?for=nginx HTTP/1.1", (string?)null, method)));
            Assert.That(_stage["admin"].Requests - before, Is.EqualTo(length > 0 ? 0 : 1));
        }
    }

    [TestCase(No, 401, null)]
    [TestCase(No + "|WWW-Authenticate: Bearer realm=\"x\"", 401, null)]
    [TestCase(No + "|Location: https://auth.example.com/in?a=b", 302, "https://auth.example.com/in?a=b")]
    [TestCase("403 Forbidden", 403, null)]
    [TestCase("302 Found|Location: https://auth.example.com/", 500, null)]
    [TestCase("404 Not Found", 500, null)]
    [TestCase("500 Oops", 500, null)]
    [TestCase("garbage", 500, null)]
    public async Task AnythingButAYesKeepsThemOut(string reply, int status, string? location)
    {
        _stage["sso"].Reply = reply;
        var before = _stage["admin"].Requests;
        var answer = await _stage.GetAsync("a.example.com", "/admin");
        Assert.That((answer.Status, answer["Location"], _stage["admin"].Requests - before), Is.EqualTo((status, location, 0)));
    }

    [TestCase("/x?a=1&b=2", "https://auth.example.com/?rd=http://b.example.com/x?a=1&b=2")]
    [TestCase("/", "https://auth.example.com/?rd=http://b.example.com/")]
    public async Task WhoHasToLogInIsSentThere(string target, string location)
    {
        _stage["sso"].Reply = No;
        var answer = await _stage.GetAsync("b.example.com", target);
        Assert.That((answer.Status, answer["Location"]), Is.EqualTo((302, location)));
    }

    [Test]
    public async Task APageForErrorsOpensNothing()
    {
        _stage["sso"].Reply = "500 Oops";
        Assert.That((await _stage.GetAsync("b.example.com", "/secret")).SeenLine, Is.EqualTo("GET /sorry HTTP/1.1"));
    }

    [TestCase("c.example.com", "down", 500)]
    [TestCase("d.example.com", "lost", 500)]
    [TestCase("e.example.com", "unknown", 503)]
    public async Task WithoutAnAuthoriserNobodyPasses(string host, string backend, int status)
    {
        var answer = await _stage.GetAsync(host, "/");
        Assert.That((answer.Status, _stage[backend].Requests), Is.EqualTo((status, 0)));
    }

    [TestCaseSource(typeof(Spellings), nameof(Spellings.OfAdmin))]
    [TestCase("/.asked%20by/sso/../../admin")]
    public async Task NoSpellingReachesPastIt(string target)
    {
        _stage["sso"].Reply = No;
        var before = _stage["admin"].Requests;
        var answer = await _stage.GetAsync("a.example.com", target);
        Assert.That(answer.Status, Is.EqualTo(401).Or.EqualTo(400), answer.Body);
        Assert.That(_stage["admin"].Requests, Is.EqualTo(before));
    }

    [TestCase("/admin/../admin/x")]
    [TestCase("/open/%2e%2E/admin")]
    [TestCase("/admin//x")]
    [TestCase("/admin/%2f/x")]
    [TestCase("/admin/a%5c..%5cb")]
    [TestCase("/admin/%78")]
    [TestCase("/admin/x;y")]
    [TestCase("/admin/x%3by")]
    [TestCase("/admin/x/..")]
    public async Task WhatTheAuthoriserCouldReadOtherwiseIsNotAskedAbout(string target)
    {
        _stage["sso"].Reply = Yes;
        var before = _stage["sso"].Requests;
        Assert.That(((await _stage.GetAsync("a.example.com", target)).Status, _stage["sso"].Requests - before), Is.EqualTo((400, 0)));
    }

    [TestCase("/admin/a%2Fb")]
    [TestCase("/admin/a.b/.c/..d?x=/../%61;//")]
    [TestCase("/admin/%20%C3%BC")]
    public async Task UsualPathsPass(string target)
    {
        _stage["sso"].Reply = Yes;
        Assert.That((await _stage.GetAsync("a.example.com", target)).SeenLine, Is.EqualTo($"GET {target} HTTP/1.1"));
    }

    [TestCase("/.asked%20by/sso")]
    [TestCase("/.asked by/sso")]
    [TestCase("/@login_sso")]
    public async Task NobodySpeaksToTheAuthoriserDirectly(string target)
    {
        var before = _stage["sso"].Requests;
        var answer = await _stage.GetAsync("a.example.com", target);
        Assert.That((answer["X-Backend"] ?? "web", _stage["sso"].Requests - before), Is.EqualTo(("web", 0)));
    }

    [Test]
    public async Task AnAddressThatIsNotAdmittedIsNotAskedAbout()
    {
        _stage["sso"].Reply = Yes;
        var before = _stage["sso"].Requests;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(((await _stage.GetAsync("a.example.com", "/both", from: "127.0.0.2")).Status, _stage["sso"].Requests - before), Is.EqualTo((403, 0)));
            Assert.That((await _stage.GetAsync("a.example.com", "/both")).Status, Is.EqualTo(200));
        }
    }

    [Test]
    public async Task ARedirectIsGuardedToo()
    {
        _stage["sso"].Reply = "403 No";
        Assert.That((await _stage.GetAsync("a.example.com", "/moved/x")).Status, Is.EqualTo(403));
        _stage["sso"].Reply = Yes;
        Assert.That((await _stage.GetAsync("a.example.com", "/moved/x"))["Location"], Is.EqualTo("https://new.example.org/moved/x"));
    }
}
