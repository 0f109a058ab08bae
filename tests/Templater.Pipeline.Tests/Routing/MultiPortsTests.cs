using System.Diagnostics.CodeAnalysis;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

[SuppressMessage("Performance", "CA1861", Justification = "read once")]
public sealed class MultiPortsTests
{
    private const string Two = """
        www.example.org:
        service.example.org:
          "/":
            port: 8000
          "/admin":
            port: 8001
            proto: https
            dest: "/"
          external_http_port: 8080
          external_https_port: 8443
        """;

    private static Container With(string text, params (string Key, string Value)[] variables) =>
        Given.Container("shop").Exposing(80, 9000).WithEnv([("VIRTUAL_HOST_MULTIPORTS", text), .. variables]);

    [Test]
    public void ReadsHostsPathsAndExternalPorts()
    {
        var result = Given.Routed(With(Two, ("VIRTUAL_HOST", "other.example.org"), ("VIRTUAL_PORT", "1"), ("EXTERNAL_HTTP_PORT", "81")));

        Assert.That(result.VirtualHosts.Select(host => $"{host.Name} {host.HttpPort} {host.HttpsPort}"), Is.EqualTo(new[] { "service.example.org 8080 8443", "www.example.org 81 443" }));
        Assert.That(Shown(result.Host("www.example.org")), Is.EqualTo(new[] { "/ 80 Http " }));
        Assert.That(Shown(result.Host("service.example.org")), Is.EqualTo(new[] { "/admin 8001 Https /", "/ 8000 Http " }));
        Assert.That((result.FateOf("shop").Reason, result.FateOf("shop").Dialect), Is.EqualTo(((string?)null, Dialect.NginxProxy)));
    }

    [Test]
    public void JsonIsReadAlike() =>
        Assert.That(
            Shown(Given.Routed(With("{\"service.example.org\": {\"/\": {\"port\": 8000}, \"/admin\": {\"port\": \"default\"}}}")).Host("service.example.org")),
            Is.EqualTo(new[] { "/admin 80 Http ", "/ 8000 Http " }));

    [Test]
    public void OtherContainersShareItsHosts()
    {
        var result = Given.Routed(With(Two), Given.Container("web").WithEnv(("VIRTUAL_HOST", "service.example.org")));
        Assert.That(result.Host("service.example.org").Routes.Select(route => route.Upstream.Servers.Length), Is.EqualTo(new[] { 1, 2 }));
    }

    [TestCase("a.example.org: {}", "/ 80 Http ")]
    [TestCase("a.example.org: {external_http_port: 8080}", "/ 80 Http ")]
    [TestCase("a.example.org:\n  /x:", "/x 80 Http ")]
    [TestCase("a.example.org: {/: {port: 8000}, path: /x}", "/ 8000 Http ")]
    [TestCase("a.example.org: {/: {port: 8000}, /a//b: {port: 1}}", "/ 8000 Http ")]
    [TestCase("a.example.org: {/: {prot: https}}", "/ 80 Http ")]
    public void ServesWhatIsClear(string text, string routes) =>
        Assert.That(string.Join(" | ", Shown(Given.Routed(With(text)).Host("a.example.org"))), Is.EqualTo(routes));

    [TestCase("a.example.org: {/: {prot: https}}", ReasonIds.UnknownLabel, "a.example.org/: prot is not known and has no effect: port, proto and dest are known. Was port meant?")]
    [TestCase("a.example.org: {external_httpport: 1}", ReasonIds.UnknownLabel, "Was external_http_port meant?")]
    [TestCase("a.example.org: {external_http_port: x}", ReasonIds.InvalidValue, "a.example.org external_http_port=\"x\"")]
    [TestCase("a.example.org: {}\nhttp://b: {}", ReasonIds.InvalidHost, "\"http://b\"")]
    [TestCase("a.example.org: {/: {}, /a//b: {}}", ReasonIds.InvalidPath, "a.example.org/a//b")]
    public void SaysWhatHasNoEffect(string text, string reason, string part)
    {
        var finding = Given.Routed(With(text)).Findings.Single();
        Assert.That((finding.Reason, finding.Label), Is.EqualTo((reason, "VIRTUAL_HOST_MULTIPORTS")));
        Assert.That(finding.ToString(), Does.Contain(part));
    }

    [TestCase("{", ReasonIds.InvalidValue)]
    [TestCase("a.example.org", ReasonIds.InvalidValue)]
    [TestCase("a.example.org: {}\na.example.org: {}", ReasonIds.InvalidValue)]
    [TestCase("a.example.org: {/: {port: 1}, /: {port: 2}}", ReasonIds.InvalidValue)]
    [TestCase("a.example.org: text", ReasonIds.InvalidValue)]
    [TestCase("a.example.org: {/: 8080}", ReasonIds.InvalidValue)]
    [TestCase("a.example.org: {/: {port: {}}}", ReasonIds.InvalidValue)]
    [TestCase("a.example.org: {/: {port: 0}}", ReasonIds.InvalidPort)]
    [TestCase("a.example.org: {/: {proto: ftp}}", ReasonIds.InvalidValue)]
    [TestCase("a.example.org: {/: {dest: x}}", ReasonIds.InvalidValue)]
    public void RefusesTheRestWithOneFinding(string text, string reason)
    {
        var result = Given.Routed(With(text));
        Assert.That((result.FateOf("shop").Reason, result.Findings.Single().Label), Is.EqualTo((reason, "VIRTUAL_HOST_MULTIPORTS")));
        Assert.That(result.VirtualHosts.SelectMany(host => host.Routes).SelectMany(route => route.Upstream.Servers), Is.Empty);
    }

    [TestCase("{}", ReasonIds.InvalidHost)]
    [TestCase("null", ReasonIds.InvalidHost)]
    public void WithoutHostsNothingIsRouted(string text, string reason) =>
        Assert.That(Given.Routed(With(text)).FateOf("shop").Reason, Is.EqualTo(reason));

    [Test]
    public void OneBadPathClosesOnlyItself()
    {
        var routes = Given.Routed(With("a.example.org: {/: {port: 8000}, /x: {port: none}}")).Host("a.example.org").Routes;
        Assert.That(routes.Select(route => route.Upstream.Servers.Length), Is.EqualTo(new[] { 0, 1 }));
    }

    [Test]
    public void InternalAccessHoldsForAllOfThem() =>
        Assert.That(Given.Routed(With(Two, ("NETWORK_ACCESS", "internal"))).VirtualHosts.SelectMany(host => host.Routes).All(route => route.Allow.Length > 0), Is.True);

    [Test]
    public void AnOverlongTextRefusesTheContainer() =>
        Assert.That(Given.Routed(With("a.example.org: # " + new string('x', 2000))).FateOf("shop").Reason, Is.EqualTo(ReasonIds.InvalidValue));

    private static IEnumerable<string> Shown(VirtualHost host) =>
        host.Routes.Select(route => $"{route.Path.Text} {route.Upstream.Servers.Single().Port} {route.Upstream.Protocol} {route.Rewrite}");
}
