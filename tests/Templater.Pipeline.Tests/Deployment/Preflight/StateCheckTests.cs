using Templater.Pipeline.Deployment.Preflight;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Tests.Deployment.Preflight;

/// <summary>Whether the state directory, and what a proxy reads, lie where they should.</summary>
public sealed class StateCheckTests
{
    private const string Overlay = "401 300 0:50 / / rw,relatime - overlay overlay rw,lowerdir=/l\n";
    private const string Volume = "402 401 8:1 /var/lib/docker/volumes/state/_data /state rw master:1 - ext4 /dev/sda1 rw\n";
    private const string Memory = "403 401 0:51 / /state rw - tmpfs tmpfs rw\n";

    [TestCase(Overlay, null, "/state is inside the container")]
    [TestCase(Overlay + Volume, null, null)]
    [TestCase(Volume + Overlay, null, null)]
    [TestCase(Overlay + Memory, null, "/state is kept in memory")]
    [TestCase(Overlay + Volume + Memory, null, "/state is kept in memory", TestName = "the last mount at a place covers the others")]
    [TestCase("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n", null, null)]
    [TestCase("", null, null)]
    [TestCase("nonsense\n1 2 3\n- - - - - - -\n", null, null)]
    [TestCase("", "", "/state is inside the container", TestName = "the engine knows no mount there, whatever its layers are")]
    [TestCase("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n", "", "/state is inside the container")]
    [TestCase(Overlay, "volume:/state", null, TestName = "the engine knows a mount there")]
    [TestCase("", "volume:/", null)]
    [TestCase("", "volume:/statement", "/state is inside the container")]
    [TestCase("", "tmpfs:/state", "/state is kept in memory")]
    public void ItIsSaidWhenTheStateIsLostWithTheContainer(string table, string? mounts, string? expected)
    {
        var finding = StateCheck.Examine("/state", mounts is null ? null : Snapshot(mounts), table);
        Assert.That(finding?.ToString(), expected is null ? Is.Null : Is.EqualTo(
            $"warning state-not-persistent: {expected}: journal, proven generations, the slots of servers and the accounts at CAs are lost when it is recreated, so the proxy is reloaded once more than needed, nothing is left to go back to, and limits of CAs are met sooner. Mount a volume at /state."));
    }

    [Test]
    public void AContainerOfAnotherEngineIsNotOurs() =>
        Assert.That(StateCheck.Examine("/state", Snapshot("") with { Self = null }, ""), Is.Null);

    [TestCase("/config", "/config", null)]
    [TestCase("/config", "/etc/nginx/conf.d", null, TestName = "the same volume at another path is a view")]
    [TestCase("/config", "", "it lies in the volume \"conf\", mounted at /config, and they share no folder")]
    [TestCase("", "/config", "it lies in that container alone, and they share no folder")]
    public void AProxyThatDoesNotSeeTheFileIsNamed(string own, string theirs, string? expected)
    {
        var self = Container("templater", own.Length == 0 ? [] : [new Mount("volume", "conf", "/v/conf", own, ReadWrite: true)], 'a');
        var proxy = Container("edge", theirs.Length == 0 ? [] : [new Mount("volume", "conf", "/v/conf", theirs, ReadWrite: false)], 'b');
        var snapshot = new Snapshot { TakenAt = DateTimeOffset.UnixEpoch, Containers = [proxy, self], Self = self.Id };
        var findings = MountsCheck.Examine(snapshot, [proxy], "/config/nginx.conf");
        Assert.That(findings.Select(static finding => finding.ToString()), expected is null ? Is.Empty : Is.EqualTo(new[]
        {
            $"error path-not-shared: the proxy \"edge\" does not see /config/nginx.conf of container \"templater\": {expected}. Mount the same volume at the same path in both containers.",
        }));
        Assert.That(MountsCheck.Examine(snapshot with { Self = null }, [proxy], "/config/nginx.conf"), Is.Empty, "outside of containers nothing is known");
        Assert.That(MountsCheck.Examine(snapshot, [self], "/config/nginx.conf"), Is.Empty, "one container has one view");
    }

    private static Snapshot Snapshot(string mounts)
    {
        var parts = mounts.Split(':');
        var self = Container("templater", parts.Length == 1 ? [] : [new Mount(parts[0], parts[0] == "volume" ? "v" : "", "", parts[1], ReadWrite: true)], 'a');
        return new Snapshot { TakenAt = DateTimeOffset.UnixEpoch, Containers = [self], Self = self.Id };
    }

    private static Container Container(string name, Mount[] mounts, char digit) => new()
    {
        Id = new ContainerId(new string(digit, 64)),
        Name = name,
        Image = new ImageReference("", name, "1", ""),
        State = ContainerState.Running,
        Mounts = [.. mounts],
    };
}
