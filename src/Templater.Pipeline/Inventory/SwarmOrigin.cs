using System.Collections.Immutable;

namespace Templater.Pipeline.Inventory;

/// <summary>Where services of a Swarm are read.</summary>
public enum SwarmMode
{
    /// <summary>On managers; elsewhere nothing is said about it.</summary>
    Auto,
    /// <summary>Always: an engine that is no manager cannot be read.</summary>
    On,
    /// <summary>Never.</summary>
    Off,
}

/// <summary>What an entry of the container list stands for.</summary>
public enum OriginKind
{
    /// <summary>One task of a service, on this node or another.</summary>
    Task,
    /// <summary>A whole service behind its virtual address.</summary>
    Service,
}

/// <summary>What a manager of the Swarm tells about a task or a service; routing reads the service's labels, not the container's.</summary>
public sealed record SwarmOrigin
{
    /// <summary>What the entry stands for.</summary>
    public required OriginKind Kind { get; init; }

    /// <summary>Labels of the service, ordinal order; untrusted.</summary>
    public required ImmutableSortedDictionary<string, string> ServiceLabels { get; init; }

    /// <summary>When the service was created: a rolling update makes no application younger.</summary>
    public required DateTimeOffset ServiceCreated { get; init; }

    /// <summary>Host name of the node that the task runs on; empty when unknown, and for a service.</summary>
    public required string Node { get; init; }

    /// <summary>Address of that node; null when it is not known, or is none by which others reach it.</summary>
    public string? NodeAddress { get; init; }

    /// <summary>True when it runs on another node, so that this engine knows no container of that id.</summary>
    public required bool IsElsewhere { get; init; }

    /// <summary>True when the Swarm wants it to end: its process gets its signal in a moment, if it has not yet.</summary>
    public required bool IsLeaving { get; init; }

    /// <summary>True when the service has a virtual address of its own.</summary>
    public required bool HasVirtualAddress { get; init; }

    /// <summary>
    /// So many addresses the service's name is to be reckoned to stand for, with room to grow, where its labels ask for that name;
    /// 0 where they do not.
    /// </summary>
    public int Places { get; init; }
}
