using System.Net.Sockets;
using System.Text;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>Which route answers which spelling of a path.</summary>
[TestFixture(Stage.NginxName)]
[TestFixture(Stage.HAProxyName)]
[Platform("Linux")]
public sealed class PathTrafficTests(string proxy)
{
    private Stage _stage = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _stage = new Stage(proxy);
        _stage.Certificate("secure.example.com")
            .Add("web", ("templater.host", "a.example.com"))
            .Add("admin", ("templater.host", "a.example.com"), ("templater.path", "/admin"), ("templater.allow", "192.0.2.1"))
            .Add("strip", ("templater.host", "a.example.com"), ("templater.path", "/strip"), ("templater.rewrite", "/"))
            .Add("replace", ("templater.host", "a.example.com"), ("templater.path", "/old"), ("templater.rewrite", "/new/place"))
            .Add("exact", ("templater.host", "a.example.com"), ("templater.path", "=/exact"), ("templater.rewrite", "/other"))
            .Add("regex", ("templater.host", "a.example.com"), ("templater.path", "~^/img/.+\\.png$"))
            .Add("moved", ("templater.host", "a.example.com"), ("templater.path", "/moved"), ("templater.redirect.to", "https://new.example.org/base"))
            .Add("fixed", ("templater.host", "a.example.com"), ("templater.path", "/fixed"), ("templater.redirect.to", "https://new.example.org/x?y=$1%20!"), ("templater.redirect.code", "302"))
            .Add("closed", ("templater.host", "a.example.com"), ("templater.path", "/closed"), ("templater.redirect.to", "https://new.example.org"), ("templater.deny", "127.0.0.2"))
            .Add("only", ("templater.host", "only.example.com"), ("templater.path", "/app"))
            .Add(
                "mistaken",
                ("templater.host", "b.example.com"), ("templater.routes.web.path", "/"),
                ("templater.routes.admin.path", "/admin"), ("templater.routes.admin.allow", "bogus"))
            .Add("names", ("templater.host", "main.example.com"), ("templater.redirect.from", "www.example.com"), ("templater.redirect.code", "301"))
            .Add("secure", ("templater.host", "secure.example.com"));
        await _stage.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop() => await _stage.DisposeAsync();

    [TestCase("/admin")]
    [TestCase("/admin/")]
    [TestCase("/admin/x?y")]
    [TestCase("/admin?x")]
    [TestCase("//admin")]
    [TestCase("///admin//x")]
    [TestCase("/%61dmin")]
    [TestCase("/%61%64%6d%69%6E/")]
    [TestCase("/a/../admin")]
    [TestCase("/a/..//admin")]
    [TestCase("/a/%2e%2e/admin")]
    [TestCase("/a/..%2fadmin")]
    [TestCase("/a/.%2E%2Fadmin/x")]
    [TestCase("/./admin")]
    [TestCase("/%2e/admin")]
    [TestCase("/.//admin")]
    [TestCase("/%2fadmin")]
    [TestCase("/admin%2f")]
    [TestCase("/admin%2Fx")]
    [TestCase("/admin/..%2fadmin/x")]
    [TestCase("/admin#x")]
    [TestCase("/admin;x")]
    [TestCase("/admin;a=b/x")]
    [TestCase("/admin%3Bx")]
    [TestCase("/;x/admin")]
    [TestCase("/zz/..;/admin/x")]
    [TestCase("/admin\\x")]
    [TestCase("/admin%5Cx")]
    [TestCase("/a/..\\admin")]
    [TestCase("/admin/%0ax")]
    [TestCase("/%0d/admin")]
    [TestCase("/admin/%7f")]
    [TestCase("/admin/x%zz")]
    [TestCase("/admin/%")]
    [TestCase("/%zz/../admin")]
    [TestCase("/admin%00")]
    [TestCase("/strip/../admin")]
    [TestCase("/strip/%2e%2e/admin")]
    [TestCase("http://a.example.com/admin")]
    [TestCase("http://a.example.com//%61dmin")]
    public async Task NoSpellingReachesPastARestrictedPath(string target)
    {
        var answer = await _stage.GetAsync("a.example.com", target);

        Assert.That(answer.Status, Is.EqualTo(403).Or.EqualTo(400), answer.Body);
        Assert.That(_stage["admin"].Requests, Is.Zero);
    }

    /// <summary>Paths are case-sensitive and decoded once: these are other resources (RFC 3986 6.2.2).</summary>
    [TestCase("/ADMIN")]
    [TestCase("/administrator")]
    [TestCase("/%2561dmin")]
    [TestCase("/admin%20")]
    [TestCase("/a?/admin")]
    public async Task OtherResourcesAreServedAsTheyWereAsked(string target)
    {
        var answer = await _stage.GetAsync("a.example.com", target);

        Assert.That((answer.Status, answer["X-Backend"], answer.SeenLine), Is.EqualTo((200, "web", $"GET {target} HTTP/1.1")));
    }

    [TestCase("/admin", 503)]
    [TestCase("/admin;x", 400)]
    [TestCase("/other", 200)]
    public async Task APathWhoseRestrictionIsBadIsNotReachedByAnotherSpelling(string target, int status) =>
        Assert.That((await _stage.GetAsync("b.example.com", target)).Status, Is.EqualTo(status));

    /// <summary>What has no path that can be compared is nobody's, also where nothing is closed.</summary>
    [TestCase("GET", "/app/%zz")]
    [TestCase("GET", "/app/%4")]
    [TestCase("OPTIONS", "*")]
    [TestCase("CONNECT", "only.example.com:80")]
    public async Task ARequestWithoutAReadablePathIsRefused(string method, string target)
    {
        var answer = await _stage.AskAsync($"{method} {target} HTTP/1.1\nHost: only.example.com");

        Assert.That(answer.Status, Is.EqualTo(400).Or.EqualTo(405));
    }

    /// <summary>Parameters of a segment are legal (RFC 3986 3.3); only where some clients may not see all paths they are none.</summary>
    [Test]
    public async Task ParametersOfPathsAreServedWhereNothingIsClosed()
    {
        var answer = await _stage.GetAsync("only.example.com", "/app/a;b=c");

        Assert.That((answer.Status, answer.SeenLine), Is.EqualTo((200, "GET /app/a;b=c HTTP/1.1")));
    }

    [TestCase("/strip", "strip", "/")]
    [TestCase("/strip/", "strip", "/")]
    [TestCase("/strip/a/b?c=%20d", "strip", "/a/b?c=%20d")]
    [TestCase("/stripe", "web", "/stripe")]
    [TestCase("/old", "replace", "/new/place")]
    [TestCase("/old/a", "replace", "/new/place/a")]
    [TestCase("/exact", "exact", "/other")]
    [TestCase("/exact?q=1", "exact", "/other?q=1")]
    [TestCase("/exact/more", "web", "/exact/more")]
    [TestCase("/img/a.png", "regex", "/img/a.png")]
    [TestCase("/img/a.gif", "web", "/img/a.gif")]
    [TestCase("/a%20b/%C3%A9", "web", "/a%20b/%C3%A9")]
    public async Task RoutesAreChosenAndRewritten(string target, string backend, string seen)
    {
        var answer = await _stage.GetAsync("a.example.com", target);

        Assert.That((answer.Status, answer["X-Backend"], answer.SeenLine), Is.EqualTo((200, backend, $"GET {seen} HTTP/1.1")));
    }

    [TestCase("a.example.com", "/moved/a?b=c", 308, "https://new.example.org/base/moved/a?b=c")]
    [TestCase("a.example.com", "/fixed/a?b=c", 302, "https://new.example.org/x?y=$1%20")]
    [TestCase("a.example.com", "/closed/a", 308, "https://new.example.org/closed/a")]
    [TestCase("www.example.com", "/a?b=c", 301, "http://main.example.com:{http}/a?b=c")]
    [TestCase("secure.example.com", "/a?b=c", 308, "https://secure.example.com:{https}/a?b=c")]
    [TestCase("SECURE.example.com.:80", "//evil.example.org/", 308, "https://secure.example.com:{https}//evil.example.org/")]
    public async Task RedirectsKeepPathAndQuery(string host, string target, int status, string location)
    {
        var answer = await _stage.GetAsync(host, target);

        Assert.That((answer.Status, answer["Location"]), Is.EqualTo((status, location.Replace("{http}", $"{_stage.HttpPort}", StringComparison.Ordinal).Replace("{https}", $"{_stage.HttpsPort}", StringComparison.Ordinal))));
    }

    [Test]
    public async Task ADeniedClientIsNotRedirectedEither() =>
        Assert.That((await _stage.GetAsync("a.example.com", "/closed/a", from: "127.0.0.2")).Status, Is.EqualTo(403));

    [Test]
    public async Task AHostWithoutARootAnswersNotFound()
    {
        Assert.That((await _stage.GetAsync("only.example.com", "/app/x")).Status, Is.EqualTo(200));
        Assert.That((await _stage.GetAsync("only.example.com", "/apple")).Status, Is.EqualTo(404));
    }

    [TestCase("a.example.com")]
    [TestCase("secure.example.com")]
    [TestCase("www.example.com")]
    [TestCase("unknown.example.com")]
    public async Task TheChallengePathIsNeitherRedirectedNorProxied(string host) =>
        Assert.That((await _stage.GetAsync(host, "/.well-known/acme-challenge/x")).Status, Is.EqualTo(404));

    [Test]
    public async Task TheGenerationCanBeReadBack()
    {
        var generation = SampleHosts.Generation(_stage.Config);
        if (_stage.IsNginx)
        {
            Assert.That((await _stage.GetAsync("127.0.0.1", "/.well-known/templater/generation")).Body, Is.EqualTo(generation + "\n"));
            return;
        }

        await Assert.ThatAsync(() => AskMasterAsync("@1 get var proc.templater_generation\n"), Does.Contain($"value=<{generation}>").After(10_000, 50));
    }

    // When its worker has started the master starts itself once more, and answers nobody for a moment.
    private async Task<string> AskMasterAsync(string command)
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_stage.MasterSocket));
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(command));
            using var reader = new StreamReader(stream);
            return await reader.ReadLineAsync().WaitAsync(RawConnection.Patience) ?? "";
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return exception.Message;
        }
    }
}
