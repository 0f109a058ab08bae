using System.Text;
using Templater.Docker.Wire;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Inventory.Swarm;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Rendering.Templates;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Inventory;

/// <summary>Services, tasks and nodes as snapshots keep them and templates see them.</summary>
public sealed class SwarmContentTests
{
    private static readonly ServiceRecord[] Services =
    [
        GivenSwarm.Service("shop", ("templater.host", "shop.example.com"), ("com.docker.stack.namespace", "st")) with
        {
            UpdateStatus = new ServiceUpdate { State = "updating" },
        },
        With(GivenSwarm.Service("agent"), static spec => spec with { Mode = new ServiceMode { Global = new GlobalMode() } }),
        With(GivenSwarm.Service("job"), static spec => spec with { Mode = new ServiceMode() }),
    ];

    private static readonly TaskRecord[] Tasks =
    [
        GivenSwarm.Task("shop", 2), GivenSwarm.Task("shop", 1, GivenSwarm.Own, wanted: "shutdown"), GivenSwarm.Task("shop", 3, state: "failed"),
        GivenSwarm.Task("gone", 1), GivenSwarm.Task("shop", 4, node: "") with { Status = new SwarmTaskStatus { State = "pending" } },
    ];

    private static readonly NodeRecord[] Nodes =
    [
        new() { ID = "n2", Description = new NodeDescription { Hostname = "beta" }, Spec = new NodeSpec { Role = "worker", Availability = "drain", Labels = new Dictionary<string, string> { ["edge"] = "true" } }, Status = new NodeStatus { State = "down", Addr = "10.0.0.2" } },
        new() { ID = "n1", Description = new NodeDescription { Hostname = "alpha" }, Spec = new NodeSpec { Role = "manager", Availability = "active" }, Status = new NodeStatus { State = "ready", Addr = "10.0.0.1" } },
    ];

    private const string All = """
        {{ for s in services }}{{ s.name | nginx.comment }} {{ s.stack | nginx.comment }} {{ s.mode }} {{ s.replicas }} {{ s.update_state }} {{ s.networks[0].ipv4 }} {{ s.labels["templater.host"] | nginx.comment }}
        {{ end }}{{ for t in tasks }}{{ t.service | nginx.comment }} {{ t.slot }} {{ t.node | nginx.comment }} {{ t.state }} {{ t.desired_state }} {{ t.container_id }} {{ if t.networks.size > 0 }}{{ t.networks[0].ipv4 }}{{ end }}
        {{ end }}{{ for n in nodes }}{{ n.name | nginx.comment }} {{ n.role }} {{ n.availability }} {{ n.state }} {{ n.address }} {{ n.labels["edge"] | nginx.comment }}
        {{ end }}
        """;

    [Test]
    public void TemplatesSeeAllOfIt()
    {
        Assert.That(Rendered(All, Snapshot(Services, Tasks, Nodes)).Split('\n').Select(static line => line.TrimEnd()), Is.EqualTo(new[]
        {
            "agent  global   10.0.1.2",
            "job  other   10.0.1.2",
            "shop st replicated 3 updating 10.0.1.2 shop.example.com",
            "s-gone 1 beta running running c-gone-1-n2 10.0.1.11",
            "shop 1 alpha running shutdown c-shop-1-n1 10.0.1.11",
            "shop 2 beta running running c-shop-2-n2 10.0.1.12",
            "shop 4  pending running  10.0.1.14",
            "alpha manager active ready 10.0.0.1",
            "beta worker drain down 10.0.0.2 true",
            "",
        }));
    }

    [Test]
    public void TheOrderOfAnswersDoesNotMatter() => Assert.That(
        SnapshotFile.ToBytes(Snapshot([.. Services.Reverse()], [.. Tasks.Reverse()], [.. Nodes.Reverse()])), Is.EqualTo(SnapshotFile.ToBytes(Snapshot(Services, Tasks, Nodes))));

    [Test]
    public void TheRecordedFormKeepsIt()
    {
        var snapshot = Snapshot(Services, Tasks, Nodes);
        var read = SnapshotFile.Read(SnapshotFile.ToBytes(snapshot), "s.json");
        Assert.That(SnapshotFile.ToBytes(read), Is.EqualTo(SnapshotFile.ToBytes(snapshot)));
        Assert.That(Rendered(All, read), Is.EqualTo(Rendered(All, snapshot)));
    }

    [TestCase("\"services\": [", "\"services\": [ null,")]
    [TestCase("\"nodes\": [", "\"nodes\": [ null,")]
    [TestCase("\"role\": \"worker\"", "\"role\": null")]
    [TestCase("\"edge\": \"true\"", "\"edge\": null")]
    public void ADamagedFileIsRefused(string what, string by)
    {
        var text = Encoding.UTF8.GetString(SnapshotFile.ToBytes(Snapshot(Services, Tasks, Nodes)));
        Assert.That(text, Does.Contain(what));
        Assert.Throws<SnapshotFailedException>(() => SnapshotFile.Read(Encoding.UTF8.GetBytes(text.Replace(what, by, StringComparison.Ordinal)), "s.json"));
    }

    [Test]
    public void WithoutASwarmTheListsAreEmpty() =>
        Assert.That(Rendered("{{ services.size }} {{ tasks.size }} {{ nodes.size }}", new Snapshot { TakenAt = GivenSwarm.Born }), Is.EqualTo("0 0 0"));

    [Test]
    public void AServerTellsItsServiceAndNode()
    {
        const string Template = "{{ for h in virtual_hosts }}{{ for r in h.routes }}{{ for s in r.upstream.servers }}{{ s.service | nginx.comment }}@{{ s.node | nginx.comment }} {{ end }}{{ end }}{{ end }}";
        var service = GivenSwarm.Service("shop", ("templater.host", "shop.example.com"));
        var tasks = GivenSwarm.Merged([service], [GivenSwarm.Task("shop", 1), GivenSwarm.Task("shop", 2)]);
        Assert.That(Rendered(Template, new Snapshot { TakenAt = GivenSwarm.Born.AddHours(1), Containers = [.. tasks] }), Is.EqualTo("shop@beta shop@beta "));

        var web = tasks[0] with { Swarm = null, Origin = null, Compose = new ComposeIdentity("p", "web", 1), Labels = Routing.Given.Hosted("web", "web.example.com").Labels };
        Assert.That(Rendered(Template, new Snapshot { TakenAt = GivenSwarm.Born.AddHours(1), Containers = [web] }), Is.EqualTo("web@ "));
    }

    private static Snapshot Snapshot(ServiceRecord[] services, TaskRecord[] tasks, NodeRecord[] nodes) =>
        new() { TakenAt = GivenSwarm.Born, Swarm = SwarmContents.Of(new SwarmReading(GivenSwarm.Own, services, tasks, nodes)) };

    private static ServiceRecord With(ServiceRecord service, Func<ServiceSpec, ServiceSpec> change) => service with { Spec = change(service.Spec) };

    private static string Rendered(string template, Snapshot snapshot)
    {
        using var directory = new TempDirectory();
        var output = new OutputDefinition { Name = "own", Kind = ProxyKind.Nginx, Template = directory.Write("own.nginx.scriban", template), Path = "/config/out" };
        var load = OutputRenderer.Load(output, new DiskTemplateFiles());
        Assert.That(load.Renderer, Is.Not.Null, string.Join('\n', load.Findings));
        var rendering = load.Renderer!.Render(snapshot, new RoutingPolicy(), new ProxyHint.None(), CancellationToken.None);
        Assert.That(rendering.File, Is.Not.Null, string.Join('\n', rendering.Findings));
        return Encoding.UTF8.GetString(rendering.File!.Content.Span);
    }
}
