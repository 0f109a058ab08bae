using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>What is printed where Templater takes nginx-proxy's place.</summary>
public sealed class NginxProxyCompatTests
{
    [Test]
    public async Task TheFragmentIsAsAccepted()
    {
        var text = With(new NginxProxyCompat { Resolvers = ["127.0.0.11"] }).Text("nginx-http");
        Golden.Verify(text, "compat.nginx-http.conf");
        await RealChecker.AcceptsNginx(Around(text));
    }

    [Test]
    public async Task TheWholeFileIsAcceptedToo()
    {
        var text = With(new NginxProxyCompat { Resolvers = ["127.0.0.11"] }).Text("nginx");
        Assert.That(text, Does.Contain("log_format vhost ").And.Contain("access_log /var/log/nginx/access.log vhost;").And.Contain("resolver 127.0.0.11;"));
        await RealChecker.AcceptsNginx(text.Replace("/var/log/nginx/access.log", "/dev/null", StringComparison.Ordinal));
    }

    [TestCase(ChallengeMode.Always, true)]
    [TestCase(ChallengeMode.Never, false)]
    [TestCase(ChallengeMode.WithoutSite, false)]
    public void ASiteAnswersChallengesAsTheOperatorChose(ChallengeMode mode, bool isAnswered)
    {
        var scenario = With(new NginxProxyCompat());
        scenario.Policy = scenario.Policy with { Challenges = mode };
        var site = scenario.Text("nginx-http").Split("server_name app.example.com;")[1];
        Assert.That(site.Contains("/.well-known/acme-challenge/", StringComparison.Ordinal), Is.EqualTo(isAnswered));
    }

    [TestCase("none", null)]
    [TestCase("418", "return 418;")]
    [TestCase("301 https://$host/app$request_uri", "return 301 \"https://$host/app$request_uri\";")]
    [TestCase("/app", "return 302 \"/app\";")]
    public async Task HostsWithoutARootAnswerAsChosen(string root, string? expected)
    {
        Assert.That(DefaultRoot.TryParse(root, out var parsed));
        var scenario = With(new NginxProxyCompat { Root = parsed });
        scenario.Change("app", static container => container with { Env = container.Env.SetItem("VIRTUAL_PATH", "/app") });
        var text = scenario.Text("nginx-http");
        Assert.That(text, expected is null ? Does.Not.Contain("location / {\n        return 404;") : Does.Contain($"location / {{\n        {expected}"));
        await RealChecker.AcceptsNginx(Around(text));
    }

    [TestCase("")]
    [TestCase("404;")]
    [TestCase("301")]
    [TestCase("404 https://example.com")]
    [TestCase("301 javascript:alert(1)")]
    [TestCase("301 //example.com")]
    [TestCase("301 https://$uri")]
    [TestCase("301 https://$")]
    [TestCase("301 https://a\"b")]
    [TestCase("301 https://a b")]
    [TestCase("301 https://a{b}")]
    [TestCase("99")]
    [TestCase("600")]
    [TestCase("200 text")]
    public void NothingElseIsAnAnswer(string root) => Assert.That(DefaultRoot.TryParse(root, out _), Is.False);

    [Test]
    public async Task AHostWithoutAServerAnswers502()
    {
        var scenario = With(new NginxProxyCompat());
        scenario.Change("app", static container => container with { State = ContainerState.Exited });
        var text = scenario.Text("nginx-http");
        Assert.That(text, Does.Contain("upstream app.example.com {\n    server 127.0.0.1:80 down;\n}").And.Contain("return 502;"));
        await RealChecker.AcceptsNginx(Around(text));
    }

    [Test]
    public void OutsideItAnswers503AndNothingElseHolds()
    {
        var scenario = With(null);
        scenario.Change("app", static container => container with { State = ContainerState.Exited });
        var text = scenario.Text("nginx-http");
        Assert.That(text, Does.Contain("return 503;").And.Not.Contain("return 502;").And.Not.Contain("log_format").And.Not.Contain("$templater_trusted").And.Contain("default_server"));
    }

    [TestCase("/", "app.example.com")]
    [TestCase("/x", "app.example.com-629e2b1dc0b26083ad30bab39cfc78645dd00372")]
    public void UpstreamsAreCalledAsThere(string path, string expected)
    {
        var scenario = With(new NginxProxyCompat());
        scenario.Change("app", container => container with { Env = container.Env.SetItem("VIRTUAL_PATH", path) });
        Assert.That(scenario.Text("nginx-http"), Does.Contain($"upstream {expected} {{"));
    }

    [TestCase("~^app\\d+\\.example\\.com$", "8f32248acc534459c1db3573b76859ff958237ec")]
    [TestCase("app.*", "app.*")]
    [TestCase("*.example.com", "*.example.com")]
    public async Task HostsThatAreNoNamesAreCalledAsThere(string host, string expected)
    {
        var text = With(new NginxProxyCompat(), host).Text("nginx-http");
        Assert.That(text, Does.Contain($"upstream {expected} {{"));
        await RealChecker.AcceptsNginx(Around(text));
    }

    [Test]
    public void AllAreCalledByTheirDigestWhereThatIsAskedFor() =>
        Assert.That(With(new NginxProxyCompat { HashesUpstreamNames = true }).Text("nginx-http"), Does.Contain($"upstream 0e684440356e4469d821b8821ba7235572a1298b {{").And.Not.Contain("upstream app.example.com"));

    [Test]
    public async Task TheChosenHostAnswersForUnknownOnes()
    {
        Assert.That(HostPattern.TryParse("app.example.com", out var host), Is.Null);
        var text = With(new NginxProxyCompat { DefaultHost = host }).Text("nginx-http");
        Assert.That(text, Does.Contain("listen 80 default_server;").And.Contain("server_name app.example.com _;"));
        await RealChecker.AcceptsNginx(Around(text));
    }

    [Test]
    public void WhatFiltersLeaveOutIsNotRouted()
    {
        Assert.That(ContainerFilter.TryParse("status=running, label=edge=yes", out var filters));
        var scenario = With(new NginxProxyCompat { Filters = filters });
        Assert.That(scenario.Text("nginx-http"), Does.Not.Contain("app.example.com"));
        scenario.Change("app", static container => container with { Labels = container.Labels.SetItem("edge", "yes") });
        Assert.That(scenario.Text("nginx-http"), Does.Contain("app.example.com"));
    }

    [TestCase("name=a")]
    [TestCase("label")]
    [TestCase("label=")]
    [TestCase("status=exited")]
    [TestCase("label=a,network=b")]
    public void FiltersThatAreNotKnownAreRefused(string text) => Assert.That(ContainerFilter.TryParse(text, out _), Is.False);

    [TestCase(true, true)]
    [TestCase(false, false)]
    public void ForwardedHeadersOfEveryoneArePassedOnAsChosen(bool isTrusted, bool isPassed) => Assert.That(
        With(new NginxProxyCompat { TrustsForwarded = isTrusted }).Text("nginx-http").Contains("X-Forwarded-For $templater_forwarded_for", StringComparison.Ordinal),
        Is.EqualTo(isPassed));

    internal static Scenario With(NginxProxyCompat? compat, string host = "app.example.com")
    {
        var scenario = new Scenario { Policy = new RoutingPolicy { NginxProxy = compat } }.Add("app");
        scenario.Change("app", container => container with { Env = container.Env.SetItem("VIRTUAL_HOST", host) });
        return scenario;
    }

    internal static string Around(string text) => $"events {{}}\nhttp {{\naccess_log off;\n{text.Replace("/var/log/nginx/access.log", "/dev/null", StringComparison.Ordinal)}\n}}\n";
}
