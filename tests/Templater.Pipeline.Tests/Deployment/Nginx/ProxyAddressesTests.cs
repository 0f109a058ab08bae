using System.Collections.Immutable;
using Templater.Pipeline.Deployment.Proving.Nginx;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Reachability;

namespace Templater.Pipeline.Tests.Deployment.Nginx;

public sealed class ProxyAddressesTests
{
    private const string Loopback = "127.0.0.1 ::1";
    private const string LoopbackNetworks = "127.0.0.0/8 ::1/128";

    [TestCase("", "front=10.0.0.2 back=10.1.0.2", ExpectedResult = "10.0.0.2 10.1.0.2", Description = "Templater on the host")]
    [TestCase("", "host", ExpectedResult = Loopback)]
    [TestCase("host", "host", ExpectedResult = Loopback)]
    [TestCase("host", "front=10.0.0.2", ExpectedResult = "10.0.0.2")]
    [TestCase("front=10.0.0.9", "front=10.0.0.2 back=10.1.0.2", ExpectedResult = "10.0.0.2")]
    [TestCase("other=10.9.0.9", "front=10.0.0.2", ExpectedResult = "")]
    [TestCase("front=10.0.0.9", "host", ExpectedResult = "")]
    [TestCase("none", "front=10.0.0.2", ExpectedResult = "")]
    [TestCase("container:proxy", "front=10.0.0.2", ExpectedResult = Loopback)]
    [TestCase("front=10.0.0.9", "container:self", ExpectedResult = Loopback)]
    [TestCase("container:proxy", "container:self", ExpectedResult = "", Description = "a circle is nobody's network")]
    [TestCase("front=10.0.0.9", "front=", ExpectedResult = "", Description = "no address yet")]
    [TestCase("front=10.0.0.9", "front=fd00::2", ExpectedResult = "fd00::2")]
    public string AddressesAreThoseOfSharedNetworks(string own, string its)
    {
        var proxy = Container("proxy", its);
        ImmutableArray<Container> containers = own.Length == 0 ? [proxy] : [Container("self", own), proxy];
        var snapshot = new Snapshot { TakenAt = DateTimeOffset.UnixEpoch, Containers = containers, Self = own.Length == 0 ? null : new ContainerId("self") };
        return string.Join(' ', ProxyAddresses.Of(snapshot, proxy));
    }

    [TestCase("", "", ExpectedResult = LoopbackNetworks, Description = "neither is known to be in a container")]
    [TestCase("front=10.0.0.9", "", ExpectedResult = "", Description = "nobody knows the proxy")]
    [TestCase("", "host", ExpectedResult = LoopbackNetworks)]
    [TestCase("host", "host", ExpectedResult = LoopbackNetworks)]
    [TestCase("container:proxy", "front=10.0.0.2", ExpectedResult = LoopbackNetworks)]
    [TestCase("front=10.0.0.9", "front=10.0.0.2 back=10.1.0.2", ExpectedResult = "10.0.0.0/24 fd00::/64")]
    [TestCase("host", "front=10.0.0.2 back=10.1.0.2", ExpectedResult = "10.0.0.0/24 10.1.0.0/24 fd00::/64")]
    [TestCase("back=10.1.0.9", "front=10.0.0.2", ExpectedResult = "", Description = "they share no network")]
    [TestCase("front=10.0.0.9", "host", ExpectedResult = "")]
    [TestCase("unlisted=10.5.0.9", "unlisted=10.5.0.2", ExpectedResult = "", Description = "its subnet is not known")]
    [TestCase("odd=10.6.0.9", "odd=10.6.0.2", ExpectedResult = "10.6.0.0/24", Description = "what is no subnet is left out, and what is one is written as one")]
    public string AskersComeOutOfSharedNetworks(string own, string its)
    {
        var containers = ImmutableArray.CreateBuilder<Container>();
        if (own.Length > 0)
            containers.Add(Container("self", own));
        if (its.Length > 0)
            containers.Add(Container("proxy", its));
        var snapshot = new Snapshot
        {
            TakenAt = DateTimeOffset.UnixEpoch,
            Containers = containers.ToImmutable(),
            Self = own.Length == 0 ? null : new ContainerId("self"),
            Networks = [Network("back", "10.1.0.0/24"), Network("front", "fd00::/64", "10.0.0.0/24"), Network("odd", "10.6.0.0", "x 1; evil", "10.6.0.1/24")],
        };
        var proxy = new ProxyContext { Output = "nginx", Kind = ProxyKind.Nginx, Containers = its.Length == 0 ? [] : [new ContainerId("proxy")] };
        return string.Join(' ', WayToProxy.AskersOf(snapshot, proxy));
    }

    private static Network Network(string name, params string[] subnets) => new(name + "-id", name, "bridge", "local", IsInternal: false, IsIngress: false, [.. subnets]);

    [Test]
    public void ListenersAreReadByTheirInodes() => Assert.That(
        ProcSockets.Listeners(
        [
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
            "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12345 1 0000 100 0 0 10 0",
            "   1: 0100007F:1F90 0100007F:A000 01 00000000:00000000 00:00000000 00000000     0        0 12346 1 0000 100 0 0 10 0",
            "nonsense",
        ]),
        Is.EqualTo(["12345"]));

    [Test]
    [Platform("Linux")]
    public void OneThatHasEndedSharesNothing() => Assert.That(ProcSockets.SharesNetwork(int.MaxValue), Is.False);

    private static Container Container(string name, string networks) => new()
    {
        Id = new ContainerId(name),
        Name = name,
        Image = new ImageReference("", "nginx", "1", ""),
        State = ContainerState.Running,
        NetworkMode = networks.Contains('=', StringComparison.Ordinal) ? "front" : networks,
        Endpoints = networks.Contains('=', StringComparison.Ordinal)
            ? [.. networks.Split(' ').Select(static pair => pair.Split('=')).Select(static pair => new Endpoint
                {
                    NetworkName = pair[0],
                    NetworkId = pair[0] + "-id",
                    IPv4 = pair[1].Contains(':', StringComparison.Ordinal) ? "" : pair[1],
                    IPv6 = pair[1].Contains(':', StringComparison.Ordinal) ? pair[1] : "",
                })]
            : [],
    };
}
