using System.Collections.Immutable;

namespace Templater.Pipeline.Inventory;

/// <summary>What a manager lists of its Swarm, for templates; routing reads containers. Immutable.</summary>
public sealed record SwarmContent
{
    /// <summary>All services, ordered by name, then id (both ordinal).</summary>
    public ImmutableArray<SwarmService> Services { get => field.IsDefault ? [] : field; init; } = [];

    /// <summary>All tasks that have not ended, ordered by service, then id (both ordinal).</summary>
    public ImmutableArray<SwarmTask> Tasks { get => field.IsDefault ? [] : field; init; } = [];

    /// <summary>All nodes, ordered by host name, then id (both ordinal).</summary>
    public ImmutableArray<SwarmNode> Nodes { get => field.IsDefault ? [] : field; init; } = [];
}

/// <summary>A service of a Swarm.</summary>
public sealed record SwarmService
{
    /// <summary>The Swarm's id.</summary>
    public required string Id { get; init; }

    /// <summary>Its name; untrusted.</summary>
    public required string Name { get; init; }

    /// <summary>The stack that it belongs to; null outside stacks; untrusted.</summary>
    public required string? Stack { get; init; }

    /// <summary>Its labels, ordinal order; untrusted.</summary>
    public required ImmutableSortedDictionary<string, string> Labels { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary><c>replicated</c>, <c>global</c> or another word of the engine.</summary>
    public required string Mode { get; init; }

    /// <summary>How many tasks it is to have; null where that is not a number, as in mode global.</summary>
    public required int? Replicas { get; init; }

    /// <summary>How far the last update is, such as <c>updating</c>; empty when there was none.</summary>
    public required string UpdateState { get; init; }

    /// <summary>Its virtual addresses; untrusted names.</summary>
    public required ImmutableArray<Endpoint> Endpoints { get; init; }

    /// <summary>Its published ports, as the tasks see them.</summary>
    public required ImmutableArray<ContainerPort> Ports { get; init; }
}

/// <summary>A task of a service.</summary>
public sealed record SwarmTask
{
    /// <summary>The Swarm's id.</summary>
    public required string Id { get; init; }

    /// <summary>Name of the service; untrusted.</summary>
    public required string Service { get; init; }

    /// <summary>Number among the replicas, from 1; 0 in mode global.</summary>
    public required int Slot { get; init; }

    /// <summary>Host name of the node that it runs on; empty while none was chosen; untrusted.</summary>
    public required string Node { get; init; }

    /// <summary>What it does: <c>starting</c>, <c>running</c>, …</summary>
    public required string State { get; init; }

    /// <summary>What it is meant to do: <c>running</c>, <c>shutdown</c>, …</summary>
    public required string DesiredState { get; init; }

    /// <summary>Id of its container; empty while there is none.</summary>
    public required string ContainerId { get; init; }

    /// <summary>Its addresses by network; untrusted names.</summary>
    public required ImmutableArray<Endpoint> Endpoints { get; init; }
}

/// <summary>A node of a Swarm.</summary>
public sealed record SwarmNode
{
    /// <summary>The Swarm's id.</summary>
    public required string Id { get; init; }

    /// <summary>Its host name; untrusted.</summary>
    public required string Name { get; init; }

    /// <summary><c>manager</c> or <c>worker</c>.</summary>
    public required string Role { get; init; }

    /// <summary><c>active</c>, <c>pause</c> or <c>drain</c>.</summary>
    public required string Availability { get; init; }

    /// <summary><c>ready</c>, <c>down</c>, <c>disconnected</c> or <c>unknown</c>.</summary>
    public required string State { get; init; }

    /// <summary>Its address; may be empty.</summary>
    public required string Address { get; init; }

    /// <summary>Its labels, ordinal order; untrusted.</summary>
    public required ImmutableSortedDictionary<string, string> Labels { get; init; }
}
