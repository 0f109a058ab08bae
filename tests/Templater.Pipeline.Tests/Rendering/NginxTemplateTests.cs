using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering;

public sealed class NginxTemplateTests
{
    [Test]
    public async Task AnEmptyHostGivesAValidConfiguration()
    {
        var text = new Scenario().Text("nginx");
        Golden.Verify(text, "empty.nginx.conf");
        await RealChecker.AcceptsNginx(text);
    }

    [Test]
    public async Task ALabelAloneRoutes()
    {
        var text = new Scenario().Add("shop", ("templater.host", "shop.example.com")).Text("nginx");
        Golden.Verify(text, "shop.nginx.conf");
        await RealChecker.AcceptsNginx(text);
    }

    [Test]
    public async Task EverythingAtOnceIsAccepted()
    {
        using var certificates = new TempDirectory();
        var text = SampleHosts.Rich(certificates.Path).Text("nginx");
        await RealChecker.AcceptsNginx(text);
        Golden.Verify(text.Replace(certificates.Path, "/certs", StringComparison.Ordinal).Replace(SampleHosts.Generation(text), "GENERATION", StringComparison.Ordinal), "rich.nginx.conf");
    }

    [Test]
    public async Task TheFragmentFitsIntoAnOrdinaryNginxConf()
    {
        using var certificates = new TempDirectory();
        var text = SampleHosts.Rich(certificates.Path).Text("nginx-http");
        await RealChecker.AcceptsNginx($"events {{}}\nhttp {{\ndefault_type text/html;\nsendfile on;\nkeepalive_timeout 65;\naccess_log off;\n{text}\n}}\n");
    }

    [Test]
    public async Task TrustedProxiesAreBelieved()
    {
        var scenario = SampleHosts.Trusted(new Scenario().Add("shop", ("templater.host", "shop.example.com"), ("templater.request.set.X-A", "b")));
        var text = scenario.Text("nginx");
        Golden.Verify(text, "trusted.nginx.conf");
        await RealChecker.AcceptsNginx(text);
    }

    [TestCase("1.22.1", "ssl http2", false)]
    [TestCase("1.25.1", "ssl", true)]
    public void Http2IsSwitchedOnAsTheVersionWantsIt(string version, string listen, bool directive)
    {
        using var certificates = new TempDirectory();
        var text = SampleHosts.WithProxyVersion(SampleHosts.Rich(certificates.Path), version).Text("nginx");
        Assert.That(text, Does.Contain($"listen 443 {listen} default_server;"));
        Assert.That(text.Contains("http2 on;", StringComparison.Ordinal), Is.EqualTo(directive));
    }

    [Test]
    public async Task AHostThatIsCalledLikeASectionBreaksNothing() => await RealChecker.AcceptsNginx(SampleHosts.CalledLikeSections().Text("nginx"));

    [TestCaseSource(typeof(SampleHosts), nameof(SampleHosts.Extremes))]
    public async Task ExtremeSizesAreAccepted(string what) => await RealChecker.AcceptsNginx(SampleHosts.Extreme(what).Text("nginx"));
}
