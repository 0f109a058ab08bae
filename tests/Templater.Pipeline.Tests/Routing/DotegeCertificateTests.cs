using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>What centauri-docker-confd's labels say about Centauri's certificates, and labels that nobody knows.</summary>
public sealed class DotegeCertificateTests
{
    private static Container Labelled(string name, string host, params (string Key, string Value)[] labels) =>
        Given.Container(name, [("com.chameth.vhost", host), .. labels.Select(label => ("com.chameth." + label.Key, label.Value))]);

    private static RoutingResult Routed(ProxyKind kind, params Container[] containers) =>
        Given.Routed(Given.Snapshot([Given.Proxy(), .. containers]), kind: kind);

    [TestCase("selfsigned", "selfsigned")]
    [TestCase(" LEGO ", "lego")]
    [TestCase("", null)]
    public void CentauriIsToldTheProvider(string value, string? provider)
    {
        var result = Routed(ProxyKind.Centauri, Labelled("shop", "a.example.com", ("provider", value)));
        Assert.That((result.Host("a.example.com").CertificateProvider, result.Findings.Length), Is.EqualTo((provider, 0)));
    }

    [TestCase("zerossl")]
    [TestCase("lego selfsigned")]
    [TestCase("lego\nfallback")]
    public void AnotherProviderIsNeverWrittenBecauseCentauriWouldNotServeTheHost(string value)
    {
        var result = Routed(ProxyKind.Centauri, Labelled("shop", "a.example.com", ("provider", value)));
        Assert.That((result.Host("a.example.com").CertificateProvider, result.Findings.Single().Reason), Is.EqualTo(((string?)null, ReasonIds.InvalidValue)));
    }

    [TestCase("example.com *.example.com", "example.com *.example.com")]
    [TestCase("*.EXAMPLE.com.,example.com, example.com", "*.example.com example.com")]
    [TestCase("bücher.example", "xn--bcher-kva.example")]
    [TestCase(" ", "")]
    public void CentauriIsToldTheSubject(string value, string names)
    {
        var result = Routed(ProxyKind.Centauri, Labelled("shop", "a.example.com", ("subject", value)));
        Assert.That((string.Join(' ', result.Host("a.example.com").CertificateNames), result.Findings.Length), Is.EqualTo((names, 0)));
    }

    [TestCase("example.com https://a.example.com")]
    [TestCase("10.0.0.1")]
    [TestCase("~.*")]
    [TestCase("*")]
    [TestCase(",")]
    [TestCase("a.example.com; header delete X")]
    public void ASubjectWithABadNameIsNone(string value)
    {
        var result = Routed(ProxyKind.Centauri, Labelled("shop", "a.example.com", ("subject", value)));
        Assert.That((result.Host("a.example.com").CertificateNames, result.Findings.Single().Reason), Is.EqualTo((Array.Empty<string>(), ReasonIds.InvalidValue)));
    }

    [Test]
    public void ASubjectThatIsTooLongIsNone()
    {
        var result = Routed(ProxyKind.Centauri, Labelled("shop", "a.example.com", ("subject", string.Concat(Enumerable.Repeat("a.example.com ", 200)))));
        Assert.That((result.Host("a.example.com").CertificateNames, result.Findings.Single().Reason), Is.EqualTo((Array.Empty<string>(), ReasonIds.InvalidValue)));
    }

    [TestCase(ProxyKind.Nginx, "nginx")]
    [TestCase(ProxyKind.HAProxy, "HAProxy")]
    public void OtherProxiesIgnoreBothAndSaySo(ProxyKind kind, string name)
    {
        var result = Routed(kind, Labelled("shop", "a.example.com", ("provider", "lego"), ("subject", "a.example.com")));
        var host = result.Host("a.example.com");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((host.CertificateProvider, host.CertificateNames.Length, host.Routes.Single().Upstream.Servers.Length), Is.EqualTo(((string?)null, 0, 1)));
            Assert.That(result.Findings.Select(finding => (finding.Reason, finding.Label)), Is.EquivalentTo(new[]
            {
                (ReasonIds.UnsupportedOption, "com.chameth.provider"), (ReasonIds.UnsupportedOption, "com.chameth.subject"),
            }));
            Assert.That(result.Messages(), Has.All.Contains(name));
        }
    }

    [Test]
    public void ReplicasThatDisagreeAreDecidedByTheOlder()
    {
        var old = Labelled("old", "a.example.com", ("provider", "lego"), ("subject", "a.example.com")).Since(TimeSpan.FromDays(1));
        var young = Labelled("young", "a.example.com", ("provider", "selfsigned"), ("subject", "*.example.com"));
        foreach (var containers in new[] { new[] { old, young }, [young, old] })
        {
            var result = Routed(ProxyKind.Centauri, containers);
            var host = result.Host("a.example.com");
            Assert.That((host.CertificateProvider, host.CertificateNames.Single()), Is.EqualTo(("lego", "a.example.com")));
            Assert.That(result.Messages(ReasonIds.ConflictValue).Where(text => text.Contains("com.chameth.", StringComparison.Ordinal)).ToArray(), Has.Length.EqualTo(2));
        }
    }

    [TestCase("true", 2)]
    [TestCase("1", 2)]
    [TestCase("T", 2)]
    [TestCase("false", 1)]
    [TestCase("", 1)]
    public void SplitHostsMakesARouteForEachName(string value, int hosts)
    {
        foreach (var kind in new[] { ProxyKind.Centauri, ProxyKind.Nginx, ProxyKind.HAProxy })
        {
            var result = Routed(kind, Labelled("shop", "b.example.com a.example.com", ("splithosts", value)));
            Assert.That((result.VirtualHosts.Length, result.Findings.Length), Is.EqualTo((hosts, 0)));
            Assert.That(result.VirtualHosts.SelectMany(host => host.Aliases.Prepend(host.Pattern)).Select(name => name.Text), Is.EquivalentTo(new[] { "a.example.com", "b.example.com" }));
            Assert.That(result.VirtualHosts.Select(host => host.Routes.Single().Upstream.Name), Is.Unique);
        }
    }

    [Test]
    public void OneReplicaThatAsksForItSplitsTheHostWhateverTheOrder()
    {
        var plain = Labelled("plain", "a.example.com b.example.com");
        var split = Labelled("split", "a.example.com b.example.com", ("splithosts", "true"));
        var results = new[] { new[] { plain, split }, [split, plain] }.Select(containers => Routed(ProxyKind.Centauri, containers)).ToArray();
        Assert.That(results[0].VirtualHosts.Select(host => (host.Name, host.Routes.Single().Upstream.Servers.Length)), Is.EqualTo(new[] { ("a.example.com", 2), ("b.example.com", 2) }));
        Assert.That(Given.Dump(results[1]), Is.EqualTo(Given.Dump(results[0])));
    }

    [Test]
    public void SplitHostsWithABadValueIsIgnored()
    {
        var result = Given.Routed(Labelled("shop", "a.example.com b.example.com", ("splithosts", "perhaps")));
        Assert.That((result.VirtualHosts.Length, result.Findings.Single().Reason), Is.EqualTo((1, ReasonIds.InvalidValue)));
    }

    [TestCase(ProxyKind.Centauri)]
    [TestCase(ProxyKind.Nginx)]
    public void SplitHostsWithASubjectRefusesTheContainer(ProxyKind kind)
    {
        var result = Routed(kind, Labelled("shop", "a.example.com b.example.com", ("splithosts", "true"), ("subject", "*.example.com")), Labelled("good", "good.example.com"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.FateOf("shop").Reason, Is.EqualTo(ReasonIds.UnsupportedOption));
            Assert.That(result.Messages(ReasonIds.UnsupportedOption), Has.One.Contains("com.chameth.splithosts"));
            Assert.That(result.Host("good.example.com").Routes.Single().Upstream.Servers, Has.Length.EqualTo(1));
        }
    }

    [TestCase("vhosts", "did you mean com.chameth.vhost?")]
    [TestCase("Proxy", "did you mean com.chameth.proxy?")]
    [TestCase("split-hosts", "did you mean com.chameth.splithosts?")]
    [TestCase("header.1", "")]
    [TestCase("monitor", "is not known.")]
    public void AnUnknownLabelIsSaid(string key, string hint)
    {
        var result = Given.Routed(Labelled("shop", "a.example.com", (key, "1")));
        Assert.That((result.FateOf("shop").Reason, result.Findings.Single().Reason), Is.EqualTo(((string?)null, ReasonIds.UnknownLabel)));
        Assert.That(result.Messages().Single(), Does.Contain("com.chameth." + key).And.Contain(hint));
    }

    [TestCase("Auth")]
    [TestCase("auht")]
    [TestCase("allow")]
    public void OneThatWasMeantToCloseTheHostClosesIt(string key)
    {
        var result = Given.Routed(Labelled("shop", "a.example.com", (key, "staff")), Labelled("shop2", "a.example.com"));
        Assert.That(result.FateOf("shop").Reason, Is.EqualTo(ReasonIds.UnknownLabel));
        Assert.That(result.Host("a.example.com").Routes.Single().Upstream.Servers, Is.Empty);
    }

    [Test]
    public void ManyUnknownLabelsAreCounted()
    {
        var result = Given.Routed(Labelled("shop", "a.example.com", [.. Enumerable.Range(0, 30).Select(number => ($"zz{number}", "1"))]));
        Assert.That(result.Messages(ReasonIds.UnknownLabel).Count(), Is.EqualTo(21));
        Assert.That(result.Messages(ReasonIds.UnknownLabel), Has.One.Contains("10 more labels under com.chameth"));
    }
}
