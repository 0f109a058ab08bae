using System.Collections.Immutable;
using Templater.Pipeline.Deployment.Proving.Nginx;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Tests.Deployment.Nginx;

public sealed class ProxyAddressesTests
{
    private const string Loopback = "127.0.0.1 ::1";

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
