using System.Text;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Rendering.Templates;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>The list of HAProxy's certificates: when there is one, and what it says.</summary>
public sealed class CertificateListTests
{
    private static Scenario Hosts(params (string Name, string Key, string Value)[] labels)
    {
        var scenario = new Scenario { Files = null };
        foreach (var name in new[] { "a.example.com", "b.example.com" })
            scenario.Certificate("/certs", $"haproxy/{name}.pem", $"haproxy/{name}.pem", name)
                .Add(name, [("templater.host", name), .. labels.Where(label => label.Name == name).Select(label => ("templater." + label.Key, label.Value))]);
        return scenario;
    }

    private static string[] List(Scenario scenario)
    {
        var file = scenario.File("haproxy");
        var text = Encoding.UTF8.GetString(file.Content.Span);
        if (file.SideFiles is not [var list])
            return text.Contains("crt-list", StringComparison.Ordinal) ? ["named and missing"] : [];
        Assert.That(text, Does.Contain($"ssl strict-sni crt-list '/config/{list.Name}' alpn").And.Not.Contains("strict-sni crt "));
        return Encoding.UTF8.GetString(list.Content.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [Test]
    public void WhereTheFolderDoesAsWellThereIsNone() => Assert.That(List(Hosts(("a.example.com", "http2", "true"), ("b.example.com", "tls.policy", "intermediate"))), Is.Empty);

    [TestCase("http2", "false", "[alpn http/1.1] ")]
    [TestCase("tls.policy", "modern", "[ssl-min-ver TLSv1.3] ")]
    public void AHostThatNeedsSomethingElseIsListedWithIt(string key, string value, string options) => Assert.That(
        List(Hosts(("a.example.com", key, value))),
        Is.EqualTo(new[] { $"/certs/haproxy/a.example.com.pem {options}a.example.com", "/certs/haproxy/b.example.com.pem b.example.com" }));

    [Test]
    public void TwoPairsForANameMakeAList() => Assert.That(
        List(Hosts(("a.example.com", "tls.certificate", "other")).Certificate("/certs", "haproxy/other.pem", "haproxy/other.pem", "other", "a.example.com")),
        Is.EqualTo(new[] { "/certs/haproxy/b.example.com.pem b.example.com", "/certs/haproxy/other.pem a.example.com" }));

    [Test]
    public void AWildcardLeavesOutTheNamesThatHaveALineOfTheirOwn() => Assert.That(
        List(Hosts(("a.example.com", "http2", "false")).Certificate("/certs", "haproxy/w.pem", "haproxy/w.pem", "*.example.com").Add("w", ("templater.host", "*.example.com"))),
        Does.Contain("/certs/haproxy/w.pem *.example.com !a.example.com !b.example.com"));

    [Test]
    public void APathThatTheListCannotHoldShowsNothing() => Assert.That(
        List(Hosts(("a.example.com", "http2", "false")).Certificate("/my certs", "haproxy/c.pem", "haproxy/c.pem", "c.example.com").Add("c", ("templater.host", "c.example.com"))),
        Has.None.Contains("c.example.com"));

    [Test]
    public void TheNameChangesWithTheContentAndTheOrderOfContainersDoesNotMatter()
    {
        var one = Hosts(("a.example.com", "http2", "false")).File("haproxy");
        var two = Hosts(("a.example.com", "tls.policy", "modern")).File("haproxy");
        Assert.That(one.SideFiles.Single().Name, Does.StartWith(".haproxy.crt-list-").And.Not.EqualTo(two.SideFiles.Single().Name));
        Assert.That(one.Generation, Is.Not.EqualTo(two.Generation));
    }

    [Test]
    public void AnOwnTemplateThatNeverLooksAtItGetsNone()
    {
        using var directory = new TempDirectory();
        var template = directory.Write("own.haproxy.scriban", "{{ for host in virtual_hosts }}{{ host.name }}\n{{ if host.client_auth }}!{{ end }}{{ end }}");
        var renderer = OutputRenderer.Load(new OutputDefinition { Name = "own", Kind = ProxyKind.HAProxy, Template = template, Path = "/config/own.cfg" }, new DiskTemplateFiles()).Renderer!;
        var rendering = renderer.Render(Hosts(("a.example.com", "tls.policy", "modern")).Snapshot, new RoutingPolicy(), new ProxyHint.None(), CancellationToken.None);
        Assert.That((rendering.File!.SideFiles.Length, rendering.Findings.Single().Reason), Is.EqualTo((0, ReasonIds.UnsupportedOption)));
    }
}
