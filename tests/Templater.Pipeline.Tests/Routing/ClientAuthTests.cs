using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>Client certificates that labels ask for: no disagreement and no proxy lets in more than each of them wants.</summary>
public sealed class ClientAuthTests
{
    private static readonly OperatorFile[] Files = [.. new[] { "a.pem", "b.pem" }.Select(name =>
        new OperatorFile { Kind = OperatorFile.Authority, Name = name, Path = "/certs/" + name, Digest = "d-" + name, Text = "", Problem = null })];

    private static Templater.Pipeline.Inventory.Container Asking(string name, double hours, string? mode, string? file, params (string, string)[] more)
    {
        List<(string, string)> labels = [.. more];
        if (mode is not null)
            labels.Add(("templater.tls.client-auth", mode));
        if (file is not null)
            labels.Add(("templater.tls.client-ca", file));
        return Given.Hosted(name, "shop.example.com", [.. labels]).Since(TimeSpan.FromHours(hours));
    }

    private static RoutingResult Routed(ProxyKind kind, params Templater.Pipeline.Inventory.Container[] containers) =>
        Given.Routed(Given.Snapshot([Given.Proxy(), .. containers]) with { OperatorFiles = [.. Files] }, kind: kind);

    private static (string? Auth, int Servers) Summary(RoutingResult result)
    {
        var host = result.Host("shop.example.com");
        return (host.ClientAuth?.ToString(), host.Routes.Sum(route => route.Upstream.Servers.Length));
    }

    [TestCase(ProxyKind.Nginx, "required", "a.pem", "required by a.pem", 1)]
    [TestCase(ProxyKind.Nginx, "optional", "b.pem", "optional by b.pem", 1)]
    [TestCase(ProxyKind.Nginx, "off", null, null, 1)]
    [TestCase(ProxyKind.Nginx, "off", "missing.pem", null, 1)]
    [TestCase(ProxyKind.Nginx, "required", null, null, 0)]
    [TestCase(ProxyKind.Nginx, null, "a.pem", null, 0)]
    [TestCase(ProxyKind.Nginx, "sometimes", "a.pem", null, 0)]
    [TestCase(ProxyKind.Nginx, "required", "../a.pem", null, 0)]
    [TestCase(ProxyKind.Nginx, "required", "", null, 0)]
    [TestCase(ProxyKind.HAProxy, "off", null, null, 1)]
    [TestCase(ProxyKind.HAProxy, "required", "a.pem", "required by a.pem", 1)]
    [TestCase(ProxyKind.HAProxy, "sometimes", "a.pem", null, 0)]
    [TestCase(ProxyKind.Centauri, "off", null, null, 1)]
    public void WhatCannotBeUnderstoodClosesTheHost(ProxyKind kind, string? mode, string? file, string? auth, int servers) =>
        Assert.That(Summary(Routed(kind, Asking("shop", 1, mode, file))), Is.EqualTo((auth, servers)));

    [TestCase(ProxyKind.Nginx, "missing.pem", ReasonIds.CertificateMissing)]
    [TestCase(ProxyKind.HAProxy, "missing.pem", ReasonIds.CertificateMissing)]
    [TestCase(ProxyKind.Centauri, "a.pem", ReasonIds.UnsupportedOption)]
    public void WhatCannotBeHonouredClosesTheWholeHost(ProxyKind kind, string file, string reason)
    {
        var result = Routed(kind, Asking("shop1", 1, "required", file), Asking("shop2", 9, null, null));
        Assert.That((result.FateOf("shop1").Reason, Summary(result).Servers), Is.EqualTo((reason, 0)));
    }

    [TestCase("required", "a.pem", "optional", "a.pem", "required by a.pem", 2)]
    [TestCase("optional", "a.pem", "required", "a.pem", "required by a.pem", 2)]
    [TestCase("off", null, "required", "a.pem", "required by a.pem", 2)]
    [TestCase(null, null, "required", "a.pem", "required by a.pem", 2)]
    [TestCase("required", "a.pem", "required", "b.pem", "required by a.pem", 1)]
    [TestCase("optional", "a.pem", "required", "b.pem", "required by b.pem", 1)]
    [TestCase("required", "a.pem", "required", "a.pem", "required by a.pem", 2)]
    public void OfReplicasTheStricterHolds(string? older, string? olderFile, string? younger, string? youngerFile, string auth, int servers)
    {
        var result = Routed(ProxyKind.Nginx, Asking("shop1", 9, older, olderFile), Asking("shop2", 1, younger, youngerFile));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Summary(result), Is.EqualTo((auth, servers)));
            Assert.That(result.Messages(ReasonIds.ConflictValue).Count(), Is.EqualTo(older is null || (older, olderFile) == (younger, youngerFile) ? 0 : 1));
        }
    }

    [Test]
    public void AnotherApplicationThatWantsCertificatesIsNotServedWithoutThem()
    {
        var result = Routed(
            ProxyKind.Nginx,
            Asking("shop", 9, null, null).In("one", "web"),
            Asking("admin", 1, "required", "a.pem", ("templater.path", "/admin")).In("two", "web"));
        Assert.That((Summary(result), result.FateOf("admin").Reason), Is.EqualTo((((string?)null, 1), ReasonIds.ConflictValue)));
    }

    [Test]
    public void AHAProxyWhoseTemplateKnowsNoListClosesTheHost()
    {
        var snapshot = Given.Snapshot(Given.Proxy(), Asking("shop1", 1, "required", "a.pem"), Asking("shop2", 9, null, null)) with { OperatorFiles = [.. Files] };
        var proxy = ProxyLocator.Locate(snapshot, "nginx", ProxyKind.HAProxy, new ProxyHint.None()) with { IgnoresCertificateList = true };
        var result = Router.Route(snapshot, proxy, new RoutingPolicy());
        Assert.That((result.FateOf("shop1").Reason, Summary(result).Servers), Is.EqualTo((ReasonIds.UnsupportedOption, 0)));
    }

    [Test]
    public void AChangedAuthorityIsAnotherGeneration()
    {
        string Generation(string digest)
        {
            var scenario = new Rendering.Scenario().Certificate("/certs", "shop.crt", "shop.key", "shop.example.com")
                .Add("shop", ("templater.host", "shop.example.com"), ("templater.tls.client-auth", "required"), ("templater.tls.client-ca", "a.pem"));
            var snapshot = scenario.Snapshot with { OperatorFiles = [Files[0] with { Digest = digest }] };
            return scenario.Renderer("nginx").Render(snapshot, scenario.Policy, new ProxyHint.None(), CancellationToken.None).File!.Generation;
        }

        Assert.That(Generation("one"), Is.Not.EqualTo(Generation("two")));
    }
}
