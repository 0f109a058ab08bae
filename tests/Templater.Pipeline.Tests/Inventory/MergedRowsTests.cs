using System.Text;
using Templater.Docker.Wire;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Inventory.Engine;

namespace Templater.Pipeline.Tests.Inventory;

public sealed class MergedRowsTests
{
    private static readonly ContainerInspect Inspection = new() { Id = "a", Name = "/shop", State = new Docker.Wire.ContainerState { Status = "running" } };

    private static readonly EndpointSettings Front = new() { NetworkID = "n", EndpointID = "e", IPAddress = "172.20.0.2", Gateway = "172.20.0.1" };

    private static readonly ContainerSummary Row = new()
    {
        Id = "a",
        Names = ["/shop"],
        State = "running",
        Status = "Up 5 minutes",
        Labels = new Dictionary<string, string> { ["k"] = "v" },
        Ports = [new PortSummary { PrivatePort = 80, Type = "tcp" }],
        NetworkSettings = On(Front),
    };

    private static IEnumerable<TestCaseData<ContainerSummary>> Changed()
    {
        yield return Case("name", Row with { Names = ["/other"] });
        yield return Case("state", Row with { State = "paused" });
        yield return Case("health", Row with { Status = "Up 5 minutes (unhealthy)" });
        yield return Case("label", Row with { Labels = new Dictionary<string, string> { ["k"] = "w" } });
        yield return Case("key", Row with { Labels = new Dictionary<string, string> { ["l"] = "v" } });
        yield return Case("another label", Row with { Labels = new Dictionary<string, string> { ["k"] = "v", ["l"] = "" } });
        yield return Case("port", Row with { Ports = [new PortSummary { PrivatePort = 81, Type = "tcp" }] });
        yield return Case("published", Row with { Ports = [new PortSummary { PrivatePort = 80, PublicPort = 8080, Type = "tcp" }] });
        yield return Case("address", Row with { NetworkSettings = On(Front with { IPAddress = "172.20.0.3" }) });
        yield return Case("gateway", Row with { NetworkSettings = On(Front with { Gateway = "172.20.0.9" }) });
        yield return Case("IPv6", Row with { NetworkSettings = On(Front with { GlobalIPv6Address = "fd00::2" }) });
        yield return Case("aliases", Row with { NetworkSettings = On(Front with { Aliases = ["web"] }) });
        yield return Case("DNS names", Row with { NetworkSettings = On(Front with { DNSNames = ["web"] }) });
        yield return Case("priority", Row with { NetworkSettings = On(Front with { GwPriority = 1 }) });
        yield return Case("no network", Row with { NetworkSettings = new ContainerNetworks() });

        static TestCaseData<ContainerSummary> Case(string name, ContainerSummary row) => new TestCaseData<ContainerSummary>(row).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Changed))]
    public void AChangedRowIsAChangedContainer(ContainerSummary changed)
    {
        var details = Details();
        var memory = new MergedRows();
        var before = memory.Merge([Row], [details]).Single();
        var after = memory.Merge([changed], [details]).Single();
        Assert.That(after, Is.Not.SameAs(before));
        Assert.That(Text(after), Is.EqualTo(Text(ContainerReader.Merge(changed, details))));
        Assert.That(Text(after), Is.Not.EqualTo(Text(before)));
    }

    [Test]
    public void ARowThatSaysTheSameIsTheSameContainer()
    {
        var details = Details();
        var memory = new MergedRows();
        var before = memory.Merge([Row], [details]).Single();
        var copy = Row with { Status = "Up 6 minutes", Labels = new Dictionary<string, string>(Row.Labels), NetworkSettings = On(Front with { MacAddress = "" }) };
        Assert.That(memory.Merge([copy], [details]).Single(), Is.SameAs(before));
        Assert.That(memory.Merge([copy], [details]).Single(), Is.SameAs(before));
    }

    [Test]
    public void ANewInspectionIsHeard()
    {
        var memory = new MergedRows();
        var before = memory.Merge([Row], [Details()]).Single();
        var after = memory.Merge([Row], [Details() with { User = "app" }]).Single();
        Assert.That((before.User, after.User), Is.EqualTo(("", "app")));
    }

    private static Container Details() => new ContainerReader(new EnvFilter([], [])).Read(Inspection);

    private static string Text(Container container) =>
        Encoding.UTF8.GetString(SnapshotFile.ToBytes(new Snapshot { TakenAt = Snapshots.Noon, Containers = [container] }));

    private static ContainerNetworks On(EndpointSettings endpoint) =>
        new() { Networks = new Dictionary<string, EndpointSettings> { ["front"] = endpoint } };
}
