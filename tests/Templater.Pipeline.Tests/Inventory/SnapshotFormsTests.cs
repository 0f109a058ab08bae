using System.Text;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Tests.Inventory;

public sealed class SnapshotFormsTests
{
    private const string Inspect = """
        [{"Id":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","Created":"2026-03-04T10:00:00.123456789Z","Name":"/shop-web-1",
          "State":{"Status":"running","StartedAt":"2026-03-04T10:00:01Z","FinishedAt":"0001-01-01T00:00:00Z",
                   "Health":{"Status":"healthy","Log":[{"End":"2026-03-04T10:05:00+01:00","ExitCode":0,"Output":"ok"}]}},
          "Config":{"Image":"my/shop:2","User":"app","Env":["VIRTUAL_HOST=a.example.com","DB_PASSWORD=secret","NGINX_VERSION=1.27"],
                    "ExposedPorts":{"8080/tcp":{},"80/tcp":{}},"StopSignal":"SIGQUIT",
                    "Labels":{"templater.host":"shop.example.com","com.docker.compose.project":"shop","com.docker.compose.service":"web","com.docker.compose.container-number":"1"}},
          "HostConfig":{"NetworkMode":"front"},
          "Mounts":[{"Type":"volume","Name":"data","Source":"/var/lib/docker/volumes/data/_data","Destination":"/data","RW":true}],
          "NetworkSettings":{"Ports":{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8081"},{"HostIp":"::","HostPort":"8081"}],"8080/tcp":null},
            "Networks":{"front":{"NetworkID":"n1","IPAddress":"172.20.0.3","GlobalIPv6Address":"","Gateway":"172.20.0.1","Aliases":["web","aaaaaaaaaaaa"],"DNSNames":["web"]}}}},
         {"Id":"bbbb","Name":"/created","State":{"Status":"created"},"Config":{"Image":"my/shop"},
          "NetworkSettings":{"Networks":{"front":{"NetworkID":"","IPAddress":"not an address"}}}}]
        """;

    private const string Ps = """
        {"Command":"\"httpd\"","CreatedAt":"2026-03-04 10:00:00 +0100 CET","ID":"aaaa","Image":"registry:5000/my/shop:2","Labels":"templater.host=a.example.com,b.example.com,templater.port=80,note=x=1","Names":"shop-web-1,other/shop","Networks":"back,front","Ports":"0.0.0.0:8080-8081->80-81/tcp, [::]:8080-8081->80-81/tcp, 53/udp","State":"running","Status":"Up 2 hours (unhealthy)"}

        {"CreatedAt":"2026-03-04 11:00:00 +0000 UTC","ID":"bbbb","Image":"my/shop","Labels":"","Names":"old","Networks":"","Ports":"","Status":"Exited (0) 3 minutes ago"}
        """;

    [Test]
    public async Task AContainerThatIsInAFileTwiceIsThereOnce()
    {
        var recorded = SnapshotFile.ToBytes(Snapshots.Full() with { Containers = [Snapshots.Shop("a-1"), Snapshots.Shop("b-2")] });
        Assert.That((await ReadAsync(Inspect.TrimEnd()[..^1] + "," + Inspect.TrimStart()[1..])).Containers, Has.Length.EqualTo(2));
        Assert.That((await ReadAsync(Ps + "\n" + Ps)).Containers, Has.Length.EqualTo(2));
        Assert.That((await ReadAsync(Text(recorded).Replace(Id("2"), Id("1"), StringComparison.Ordinal))).Containers, Has.Length.EqualTo(1));

        static string Id(string digit) => digit.PadLeft(64, '0');
        static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
    }

    [Test]
    public async Task TheOutputOfDockerInspectIsRead()
    {
        var snapshot = await ReadAsync(Inspect);
        var shop = snapshot.Containers.Single(static c => c.Name == "shop-web-1");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(shop.State, Is.EqualTo(ContainerState.Running));
            Assert.That(shop.Health, Is.EqualTo(HealthStatus.Healthy));
            Assert.That(shop.Image, Is.EqualTo(new ImageReference("", "my/shop", "2", "")));
            Assert.That(shop.Created, Is.EqualTo(new DateTimeOffset(2026, 3, 4, 10, 0, 0, TimeSpan.Zero).AddTicks(1234567)));
            Assert.That(shop.Started, Is.EqualTo(new DateTimeOffset(2026, 3, 4, 10, 0, 1, TimeSpan.Zero)));
            Assert.That(shop.Env.Keys, Is.EqualTo(new[] { "NGINX_VERSION", "VIRTUAL_HOST" }));
            Assert.That(shop.Ports, Is.EqualTo(new[] { new ContainerPort(80, "tcp", 8081), new ContainerPort(8080, "tcp") }));
            Assert.That(shop.Endpoints[0].IPv4, Is.EqualTo("172.20.0.3"));
            Assert.That(shop.Endpoints[0].Aliases, Is.EqualTo(new[] { "aaaaaaaaaaaa", "web" }));
            Assert.That(shop.Mounts, Is.EqualTo(new[] { new Mount("volume", "data", "/var/lib/docker/volumes/data/_data", "/data", true) }));
            Assert.That(shop.Compose, Is.EqualTo(new ComposeIdentity("shop", "web", 1)));
            Assert.That((shop.User, shop.StopSignal, shop.NetworkMode), Is.EqualTo(("app", "SIGQUIT", "front")));
            Assert.That(snapshot.HasAddresses, Is.True);
            Assert.That(snapshot.Networks.Select(static n => (n.Id, n.Name)), Is.EqualTo(new[] { ("n1", "front") }));
        }
    }

    [Test]
    public async Task ACreatedContainerHasNoAddressAndWasNeverStarted()
    {
        var created = (await ReadAsync(Inspect)).Containers.Single(static c => c.Name == "created");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(created.State, Is.EqualTo(ContainerState.Created));
            Assert.That(created.Started, Is.Null);
            Assert.That(created.Endpoints[0].IPv4, Is.Empty);
            Assert.That(created.Endpoints[0].NetworkId, Is.Empty);
        }
    }

    [Test]
    public async Task NowIsTheLatestMomentOfTheFile() =>
        Assert.That((await ReadAsync(Inspect)).TakenAt, Is.EqualTo(new DateTimeOffset(2026, 3, 4, 10, 0, 1, TimeSpan.Zero)));

    [Test]
    public async Task TheLinesOfDockerPsAreRead()
    {
        var snapshot = await ReadAsync(Ps);
        var shop = snapshot.Containers.Single(static c => c.Name == "shop-web-1");
        var old = snapshot.Containers.Single(static c => c.Name == "old");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(shop.State, Is.EqualTo(ContainerState.Running));
            Assert.That(shop.Health, Is.EqualTo(HealthStatus.Unhealthy));
            Assert.That(shop.Image.Registry, Is.EqualTo("registry:5000"));
            Assert.That(shop.Labels["templater.host"], Is.EqualTo("a.example.com,b.example.com"));
            Assert.That(shop.Labels["templater.port"], Is.EqualTo("80"));
            Assert.That(shop.Labels["note"], Is.EqualTo("x=1"));
            Assert.That(shop.Endpoints.Select(static e => e.NetworkName), Is.EqualTo(new[] { "back", "front" }));
            Assert.That(shop.Ports, Is.EqualTo(new[]
            {
                new ContainerPort(53, "udp"), new ContainerPort(80, "tcp", 8080), new ContainerPort(81, "tcp", 8081),
            }));
            Assert.That(shop.Created, Is.EqualTo(new DateTimeOffset(2026, 3, 4, 9, 0, 0, TimeSpan.Zero)));
            Assert.That(old.State, Is.EqualTo(ContainerState.Exited));
            Assert.That(snapshot.HasAddresses, Is.False);
            Assert.That(snapshot.TakenAt, Is.EqualTo(new DateTimeOffset(2026, 3, 4, 11, 0, 0, TimeSpan.Zero)));
        }
    }

    [Test]
    public async Task ARecordedSnapshotIsRecognised()
    {
        var bytes = SnapshotFile.ToBytes(Snapshots.Full());
        var (snapshot, isRecorded) = await SnapshotForms.ReadAsync(bytes, "x", EnvFilter.Default, CancellationToken.None);
        Assert.That(isRecorded, Is.True);
        Assert.That(SnapshotFile.ToBytes(snapshot), Is.EqualTo(bytes));
    }

    [Test]
    public async Task AnEmptyInspectionIsAnEmptyHost() =>
        Assert.That((await ReadAsync("\ufeff [] ")).Containers, Is.Empty);

    [Test]
    public async Task TheSameFileGivesTheSameBytes()
    {
        var (first, second) = (await ReadAsync(Inspect), await ReadAsync(Inspect));
        Assert.That(SnapshotFile.ToBytes(second), Is.EqualTo(SnapshotFile.ToBytes(first)));
    }

    [TestCase("", "in.json:1:1: ")]
    [TestCase("  \n", "but it is empty. Write it with: templater snapshot")]
    [TestCase("hello", "was expected")]
    [TestCase("\"text\"", "was expected")]
    [TestCase("[1]", "an array of containers as docker inspect prints it")]
    [TestCase("[[", "was expected at $[0]: the value is of another kind.")]
    [TestCase("[{}]", "element 0 has no Id")]
    [TestCase("[{\"Id\":\"n\",\"Name\":\"net\",\"Driver\":\"bridge\"}]", "element 0")]
    [TestCase("[{\"Id\":\"a\",\n\"State\":7}]", "in.json:2:")]
    [TestCase("[{\"Id\":\"a\",\n\"State\":{", "in.json:2:")]
    [TestCase("[{\"Id\":\"a\",\n\"State\":{", ": the text ends in the middle, so it was cut off; write it anew.")]
    [TestCase("[{\"Id\":\"a", ": the text ends in the middle, so it was cut off; write it anew.")]
    [TestCase("{", ": the text ends in the middle, so it was cut off; write it anew.")]
    [TestCase("[{\"Id\":\"a\",}]", ": a comma stands before the end of a list or an object; remove it.")]
    [TestCase("{\"templater_snapshot\":1,\"snapshot\":{\"nope\":1}}", ": this member is not known; a newer version may have written it.")]
    [TestCase("{\"ID\":\"a\",\"Names\":\"b\"}x", ": more text follows where it should end.")]
    [TestCase("{}", "in.json:1:1: a line of docker ps")]
    [TestCase("{\"ID\":\"a\",\"Names\":\"b\"}\n{\"ID\":", "in.json:2:")]
    [TestCase("{\"ID\":\"a\",\"Names\":\"b\"}\n\nrubbish", "in.json:3:1: ")]
    [TestCase("{\"Id\":\"a\"}", "with ID and Names")]
    public void WhatIsNoneOfTheFormsIsRefusedInOneLine(string text, string part) =>
        Assert.That(
            async () => await ReadAsync(text),
            Throws.TypeOf<SnapshotFailedException>()
                .With.Property(nameof(SnapshotFailedException.Reason)).EqualTo(ReasonIds.InvalidInput)
                .And.Message.Contains(part).And.Message.Not.Contains("\n").And.Message.Not.Contains("Templater.").And.Message.Not.Contains("JSON"));

    private static async Task<Snapshot> ReadAsync(string text) =>
        (await SnapshotForms.ReadAsync(Encoding.UTF8.GetBytes(text), "in.json", EnvFilter.Default, CancellationToken.None)).Snapshot;
}
