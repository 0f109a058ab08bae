using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>Plain http answers the challenges of http-01 by the account's thumbprint, whatever else holds for the host.</summary>
[TestFixture(Stage.NginxName)]
[TestFixture(Stage.HAProxyName)]
[Platform("Linux")]
public sealed class ChallengeTrafficTests(string proxy)
{
    private const string Users = "ops:$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM.";
    private const string Prefix = "/.well-known/acme-challenge/";

    private Stage _stage = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _stage = new Stage(proxy).Certificate("redirect.example.com").Certificate("only.example.com");
        _stage.Scenario.Policy = _stage.Scenario.Policy with { Acme = GivenAcme.Policy };
        _stage.Scenario.Acme = GivenAcme.Turned("turned.example.com");
        _stage
            .Add("redirect", ("templater.host", "redirect.example.com"))
            .Add("pending", ("templater.host", "pending.example.com, alias.example.com"), ("templater.redirect.from", "old.example.com"))
            .Add("only", ("templater.host", "only.example.com"), ("templater.https", "only"))
            .Add("waiting", ("templater.host", "waiting.example.com"), ("templater.https", "only"))
            .Add("login", ("templater.host", "login.example.com"), ("templater.auth.basic", Users))
            .Add("closed", ("templater.host", "closed.example.com"), ("templater.allow", "192.0.2.1"))
            .Add("denied", ("templater.host", "denied.example.com"), ("templater.deny", "0.0.0.0/0"))
            .Add("moved", ("templater.host", "moved.example.com"), ("templater.redirect.to", "https://new.example.org"))
            .Add("greedy", ("templater.host", "greedy.example.com"), ("templater.path", "~."))
            .Add("taker", ("templater.host", "taker.example.com"), ("templater.path", Prefix))
            .Add("gone", ("templater.host", "gone.example.com"))
            .Add("mixed-a", ("templater.host", "mixed.example.com"), ("templater.allow", "192.0.2.1"))
            .Add("mixed-b", ("templater.host", "mixed.example.com"), ("templater.path", "/open"))
            .Add("turned", ("templater.host", "turned.example.com"))
            .Add("address", ("templater.host", "127.0.0.1"))
            .Add("none", ("templater.host", "none.example.com"), ("templater.acme", "false"))
            .Add("plain", ("templater.host", "plain.example.com"), ("templater.https", "off"))
            .Add("dns", ("templater.host", "dns.example.com"), ("templater.acme.challenge", "dns-persist-01"))
            .Add("any", ("templater.host", "*.any.example.com"));
        _stage.Scenario.Change("gone", static container => container with { Health = HealthStatus.Unhealthy });
        await _stage.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop() => await _stage.DisposeAsync();

    [TestCase("redirect.example.com")]
    [TestCase("pending.example.com")]
    [TestCase("alias.example.com")]
    [TestCase("old.example.com")]
    [TestCase("only.example.com")]
    [TestCase("waiting.example.com")]
    [TestCase("login.example.com")]
    [TestCase("closed.example.com")]
    [TestCase("denied.example.com")]
    [TestCase("moved.example.com")]
    [TestCase("greedy.example.com")]
    [TestCase("taker.example.com")]
    [TestCase("gone.example.com")]
    [TestCase("mixed.example.com")]
    [TestCase("MIXED.example.com:80")]
    [TestCase("127.0.0.1")]
    public Task ATokenIsAnswered(string host) => IsAnsweredAsync(host, GivenAcme.FirstThumbprint);

    [Test]
    public Task AHostThatTurnedToAnotherAuthorityIsAnsweredByItsAccount() => IsAnsweredAsync("turned.example.com", GivenAcme.SecondThumbprint);

    [TestCase("none.example.com")]
    [TestCase("plain.example.com")]
    [TestCase("dns.example.com")]
    [TestCase("x.any.example.com")]
    [TestCase("nobody.example.org")]
    public async Task AHostWithoutOneIsNotAnswered(string host) =>
        Assert.That((await _stage.GetAsync(host, Prefix + "token")).Status, Is.EqualTo(404));

    [TestCase(Prefix)]
    [TestCase(Prefix + "a/b")]
    [TestCase(Prefix + "a.b")]
    [TestCase(Prefix + "a%22b")]
    [TestCase(Prefix + "a%0Ab")]
    [TestCase(Prefix + "a+b")]
    [TestCase(Prefix + "a=")]
    public async Task WhatIsNoTokenIsNotAnswered(string path)
    {
        var answer = await _stage.GetAsync("redirect.example.com", path);
        Assert.That((answer.Status, answer.Body.Contains(GivenAcme.FirstThumbprint, StringComparison.Ordinal)), Is.EqualTo((404, false)));
    }

    // What is there until the pair is: http is served, and 503 where only https may serve.
    [TestCase("pending.example.com", 200)]
    [TestCase("alias.example.com", 200)]
    [TestCase("waiting.example.com", 503)]
    [TestCase("redirect.example.com", 308)]
    [TestCase("only.example.com", 503)]
    [TestCase("login.example.com", 401)]
    [TestCase("closed.example.com", 403)]
    public async Task TheRestOfTheHostIsAsBefore(string host, int status) =>
        Assert.That((await _stage.GetAsync(host)).Status, Is.EqualTo(status));

    [Test]
    public async Task NoHstsIsSentBeforeThereIsAPair() => Assert.That((await _stage.GetAsync("pending.example.com"))["Strict-Transport-Security"], Is.Null);

    private async Task IsAnsweredAsync(string host, string thumbprint)
    {
        const string token = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr_oA";
        var answer = await _stage.GetAsync(host, Prefix + token);
        Assert.That((answer.Status, answer.Body, answer["Content-Type"]), Is.EqualTo((200, $"{token}.{thumbprint}", "text/plain")));
        Assert.That(answer["Content-Length"], Is.EqualTo($"{token.Length + 1 + thumbprint.Length}"));
    }
}
