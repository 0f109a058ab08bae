using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>What is remembered of containers saves work and changes no decision.</summary>
public sealed class OutcomeMemoryTests
{
    private static readonly RoutingPolicy Policy = new();

    private static readonly Container[] Everybody =
    [
        Given.Proxy(),
        Given.Hosted("shop", "shop.example.com"),
        Given.Hosted("slow", "slow.example.com", ("templater.ready-after", "60s")) with { Started = Given.Now },
        Given.Hosted("back", "back.example.com") with { Endpoints = [Given.On("back", 9)], NetworkMode = "back" },
        Given.Hosted("sidecar", "sidecar.example.com") with { Endpoints = [], NetworkMode = "container:id-of-shop" },
        Given.Hosted("host", "host.example.com") with { Endpoints = [], NetworkMode = "host" },
        Given.Hosted("two", "shop.example.com", ("templater.nonsense", "1")).In("other", "web"),
    ];

    private static IEnumerable<TestCaseData<Snapshot>> Next()
    {
        var first = Given.Snapshot(Everybody);
        yield return Case("nothing", first);
        yield return Case("a minute", first with { TakenAt = Given.Now + TimeSpan.FromMinutes(2) });
        yield return Case("one stopped", With(first, "shop", container => container with { State = ContainerState.Exited }));
        yield return Case("one gone", first with { Containers = [.. first.Containers.Where(container => container.Name != "shop")] });
        yield return Case("quarantined", first with { Quarantined = first.Quarantined.Add("id-of-shop", "a bad line") });
        yield return Case("proxy on another network", With(first, "edge-nginx-1", proxy => proxy with { Endpoints = [Given.On("back", 3)] }));
        yield return Case("proxy with another version", With(first, "edge-nginx-1", proxy => proxy with { Image = proxy.Image with { Tag = "1.22" } }));
        yield return Case("no proxy", first with { Containers = [.. first.Containers.Where(container => container.Name != "edge-nginx-1")] });
        yield return Case("internal network", first with { Networks = [.. first.Networks.Select(network => network with { IsInternal = true, Driver = "macvlan" })] });
        yield return Case("ingress network", first with { Networks = [.. first.Networks.Select(network => network with { IsIngress = true })] });
        yield return Case("no addresses", first with { HasAddresses = false });

        static TestCaseData<Snapshot> Case(string name, Snapshot snapshot) => new TestCaseData<Snapshot>(snapshot).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Next))]
    public void ARememberedDecisionIsTheOneThatWouldBeMadeAnew(Snapshot next)
    {
        var memory = new OutcomeMemory();
        var first = Given.Snapshot(Everybody);
        foreach (var snapshot in new[] { first, next, first, next, next })
            Assert.That(Given.Dump(Route(snapshot, Policy, memory)), Is.EqualTo(Given.Dump(Route(snapshot, Policy, null))));
    }

    // The shared name is looked up only while it stands for nobody else.
    [Test]
    public void AnotherContainerMayTakeTheNameThatIsLookedUp()
    {
        var memory = new OutcomeMemory();
        var web = Given.Hosted("web-1", "a.example.com", ("templater.endpoints", "dns")).In("shop", "web") with { Endpoints = [Given.On("front", 11) with { Aliases = ["web"] }] };
        var before = Given.Snapshot(Given.Proxy() with { Image = new ImageReference("", "nginx", "1.22", "") }, web);
        var after = before with { Containers = [.. before.Containers, Given.Container("zebra") with { Endpoints = [Given.On("front", 77) with { Aliases = ["web"] }] }] };
        Assert.That(Given.Dump(Route(after, Policy, null)), Is.Not.EqualTo(Given.Dump(Route(before, Policy, null))));
        foreach (var snapshot in new[] { before, after, before })
            Assert.That(Given.Dump(Route(snapshot, Policy, memory)), Is.EqualTo(Given.Dump(Route(snapshot, Policy, null))));
    }

    [TestCase("back")]
    [TestCase("host")]
    public void AProxyMayBorrowTheNetworksThatChange(string network)
    {
        var memory = new OutcomeMemory();
        var before = Given.Snapshot([.. Everybody.Select(container => container.Name == "edge-nginx-1" ? container with { NetworkMode = "container:id-of-vpn", Endpoints = [] } : container), Given.Container("vpn")]);
        var after = With(before, "vpn", vpn => vpn with { NetworkMode = network, Endpoints = network == "host" ? [] : [Given.On(network, 3)] });
        foreach (var snapshot in new[] { before, after, before })
            Assert.That(Given.Dump(Route(snapshot, Policy, memory)), Is.EqualTo(Given.Dump(Route(snapshot, Policy, null))));
    }

    [Test]
    public void OtherSettingsAreOtherDecisions()
    {
        var memory = new OutcomeMemory();
        var snapshot = Given.Snapshot(Everybody);
        foreach (var policy in new[] { Policy, Policy with { EnableDefault = false }, Policy with { Networks = ["back"] }, Policy })
            Assert.That(Given.Dump(Route(snapshot, policy, memory)), Is.EqualTo(Given.Dump(Route(snapshot, policy, null))));
    }

    private static RoutingResult Route(Snapshot snapshot, RoutingPolicy policy, OutcomeMemory? memory) =>
        Router.Route(snapshot, ProxyLocator.Locate(snapshot, "nginx", ProxyKind.Nginx, new ProxyHint.None()), policy, memory);

    private static Snapshot With(Snapshot snapshot, string name, Func<Container, Container> change) =>
        snapshot with { Containers = [.. snapshot.Containers.Select(container => container.Name == name ? change(container) : container)] };
}
