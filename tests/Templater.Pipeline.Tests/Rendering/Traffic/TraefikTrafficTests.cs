using System.Text;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>What Traefik's labels ask for, over the wire.</summary>
[TestFixture(Stage.NginxName)]
[TestFixture(Stage.HAProxyName)]
[Platform("Linux")]
public sealed class TraefikTrafficTests(string proxy)
{
    private const string Users = "ops:$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM.";
    private const string Host = "shop.example.com";

    private Stage _stage = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _stage = new Stage(proxy);
        _stage.Scenario.Policy = _stage.Scenario.Policy with { Dialects = [Dialect.Templater, Dialect.Traefik] };
        _stage
            .Add("web", Router("web", $"Host(`{Host}`)"))
            .Add("app", [.. Router("app", $"Host(`{Host}`) && PathPrefix(`/app`)", "strip@docker"), ("traefik.http.middlewares.strip.stripprefix.prefixes", "/app")])
            .Add("admin", [.. Router("admin", $"Host(`{Host}`) && (PathPrefix(`/admin`) || PathPrefix(`/ops`))", "login"), ("traefik.http.middlewares.login.basicauth.users", Users)])
            .Add("inner", [.. Router("inner", $"Host(`{Host}`) && PathPrefix(`/inner`)", "login,strip"), ("traefik.http.middlewares.login.basicauth.users", Users), ("traefik.http.middlewares.strip.stripprefix.prefixes", "/inner")])
            .Add("guarded", Router("guarded", $"Host(`{Host}`) && PathPrefix(`/guarded`)", "sso@file"))
            .Add("safe",
                ("traefik.http.routers.safe.rule", "Host(`safe.example.com`)"), ("traefik.http.routers.safe.entrypoints", "websecure"), ("traefik.http.routers.safe.tls", "true"),
                ("traefik.http.routers.plain.rule", "Host(`safe.example.com`)"), ("traefik.http.routers.plain.entrypoints", "web"), ("traefik.http.routers.plain.middlewares", "tls"),
                ("traefik.http.middlewares.tls.redirectscheme.scheme", "https"), ("traefik.http.middlewares.tls.redirectscheme.permanent", "true"))
            .Certificate("safe.example.com");
        await _stage.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop() => await _stage.DisposeAsync();

    [TestCase("/app", "app /")]
    [TestCase("/app/", "app /")]
    [TestCase("/app/x?y=z", "app /x?y=z")]
    [TestCase("/application", "web /application")]
    [TestCase("/", "web /")]
    public async Task StripsAPrefix(string target, string expected)
    {
        var answer = await _stage.GetAsync(Host, target);
        Assert.That($"{answer["X-Backend"]} {answer.SeenLine.Split(' ')[1]}", Is.EqualTo(expected));
    }

    [TestCase("/app/x", "/app")]
    [TestCase("/", null)]
    public async Task TellsThePrefixThatItStripped(string target, string? expected) =>
        Assert.That((await _stage.GetAsync(Host, target, "X-Forwarded-Prefix: \n")).Seen("X-Forwarded-Prefix"), Is.EqualTo(expected).Or.EqualTo(expected ?? ""));

    [TestCase("/admin")]
    [TestCase("/admin/x")]
    [TestCase("/administrator")]
    [TestCase("/ops")]
    [TestCase("/inner/x")]
    [TestCase("/innermost")]
    public async Task AsksForALogin(string target)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That((await _stage.GetAsync(Host, target)).Status, Is.EqualTo(401));
            Assert.That((await _stage.GetAsync(Host, target, Login("wrong"))).Status, Is.EqualTo(401));
            Assert.That((await _stage.GetAsync(Host, target, Login("secret"))).Status, Is.EqualTo(200));
        }
    }

    [TestCase("/inner/x", "/x")]
    [TestCase("/innermost", "/most")]
    public async Task StripsBehindALoginToo(string target, string expected) =>
        Assert.That((await _stage.GetAsync(Host, target, Login("secret"))).SeenLine.Split(' ')[1], Is.EqualTo(expected));

    [Test]
    public async Task WhatCannotBeHonouredIsClosed()
    {
        Assert.That((await _stage.GetAsync(Host, "/guarded/x")).Status, Is.EqualTo(503));
        Assert.That(_stage["guarded"].Requests, Is.Zero);
    }

    [Test]
    public async Task PlainHttpLeadsToHttps()
    {
        var answer = await _stage.GetAsync("safe.example.com", "/x?y");
        Assert.That((answer.Status, answer["Location"]?.Replace($":{_stage.HttpsPort}", "", StringComparison.Ordinal)), Is.EqualTo((308, "https://safe.example.com/x?y")));
        Assert.That((await _stage.GetSecurelyAsync("safe.example.com", "/x")).Status, Is.EqualTo(200));
    }

    private static (string Key, string Value)[] Router(string name, string rule, string? middlewares = null)
    {
        var start = $"traefik.http.routers.{name}.";
        (string, string)[] plain = [(start + "rule", rule), (start + "entrypoints", "web")];
        return middlewares is null ? plain : [.. plain, (start + "middlewares", middlewares)];
    }

    private static string Login(string password) => $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes("ops:" + password))}\n";
}
