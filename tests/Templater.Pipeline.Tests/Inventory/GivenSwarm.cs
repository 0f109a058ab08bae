using Templater.Docker.Wire;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Inventory.Swarm;
using ContainerState = Templater.Pipeline.Inventory.ContainerState;

namespace Templater.Pipeline.Tests.Inventory;

/// <summary>Parts of a Swarm of the nodes <c>n1</c>, which is the engine's own, and <c>n2</c>.</summary>
internal static class GivenSwarm
{
    public const string Own = "n1";
    public const string Other = "n2";

    public static readonly DateTimeOffset Born = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly NodeRecord[] Nodes =
    [
        new() { ID = Own, Status = new NodeStatus { Addr = "0.0.0.0" }, ManagerStatus = new NodeManager { Addr = "192.0.2.1:2377" }, Description = new NodeDescription { Hostname = "alpha" } },
        new() { ID = Other, Status = new NodeStatus { Addr = "192.0.2.2" }, Description = new NodeDescription { Hostname = "beta" } },
    ];

    public static ServiceRecord Service(string name, params (string Key, string Value)[] labels) => new()
    {
        ID = "s-" + name,
        CreatedAt = Born,
        Spec = new ServiceSpec { Name = name, Labels = labels.ToDictionary(static l => l.Key, static l => l.Value), Mode = new ServiceMode { Replicated = new ReplicatedMode { Replicas = 3 } } },
        Endpoint = new ServiceEndpoint { VirtualIPs = [new ServiceAddress { NetworkID = "id-front", Addr = "10.0.1.2/24" }, new ServiceAddress { NetworkID = "id-ingress", Addr = "10.255.0.2/16" }] },
    };

    public static TaskRecord Task(string service, int slot, string node = Other, string state = "running", string wanted = "running") => new()
    {
        ID = $"t-{service}-{slot}-{node}",
        ServiceID = "s-" + service,
        NodeID = node,
        Slot = slot,
        DesiredState = wanted,
        Status = new SwarmTaskStatus { State = state, Timestamp = Born, ContainerStatus = new TaskContainerStatus { ContainerID = $"c-{service}-{slot}-{node}" } },
        Spec = new TaskSpec { ContainerSpec = new TaskContainerSpec { Image = "my/shop:1@sha256:" + new string('a', 64), Env = ["VIRTUAL_PORT=1", "SECRET=x"] } },
        NetworksAttachments =
        [
            Attached("ingress", $"10.255.0.{slot + 10}/16", isIngress: true),
            Attached("front", $"10.0.1.{slot + 10}/24"),
        ],
    };

    public static TaskAttachment Attached(string network, string address, bool isIngress = false) => new()
    {
        Network = new AttachedNetwork { ID = "id-" + network, Spec = new AttachedNetworkSpec { Name = network, Ingress = isIngress } },
        Addresses = [address],
    };

    /// <summary>The task's container as the engine of its own node lists it.</summary>
    public static Container Container(TaskRecord task) => new()
    {
        Id = new ContainerId(task.Status.ContainerStatus.ContainerID),
        Name = task.ID,
        Image = new ImageReference("", "my/shop", "1", ""),
        State = ContainerState.Running,
        Created = Born.AddDays(1),
        Labels = System.Collections.Immutable.ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
        [
            new KeyValuePair<string, string>("com.docker.swarm.service.id", task.ServiceID),
            new KeyValuePair<string, string>("com.docker.swarm.task.id", task.ID),
        ]),
        Endpoints = [new Endpoint { NetworkName = "front", NetworkId = "id-front", IPv4 = "10.0.1.99" }],
        Ports = [new ContainerPort(8080, "tcp", 30000)],
        Swarm = new SwarmIdentity(task.ServiceID[2..], null, task.ID),
    };

    public static List<Container> Merged(IReadOnlyList<ServiceRecord> services, IReadOnlyList<TaskRecord> tasks, params Container[] local) =>
        new TaskContainers(new SwarmReading(Own, services, tasks, Nodes), EnvFilter.Default).Of(local);
}
