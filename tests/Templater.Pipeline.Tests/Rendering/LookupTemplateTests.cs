using Templater.Docker.Wire;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Tests.Inventory;
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
    [TestCase("haproxy", "2.6", "shop:8080 resolvers docker init-addr libc,none resolve-prefer ipv4 weight", "shop:8080 weight")]
    public void ANameStandsWhereTheAddressStood(string template, string? version, string expected, string absent)
    {
        var text = Shops(template, version).Text(template);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(text, Does.Contain(expected).And.Not.Contains(absent).And.Not.Contains("172.20.0.2"));
            Assert.That(text, Does.Contain(template == "nginx" ? "resolver 127.0.0.11 valid=5s ipv6=off;" : "nameserver engine 127.0.0.11:53\n    accepted_payload_size 8192"));
        }
    }

    [TestCase("nginx", "1.22", "set $templater_server tasks.shop:8080;\n            proxy_pass http://$templater_server;")]
    [TestCase("nginx", "1.30", "    server tasks.shop:8080 resolve max_fails=1 fail_timeout=5s; # shop\n        keepalive 16;")]
    [TestCase("haproxy", "2.6", "    server-template s1- 1-8 tasks.shop:8080 resolvers docker init-addr libc,none resolve-prefer ipv4 weight 1 pool-max-conn 16 # shop\n")]
    public void AServiceIsOneNameForAllItsTasks(string template, string version, string expected)
    {
        var text = Service(template, version, 1).Text(template);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(text, Does.Contain(expected));
            Assert.That(Service(template, version, 5).Text(template), Is.EqualTo(text), "scaling is no other file");
        }
    }

    [Test]
    public async Task TheInstalledProxiesTakeServices()
    {
        await RealChecker.AcceptsNginx(Service("nginx", "1.22", 2).Text("nginx"));
        using var certificates = new TempDirectory();
        certificates.Write("haproxy/.keep", "");
        var scenario = Service("haproxy", "2.6", 2);
        scenario.Proxy = scenario.Proxy with { CertsDirectory = certificates.Path };
        await RealChecker.AcceptsHAProxy(scenario.Text("haproxy"));
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

    private static Scenario Service(string template, string version, int replicas) => Proxy(template, version).Add(GivenSwarm.Merged(
        [GivenSwarm.Service("shop", ("templater.host", "shop.example.com"), ("templater.port", "8080"), ("templater.endpoints", "dns")) with { Endpoint = new ServiceEndpoint() }],
        [.. Enumerable.Range(1, replicas).Select(static slot => GivenSwarm.Task("shop", slot))]));

    private static Scenario Proxy(string template, string? version)
    {
        var scenario = new Scenario { Proxy = new() };
        scenario.Add("proxy", ("templater.proxy", template));
        scenario.Change("proxy", proxy => proxy with
        {
            Image = new ImageReference("", template, version ?? "latest", ""),
        });
        return scenario;
    }

    private static Scenario Shops(string template, string? version)
    {
        var scenario = Proxy(template, version);
        (string, string)[] labels = [("templater.host", "shop.example.com"), ("templater.endpoints", "dns")];
        return scenario.Add("shop", labels).Add("shop2", labels);
    }
}
