using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

public sealed class ReachabilityTests
{
    private static IEnumerable<string> Servers(RoutingResult result) => result.Host("shop.example.com").Routes.Single().Servers();

    private static Container Shop(params Endpoint[] endpoints) => Given.Hosted("shop", "shop.example.com") with { Endpoints = [.. endpoints] };

    [TestCase("", new[] { 3000 }, 3000)]
    [TestCase("", new[] { 80, 443, 3000 }, 80)]
    [TestCase("", new int[0], 80)]
    [TestCase("9000", new[] { 80, 3000 }, 9000)]
    [TestCase("9000", new int[0], 9000)]
    public void ChoosesThePort(string label, int[] exposed, int port)
    {
        var labels = label.Length > 0 ? new[] { ("templater.port", label) } : [];
        var shop = Given.Hosted("shop", "shop.example.com", labels).Exposing(exposed) with { Endpoints = [Given.On("front", 9)] };
        Assert.That(Servers(Given.Routed(shop)), Is.EqualTo(new[] { $"172.20.0.9:{port}" }));
    }

    [Test]
    public void CountsOnlyTcpPorts()
    {
        var shop = Shop(Given.On("front", 9)) with { Ports = [new ContainerPort(53, "udp"), new ContainerPort(3000, "tcp"), new ContainerPort(3000, "udp")] };
        Assert.That(Servers(Given.Routed(shop)), Is.EqualTo(new[] { "172.20.0.9:3000" }));
    }

    [Test]
    public void UsesTheOperatorsDefaultPort() =>
        Assert.That(Servers(Given.Routed(new RoutingPolicy { DefaultPort = 8000 }, Shop(Given.On("front", 9)).Exposing())), Is.EqualTo(new[] { "172.20.0.9:8000" }));

    [Test]
    public void ComparesNetworksByIdFirst()
    {
        var twin = Given.On("front", 9) with { NetworkId = "id-of-another-front" };
        Assert.That(Given.Routed(Shop(twin)).FateOf("shop").Reason, Is.EqualTo(ReasonIds.NoSharedNetwork));
    }

    [Test]
    public void ComparesNetworksByNameWhenTheProxyWasNeverStarted()
    {
        var proxy = Given.Proxy() with { State = ContainerState.Created, Endpoints = [new Endpoint { NetworkName = "front" }] };
        Assert.That(Servers(Given.Routed(Given.Snapshot(proxy, Shop(Given.On("front", 9), Given.On("back", 10))))), Is.EqualTo(new[] { "172.20.0.9:8080" }));
    }

    [Test]
    public void EveryNetworkIsReachableWhenTheProxyIsUnknown()
    {
        var snapshot = Given.Snapshot(Shop(Given.On("shop_default", 9)));
        Assert.That(Servers(Given.Routed(snapshot)), Is.EqualTo(new[] { "172.20.0.9:8080" }));
    }

    [Test]
    public void AProxyOnTheHostReachesEveryBridge()
    {
        var proxy = Given.Proxy() with { NetworkMode = "host", Endpoints = [new Endpoint { NetworkName = "host", NetworkId = "id-host" }] };
        Assert.That(Servers(Given.Routed(Given.Snapshot(proxy, Shop(Given.On("shop_default", 9))))), Is.EqualTo(new[] { "172.20.0.9:8080" }));
    }

    [Test]
    public void AContainerOnTheHostIsReachedThroughTheGateway()
    {
        var shop = Shop(new Endpoint { NetworkName = "host", NetworkId = "id-host" }) with { NetworkMode = "host" };
        Assert.That(Servers(Given.Routed(shop)), Is.EqualTo(new[] { "172.20.0.1:8080" }));
    }

    [TestCase("macvlan", ReasonIds.NoSharedNetwork)]
    [TestCase("overlay", ReasonIds.NoSharedNetwork)]
    [TestCase("bridge", null)]
    [TestCase("", null)]
    public void AContainerOnTheHostIsNotLookedForAtAPhysicalRouter(string driver, string? reason)
    {
        var shop = Shop() with { NetworkMode = "host" };
        var snapshot = Given.Snapshot(Given.Proxy(), shop) with { Networks = [Given.Bridge("front") with { Driver = driver }] };
        Assert.That(Given.Routed(snapshot).FateOf("shop").Reason, Is.EqualTo(reason));
    }

    [TestCase("front", ReasonIds.NetworkNotFound)]
    [TestCase("host", null)]
    public void AContainerOnTheHostObeysItsNetworkLabel(string label, string? reason)
    {
        var shop = Given.Hosted("shop", "shop.example.com", ("templater.network", label)) with { NetworkMode = "host", Endpoints = [] };
        Assert.That(Given.Routed(shop).FateOf("shop").Reason, Is.EqualTo(reason));
    }

    [TestCase("back", ReasonIds.NoSharedNetwork)]
    [TestCase("other", ReasonIds.NetworkNotFound)]
    [TestCase("front", null)]
    public void ANetworkLabelHoldsWhereTheSourceKnowsNoAddressesToo(string label, string? reason)
    {
        var shop = Given.Hosted("shop", "shop.example.com", ("templater.network", label)) with { Endpoints = [new Endpoint { NetworkName = "back" }, new Endpoint { NetworkName = "front" }] };
        Assert.That(Given.Routed(Given.Snapshot(Given.Proxy(), shop) with { HasAddresses = false }).FateOf("shop").Reason, Is.EqualTo(reason));
    }

    [TestCase("")]
    [TestCase(" , ")]
    public void AnEmptyNetworkLabelIsNotEveryNetwork(string label) =>
        Assert.That(Given.Routed(Given.Hosted("shop", "shop.example.com", ("templater.network", label))).FateOf("shop").Reason, Is.EqualTo(ReasonIds.InvalidValue));

    [Test]
    public void AProxyOnTheHostReachesBridgesOfASourceThatTellsNoDrivers()
    {
        var proxy = Given.Proxy() with { NetworkMode = "host", Endpoints = [] };
        var snapshot = Given.Snapshot(proxy, Shop(Given.On("shop_default", 9))) with { Networks = [Given.Bridge("shop_default") with { Driver = "" }] };
        Assert.That(Servers(Given.Routed(snapshot)), Is.EqualTo(new[] { "172.20.0.9:8080" }));
    }

    [Test]
    public void TwoContainersOnTheHostMeetOnLoopback()
    {
        var proxy = Given.Proxy() with { NetworkMode = "host", Endpoints = [] };
        var shop = Shop() with { NetworkMode = "host" };
        Assert.That(Servers(Given.Routed(Given.Snapshot(proxy, shop))), Is.EqualTo(new[] { "127.0.0.1:8080" }));
    }

    [Test]
    public void ABorrowedNetworkIsTheLenders()
    {
        var vpn = Given.Container("vpn") with { Endpoints = [Given.On("front", 77)] };
        var shop = Shop() with { NetworkMode = "container:" + vpn.Id.Value };
        Assert.That(Servers(Given.Routed(vpn, shop)), Is.EqualTo(new[] { "172.20.0.77:8080" }));
    }

    [TestCase("none", "it has no network (network mode none), the proxy \"edge\" is on [front]. Recreate it with --network front, or networks: [front] in place of network_mode in compose.")]
    [TestCase("container:gone", "it uses the network of a container that is not there, the proxy \"edge\" is on [front]. Recreate it with --network front, or networks: [front] in place of network_mode in compose.")]
    [TestCase("container:vpn", "it uses the network of \"vpn\", which is on [back], the proxy \"edge\" is on [front]. Attach one of them: docker network connect front vpn, or networks: [front] of that one in compose.")]
    [TestCase("back", "it is on [back], the proxy \"edge\" is on [front]. Attach one of them: docker network connect front shop, or networks: [front] in compose.")]
    public void TheAdviceIsOneThatTheEngineTakes(string mode, string expected)
    {
        var vpn = Given.Container("vpn") with { Endpoints = [Given.On("back", 77)] };
        var shop = (mode == "back" ? Shop(Given.On("back", 9)) : Shop()) with { NetworkMode = mode };
        Assert.That(Given.Routed(Given.Snapshot(Given.Proxy() with { Name = "edge" }, vpn, shop)).FateOf("shop").Detail, Is.EqualTo(expected));
    }

    [Test]
    public void TheAdviceForTheHostsNetworkIsNotToConnectIt()
    {
        var snapshot = Given.Snapshot(Given.Proxy(), Shop() with { NetworkMode = "host" }) with { Networks = [Given.Bridge("front") with { IsInternal = true }] };
        Assert.That(Given.Routed(snapshot).FateOf("shop").Detail, Does.StartWith("it is on the host's network, which is reached through bridges that are not internal, the proxy ").And.EndWith(
            "Recreate it with --network front, or networks: [front] in place of network_mode in compose."));
    }

    [Test]
    public void NetworksThatBorrowFromEachOtherEnd()
    {
        var shop = Shop() with { NetworkMode = "container:shop" };
        Assert.That(Given.Routed(shop).FateOf("shop").Reason, Is.EqualTo(ReasonIds.NoSharedNetwork));
    }

    [TestCase("back, front", "172.20.0.10:8080")]
    [TestCase("id-back", "172.20.0.10:8080")]
    [TestCase("other", "172.20.0.11:8080")]
    public void TakesTheNetworkOfTheLabel(string label, string server)
    {
        var proxy = Given.Proxy() with { Endpoints = [Given.On("back", 2), Given.On("front", 2), Given.On("shop_other", 2)] };
        var shop = Given.Hosted("shop", "shop.example.com", ("templater.network", label)).In("shop", "web") with
        {
            Endpoints = [Given.On("back", 10), Given.On("front", 9), Given.On("shop_other", 11)],
        };
        Assert.That(Servers(Given.Routed(Given.Snapshot(proxy, shop))), Is.EqualTo(new[] { server }));
    }

    [Test]
    public void NetworkNotFoundFailsClosed()
    {
        var shop = Given.Hosted("shop", "shop.example.com", ("templater.network", "frnt"));
        var result = Given.Routed(shop);
        Assert.That((result.FateOf("shop").Reason, Servers(result).Count()), Is.EqualTo((ReasonIds.NetworkNotFound, 0)));
    }

    [Test]
    public void TakesTheOperatorsNetworksInOrder()
    {
        var proxy = Given.Proxy() with { Endpoints = [Given.On("back", 2), Given.On("front", 2)] };
        var snapshot = Given.Snapshot(proxy, Shop(Given.On("back", 10), Given.On("front", 9)));
        Assert.That(Servers(Given.Routed(snapshot, new RoutingPolicy { Networks = ["front", "back"] })), Is.EqualTo(new[] { "172.20.0.9:8080" }));
    }

    [Test]
    public void NoAddressYetIsNotAMistake()
    {
        var result = Given.Routed(Shop(Given.On("front", 9) with { IPv4 = "" }));
        Assert.That((result.FateOf("shop").Reason, result.Findings.Single().Severity), Is.EqualTo((ReasonIds.NoAddressYet, FindingSeverity.Info)));
    }

    [TestCase("172.20.0.9; evil")]
    [TestCase("localhost")]
    [TestCase("::1%lo")]
    public void AnAddressThatIsNoneIsNotUsed(string address) =>
        Assert.That(Given.Routed(Shop(Given.On("front", 9) with { IPv4 = address, IPv6 = address })).FateOf("shop").Reason, Is.EqualTo(ReasonIds.NoAddressYet));

    [TestCase(false, "172.20.0.9:8080")]
    [TestCase(true, "fd00::9:8080")]
    public void PrefersAFamily(bool prefersIPv6, string server) =>
        Assert.That(Servers(Given.Routed(new RoutingPolicy { PreferIPv6 = prefersIPv6 }, Shop(Given.On("front", 9) with { IPv6 = "fd00::9" }))), Is.EqualTo(new[] { server }));

    [Test]
    public void AddressesByNameWhenTheSourceKnowsNoAddresses()
    {
        var snapshot = Given.Snapshot(Shop(new Endpoint { NetworkName = "front" })) with { HasAddresses = false };
        Assert.That(Servers(Given.Routed(snapshot)), Is.EqualTo(new[] { "shop:8080" }));
    }

    [Test]
    public void AnUnusableNameIsNoAddress()
    {
        var snapshot = Given.Snapshot(Given.Hosted("shop;evil", "shop.example.com")) with { HasAddresses = false };
        Assert.That(Given.Routed(snapshot).FateOf("shop;evil").Reason, Is.EqualTo(ReasonIds.NoAddressYet));
    }

    [TestCase(HealthStatus.None, "healthy", null)]
    [TestCase(HealthStatus.Healthy, "healthy", null)]
    [TestCase(HealthStatus.Starting, "healthy", ReasonIds.Starting)]
    [TestCase(HealthStatus.Unhealthy, "healthy", ReasonIds.Unhealthy)]
    [TestCase(HealthStatus.Starting, "starting", null)]
    [TestCase(HealthStatus.Unhealthy, "starting", ReasonIds.Unhealthy)]
    [TestCase(HealthStatus.Unhealthy, "any", null)]
    public void ObeysTheHealthPolicy(HealthStatus health, string policy, string? reason)
    {
        var result = Given.Routed(Given.Hosted("shop", "shop.example.com", ("templater.health", policy)) with { Health = health });
        Assert.That((result.FateOf("shop").Reason, Servers(result).Count()), Is.EqualTo((reason, reason is null ? 1 : 0)));
    }

    [Test]
    public void NeverStartedMakesNoHostYet()
    {
        var result = Given.Routed(Shop(Given.On("front", 9)) with { State = ContainerState.Created });
        Assert.That((result.FateOf("shop").Reason, result.VirtualHosts.Length), Is.EqualTo((ReasonIds.NotRunning, 0)));
    }

    [TestCase(ContainerState.Paused)]
    [TestCase(ContainerState.Restarting)]
    [TestCase(ContainerState.Exited)]
    [TestCase(ContainerState.Dead)]
    [TestCase(ContainerState.Unknown)]
    public void NotRunningHoldsTheHostWithoutAServer(ContainerState state)
    {
        var result = Given.Routed(Shop(Given.On("front", 9)) with { State = state });
        Assert.That((result.FateOf("shop").Reason, Servers(result).Count()), Is.EqualTo((ReasonIds.NotRunning, 0)));
    }

    [Test]
    public void NotReadyYetNamesTheTimeToLookAgain()
    {
        var shop = Given.Hosted("shop", "shop.example.com", ("templater.ready-after", "30s")) with { Started = Given.Now - TimeSpan.FromSeconds(20) };
        var result = Given.Routed(shop);
        Assert.That((result.FateOf("shop").Reason, result.RecheckAt), Is.EqualTo((ReasonIds.NotReadyYet, Given.Now + TimeSpan.FromSeconds(10))));
    }

    [Test]
    public void AStartAtTheEndOfTimeIsWaitedForAndNoAccident()
    {
        var shop = Given.Hosted("shop", "shop.example.com", ("templater.ready-after", "30s")) with { Started = DateTimeOffset.MaxValue };
        Assert.That(Given.Routed(shop).FateOf("shop").Reason, Is.EqualTo(ReasonIds.NotReadyYet));
    }

    [Test]
    public void DrainingKeepsTheServer()
    {
        var result = Given.Routed(Given.Hosted("shop", "shop.example.com", ("templater.drain", "true")));
        Assert.That((result.FateOf("shop").Reason, Servers(result).Count()), Is.EqualTo((ReasonIds.Draining, 1)));
    }
}
