using System.Text.Json;
using Templater.Docker.Wire;

namespace Templater.Docker.Tests;

/// <summary>What managers answer about services, tasks and nodes: recorded from Engine 20.10 (API 1.41), shortened, and what newer ones add.</summary>
public sealed class SwarmWireTests
{
    private const string Service = """
        {"ID":"tx7h043nlmdycsajicwynhhjm","Version":{"Index":46},"CreatedAt":"2026-11-26T02:50:27.671512929Z","UpdatedAt":"2026-11-26T02:50:35.661228057Z",
         "Spec":{"Name":"shop","Labels":{"templater.host":"shop.example.com"},"TaskTemplate":{"ContainerSpec":{"Image":"web:1","Env":["VERSION=2"],"Init":false},"Networks":[{"Target":"hrca3avaghnqs60hilhiw279f"}],"ForceUpdate":0},
          "Mode":{"Replicated":{"Replicas":2}},"EndpointSpec":{"Mode":"vip"}},"PreviousSpec":{"Name":"old"},
         "Endpoint":{"Spec":{"Mode":"vip"},"Ports":[{"Protocol":"tcp","TargetPort":8080,"PublishedPort":80,"PublishMode":"ingress"}],"VirtualIPs":[{"NetworkID":"hrca3avaghnqs60hilhiw279f","Addr":"10.0.1.5/24"}]},
         "UpdateStatus":{"State":"updating","StartedAt":"2026-11-26T02:50:35.66122276Z","Message":"update in progress"}}
        """;

    private const string Task = """
        {"ID":"2a6c722u6i8eusjydsbnwwd4x","Version":{"Index":54},"CreatedAt":"2026-11-26T02:50:27.674518282Z","Labels":{},
         "Spec":{"ContainerSpec":{"Image":"web:1","Labels":{"a":"b"},"Env":["VERSION=2"],"Init":false,"DNSConfig":{}},"Placement":{},"ForceUpdate":0},
         "ServiceID":"tx7h043nlmdycsajicwynhhjm","Slot":1,"NodeID":"tcdinxjtsx89ao8u7qwuyjaeo",
         "Status":{"Timestamp":"2026-11-26T02:50:36.584801878Z","State":"running","Message":"started","ContainerStatus":{"ContainerID":"16ec3ae776e2","PID":31803,"ExitCode":-1},"PortStatus":{}},
         "DesiredState":"shutdown","NetworksAttachments":[{"Network":{"ID":"hrca3avaghnqs60hilhiw279f","Spec":{"Name":"front","Labels":{},"Attachable":true,"Scope":"swarm"},"DriverState":{"Name":"overlay"}},"Addresses":["10.0.1.6/24"]}]}
        """;

    [Test]
    public void AServiceIsReadAsTheEngineWritesIt()
    {
        var service = JsonSerializer.Deserialize($"[{Service}]", DockerJson.Default.ServiceRecordArray)!.Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(service.ToString(), Is.EqualTo("service shop (tx7h043nlmdycsajicwynhhjm)"));
            Assert.That(service.CreatedAt!.Value.Year, Is.EqualTo(2026));
            Assert.That(service.Spec.Labels, Is.EqualTo(new Dictionary<string, string> { ["templater.host"] = "shop.example.com" }));
            Assert.That(service.Endpoint.VirtualIPs.Single(), Is.EqualTo(new ServiceAddress { NetworkID = "hrca3avaghnqs60hilhiw279f", Addr = "10.0.1.5/24" }));
            Assert.That(service.Endpoint.Ports.Single(), Is.EqualTo(new ServicePort { Protocol = "tcp", TargetPort = 8080, PublishedPort = 80, PublishMode = "ingress" }));
            Assert.That(service.UpdateStatus!.State, Is.EqualTo("updating"));
            Assert.That((service.Spec.Mode.Word, service.Spec.Mode.Replicated!.Replicas), Is.EqualTo(("replicated", 2)));
        }
    }

    [Test]
    public void ATaskIsReadAsTheEngineWritesIt()
    {
        // API 1.44 and later add members that nobody here needs.
        var newer = Task.Replace("\"Slot\":1", "\"Slot\":1,\"JobIteration\":{\"Index\":0},\"Volumes\":[{\"ID\":\"v\"}]", StringComparison.Ordinal);
        foreach (var text in new[] { Task, newer })
        {
            var task = JsonSerializer.Deserialize($"[{text}]", DockerJson.Default.TaskRecordArray)!.Single();
            using (Assert.EnterMultipleScope())
            {
                Assert.That(task.ToString(), Is.EqualTo("task 2a6c722u6i8eusjydsbnwwd4x (running, wanted shutdown)"));
                Assert.That((task.ServiceID, task.NodeID, task.Slot), Is.EqualTo(("tx7h043nlmdycsajicwynhhjm", "tcdinxjtsx89ao8u7qwuyjaeo", 1)));
                Assert.That(task.Status.ContainerStatus.ContainerID, Is.EqualTo("16ec3ae776e2"));
                Assert.That(task.Spec.ContainerSpec.Env, Is.EqualTo(new[] { "VERSION=2" }));
                Assert.That(task.NetworksAttachments.Single().Network.Spec, Is.EqualTo(new AttachedNetworkSpec { Name = "front" }));
                Assert.That(task.NetworksAttachments.Single().Addresses, Is.EqualTo(new[] { "10.0.1.6/24" }));
            }
        }
    }

    [Test]
    public void APortOfATasksNodeIsReadAsTheEngineWritesIt()
    {
        var text = Task.Replace("\"PortStatus\":{}", "\"PortStatus\":{\"Ports\":[{\"Protocol\":\"tcp\",\"TargetPort\":8080,\"PublishedPort\":18080,\"PublishMode\":\"host\"}]}", StringComparison.Ordinal);
        var task = JsonSerializer.Deserialize($"[{text}]", DockerJson.Default.TaskRecordArray)!.Single();
        Assert.That(task.Status.PortStatus.Ports, Is.EqualTo(new[] { new ServicePort { Protocol = "tcp", TargetPort = 8080, PublishedPort = 18080, PublishMode = "host" } }));
    }

    [TestCase("""{"Global":{}}""", "global")]
    [TestCase("""{"Replicated":{}}""", "replicated")]
    [TestCase("""{"ReplicatedJob":{"MaxConcurrent":1}}""", "other")]
    [TestCase("""{}""", "other")]
    [TestCase("null", "other")]
    public void AModeHasAWord(string mode, string word) => Assert.That(
        JsonSerializer.Deserialize("[{\"Spec\":{\"Mode\":" + mode + "}}]", DockerJson.Default.ServiceRecordArray)!.Single().Spec.Mode.Word, Is.EqualTo(word));

    [Test]
    public void ANodeTellsHowItIs()
    {
        var node = JsonSerializer.Deserialize(
            """[{"ID":"tcd","Spec":{"Labels":{"edge":"true"},"Role":"worker","Availability":"drain"},"Status":{"State":"down","Message":"heartbeat failure","Addr":"10.0.0.2"}},{"ID":"x","Spec":{"Labels":null},"Status":null}]""",
            DockerJson.Default.NodeRecordArray)!;
        Assert.That((node[0].Spec.Role, node[0].Spec.Availability, node[0].Status.State, node[0].Status.Addr, node[0].Spec.Labels["edge"]), Is.EqualTo(("worker", "drain", "down", "10.0.0.2", "true")));
        Assert.That(node[1].Spec.Role + node[1].Status.State + node[1].Spec.Labels.Count, Is.EqualTo("0"));
    }

    [Test]
    public void ANodeTellsItsHostName() =>
        Assert.That(
            JsonSerializer.Deserialize("""[{"ID":"tcd","Spec":{"Role":"manager"},"Description":{"Hostname":"vm"},"ManagerStatus":{"Leader":true}}]""", DockerJson.Default.NodeRecordArray)!.Single().ToString(),
            Is.EqualTo("node vm (tcd)"));

    [TestCase("""{"Leader":true,"Reachability":"reachable","Addr":"192.0.2.1:2377"}""", "192.0.2.1:2377")]
    [TestCase("""{"Addr":null}""", "")]
    [TestCase("null", null)]
    public void AManagerTellsItsAddress(string json, string? address) => Assert.That(
        JsonSerializer.Deserialize("[{\"ManagerStatus\":" + json + "}]", DockerJson.Default.NodeRecordArray)!.Single().ManagerStatus?.Addr, Is.EqualTo(address));

    [TestCase("{}")]
    [TestCase("""{"ID":null,"CreatedAt":"0001-01-01T00:00:00Z","Spec":null,"Endpoint":null,"UpdateStatus":null}""")]
    [TestCase("""{"Spec":{"Name":null,"Labels":null},"Endpoint":{"VirtualIPs":null,"Ports":[null]}}""")]
    public void AServiceWithoutAnythingHasNoNulls(string json)
    {
        var service = JsonSerializer.Deserialize($"[{json}]", DockerJson.Default.ServiceRecordArray)!.Single();
        Assert.That(service.ID + service.Spec.Name, Is.Empty);
        Assert.That(service.Spec.Labels.Count + service.Endpoint.VirtualIPs.Count + service.Endpoint.Ports.Count, Is.Zero);
        Assert.That(service.CreatedAt, Is.Null);
    }

    [TestCase("{}")]
    [TestCase("""{"ID":null,"Spec":null,"Status":null,"DesiredState":null,"NetworksAttachments":null}""")]
    [TestCase("""{"Spec":{"ContainerSpec":null},"Status":{"ContainerStatus":null,"State":null,"PortStatus":null},"NetworksAttachments":[null]}""")]
    [TestCase("""{"Status":{"PortStatus":{"Ports":null}}}""")]
    public void ATaskWithoutAnythingHasNoNulls(string json)
    {
        var task = JsonSerializer.Deserialize($"[{json}]", DockerJson.Default.TaskRecordArray)!.Single();
        Assert.That(task.ID + task.Status.State + task.DesiredState + task.Status.ContainerStatus.ContainerID + task.Spec.ContainerSpec.Image, Is.Empty);
        Assert.That(task.Status.PortStatus.Ports, Is.Empty);
        Assert.That(task.NetworksAttachments.Count + task.Spec.ContainerSpec.Env.Count, Is.Zero);
    }
}
