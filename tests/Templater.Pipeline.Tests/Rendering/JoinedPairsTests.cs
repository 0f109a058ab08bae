using Templater.Pipeline.Rendering;
using Templater.Pipeline.Rendering.Templates;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>HAProxy finds the pair of a name itself, so that its file does not say which one it is; others have a part for each pair.</summary>
public sealed class JoinedPairsTests
{
    private const string First = "a.example.com";
    private const string Second = "b.example.com";
    private const string Loop = "{{ for h in virtual_hosts }}{{ for s in h.sites }}[{{ for n in s.names }}{{ n.name }} {{ end }}{{ s.http }}]{{ end }};{{ end }}";

    private static Scenario Shop(params string[][] pairs)
    {
        var scenario = new Scenario().Add("shop", ("templater.host", $"{First},{Second}"));
        foreach (var names in pairs)
            scenario.Certificate("/certs", $"haproxy/{names[0]}.pem", $"haproxy/{names[0]}.pem", names);
        return scenario;
    }

    private static string[] Lines(string text, string start) =>
        [.. text.Split('\n').Where(line => line.TrimStart().StartsWith(start, StringComparison.Ordinal))];

    private static string WithoutGeneration(string text) => text.Replace(SampleHosts.Generation(text), "", StringComparison.Ordinal);

    [Test]
    public void HAProxysFileIsTheSameWhicheverPairsCoverTheNames() => Assert.That(
        WithoutGeneration(Shop([First], [Second]).Text("haproxy")), Is.EqualTo(WithoutGeneration(Shop([First, Second]).Text("haproxy"))).And.Contain($"str({First}) if {{ var(txn.host) -m str {First} {Second} }}"));

    [Test]
    public void HAProxysBackendsAreTheSameWhoeverHasAPair()
    {
        var backends = Lines(Shop([First], [Second]).Text("haproxy"), "backend ");
        Assert.That(backends, Has.One.EqualTo($"backend {First}"));
        foreach (var pairs in new string[][][] { [], [[First]], [[Second]] })
            Assert.That(Lines(Shop(pairs).Text("haproxy"), "backend "), Is.EqualTo(backends));
    }

    [TestCase(First, Second)]
    [TestCase(Second, First)]
    public void ANameWithoutAPairIsServedPlainlyBesideOneThatRedirects(string with, string without)
    {
        var text = Shop([with]).Text("haproxy");
        var redirect = Lines(text, "http-request redirect location https://%").Single();
        foreach (var name in new[] { with, without })
        {
            var site = Lines(text, "http-request set-var(txn.site)").First(line => line.EndsWith($"-m str {name} }}", StringComparison.Ordinal)).Split("str(")[1].Split(')')[0];
            Assert.That(redirect.Contains($"-m str {site} }}", StringComparison.Ordinal), Is.EqualTo(name == with), name);
        }
    }

    [Test]
    public void NginxHasAPartForEachPair() =>
        Assert.That(Lines(Shop([First], [Second]).Text("nginx"), "ssl_certificate "), Has.One.Contains(First).And.One.Contains(Second));

    [TestCase("", "[a.example.com b.example.com redirect];")]
    [TestCase("{{ if false }}{{ virtual_hosts[0].sites[0].certificate.fingerprint }}{{ end }}", "[a.example.com redirect];[b.example.com redirect];")]
    [TestCase("{{ for h in virtual_hosts }}{{ for s in h.sites }}{{ with s }}{{ if false && certificate }}x{{ end }}{{ end }}{{ end }}{{ end }}", "[a.example.com redirect];[b.example.com redirect];")]
    [TestCase("{{ seen = object.keys virtual_hosts[0] }}", "[a.example.com redirect];[b.example.com redirect];")]
    [TestCase("{{ if false }}{{ virtual_hosts[0].https.redirects_now }}{{ end }}", "[a.example.com redirect];[b.example.com redirect];")]
    [TestCase("{{ for p in proxy.stream_ports }}{{ p.certificate?.chain_path | haproxy.string }}{{ end }}", "[a.example.com b.example.com redirect];")]
    [TestCase("{{ for entry in proxy.stream_ports }}{{ if entry['certificate'] }}x{{ end }}{{ end }}", "[a.example.com b.example.com redirect];")]
    [TestCase("{{ for h in (sort_by virtual_hosts '-name') }}{{ for s in h.sites }}{{ for n in (batch s.names 1) }}{{ end }}{{ end }}{{ end }}", "[a.example.com b.example.com redirect];")]
    [TestCase("{{ # with the certificate of a site, or 'withheld' ~}}", "[a.example.com b.example.com redirect];")]
    [TestCase("{{ if false }}{{ for port in virtual_hosts[0].sites }}{{ port.certificate?.fingerprint }}{{ end }}{{ end }}", "[a.example.com redirect];[b.example.com redirect];")]
    [TestCase("{{ if false }}{{ x = virtual_hosts[0].sites[0] | hash }}{{ end }}", "[a.example.com redirect];[b.example.com redirect];")]
    [TestCase("{{ if false }}{{ for m in virtual_hosts[0].https }}{{ m.key }}{{ end }}{{ end }}", "[a.example.com redirect];[b.example.com redirect];")]
    [TestCase("{{ for key in ['name'] }}{{ x = virtual_hosts[0].sites[0][key] }}{{ end }}", "[a.example.com redirect];[b.example.com redirect];")]
    [TestCase("{{ if false }}{{ if 1 == 1; with virtual_hosts[0]; https.mode; end; end }}{{ end }}", "[a.example.com redirect];[b.example.com redirect];")]
    [TestCase("{{ if false; import virtual_hosts[0].https; end }}", "[a.example.com redirect];[b.example.com redirect];")]
    [TestCase("{{ for g in (group_by virtual_hosts 'https.certificate.name') }}{{ end }}", "[a.example.com redirect];[b.example.com redirect];")]
    [TestCase("{{ if false }}{{ x = this.virtual_hosts[0].https.withheld }}{{ end }}", "[a.example.com redirect];[b.example.com redirect];")]
    public void ATemplateThatLooksAtPairsSeesThemApart(string more, string expected)
    {
        using var directory = new TempDirectory();
        var scenario = Shop([First], [Second]);
        var output = scenario.Output("haproxy") with { Template = directory.Write("own.haproxy.scriban", Loop + more) };
        var load = OutputRenderer.Load(output, new DiskTemplateFiles());
        Assert.That(load.Renderer, Is.Not.Null, () => string.Join('\n', load.Findings));
        var file = load.Renderer!.Render(scenario.Snapshot, scenario.Policy, new ProxyHint.None(), CancellationToken.None).File!;
        Assert.That(System.Text.Encoding.UTF8.GetString(file.Content.Span), Is.EqualTo(expected));
    }

    [Test]
    public void WhatIsSaidOfAPairIsSaidOfTheNameThatHasIt()
    {
        var snapshot = Shop([First], [Second]).Snapshot;
        snapshot = snapshot with { Certificates = [.. snapshot.Certificates.Select(static pair => pair.Name == Second ? pair with { NotAfter = Scenario.Now } : pair)] };
        var rendering = Shop().Renderer("haproxy").Render(snapshot, new RoutingPolicy(), new ProxyHint.None(), CancellationToken.None);
        Assert.That(rendering.Findings.Where(static finding => finding.Reason == ReasonIds.CertificateInvalid).Select(static finding => finding.Host), Is.EqualTo(new[] { Second }));
        var host = rendering.Routing.VirtualHosts.Single();
        Assert.That((host.Https.Certificate!.Name, host.HttpsOf(host.Aliases[0]).Certificate!.Name, rendering.Routing.RecheckAt), Is.EqualTo((First, Second, Scenario.Now.AddDays(60))));
    }
}
