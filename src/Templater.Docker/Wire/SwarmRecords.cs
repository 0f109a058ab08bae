using System.Text.Json.Serialization;
using static Templater.Docker.Wire.Absent;

namespace Templater.Docker.Wire;

/// <summary>One row of <c>GET /services</c>. Only managers answer. Nothing in it is trusted.</summary>
public sealed record ServiceRecord
{
    /// <summary>Id of the service.</summary>
    public string ID { get; init => field = Filled(value); } = "";

    /// <summary>When it was created.</summary>
    [JsonConverter(typeof(TolerantTimeConverter))]
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>What was asked for.</summary>
    public ServiceSpec Spec { get; init => field = value ?? new ServiceSpec(); } = new();

    /// <summary>How it is reached.</summary>
    public ServiceEndpoint Endpoint { get; init => field = value ?? new ServiceEndpoint(); } = new();

    /// <summary>The last rolling update; null when there was none.</summary>
    public ServiceUpdate? UpdateStatus { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"service {Spec.Name} ({ID})";
}

/// <summary>What was asked for of a service.</summary>
public sealed record ServiceSpec
{
    /// <summary>Name.</summary>
    public string Name { get; init => field = Filled(value); } = "";

    /// <summary>Labels of the service itself, not of its containers.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init => field = Filled(value); } = Filled((IReadOnlyDictionary<string, string>?)null);

    /// <summary>How many tasks it has.</summary>
    public ServiceMode Mode { get; init => field = value ?? new ServiceMode(); } = new();
}

/// <summary>How many tasks a service has; the engine fills one of the members.</summary>
public sealed record ServiceMode
{
    /// <summary>A number of tasks; null in another mode.</summary>
    public ReplicatedMode? Replicated { get; init; }

    /// <summary>One task on each node; null in another mode.</summary>
    public GlobalMode? Global { get; init; }

    /// <summary>The mode as a word; <c>other</c> for those that this version does not know, such as jobs.</summary>
    [JsonIgnore]
    public string Word => Replicated is not null ? "replicated" : Global is not null ? "global" : "other";
}

/// <summary>The mode of a service with a number of tasks.</summary>
public sealed record ReplicatedMode
{
    /// <summary>The number; null = the engine does not say.</summary>
    public int? Replicas { get; init; }
}

/// <summary>The mode of a service with a task on each node.</summary>
public sealed record GlobalMode;

/// <summary>How a service is reached.</summary>
public sealed record ServiceEndpoint
{
    /// <summary>Its virtual addresses, one for each network; none in the mode <c>dnsrr</c>.</summary>
    public IReadOnlyList<ServiceAddress> VirtualIPs { get; init => field = Filled(value); } = [];

    /// <summary>Its published ports.</summary>
    public IReadOnlyList<ServicePort> Ports { get; init => field = Filled(value); } = [];
}

/// <summary>A virtual address of a service.</summary>
public sealed record ServiceAddress
{
    /// <summary>The network.</summary>
    public string NetworkID { get; init => field = Filled(value); } = "";

    /// <summary>The address with its prefix length.</summary>
    public string Addr { get; init => field = Filled(value); } = "";
}

/// <summary>A published port of a service.</summary>
public sealed record ServicePort
{
    /// <summary><c>tcp</c>, <c>udp</c> or <c>sctp</c>.</summary>
    public string Protocol { get; init => field = Filled(value); } = "";

    /// <summary>Port inside the containers.</summary>
    public int TargetPort { get; init; }

    /// <summary>Port on the node; 0 = the engine does not say.</summary>
    public int PublishedPort { get; init; }

    /// <summary><c>ingress</c>: on all nodes, by the routing mesh; <c>host</c>: on the node of a task, past it.</summary>
    public string PublishMode { get; init => field = Filled(value); } = "";
}

/// <summary>A rolling update.</summary>
public sealed record ServiceUpdate
{
    /// <summary><c>updating paused completed rollback_started</c> and others.</summary>
    public string State { get; init => field = Filled(value); } = "";
}

/// <summary>One row of <c>GET /tasks</c>, those that have ended included. Nothing in it is trusted.</summary>
public sealed record TaskRecord
{
    /// <summary>Id of the task.</summary>
    public string ID { get; init => field = Filled(value); } = "";

    /// <summary>The service it belongs to.</summary>
    public string ServiceID { get; init => field = Filled(value); } = "";

    /// <summary>The node it runs on; empty while none was chosen.</summary>
    public string NodeID { get; init => field = Filled(value); } = "";

    /// <summary>Number of the replica, from 1; 0 for global services.</summary>
    public int Slot { get; init; }

    /// <summary>What its container is made from.</summary>
    public TaskSpec Spec { get; init => field = value ?? new TaskSpec(); } = new();

    /// <summary>What it is doing.</summary>
    public SwarmTaskStatus Status { get; init => field = value ?? new SwarmTaskStatus(); } = new();

    /// <summary>What it is meant to do: <c>running</c>, or one of <c>shutdown complete failed remove</c> when it is meant to end.</summary>
    public string DesiredState { get; init => field = Filled(value); } = "";

    /// <summary>Its attachments to networks.</summary>
    public IReadOnlyList<TaskAttachment> NetworksAttachments { get; init => field = Filled(value); } = [];

    /// <inheritdoc/>
    public override string ToString() => $"task {ID} ({Status.State}, wanted {DesiredState})";
}

/// <summary>What a task runs.</summary>
public sealed record TaskSpec
{
    /// <summary>The container.</summary>
    public TaskContainerSpec ContainerSpec { get; init => field = value ?? new TaskContainerSpec(); } = new();
}

/// <summary>What a task's container is made from.</summary>
public sealed record TaskContainerSpec
{
    /// <summary>The image.</summary>
    public string Image { get; init => field = Filled(value); } = "";

    /// <summary>Labels of the container.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init => field = Filled(value); } = Filled((IReadOnlyDictionary<string, string>?)null);

    /// <summary>Environment, as <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> Env { get; init => field = Filled(value); } = [];
}

/// <summary>What a task is doing.</summary>
public sealed record SwarmTaskStatus
{
    /// <summary>Since when.</summary>
    [JsonConverter(typeof(TolerantTimeConverter))]
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary><c>new allocated pending assigned accepted preparing ready starting running complete shutdown failed rejected remove orphaned</c>.</summary>
    public string State { get; init => field = Filled(value); } = "";

    /// <summary>Its container.</summary>
    public TaskContainerStatus ContainerStatus { get; init => field = value ?? new TaskContainerStatus(); } = new();

    /// <summary>The ports that it has on its node.</summary>
    public TaskPortStatus PortStatus { get; init => field = value ?? new TaskPortStatus(); } = new();
}

/// <summary>A task's ports on its node.</summary>
public sealed record TaskPortStatus
{
    /// <summary>Those that are published on that node alone; engines list one as often as it has addresses.</summary>
    public IReadOnlyList<ServicePort> Ports { get; init => field = Filled(value); } = [];
}

/// <summary>A task's container.</summary>
public sealed record TaskContainerStatus
{
    /// <summary>Id; empty before it is created.</summary>
    public string ContainerID { get; init => field = Filled(value); } = "";
}

/// <summary>A task's attachment to one network.</summary>
public sealed record TaskAttachment
{
    /// <summary>The network.</summary>
    public AttachedNetwork Network { get; init => field = value ?? new AttachedNetwork(); } = new();

    /// <summary>Addresses with prefix lengths.</summary>
    public IReadOnlyList<string> Addresses { get; init => field = Filled(value); } = [];
}

/// <summary>A network as an attachment names it.</summary>
public sealed record AttachedNetwork
{
    /// <summary>Id.</summary>
    public string ID { get; init => field = Filled(value); } = "";

    /// <summary>What was asked for.</summary>
    public AttachedNetworkSpec Spec { get; init => field = value ?? new AttachedNetworkSpec(); } = new();
}

/// <summary>What was asked for of a network.</summary>
public sealed record AttachedNetworkSpec
{
    /// <summary>Name.</summary>
    public string Name { get; init => field = Filled(value); } = "";

    /// <summary>Whether it is the routing mesh.</summary>
    public bool Ingress { get; init; }
}

/// <summary>One row of <c>GET /nodes</c>.</summary>
public sealed record NodeRecord
{
    /// <summary>Id of the node.</summary>
    public string ID { get; init => field = Filled(value); } = "";

    /// <summary>What is wanted of it.</summary>
    public NodeSpec Spec { get; init => field = value ?? new NodeSpec(); } = new();

    /// <summary>How it is.</summary>
    public NodeStatus Status { get; init => field = value ?? new NodeStatus(); } = new();

    /// <summary>What it is as a manager; null for a worker.</summary>
    public NodeManager? ManagerStatus { get; init; }

    /// <summary>What it says about itself.</summary>
    public NodeDescription Description { get; init => field = value ?? new NodeDescription(); } = new();

    /// <inheritdoc/>
    public override string ToString() => $"node {Description.Hostname} ({ID})";
}

/// <summary>A node as a manager.</summary>
public sealed record NodeManager
{
    /// <summary>Address and port by which the other managers reach it.</summary>
    public string Addr { get; init => field = Filled(value); } = "";
}

/// <summary>What a node says about itself.</summary>
public sealed record NodeDescription
{
    /// <summary>Host name.</summary>
    public string Hostname { get; init => field = Filled(value); } = "";
}

/// <summary>What is wanted of a node.</summary>
public sealed record NodeSpec
{
    /// <summary><c>manager</c> or <c>worker</c>.</summary>
    public string Role { get; init => field = Filled(value); } = "";

    /// <summary><c>active</c>, <c>pause</c> or <c>drain</c>.</summary>
    public string Availability { get; init => field = Filled(value); } = "";

    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init => field = Filled(value); } = Filled((IReadOnlyDictionary<string, string>?)null);
}

/// <summary>How a node is.</summary>
public sealed record NodeStatus
{
    /// <summary><c>ready</c>, <c>down</c>, <c>disconnected</c> or <c>unknown</c>.</summary>
    public string State { get; init => field = Filled(value); } = "";

    /// <summary>Its address; may be empty.</summary>
    public string Addr { get; init => field = Filled(value); } = "";
}
