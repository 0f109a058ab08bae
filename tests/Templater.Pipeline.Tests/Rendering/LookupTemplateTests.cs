using Templater.Pipeline.Inventory;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>With <c>endpoints=dns</c> the proxy looks up where containers are: another address is no other file.</summary>
public sealed class LookupTemplateTests
{
    [TestCase("nginx", "1.22", "set $templater_server shop:8080;\n            proxy_pass http://$templater_server;", "resolve max_fails")]
    [TestCase("nginx", "1.27.2", "proxy_pass http://$templater_server;", "resolve max_fails")]
    [TestCase("nginx", null, "proxy_pass http://$templater_server;", "resolve max_fails")]
    [TestCase("nginx", "1.27.3", "    server shop:8080 resolve max_fails=1", "$templater_server")]
    [TestCase("nginx", "1.30", "    server shop2:8080 resolve max_fails=1", "$templater_server")]
    [TestCase("haproxy", "2.6", "shop:8080 resolvers docker init-addr none resolve-prefer ipv4 weight", "shop:8080 weight")]
    public void ANameStandsWhereTheAddressStood(string template, string? version, string expected, string absent)
    {
        var text = Shops(template, version).Text(template);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(text, Does.Contain(expected).And.Not.Contains(absent).And.Not.Contains("172.20.0.2"));
            Assert.That(text, Does.Contain(template == "nginx" ? "resolver 127.0.0.11 valid=5s ipv6=off;" : "nameserver engine 127.0.0.11:53\n    accepted_payload_size 8192"));
        }
    }

    [TestCase("nginx", "1.22")]
    [TestCase("nginx", "1.30")]
    [TestCase("haproxy", "2.6")]
    public void AnotherAddressIsTheSameFile(string template, string version)
    {
        var scenario = Shops(template, version);
        var before = scenario.Text(template);
        scenario.Change("shop", static shop => shop with { Endpoints = [shop.Endpoints[0] with { IPv4 = "172.20.0.99" }] });
        Assert.That(scenario.Text(template), Is.EqualTo(before));
    }

    [TestCase("nginx")]
    [TestCase("haproxy")]
    public void WithoutItNothingIsLookedUp(string template)
    {
        var text = new Scenario().Add("shop", ("templater.host", "shop.example.com")).Text(template);
        Assert.That(text, Does.Not.Contain("127.0.0.11").And.Not.Contains("resolvers ").And.Not.Contains(" resolve max_fails"));
    }

    [Test]
    public Task TheInstalledNginxTakesIt() => RealChecker.AcceptsNginx(Shops("nginx", "1.22").Text("nginx"));

    [Test]
    public async Task TheInstalledHAProxyTakesIt()
    {
        using var certificates = new TempDirectory();
        certificates.Write("haproxy/.keep", "");
        var scenario = Shops("haproxy", "2.6");
        scenario.Proxy = scenario.Proxy with { CertsDirectory = certificates.Path };
        await RealChecker.AcceptsHAProxy(scenario.Text("haproxy"));
    }

    // What a proxy does not know makes it refuse the whole file.
    [TestCase("nginx", "1.18")]
    [TestCase("nginx", "1.22")]
    [TestCase("nginx", "1.25.0")]
    [TestCase("nginx", "1.25.1")]
    [TestCase("nginx", "1.27.2")]
    [TestCase("nginx", "1.27.3")]
    [TestCase("nginx", "1.30")]
    [TestCase("haproxy", "2.4")]
    [TestCase("haproxy", "2.6")]
    [TestCase("haproxy", "3.2")]
    public void NoDirectiveIsNewerThanTheProxy(string template, string version)
    {
        var scenario = Shops(template, version)
            .Certificate("/certs", template == "nginx" ? "shop.pem" : "haproxy/shop.pem", "shop.pem", "shop.example.com")
            .Add("grpc", ("templater.host", "grpc.example.com"), ("templater.protocol", "h2c"));
        var text = scenario.Text(template);
        using (Assert.EnterMultipleScope())
        {
            foreach (var (kind, directive, since) in Newer)
            {
                if (kind == template && Version.Parse(version) < since)
                    Assert.That(text, Does.Not.Contain(directive), $"{directive} needs {since}");
            }
        }
    }

    // The list is worth something only where the newest version does get what is on it.
    [TestCase("http2 on;")]
    [TestCase(" resolve ")]
    [TestCase("\n        resolver ")]
    public void ANewNginxGetsWhatIsNew(string directive)
    {
        var scenario = Shops("nginx", "1.30").Certificate("/certs", "shop.pem", "shop.pem", "shop.example.com");
        Assert.That(scenario.Text("nginx"), Does.Contain(directive));
    }

    private static readonly (string Kind, string Directive, Version Since)[] Newer =
    [
        ("nginx", "http2 on;", new(1, 25, 1)),
        ("nginx", "http3 ", new(1, 25, 0)),
        ("nginx", " quic", new(1, 25, 0)),
        ("nginx", "\n        resolver ", new(1, 27, 3)),
        ("nginx", " resolve ", new(1, 27, 3)),
        ("nginx", "grpc_pass", new(1, 29, 4)),
        ("nginx", "proxy_http_version 2", new(1, 29, 4)),
        ("haproxy", "quic4@", new(2, 6)),
        ("haproxy", "http-restrict-req-hdr-names", new(2, 6)),
        ("haproxy", "guid ", new(3, 0)),
        ("haproxy", "init-state ", new(3, 1)),
        ("haproxy", "ssl-default-bind-sigalgs", new(2, 8)),
    ];

    private static Scenario Shops(string template, string? version)
    {
        var scenario = new Scenario { Proxy = new() };
        scenario.Add("proxy", ("templater.proxy", template));
        scenario.Change("proxy", proxy => proxy with
        {
            Image = new ImageReference("", template, version ?? "latest", ""),
        });
        (string, string)[] labels = [("templater.host", "shop.example.com"), ("templater.endpoints", "dns")];
        return scenario.Add("shop", labels).Add("shop2", labels);
    }
}
