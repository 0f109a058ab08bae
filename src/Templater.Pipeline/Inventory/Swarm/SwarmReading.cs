using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Templater.Docker.Wire;

namespace Templater.Pipeline.Inventory.Swarm;

/// <summary>What a manager says about its Swarm at one moment: all of it, never a part. Immutable.</summary>
internal sealed class SwarmReading
{
    private readonly Dictionary<string, ServiceRecord> _services = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _nodes = new(StringComparer.Ordinal);

    private ILookup<string, TaskRecord>? _failed;

    /// <summary>Takes what three calls answered.</summary>
    /// <param name="ownNode">Id of the engine's own node.</param>
    /// <param name="services">All services.</param>
    /// <param name="tasks">All tasks.</param>
    /// <param name="nodes">All nodes.</param>
    public SwarmReading(string ownNode, IReadOnlyList<ServiceRecord> services, IReadOnlyList<TaskRecord> tasks, IReadOnlyList<NodeRecord> nodes)
    {
        OwnNode = ownNode;
        foreach (var service in services)
            _services.TryAdd(service.ID, service);
        foreach (var node in nodes)
            _nodes.TryAdd(node.ID, UntrustedText.Bounded(node.Description.Hostname));
        Nodes = [.. nodes.Where(static node => node.ID.Length > 0).DistinctBy(static node => node.ID, StringComparer.Ordinal)];
        Services = [.. _services.Values.OrderBy(static service => service.ID, StringComparer.Ordinal)];
        Tasks = [.. tasks.Where(static task => task.ID.Length > 0).DistinctBy(static task => task.ID, StringComparer.Ordinal)
            .OrderBy(static task => task.ID, StringComparer.Ordinal)];
    }

    /// <summary>Id of the engine's own node.</summary>
    public string OwnNode { get; }

    /// <summary>All services, by id.</summary>
    public ImmutableArray<ServiceRecord> Services { get; }

    /// <summary>All tasks, by id; also those that have ended.</summary>
    public ImmutableArray<TaskRecord> Tasks { get; }

    /// <summary>All nodes.</summary>
    public ImmutableArray<NodeRecord> Nodes { get; }

    /// <summary>True when tasks run, or are to run, on other nodes: no event of this engine tells what becomes of them.</summary>
    public bool RunsElsewhere() => Tasks.Any(task => task.NodeID.Length > 0 && task.NodeID != OwnNode && !TaskWords.IsLeaving(task));

    /// <summary>The service of an id; null when it is not known.</summary>
    /// <param name="id">Its id.</param>
    public ServiceRecord? Service(string id) => _services.GetValueOrDefault(id);

    /// <summary>Host name of a node; empty when it is not known.</summary>
    /// <param name="id">Its id.</param>
    public string Node(string id) => _nodes.GetValueOrDefault(id, "");

    /// <summary>Address by which others reach a node; null when none is known. Of a manager the first may be 0.0.0.0.</summary>
    /// <param name="id">Id of the node.</param>
    public string? NodeAddress(string id)
    {
        var node = Nodes.FirstOrDefault(node => node.ID == id);
        return node is null ? null : Reachable(node.Status.Addr) ?? (IPEndPoint.TryParse(node.ManagerStatus?.Addr ?? "", out var manager) ? Reachable(manager.Address.ToString()) : null);
    }

    private static string? Reachable(string text) =>
        IPAddress.TryParse(text, out var address) && !IPAddress.IsLoopback(address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)
            && address.ToString() is var canonical && !canonical.Contains('%', StringComparison.Ordinal)
            ? canonical
            : null;

    /// <summary>How many tasks of the same place failed not long before a task started.</summary>
    /// <param name="task">The task.</param>
    public int FailuresBefore(TaskRecord task)
    {
        if (task.Status.Timestamp is not { } started)
            return 0;
        _failed ??= Tasks.Where(TaskWords.HasFailed).ToLookup(Place, StringComparer.Ordinal);
        var failures = 0;
        foreach (var other in _failed[Place(task)])
        {
            if (other.ID != task.ID && other.Status.Timestamp is { } at && at <= started && started - at < Lifecycle.Window)
                failures++;
        }

        return failures;
    }

    private static string Place(TaskRecord task) => string.Create(
        CultureInfo.InvariantCulture, $"{task.ServiceID} {task.Slot} {(task.Slot > 0 ? "" : task.NodeID)}");

    /// <summary>True when something has not arrived where the Swarm wants it, so that more changes are to be expected soon.</summary>
    public bool IsMoving() =>
        Services.Any(static service => service.UpdateStatus?.State is "updating" or "rollback_started") || Tasks.Any(TaskWords.IsMoving);

    /// <summary>What of a task can change what is routed, in one text.</summary>
    /// <param name="task">The task.</param>
    public static string Facts(TaskRecord task) => string.Create(
        CultureInfo.InvariantCulture, $"{task.Status.State} {task.DesiredState} {task.NodeID} {task.Status.ContainerStatus.ContainerID}");
}
