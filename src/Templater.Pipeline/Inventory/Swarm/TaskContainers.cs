using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Templater.Docker.Wire;
using Templater.Pipeline.Routing.Dialects.Traefik;

namespace Templater.Pipeline.Inventory.Swarm;

/// <summary>
/// Makes one list of what an engine lists and what its Swarm knows, so that routing needs one way for all: tasks of other nodes are
/// added, those of this node are there once, and services behind a virtual address that somebody asks for are entries of their own.
/// Pure; the order of nothing matters.
/// </summary>
/// <param name="swarm">What the manager says.</param>
/// <param name="env">What is kept of environments.</param>
internal sealed class TaskContainers(SwarmReading swarm, EnvFilter env)
{
    private const string ServiceIdLabel = "com.docker.swarm.service.id";
    private const string StackLabel = "com.docker.stack.namespace";
    private const string EndpointsKey = ".endpoints";
    private const string VirtualAddress = "vip";
    private const string Name = "dns";
    private const string HostNetwork = "host";

    // Powers of two, so that few scalings are another number.
    private const int LeastPlaces = 8;
    private const int MostPlaces = 1024;

    private readonly Dictionary<string, (ImmutableSortedDictionary<string, string> Labels, int Places)> _services = new(StringComparer.Ordinal);

    /// <summary>The list.</summary>
    /// <param name="local">What this engine lists.</param>
    public List<Container> Of(IReadOnlyList<Container> local)
    {
        var byId = swarm.Tasks.ToDictionary(static task => task.ID, StringComparer.Ordinal);
        var made = new List<Container>(local.Count);
        var ports = new Dictionary<string, ImmutableArray<ContainerPort>>(StringComparer.Ordinal);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var placed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var container in local.OrderBy(static container => container.Id.Value, StringComparer.Ordinal))
        {
            taken.Add(container.Id.Value);
            var task = container.Swarm is { } identity ? byId.GetValueOrDefault(identity.TaskId) : null;
            if (Service(container, task) is not { } service)
            {
                made.Add(container);
                continue;
            }

            if (task is not null)
                placed.Add(task.ID);
            made.Add(OnThisNode(container, task, service));
            if (container.Ports.Length > 0)
                ports.TryAdd(service.ID, [.. container.Ports.Select(static port => port with { Published = 0 })]);
        }

        foreach (var task in swarm.Tasks)
        {
            // This engine would list it: it is gone already, or reported in a moment.
            if (placed.Contains(task.ID) || task.NodeID == swarm.OwnNode || TaskWords.State(task) is not { } state || swarm.Service(task.ServiceID) is not { } service)
                continue;
            var container = OnAnotherNode(task, state, service, ports.TryGetValue(service.ID, out var known) ? known : Ports(service));
            if (taken.Add(container.Id.Value))
                made.Add(container);
        }

        made.AddRange(swarm.Services.Where(static service => IsAskedForByAddress(service) || IsAskedForByName(service)).Where(service => taken.Add(service.ID))
            .Select(service => Whole(service, ports.TryGetValue(service.ID, out var known) ? known : Ports(service))));
        return made;
    }

    // A task leaves the manager's memory before its container leaves the engine's: its label tells the service all the same.
    private ServiceRecord? Service(Container container, TaskRecord? task) =>
        container.Swarm is null ? null
        : task is not null ? swarm.Service(task.ServiceID)
        : container.Labels.TryGetValue(ServiceIdLabel, out var id) ? swarm.Service(id) : null;

    private Container OnThisNode(Container container, TaskRecord? task, ServiceRecord service) => container with
    {
        Swarm = task is not null && container.Swarm is { } identity ? identity with { Failures = swarm.FailuresBefore(task) } : container.Swarm,
        Health = task is null || container.State != ContainerState.Running ? container.Health : TaskWords.Health(task, container.Health),
        Endpoints = container.Endpoints.Any(static e => e.IPv4.Length + e.IPv6.Length > 0) || task is null ? container.Endpoints : Endpoints(task),
        // One that the manager has forgotten is wanted by nobody.
        Origin = Origin(OriginKind.Task, service, swarm.OwnNode) with { IsLeaving = task is null || TaskWords.IsLeaving(task) },
    };

    private Container OnAnotherNode(TaskRecord task, ContainerState state, ServiceRecord service, ImmutableArray<ContainerPort> ports)
    {
        var spec = task.Spec.ContainerSpec;
        var id = task.Status.ContainerStatus.ContainerID;
        var place = task.Slot > 0 ? task.Slot.ToString(CultureInfo.InvariantCulture) : task.NodeID;
        return new Container
        {
            Id = new ContainerId(UntrustedText.Bounded(id.Length > 0 ? id : task.ID)),
            Name = UntrustedText.Bounded($"{service.Spec.Name}.{place}.{task.ID}"),
            Image = ImageReferenceParser.Parse(spec.Image),
            State = state,
            Health = TaskWords.Health(task, HealthStatus.None),
            Created = service.CreatedAt ?? DateTimeOffset.UnixEpoch,
            Started = task.Status.Timestamp,
            Labels = ContainerReader.Labels(spec.Labels),
            Env = env.Apply(spec.Env),
            Endpoints = Endpoints(task),
            NetworkMode = IsOnHost(task) ? HostNetwork : "",
            Ports = Published(task, ports),
            Swarm = Identity(service, task.ID) with { Failures = swarm.FailuresBefore(task) },
            Origin = Origin(OriginKind.Task, service, task.NodeID) with { IsElsewhere = true, IsLeaving = TaskWords.IsLeaving(task) },
        };
    }

    private Container Whole(ServiceRecord service, ImmutableArray<ContainerPort> ports)
    {
        var tasks = swarm.Tasks.Where(task => task.ServiceID == service.ID).ToList();
        var isServed = tasks.Exists(static task => task.Status.State == "running" && !TaskWords.IsLeaving(task));
        return new Container
        {
            Id = new ContainerId(UntrustedText.Bounded(service.ID)),
            Name = UntrustedText.Bounded(service.Spec.Name),
            Image = ImageReferenceParser.Parse(tasks.Count > 0 ? tasks[0].Spec.ContainerSpec.Image : service.Spec.Name),
            State = isServed ? ContainerState.Running : ContainerState.Exited,
            Created = service.CreatedAt ?? DateTimeOffset.UnixEpoch,
            Endpoints = Networks(service, tasks),
            Ports = ports,
            Swarm = Identity(service, ""),
            Origin = Origin(OriginKind.Service, service, ""),
        };
    }

    // Which prefix the labels of an output have is that output's business; an entry that nobody asked for is not routed.
    private static bool IsAskedForByAddress(ServiceRecord service) =>
        HasVirtualAddress(service) && service.Spec.Labels.Any(static label =>
            (label.Key.EndsWith(EndpointsKey, StringComparison.Ordinal) && label.Value.AsSpan().Trim().Equals(VirtualAddress, StringComparison.OrdinalIgnoreCase))
            || (label.Key.StartsWith(TraefikLabels.Prefix, StringComparison.OrdinalIgnoreCase) && label.Key.EndsWith(TraefikDialect.WholeKey, StringComparison.OrdinalIgnoreCase)));

    private static bool IsAskedForByName(ServiceRecord service) => service.Spec.Labels.Any(static label =>
        label.Key.EndsWith(EndpointsKey, StringComparison.Ordinal) && label.Value.AsSpan().Trim().Equals(Name, StringComparison.OrdinalIgnoreCase));

    private static bool IsOnHost(TaskRecord task) =>
        task.NetworksAttachments.Any(static a => a.Network.Spec.Name == HostNetwork && a.Addresses.Count == 0);

    // What the engine of its node would tell of it.
    private static ImmutableArray<ContainerPort> Published(TaskRecord task, ImmutableArray<ContainerPort> ports) => ContainerReader.Ports(
        task.Status.PortStatus.Ports.Where(static port => port.PublishMode == HostNetwork && port.PublishedPort > 0)
            .Select(static port => new ContainerPort(port.TargetPort, port.Protocol.Length > 0 ? port.Protocol : "tcp", port.PublishedPort)).Concat(ports));

    // Those where it has no virtual address, too: its name is known there.
    private static ImmutableArray<Endpoint> Networks(ServiceRecord service, List<TaskRecord> tasks)
    {
        var names = NamesOf(tasks);
        var addresses = Addresses(service, names);
        var others = tasks.SelectMany(static task => task.NetworksAttachments)
            .Where(a => !a.Network.Spec.Ingress && !addresses.Any(known => known.NetworkId == a.Network.ID))
            .Select(static a => a.Network.ID).Distinct(StringComparer.Ordinal);
        return Sorted(addresses.Concat(others.Select(id => Endpoint(id, names[id], []))));
    }

    private int Places(ServiceRecord service)
    {
        if (!IsAskedForByName(service))
            return 0;
        var wanted = service.Spec.Mode.Replicated?.Replicas ?? swarm.Tasks.Count(task => task.ServiceID == service.ID && !TaskWords.IsLeaving(task));
        var places = LeastPlaces;
        while (places < wanted && places < MostPlaces)
            places *= 2;
        return places;
    }

    private static bool HasVirtualAddress(ServiceRecord service) => service.Endpoint.VirtualIPs.Any(static a => a.Addr.Length > 0);

    private static SwarmIdentity Identity(ServiceRecord service, string task) => new(
        UntrustedText.Bounded(service.Spec.Name),
        Stack(service),
        UntrustedText.Bounded(task));

    private SwarmOrigin Origin(OriginKind kind, ServiceRecord service, string node)
    {
        if (!_services.TryGetValue(service.ID, out var known))
            _services[service.ID] = known = (ContainerReader.Labels(service.Spec.Labels), Places(service));
        var (labels, places) = known;
        return new SwarmOrigin
        {
            Kind = kind,
            ServiceLabels = labels,
            ServiceCreated = service.CreatedAt ?? DateTimeOffset.UnixEpoch,
            Node = swarm.Node(node),
            NodeAddress = swarm.NodeAddress(node),
            IsElsewhere = false,
            IsLeaving = false,
            HasVirtualAddress = HasVirtualAddress(service),
            Places = places,
        };
    }

    /// <summary>The stack of a service; null outside stacks.</summary>
    internal static string? Stack(ServiceRecord service) =>
        service.Spec.Labels.TryGetValue(StackLabel, out var stack) && stack.Length > 0 ? UntrustedText.Bounded(stack) : null;

    /// <summary>Names of the networks that tasks are on, by id.</summary>
    internal static Dictionary<string, string> NamesOf(IEnumerable<TaskRecord> tasks) =>
        tasks.SelectMany(static task => task.NetworksAttachments).DistinctBy(static a => a.Network.ID, StringComparer.Ordinal)
            .ToDictionary(static a => a.Network.ID, static a => a.Network.Spec.Name, StringComparer.Ordinal);

    /// <summary>The virtual addresses of a service.</summary>
    internal static ImmutableArray<Endpoint> Addresses(ServiceRecord service, Dictionary<string, string> names) =>
        Sorted(service.Endpoint.VirtualIPs.Where(static a => a.Addr.Length > 0)
            .Select(a => Endpoint(a.NetworkID, names.GetValueOrDefault(a.NetworkID, a.NetworkID), [a.Addr])));

    /// <summary>The ports that a service publishes.</summary>
    internal static ImmutableArray<ContainerPort> Ports(ServiceRecord service) =>
        ContainerReader.Ports(service.Endpoint.Ports.Select(static port => new ContainerPort(port.TargetPort, port.Protocol.Length > 0 ? port.Protocol : "tcp")));

    // The routing mesh leads to published ports only; its addresses are the mesh's own.
    internal static ImmutableArray<Endpoint> Endpoints(TaskRecord task) => Sorted(
        task.NetworksAttachments.Where(static a => !a.Network.Spec.Ingress).Select(static a => Endpoint(a.Network.ID, a.Network.Spec.Name, a.Addresses)));

    private static ImmutableArray<Endpoint> Sorted(IEnumerable<Endpoint> endpoints) =>
        [.. endpoints.OrderBy(static e => e.NetworkName, StringComparer.Ordinal).ThenBy(static e => e.NetworkId, StringComparer.Ordinal)];

    private static Endpoint Endpoint(string id, string name, IReadOnlyList<string> addresses) => new()
    {
        NetworkId = UntrustedText.Bounded(id),
        NetworkName = UntrustedText.Bounded(name),
        IPv4 = Address(addresses, AddressFamily.InterNetwork),
        IPv6 = Address(addresses, AddressFamily.InterNetworkV6),
    };

    private static string Address(IReadOnlyList<string> addresses, AddressFamily family)
    {
        foreach (var text in addresses.Order(StringComparer.Ordinal))
        {
            var slash = text.IndexOf('/', StringComparison.Ordinal);
            if (IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address) && address.AddressFamily == family
                && address.ToString() is var canonical && !canonical.Contains('%', StringComparison.Ordinal))
                return canonical;
        }

        return "";
    }
}
