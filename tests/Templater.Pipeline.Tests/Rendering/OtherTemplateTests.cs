using System.Text;
using Templater.Pipeline.Deployment.Checks;
using Templater.Pipeline.Inventory;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering;

public sealed class OtherTemplateTests
{
    [Test]
    public void CentauriGetsWhatItKnows()
    {
        using var certificates = new TempDirectory();
        var text = SampleHosts.Rich(certificates.Path).Text("centauri");
        Golden.Verify(text, "rich.centauri.conf");
        Assert.That(CentauriChecker.Check(Encoding.UTF8.GetBytes(text)), Is.Null, text);
    }

    [TestCaseSource(typeof(SampleHosts), nameof(SampleHosts.Extremes))]
    public void CentauriTakesExtremeSizes(string what)
    {
        var text = SampleHosts.Extreme(what).Text("centauri");
        Assert.That(CentauriChecker.Check(Encoding.UTF8.GetBytes(text)), Is.Null, text);
    }

    // Centauri ends when a route has no upstream, and every site with it.
    [TestCase("none", HealthStatus.Healthy)]
    [TestCase("0", HealthStatus.Healthy)]
    [TestCase("8080", HealthStatus.Unhealthy)]
    public void DotegeW1AHostWithoutAServerGetsNoRoute(string port, HealthStatus health)
    {
        var scenario = new Scenario()
            .Add("good", ("com.chameth.vhost", "good.example.com"))
            .Add("bad", ("com.chameth.vhost", "bad.example.com"), ("com.chameth.proxy", port));
        scenario.Change("bad", container => container with { Health = health });
        var text = scenario.Text("centauri");
        Assert.That(text.Split('\n').Where(line => line.StartsWith("route", StringComparison.Ordinal)), Is.EqualTo(new[] { "route good.example.com" }));
        Assert.That(CentauriChecker.Check(Encoding.UTF8.GetBytes(text)), Is.Null, text);
    }

    // The labels of centauri-docker-confd, each with a route for it.
    [Test]
    public void CentauriGetsWhatConfdSays()
    {
        var text = new Scenario()
            .Add("web", ("com.chameth.vhost", "example.com www.example.com"), ("com.chameth.proxy", "80"), ("com.chameth.subject", "example.com *.example.com"), ("com.chameth.headers.csp", "Content-Security-Policy: default-src 'self'"), ("com.chameth.errors.502", "pages:8080/502.html"), ("com.chameth.errors.404", "pages"))
            .Add("pages")
            .Add("native", ("templater.host", "native.example.com"), ("templater.errors.404", "/none?x=1"), ("templater.errors.4xx", "pages:8080/all"))
            .Add("intern", ("com.chameth.vhost", "intern.example.com"), ("com.chameth.provider", "selfsigned"))
            .Add("many", ("com.chameth.vhost", "zz.example.net a.example.net"), ("com.chameth.splithosts", "true"), ("com.chameth.provider", "lego"))
            .Text("centauri");
        Golden.Verify(text, "confd.centauri.conf");
        Assert.That(CentauriChecker.Check(Encoding.UTF8.GetBytes(text)), Is.Null, text);
    }

    [Test]
    public void CentauriWithoutHostsIsAValidFile() =>
        Assert.That(CentauriChecker.Check(Encoding.UTF8.GetBytes(new Scenario().Text("centauri"))), Is.Null);

    [Test]
    public void DomainsAreOneLineForEachHost()
    {
        using var certificates = new TempDirectory();
        Golden.Verify(SampleHosts.Rich(certificates.Path).Text("domains"), "rich.domains.txt");
    }
}
