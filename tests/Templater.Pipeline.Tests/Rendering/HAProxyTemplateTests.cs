using System.Text.RegularExpressions;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Tests.Certificates;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering;

public sealed class HAProxyTemplateTests
{
    private TempDirectory _certificates = null!;

    [SetUp]
    public void Create()
    {
        _certificates = new TempDirectory();
        Directory.CreateDirectory(_certificates["haproxy"]);
    }

    [TearDown]
    public void Remove() => _certificates.Dispose();

    [Test]
    public async Task AnEmptyHostGivesAValidConfiguration() => await Accepted(new Scenario(), "empty.haproxy.cfg");

    [Test]
    public async Task ALabelAloneRoutes() =>
        await Accepted(new Scenario().Add("shop", ("templater.host", "shop.example.com")), "shop.haproxy.cfg");

    [Test]
    public async Task EverythingAtOnceIsAccepted() => await Accepted(SampleHosts.Rich(_certificates.Path), "rich.haproxy.cfg");

    [Test]
    public async Task TrustedProxiesAreBelieved() =>
        await Accepted(SampleHosts.Trusted(new Scenario().Add("shop", ("templater.host", "shop.example.com"))), "trusted.haproxy.cfg");

    [Test]
    public async Task ChallengesByTlsGoToTemplaterAndAllElseToTheHosts() => await Accepted(ByTls("tls-alpn-01"), "challenges-by-tls.haproxy.cfg");

    [Test]
    public async Task TheyDoSoBehindABalancerAndOnIPv6()
    {
        var scenario = SampleHosts.Trusted(ByTls("tls-alpn-01"));
        scenario.Proxy = scenario.Proxy with { ProxyProtocol = true, IPv6 = true };
        var text = scenario.Text("haproxy");
        var parts = text.Split("\nfrontend ");
        var (tls, hosts) = (parts.Single(static part => part.StartsWith("tls:443\n", StringComparison.Ordinal)), parts.Single(static part => part.StartsWith("https:443\n", StringComparison.Ordinal)));
        Assert.That(tls, Does.Contain("bind :::443 v6only\n").And.Contain("expect-proxy layer4 if from_trusted"));
        Assert.That(hosts, Does.Contain("bind abns@templater-443 accept-proxy ssl strict-sni").And.Not.Contain("expect-proxy").And.Not.Contain("bind :"));
        await Accepted(scenario, null);
    }

    [Test]
    public void WhereNobodyWantsThemNothingIsDifferent()
    {
        var listening = ByTls("http-01");
        var text = listening.Text("haproxy");
        Assert.That(text, Does.Not.Contain("abns@").And.Contain("bind :443 ssl strict-sni"));
    }

    private static Scenario ByTls(string challenge) => new Scenario { Policy = new RoutingPolicy { Acme = GivenAcme.Policy with { Listen = GivenAcme.Listen } } }
        .Add("shop", ("templater.host", "shop.example.com"), ("templater.acme.challenge", challenge));

    [Test]
    public async Task AHostThatIsCalledLikeASectionBreaksNothing() => await Accepted(SampleHosts.CalledLikeSections(), null);

    [TestCaseSource(typeof(SampleHosts), nameof(SampleHosts.Extremes))]
    public async Task ExtremeSizesAreAccepted(string what) => await Accepted(SampleHosts.Extreme(what), null);

    [TestCase(TlsPolicy.Modern, true, "ssl-min-ver TLSv1.3", "alpn h2,http/1.1")]
    [TestCase(TlsPolicy.Intermediate, true, "ssl-min-ver TLSv1.2", "alpn h2,http/1.1")]
    [TestCase(TlsPolicy.Old, false, "ssl-min-ver TLSv1.0", "alpn http/1.1")]
    public async Task TheSettingsForTlsHoldForAllHosts(TlsPolicy policy, bool http2, string version, string protocols)
    {
        var scenario = new Scenario { Policy = new RoutingPolicy { TlsPolicy = policy, Http2 = http2 } }.Add("shop", ("templater.host", "shop.example.com"), ("templater.http2", http2 ? "false" : "true"));
        scenario.Proxy = scenario.Proxy with { CertsDirectory = _certificates.Path };
        var text = scenario.Text("haproxy");
        Assert.That(text, Does.Contain(version).And.Contain(protocols));
        await RealChecker.AcceptsHAProxy(text);
    }

    /// <summary>The list, with pairs where it says that there are some.</summary>
    private static string WithPairs(string list)
    {
        foreach (var line in list.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var (chain, key) = TestCertificates.Make(line.Split(' ')[^1]);
            File.WriteAllText(line.Split(' ')[0], chain + key);
        }

        return list;
    }

    private async Task Accepted(Scenario scenario, string? golden)
    {
        scenario.Proxy = scenario.Proxy with { CertsDirectory = _certificates.Path, ConfigDirectory = _certificates.Path };
        var file = scenario.File("haproxy");
        foreach (var side in file.SideFiles)
            _certificates.Write(side.Name, WithPairs(System.Text.Encoding.UTF8.GetString(side.Content.Span)));
        var text = System.Text.Encoding.UTF8.GetString(file.Content.Span);
        await RealChecker.AcceptsHAProxy(text);
        if (golden is not null)
            Golden.Verify(Regex.Replace(text, "crt-list-[0-9a-f]{16}", "crt-list-DIGEST").Replace(_certificates.Path, "/certs", StringComparison.Ordinal).Replace(SampleHosts.Generation(text), "GENERATION", StringComparison.Ordinal), golden);
    }
}
