namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>Challenges of http-01 that somebody else than the proxy answers: a file that it serves, or a server to which it hands them on.</summary>
[Platform("Linux")]
public sealed class ChallengeFormTrafficTests
{
    private const string Users = "ops:$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM.";
    private const string Prefix = "/.well-known/acme-challenge/";

    private static readonly string[] Hosts = ["redirect.example.com", "only.example.com", "login.example.com", "closed.example.com", "unknown.example.org"];

    [TestCase(Stage.NginxName)]
    [TestCase(Stage.HAProxyName)]
    public async Task AServerAnswers(string proxy)
    {
        await using var stage = Site(proxy);
        stage.Scenario.Policy = stage.Scenario.Policy with { Acme = GivenAcme.Policy with { Listen = stage.AddTarget("keeper") } };
        await stage.StartAsync();
        foreach (var host in Hosts)
        {
            var answer = await stage.GetAsync(host, Prefix + "a-token_1");
            Assert.That((answer.Status, answer["X-Backend"], answer.SeenLine), Is.EqualTo((200, "keeper", $"GET {Prefix}a-token_1 HTTP/1.1")), host);
        }

        Assert.That((await stage.GetAsync("login.example.com")).Status, Is.EqualTo(401));
        Assert.That((await stage.GetAsync("redirect.example.com")).Status, Is.EqualTo(308));
    }

    [Test]
    public async Task AFileAnswers()
    {
        await using var stage = Site(Stage.NginxName);
        stage.OperatorFile($"webroot{Prefix}a-token_1", "a-token_1.thumbprint");
        stage.Scenario.Policy = stage.Scenario.Policy with { Acme = GivenAcme.Policy with { Webroot = stage.PathOf("webroot") } };
        await stage.StartAsync();
        foreach (var host in Hosts)
        {
            var answer = await stage.GetAsync(host, Prefix + "a-token_1");
            Assert.That((answer.Status, answer.Body, answer["Content-Type"]), Is.EqualTo((200, "a-token_1.thumbprint", "text/plain")), host);
            Assert.That((await stage.GetAsync(host, Prefix + "other")).Status, Is.EqualTo(404), host);
        }
    }

    private static Stage Site(string proxy) => new Stage(proxy).Certificate("redirect.example.com").Certificate("only.example.com")
        .Add("redirect", ("templater.host", "redirect.example.com"))
        .Add("only", ("templater.host", "only.example.com"), ("templater.https", "only"))
        .Add("login", ("templater.host", "login.example.com"), ("templater.auth.basic", Users))
        .Add("closed", ("templater.host", "closed.example.com"), ("templater.allow", "192.0.2.1"));
}
