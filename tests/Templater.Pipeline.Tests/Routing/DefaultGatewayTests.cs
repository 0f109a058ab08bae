using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Reachability;

namespace Templater.Pipeline.Tests.Routing;

public sealed class DefaultGatewayTests
{
    private static readonly ImmutableArray<Network> Networks =
    [
        Given.Bridge("back"), Given.Bridge("front"), Given.Bridge("shop_default"),
        Given.Bridge("inside") with { IsInternal = true }, Given.Bridge("ingress") with { IsIngress = true }, Given.Bridge("docker_gwbridge"),
        Given.Bridge("wide") with { Subnets = ["172.30.0.0/16", "fd00:1::/64"] },
    ];

    // A network is written name:priority.
    [TestCase("20.10.24", "front back", "back")]
    [TestCase("27.5.1", "front back", "back")]
    [TestCase("27.5.1", "front:100 back", "back", Description = "without priorities in the engine")]
    [TestCase("28.0.0", "front:100 back", "front")]
    [TestCase("28.0.0", "front back:-1", "front")]
    [TestCase("29.7.0", "front back", "back", Description = "equal priorities: by name")]
    [TestCase("29.7.0", "docker_gwbridge shop_default", "shop_default", Description = "the bridge of Swarm comes last")]
    [TestCase("27.5.1", "docker_gwbridge shop_default", "docker_gwbridge")]
    [TestCase("29.7.0", "back wide", "wide", Description = "both families before one")]
    [TestCase("27.5.1", "back wide", "back")]
    [TestCase("29.7.0", "back:1 wide", "back", Description = "priority before families")]
    [TestCase("27.5.1", "inside shop_default", "shop_default", Description = "an internal network has no way out")]
    [TestCase("29.7.0", "inside:9 shop_default", "shop_default")]
    [TestCase("29.7.0", "inside", "")]
    [TestCase("29.7.0", "ingress front", "front")]
    [TestCase("29.7.0", "host", "")]
    [TestCase("29.7.0", "", "")]
    [TestCase("", "front back", "back", Description = "an engine that is not known")]
    [TestCase("", "front:5 back", "", Description = "it depends on the engine")]
    [TestCase("dev", "front:5 back", "back")]
    public void TheEngineChoosesByItsVersion(string engine, string networks, string expected)
    {
        foreach (var order in new[] { Attached(networks), Attached(networks).Reverse().ToImmutableArray() })
            Assert.That(DefaultGateway.Of(order, Networks, Engine(engine))?.NetworkName ?? "", Is.EqualTo(expected));
    }

    [TestCase("20.10.24", "shop_default", "front", "shop_default")]
    [TestCase("20.10.24", "back", "front", null)]
    [TestCase("28.0.0", "shop_default:1", "front", null, Description = "a higher priority keeps it")]
    [TestCase("28.0.0", "shop_default", "front:9", "shop_default", Description = "a new attachment has no priority, whatever the proxy's has")]
    [TestCase("28.0.0", "back", "front:9", null)]
    [TestCase("20.10.24", "inside", "front", null, Description = "there was none before")]
    [TestCase("20.10.24", "shop_default", "inside", null)]
    [TestCase("20.10.24", "front", "front", null)]
    public void AttachingMayMoveIt(string engine, string networks, string added, string? loser)
    {
        var container = Given.Container("shop") with { Endpoints = Attached(networks) };
        var snapshot = Given.Snapshot(container) with { Networks = Networks, Engine = Engine(engine) };
        Assert.That(DefaultGateway.Moved(container, Attached(added)[0], snapshot)?.NetworkName, Is.EqualTo(loser));
    }

    [Test]
    public void OfAnEngineThatIsNotKnownNothingIsSaid()
    {
        var shop = Given.Hosted("shop", "shop.example.com") with { Endpoints = [Given.On("shop_default", 7)] };
        Assert.That(Given.Routed(shop).Messages(ReasonIds.NoSharedNetwork).Count(), Is.EqualTo(1));
    }

    [TestCase("host")]
    [TestCase("none")]
    [TestCase("container:abc")]
    public void AContainerWithoutNetworksOfItsOwnHasNoneToMove(string mode)
    {
        var container = Given.Container("shop") with { Endpoints = Attached("shop_default"), NetworkMode = mode };
        Assert.That(DefaultGateway.Moved(container, Attached("front")[0], Given.Snapshot(container) with { Engine = Engine("20.10.24") }), Is.Null);
    }

    [TestCase("20.10.24", "use a network whose name sorts after it, or Engine 28 with gw_priority.")]
    [TestCase("29.7.0", "give the attachment that should keep it a gw_priority above 0 in compose, or attach with --gw-priority -1.")]
    public void TheLogWarnsWhenItsAdviceWouldMoveIt(string engine, string remedy)
    {
        var shop = Given.Hosted("shop", "shop.example.com") with { Endpoints = [Given.On("shop_default", 7)] };
        var routed = Given.Routed(Given.Snapshot(Given.Proxy(), shop) with { Engine = Engine(engine) });
        Assert.That(routed.Messages(ReasonIds.NoSharedNetwork), Has.Some.StartsWith(
            "warning no-shared-network: container \"shop\": attaching it to front will move its default gateway from shop_default to front").And.Some.EndsWith(remedy));
        var back = shop with { Endpoints = [Given.On("back", 7)] };
        Assert.That(Given.Routed(Given.Snapshot(Given.Proxy(), back) with { Engine = Engine(engine) }).Messages(ReasonIds.NoSharedNetwork).Count(), Is.EqualTo(1));
    }

    [Test]
    public void ANewEngineIsHeardOf()
    {
        var memory = new OutcomeMemory();
        var shop = Given.Hosted("shop", "shop.example.com") with { Endpoints = [Given.On("shop_default", 7)] };
        var before = Given.Snapshot(Given.Proxy(), shop) with { Engine = Engine("27.0.0") };
        string Route(Snapshot snapshot) => string.Join('\n', Router.Route(snapshot, ProxyLocator.Locate(snapshot, "nginx", ProxyKind.Nginx, new ProxyHint.None()), new RoutingPolicy(), memory).Messages());
        Assert.That(Route(before), Does.Contain("or Engine 28"));
        Assert.That(Route(before with { Engine = Engine("28.0.0") }), Does.Contain("--gw-priority -1"));
    }

    private static EngineDescription? Engine(string version) => version.Length == 0 ? null : new EngineDescription(version, "1.41", "host", false);

    private static ImmutableArray<Endpoint> Attached(string networks) =>
    [
        .. networks.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static (text, index) =>
        {
            var parts = text.Split(':');
            return Given.On(parts[0], 10 + index) with { GatewayPriority = parts.Length > 1 ? int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture) : 0 };
        }),
    ];
}
