using System.Net;
using Templater.Acme;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Challenges;
using Templater.Pipeline.Tests.Certificates.Challenges;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>Challenges that somebody else than the proxy answers: a file that it serves, or a server to which it hands them on.</summary>
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

    [TestCase(false)]
    [TestCase(true, Description = "a balancer tells the client")]
    public async Task ByTlsTemplaterAnswersAndHostsKnowTheirClients(bool isBalanced)
    {
        const string Host = "web.example.com";
        using var stop = new CancellationTokenSource();
        using var solver = new TlsAlpnSolver(TimeProvider.System);
        using var listener = new ListenerSolver(new IPEndPoint(IPAddress.Loopback, 0), TimeProvider.System, solver.AnswerAsync);
        _ = listener.RunAsync(stop.Token);
        await solver.PresentAsync(new PendingChallenge(Identifier.Dns(Host), ChallengeType.TlsAlpn01, "token", "token.thumbprint", new Uri("https://ca.example/account")), stop.Token);
        await using var stage = new Stage(Stage.HAProxyName).Certificate(Host).Add("web", ("templater.host", Host), ("templater.acme.challenge", "tls-alpn-01"), ("templater.allow", "127.0.0.9 192.0.2.1"));
        stage.Scenario.Policy = stage.Scenario.Policy with { Acme = GivenAcme.Policy with { Listen = listener.EndPoint } };
        if (isBalanced)
            stage.Scenario.Proxy = stage.Scenario.Proxy with { ProxyProtocol = true, TrustedProxies = ["127.0.0.3"] };
        await stage.StartAsync();

        await using var connection = await RawConnection.OpenAsync(stage.HttpsPort, isBalanced ? "127.0.0.3" : "127.0.0.9");
        if (isBalanced)
            await connection.SendAsync("PROXY TCP4 192.0.2.1 198.51.100.1 40000 443\r\n");
        await connection.SecureAsync(Host);
        await connection.SendAsync($"GET / HTTP/1.1\r\nHost: {Host}\r\nConnection: close\r\n\r\n");
        var answer = await connection.ReadAsync();
        Assert.That((answer.Status, answer.Seen("X-Real-IP"), answer.Seen("X-Forwarded-For"), answer.Seen("X-Forwarded-Proto")),
            Is.EqualTo((200, isBalanced ? "192.0.2.1" : "127.0.0.9", isBalanced ? "192.0.2.1" : "127.0.0.9", "https")));
        Assert.That(answer.Seen("X-Forwarded-Port"), Is.EqualTo(isBalanced ? "443" : $"{stage.HttpsPort}"));

        var proxy = new IPEndPoint(IPAddress.Loopback, stage.HttpsPort);
        using var shown = await TlsChallengeClient.ShownAsync(proxy, Host);
        Assert.That(shown!.Extensions[TlsAlpnCertificate.ExtensionOid]!.RawData, Is.EqualTo(TlsAlpnCertificate.ExtensionValue("token.thumbprint")));
        using var nobody = await TlsChallengeClient.ShownAsync(proxy, "other.example.com");
        Assert.That(nobody, Is.Null);
        await stop.CancelAsync();
    }

    private static Stage Site(string proxy) => new Stage(proxy).Certificate("redirect.example.com").Certificate("only.example.com")
        .Add("redirect", ("templater.host", "redirect.example.com"))
        .Add("only", ("templater.host", "only.example.com"), ("templater.https", "only"))
        .Add("login", ("templater.host", "login.example.com"), ("templater.auth.basic", Users))
        .Add("closed", ("templater.host", "closed.example.com"), ("templater.allow", "192.0.2.1"));
}
