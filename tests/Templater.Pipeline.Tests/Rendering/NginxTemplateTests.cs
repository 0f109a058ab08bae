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

    /// <summary>What an nginx.conf may have already is printed only when it is needed, and then nginx warns of nothing.</summary>
    [TestCase(1, 20, false)]
    [TestCase(48, 46, false)]
    [TestCase(49, 20, true)]
    [TestCase(1, 47, true)]
    [TestCase(250, 46, true)]
    [TestCase(1000, 60, true)]
    public async Task TheFragmentEnlargesTablesThatAreTooSmall(int count, int length, bool isEnlarged)
    {
        var scenario = new Scenario();
        for (var i = 0; i < count; i++)
        {
            var name = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"h{i}.");
            scenario.Add(name + "x", ("templater.host", name + new string('x', length - name.Length)));
        }

        var text = scenario.Text("nginx-http");
        Assert.That(text.Contains("server_names_hash_", StringComparison.Ordinal), Is.EqualTo(isEnlarged));
        await RealChecker.AcceptsNginx($"events {{}}\nhttp {{\n{text}\n}}\n");
    }

    [TestCase(10, false)]
    [TestCase(100, true)]
    public async Task TheFragmentEnlargesTheTableOfHeadersThatIsTooSmall(int count, bool isEnlarged)
    {
        var headers = Enumerable.Range(0, count).Select(i => ($"templater.request.set.X-Some-Longer-Header-{i}", "1"));
        var text = new Scenario().Add("shop", [("templater.host", "a.example.com"), .. headers]).Text("nginx-http");
        Assert.That(text.Contains("proxy_headers_hash_", StringComparison.Ordinal), Is.EqualTo(isEnlarged));
        await RealChecker.AcceptsNginx($"events {{}}\nhttp {{\n{text}\n}}\n");
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
