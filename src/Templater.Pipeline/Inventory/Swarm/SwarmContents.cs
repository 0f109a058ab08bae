using Templater.Docker.Wire;

namespace Templater.Pipeline.Inventory.Swarm;

/// <summary>Makes of a manager's answers what snapshots hold of them. Pure; the order of nothing matters.</summary>
internal static class SwarmContents
{
    /// <summary>The content.</summary>
    /// <param name="reading">What the manager says.</param>
    public static SwarmContent Of(SwarmReading reading) => Ordered(new SwarmContent
    {
        Services = [.. reading.Services.Select(service => Service(service, TaskContainers.NamesOf(reading.Tasks.Where(task => task.ServiceID == service.ID))))],
        Tasks = [.. reading.Tasks.Where(static task => !TaskWords.HasEnded(task)).Select(task => Task(task, reading))],
        Nodes = [.. reading.Nodes.Select(Node)],
    });

    /// <summary>The content in canonical order.</summary>
    /// <param name="content">The content.</param>
    public static SwarmContent Ordered(SwarmContent content) => new()
    {
        Services = [.. content.Services.Select(static service => service with { Labels = service.Labels.WithComparers(StringComparer.Ordinal) })
            .OrderBy(static service => service.Name, StringComparer.Ordinal).ThenBy(static service => service.Id, StringComparer.Ordinal)],
        Tasks = [.. content.Tasks.OrderBy(static task => task.Service, StringComparer.Ordinal).ThenBy(static task => task.Id, StringComparer.Ordinal)],
        Nodes = [.. content.Nodes.Select(static node => node with { Labels = node.Labels.WithComparers(StringComparer.Ordinal) })
            .OrderBy(static node => node.Name, StringComparer.Ordinal).ThenBy(static node => node.Id, StringComparer.Ordinal)],
    };

    private static SwarmService Service(ServiceRecord service, Dictionary<string, string> networks) => new()
    {
        Id = UntrustedText.Bounded(service.ID),
        Name = UntrustedText.Bounded(service.Spec.Name),
        Stack = TaskContainers.Stack(service),
        Labels = ContainerReader.Labels(service.Spec.Labels),
        Created = service.CreatedAt ?? DateTimeOffset.UnixEpoch,
        Mode = service.Spec.Mode.Word,
        Replicas = service.Spec.Mode.Replicated?.Replicas,
        UpdateState = UntrustedText.Bounded(service.UpdateStatus?.State ?? ""),
        Endpoints = TaskContainers.Addresses(service, networks),
        Ports = TaskContainers.Ports(service),
    };

    private static SwarmTask Task(TaskRecord task, SwarmReading reading) => new()
    {
        Id = UntrustedText.Bounded(task.ID),
        Service = UntrustedText.Bounded(reading.Service(task.ServiceID)?.Spec.Name ?? task.ServiceID),
        Slot = task.Slot,
        Node = reading.Node(task.NodeID),
        State = UntrustedText.Bounded(task.Status.State),
        DesiredState = UntrustedText.Bounded(task.DesiredState),
        ContainerId = UntrustedText.Bounded(task.Status.ContainerStatus.ContainerID),
        Endpoints = TaskContainers.Endpoints(task),
    };

    private static SwarmNode Node(NodeRecord node) => new()
    {
        Id = UntrustedText.Bounded(node.ID),
        Name = UntrustedText.Bounded(node.Description.Hostname),
        Role = UntrustedText.Bounded(node.Spec.Role),
        Availability = UntrustedText.Bounded(node.Spec.Availability),
        State = UntrustedText.Bounded(node.Status.State),
        Address = UntrustedText.Bounded(node.Status.Addr),
        Labels = ContainerReader.Labels(node.Spec.Labels),
    };
}
