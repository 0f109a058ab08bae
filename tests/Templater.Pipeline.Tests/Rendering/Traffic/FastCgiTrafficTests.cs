using System.Collections.Immutable;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>What nginx tells a FastCGI application about the file that answers.</summary>
[Platform("Linux")]
[NonParallelizable]
public sealed class FastCgiTrafficTests
{
    private const string OwnRoot = "/srv/it's-$uri;\"x\"";

    private static readonly (string, string) Protocol = ("templater.protocol", "fastcgi");

    private readonly List<FastCgiBackend> _backends = [];
    private Stage _stage = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _stage = new Stage(Stage.NginxName);
        Add("usual", ("templater.host", "usual.example.com"), Protocol);
        Add("own", ("templater.host", "own.example.com"), Protocol, ("templater.fastcgi.root", OwnRoot), ("templater.fastcgi.index", "app.php"));
        Add("private", ("templater.host", "own.example.com"), ("templater.path", "/private"), Protocol, ("templater.fastcgi.root", "/srv/private"), ("templater.allow", "127.0.0.9"));
        Add("root");
        _stage.Scenario.Change("root", container => container with
        {
            Env = ImmutableSortedDictionary<string, string>.Empty.Add("VIRTUAL_HOST", "root.example.com").Add("VIRTUAL_PROTO", "fastcgi").Add("VIRTUAL_ROOT", "/app/public"),
        });
        await _stage.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _stage.DisposeAsync();
        foreach (var backend in _backends)
            await backend.DisposeAsync();
    }

    private void Add(string name, params (string Key, string Value)[] labels) => _backends.Add(new FastCgiBackend(_stage.AddContainer(name, labels)));

    private async Task<Func<string, string?>> AskAsync(string host, string target, string headers = "")
    {
        var answer = await _stage.GetAsync(host, target, headers);
        Assert.That(answer.Status, Is.EqualTo(200), answer.Body);
        var seen = answer.Body.Split('\n').Select(static line => line.Split('=', 2)).Where(static parts => parts.Length == 2).ToLookup(static parts => parts[0], static parts => parts[1]);
        return name => seen.Contains(name) ? string.Join('|', seen[name]) : null;
    }

    [TestCase("usual.example.com", "/", "/var/www/html/index.php", "/index.php", "/var/www/html")]
    [TestCase("usual.example.com", "/a/b.php", "/var/www/html/a/b.php", "/a/b.php", "/var/www/html")]
    [TestCase("usual.example.com", "/a/", "/var/www/html/a/index.php", "/a/index.php", "/var/www/html")]
    [TestCase("own.example.com", "/", OwnRoot + "/app.php", "/app.php", OwnRoot)]
    [TestCase("own.example.com", "/x.php?y", OwnRoot + "/x.php", "/x.php", OwnRoot)]
    [TestCase("root.example.com", "/", "/app/public/index.php", "/index.php", "/app/public")]
    public async Task TheFileIsBelowTheRootAndAFolderHasItsIndex(string host, string target, string file, string name, string root)
    {
        var seen = await AskAsync(host, target);
        Assert.That((seen("SCRIPT_FILENAME"), seen("SCRIPT_NAME"), seen("DOCUMENT_ROOT")), Is.EqualTo((file, name, root)));
    }

    [Test]
    public async Task WhatFollowsTheFileIsThePathForIt()
    {
        var seen = await AskAsync("own.example.com", "/app.php/users/7?a=b&c");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((seen("SCRIPT_FILENAME"), seen("PATH_INFO"), seen("QUERY_STRING")), Is.EqualTo((OwnRoot + "/app.php", "/users/7", "a=b&c")));
            Assert.That((seen("REQUEST_METHOD"), seen("REQUEST_URI"), seen("HTTP_HOST"), seen("REDIRECT_STATUS")), Is.EqualTo(("GET", "/app.php/users/7?a=b&c", "own.example.com", "200")));
        }
    }

    [Test]
    public async Task ClientsDoNotSayWhoTheyAre()
    {
        var seen = await AskAsync("usual.example.com", "/", "X-Kept: yes\nProxy: http://evil\nX-Forwarded-For: 10.9.9.9\nX-Forwarded-Proto: https\nForwarded: for=10.9.9.9\n");
        Assert.That((seen("REMOTE_ADDR"), seen("HTTP_X_FORWARDED_FOR"), seen("HTTP_X_FORWARDED_PROTO"), seen("HTTP_PROXY"), seen("HTTP_FORWARDED"), seen("HTTP_X_KEPT")),
            Is.EqualTo(("127.0.0.1", "127.0.0.1", "http", (string?)null, (string?)null, "yes")));
    }

    [Test]
    public async Task NoSpellingLeavesTheRootOrReachesWhatIsClosed()
    {
        var before = _backends[2].Requests;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((await AskAsync("own.example.com", "/a/%2e%2e/b.php"))("SCRIPT_FILENAME"), Is.EqualTo(OwnRoot + "/b.php"));
            Assert.That((await _stage.GetAsync("own.example.com", "/../../etc/passwd")).Status, Is.EqualTo(400));
            Assert.That((await _stage.GetAsync("own.example.com", "/private/x.php")).Status, Is.EqualTo(403));
            Assert.That((await _stage.GetAsync("own.example.com", "/a/../private/x.php")).Status, Is.EqualTo(403));
            Assert.That(_backends[2].Requests, Is.EqualTo(before));
        }
    }
}
