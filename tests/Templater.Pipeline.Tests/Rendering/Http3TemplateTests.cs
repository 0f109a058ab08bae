using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>HTTP/3 in nginx: who listens, and who says so. The installed nginx is too old to judge: <see cref="NewerProxyTests"/>.</summary>
public sealed class Http3TemplateTests
{
    private static string Text(string version, bool proxyProtocol = false, bool withDefault = false)
    {
        var scenario = new Scenario().Add("proxy", ("templater.proxy", "nginx"))
            .Certificate("/certs", "a.pem", "a.pem", "a.example.com").Certificate("/certs", "b.pem", "b.pem", "b.example.com", "*.example.org")
            .Add("a", ("templater.host", "a.example.com"), ("templater.http3", "true"))
            .Add("b", ("templater.host", "b.example.com"), ("templater.listen.https", "8443"))
            .Add("c", ("templater.host", "*.example.org"), ("templater.https", "optional"))
            .Add("d", ("templater.host", "none.example.net"));
        if (withDefault)
            scenario.Add("any", ("templater.host", "*"), ("templater.tls.certificate", "a.example.com"));
        scenario.Change("proxy", proxy => proxy with { Image = new ImageReference("", "nginx", version, "") });
        scenario.Proxy = scenario.Proxy with { ProxyProtocol = proxyProtocol, IPv6 = true };
        return scenario.Text("nginx");
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    [Test]
    public void AllHostsOfThePortListenAndOneOfThemOpensIt()
    {
        var text = Text("1.25.0");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Count(text, "listen 443 quic reuseport default_server;"), Is.EqualTo(1));
            Assert.That(Count(text, "listen [::]:443 quic reuseport default_server;"), Is.EqualTo(1));
            // a, c, and the name without a pair that the wildcard must not answer.
            Assert.That(Count(text, "listen 443 quic;"), Is.EqualTo(3));
            Assert.That(Count(text, " quic") - Count(text, "443 quic"), Is.Zero, "no other port");
            Assert.That((Count(text, "http3 on;"), Count(text, "http3 off;")), Is.EqualTo((1, 1)));
            Assert.That(Count(text, "add_header Alt-Svc $templater_http3_443 always;"), Is.EqualTo(1));
            Assert.That(text, Does.Contain("on 'h3=\":443\"; ma=86400';"));
        }
    }

    [Test]
    public void AHostForEveryNameOpensThePortInsteadOfTheFallback()
    {
        var text = Text("1.27", withDefault: true);
        Assert.That((Count(text, "listen 443 quic reuseport default_server;"), Count(text, "reuseport")), Is.EqualTo((1, 2)));
    }

    // Applications would not know what they are called: nginx has no $http_host there.
    [TestCase("1.29.7", "map $server_port $templater_http3_host {\n        default $host:$server_port;\n        443 $host;\n    }")]
    [TestCase("1.29.8", "map \"\" $templater_http3_host {\n        default $host$is_request_port$request_port;\n    }")]
    public void TheHostIsToldThoughHttp3HasNoHeaderForIt(string version, string expected) =>
        Assert.That(Text(version), Does.Contain("        \"~ HTTP/3[.]0$\" $templater_http3_host;\n    }").And.Contains(expected));

    [TestCase("1.24.0", false)]
    [TestCase("latest", false)]
    [TestCase("1.30", true)]
    public void OtherwiseNobodyListens(string version, bool proxyProtocol) =>
        Assert.That(Text(version, proxyProtocol), Does.Not.Contain("quic").And.Not.Contains("http3").And.Not.Contains("HTTP/3").And.Not.Contains("Alt-Svc"));
}
