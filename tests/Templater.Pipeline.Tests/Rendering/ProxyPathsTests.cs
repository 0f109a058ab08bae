using System.Collections.Immutable;
using System.Text;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Rendering.Templates;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>Paths in a configuration are those that the proxy sees.</summary>
public sealed class ProxyPathsTests
{
    private const string Template =
        "{{ proxy.config_directory }} {{ proxy.certs_directory }}\n{{ for h in virtual_hosts }}{{ h.https.certificate.chain_path | nginx.path }} {{ h.https.certificate.key_path | nginx.path }}\n{{ end }}";

    private TempDirectory _directory = null!;

    [SetUp]
    public void Create() => _directory = new TempDirectory();

    [TearDown]
    public void Remove() => _directory.Dispose();

    [Test]
    public void WhatBothMountAlikeIsWrittenAsItIs()
    {
        var rendering = Render(Given(["config:/config", "certs:/certs"], ["config:/config", "certs:/certs"]));

        Assert.That(Text(rendering), Is.EqualTo("/config /certs\n\"/certs/s.crt\" \"/certs/s.key\"\n"));
        Assert.That(rendering.Findings, Is.Empty);
    }

    [Test]
    public void WhatTheProxyMountsElsewhereIsWrittenAsItSeesIt()
    {
        var rendering = Render(Given(["config:/config", "certs:/certs"], ["config:/etc/nginx/t", "certs:/etc/ssl/t"]));

        Assert.That(Text(rendering), Is.EqualTo("/etc/nginx/t /etc/ssl/t\n\"/etc/ssl/t/s.crt\" \"/etc/ssl/t/s.key\"\n"));
        Assert.That(rendering.Findings, Is.Empty);
    }

    [Test]
    public void AnotherOrderOfContainersAndMountsGivesTheSameBytes()
    {
        var one = Given(["config:/config", "certs:/certs"], ["config:/etc/nginx/t", "certs:/b", "certs:/a"]);
        var other = one with
        {
            Containers = [.. one.Containers.Reverse().Select(static container => container with { Mounts = [.. container.Mounts.Reverse()] })],
        };

        Assert.That(Text(Render(other)), Is.EqualTo(Text(Render(one))));
    }

    [Test]
    public void APathThatTheProxyDoesNotSeeIsAnErrorThatNamesBothContainers()
    {
        var rendering = Render(Given(["config:/config", "certs:/certs"], ["config:/config"]));

        Assert.That(Text(rendering), Does.StartWith("/config /certs\n"));
        Assert.That(rendering.Findings.Select(static finding => finding.ToString()), Is.EqualTo(new[]
        {
            "error path-not-shared: the proxy \"edge\" does not see /certs of container \"templater\": it lies in the volume \"certs\", mounted at /certs. The configuration names it nevertheless. Mount the same volume at the same path in both containers.",
        }));
    }

    [Test]
    public void APathInTemplatersOwnLayerIsNotShared() =>
        Assert.That(Render(Given(["config:/config"], ["config:/config", "certs:/certs"])).Findings.Single().ToString(), Is.EqualTo(
            "error path-not-shared: the proxy \"edge\" does not see /certs of container \"templater\": it lies in that container alone. The configuration names it nevertheless. Mount the same volume at the same path in both containers."));

    [Test]
    public void APathThatIsNotWrittenIsNotMissed()
    {
        var rendering = Render(Given(["config:/config", "certs:/certs"], ["config:/config"]), "{{ proxy.config_directory }}\n");

        Assert.That(rendering.Findings, Is.Empty);
    }

    [Test]
    public void TwoProxiesWithTwoViewsGetOnePathAndOneIsTold()
    {
        var snapshot = Given(["config:/config", "certs:/certs"], ["config:/config", "certs:/b"]);
        var second = snapshot.Containers.Single(static container => container.Name == "edge") with
        {
            Id = new ContainerId("second"),
            Name = "second",
            Mounts = Mounts(["config:/config", "certs:/certs"]),
        };

        var rendering = Render(snapshot with { Containers = snapshot.Containers.Add(second) }, "{{ proxy.certs_directory }}\n");

        Assert.That(Text(rendering), Is.EqualTo("/certs\n"));
        Assert.That(rendering.Findings.Single().ToString(), Is.EqualTo(
            "error path-not-shared: the proxy \"edge\" sees /certs of container \"templater\" as /b, another proxy as /certs. The configuration names the latter. Mount the same volume at the same path in both containers."));
    }

    [TestCase(true, false, Description = "Templater is not in a container")]
    [TestCase(false, true, Description = "the proxy is not known")]
    public void NothingChangesWhereOneSideIsNotKnown(bool hidesSelf, bool hidesProxy)
    {
        var snapshot = Given(["config:/config", "certs:/certs"], ["config:/a", "certs:/b"]);
        if (hidesSelf)
            snapshot = snapshot with { Self = null };
        if (hidesProxy)
            snapshot = snapshot with { Containers = snapshot.Containers.RemoveAll(static container => container.Name == "edge") };

        var rendering = Render(snapshot);

        Assert.That(Text(rendering), Does.StartWith("/config /certs\n\"/certs/s.crt\""));
        Assert.That(rendering.Findings, Is.Empty);
    }

    [Test]
    public void ShippedTemplatesWriteWhatTheProxySees()
    {
        var snapshot = Given(["config:/config", "certs:/certs"], ["config:/etc/t", "certs:/etc/ssl/t"]);

        Assert.That(Text(Render(snapshot, shipped: "nginx")), Does.Contain("/etc/t/http.d/*.conf").And.Contain("/etc/ssl/t/s.crt").And.Not.Contain("/certs/").And.Not.Contain("/config/"));
    }

    [TestCase("certs:/certs", "/certs/haproxy", Description = "shared")]
    [TestCase("certs:/pairs", "/pairs/haproxy", Description = "shared under another name")]
    [TestCase("others:/certs", null, Description = "a folder of its own")]
    public void PairsComeAndGoAtRunTimeOnlyInAFolderThatBothSee(string proxy, string? expected)
    {
        var snapshot = Given(["config:/config", "certs:/certs"], ["config:/config", proxy], "haproxy");

        var file = new Scenario { IsToldAtRunTime = true }.Renderer("haproxy").Render(snapshot, new RoutingPolicy(), new ProxyHint.None(), CancellationToken.None).File!;

        Assert.That(file.Certificates.Folder?.Name, Is.EqualTo(expected));
    }

    private OutputRendering Render(Snapshot snapshot, string template = Template, string? shipped = null)
    {
        var output = new OutputDefinition
        {
            Name = "nginx",
            Kind = ProxyKind.Nginx,
            Template = shipped ?? _directory.Write("own.nginx.scriban", template),
            Path = "/config/nginx.conf",
        };
        return OutputRenderer.Load(output, new DiskTemplateFiles()).Renderer!.Render(snapshot, new RoutingPolicy(), new ProxyHint.None(), CancellationToken.None);
    }

    private static string Text(OutputRendering rendering) => Encoding.UTF8.GetString(rendering.File!.Content.Span);

    private static Snapshot Given(string[] own, string[] proxy, string kind = "nginx")
    {
        var scenario = new Scenario()
            .Add("edge", ("templater.proxy", kind)).Add("shop", ("templater.host", "shop.example.com")).Add("templater")
            .Certificate("/certs", kind == "haproxy" ? "haproxy/s.pem" : "s.crt", kind == "haproxy" ? "haproxy/s.pem" : "s.key", "shop.example.com");
        scenario.Change("templater", container => container with { Mounts = Mounts(own) });
        scenario.Change("edge", container => container with { Mounts = Mounts(proxy) });
        var snapshot = scenario.Snapshot;
        return snapshot with { Self = snapshot.Containers.Single(static container => container.Name == "templater").Id };
    }

    private static ImmutableArray<Mount> Mounts(string[] words) =>
        [.. words.Select(static word => word.Split(':')).Select(static parts => new Mount("volume", parts[0], $"/volumes/{parts[0]}/_data", parts[1], true))];
}
