using System.Net;
using Templater.Pipeline.Deployment.Proving.Nginx;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>What the shipped template writes is found in the file, and answers who asks from beside it, whatever stands in front.</summary>
[Platform("Linux")]
public sealed class GenerationEndpointTrafficTests
{
    [TestCase("")]
    [TestCase("proxy protocol")]
    [TestCase("proxy protocol, trusted")]
    [TestCase("trusted")]
    [TestCase("default site")]
    [TestCase("https only")]
    public async Task ItAnswersWithTheGenerationOfTheFile(string how)
    {
        await using var stage = new Stage(Stage.NginxName).WithOneWorker();
        stage.Scenario.Proxy = stage.Scenario.Proxy with
        {
            ProxyProtocol = how.StartsWith("proxy protocol", StringComparison.Ordinal),
            TrustedProxies = how.EndsWith("trusted", StringComparison.Ordinal) ? ["127.0.0.0/8", "192.0.2.0/24"] : [],
        };
        stage.Certificate("a.example.com").Add("web", ("templater.host", how == "default site" ? "*" : "a.example.com"), ("templater.https", how == "https only" ? "only" : "redirect"));
        await stage.StartAsync();
        var generation = stage.Scenario.File(stage.ProxyName).Generation;

        var endpoint = GenerationEndpoint.In(stage.Config, generation).First(one => one.At(IPAddress.Loopback) is not null);
        var answer = await GenerationQuestion.AskAsync(endpoint.At(IPAddress.Loopback)!, endpoint, TimeProvider.System, CancellationToken.None);

        Assert.That(answer, Is.EqualTo(new GenerationAnswer(true, generation, "")));
        Assert.That(endpoint.Listen.ExpectsProxyProtocol, Is.EqualTo(stage.Scenario.Proxy.ProxyProtocol));
    }

    [Test]
    public async Task WhoDoesNotAnswerIsToldApart()
    {
        var endpoint = GenerationEndpoint.In("server { location = /g { return 200 0123456789abcdef; } }", "0123456789abcdef").Single();
        var refused = await GenerationQuestion.AskAsync(new IPEndPoint(IPAddress.Loopback, Stage.FreePort()), endpoint, TimeProvider.System, CancellationToken.None);
        Assert.That((refused.IsReached, refused.Generation), Is.EqualTo((true, (string?)null)), "somebody says that nobody listens");
        using var silent = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var late = await GenerationQuestion.AskAsync((IPEndPoint)silent.LocalEndpoint, endpoint, TimeProvider.System, CancellationToken.None);
        Assert.That(late, Is.EqualTo(new GenerationAnswer(true, null, "no answer within 1 s")));
    }
}
