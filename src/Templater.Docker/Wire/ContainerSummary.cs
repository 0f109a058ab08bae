using static Templater.Docker.Wire.Absent;

namespace Templater.Docker.Wire;

/// <summary>One row of <c>GET /containers/json</c> (Engine API 1.41 to 1.52). Nothing in it is trusted, and no property is ever null unless its type says so.</summary>
public sealed record ContainerSummary
{
    private const string HealthyMark = "(healthy)";
    private const string UnhealthyMark = "(unhealthy)";
    private const string StartingMark = "(health: starting)";

    /// <summary>64 hexadecimal digits.</summary>
    public string Id { get; init => field = Filled(value); } = "";

    /// <summary>Names with a leading slash; legacy links add names with two. Empty while a container is being removed.</summary>
    public IReadOnlyList<string> Names { get; init => field = Filled(value); } = [];

    /// <summary>The image as it was asked for; an id when its tag has moved on.</summary>
    public string Image { get; init => field = Filled(value); } = "";

    /// <summary>Id of the image.</summary>
    public string ImageID { get; init => field = Filled(value); } = "";

    /// <summary>Creation time in Unix seconds.</summary>
    public long Created { get; init; }

    /// <summary><c>created running paused restarting removing exited dead</c>.</summary>
    public string State { get; init => field = Filled(value); } = "";

    /// <summary>Text for people ("Up 5 minutes (healthy)"): it changes with time and must never reach an output.</summary>
    public string Status { get; init => field = Filled(value); } = "";

    /// <summary>Labels of the image and the container.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init => field = Filled(value); } = Filled((IReadOnlyDictionary<string, string>?)null);

    /// <summary>Exposed and published ports; exposed ones only while it runs.</summary>
    public IReadOnlyList<PortSummary> Ports { get; init => field = Filled(value); } = [];

    /// <summary>The part of the host settings that the list carries.</summary>
    public HostConfig HostConfig { get; init => field = value ?? new HostConfig(); } = new();

    /// <summary>Attachments to networks.</summary>
    public ContainerNetworks NetworkSettings { get; init => field = value ?? new ContainerNetworks(); } = new();

    /// <summary>What is mounted into it.</summary>
    public IReadOnlyList<MountPoint> Mounts { get; init => field = Filled(value); } = [];

    /// <summary>Result of the health check; null before API 1.52, where only <see cref="Status"/> tells it.</summary>
    public Health? Health { get; init; }

    /// <summary>
    /// The health check's result whatever the API version: <c>healthy unhealthy starting</c>, or <c>none</c> for a container
    /// without a check or one that does not run.
    /// </summary>
    public string ReadHealth() =>
        Health is { Status.Length: > 0 } ? Health.Status
        : Status.EndsWith(HealthyMark, StringComparison.Ordinal) ? "healthy"
        : Status.EndsWith(UnhealthyMark, StringComparison.Ordinal) ? "unhealthy"
        : Status.EndsWith(StartingMark, StringComparison.Ordinal) ? "starting"
        : "none";

    /// <inheritdoc/>
    public override string ToString() => $"container {Id} ({State})";
}

/// <summary>A port of a row of the container list.</summary>
public sealed record PortSummary
{
    /// <summary>Host address it is bound to; empty when it is only exposed.</summary>
    public string IP { get; init => field = Filled(value); } = "";

    /// <summary>Port inside the container.</summary>
    public int PrivatePort { get; init; }

    /// <summary>Port on the host; 0 when it is only exposed.</summary>
    public int PublicPort { get; init; }

    /// <summary><c>tcp udp sctp</c>.</summary>
    public string Type { get; init => field = Filled(value); } = "";
}

/// <summary><c>NetworkSettings</c> of a container, in the list and in an inspection.</summary>
public sealed record ContainerNetworks
{
    /// <summary>Attachments by network name.</summary>
    public IReadOnlyDictionary<string, EndpointSettings> Networks { get; init => field = Filled(value); } = Filled((IReadOnlyDictionary<string, EndpointSettings>?)null);

    /// <summary>Ports by <c>80/tcp</c> with the host addresses they are published on; inspections only.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?> Ports { get; init => field = value ?? new Dictionary<string, IReadOnlyList<PortBinding>?>(); }
        = new Dictionary<string, IReadOnlyList<PortBinding>?>();
}

/// <summary>A host address that a container's port is published on.</summary>
public sealed record PortBinding
{
    /// <summary>Host address; may be empty.</summary>
    public string HostIp { get; init => field = Filled(value); } = "";

    /// <summary>Host port as text.</summary>
    public string HostPort { get; init => field = Filled(value); } = "";
}

/// <summary>One container's attachment to one network.</summary>
public sealed record EndpointSettings
{
    /// <summary>Id of the network; empty for a container that was created but never started.</summary>
    public string NetworkID { get; init => field = Filled(value); } = "";

    /// <summary>Id of this attachment; new at every start and connect, empty while not attached.</summary>
    public string EndpointID { get; init => field = Filled(value); } = "";

    /// <summary>IPv4 address; empty while not attached.</summary>
    public string IPAddress { get; init => field = Filled(value); } = "";

    /// <summary>IPv6 address; empty when there is none.</summary>
    public string GlobalIPv6Address { get; init => field = Filled(value); } = "";

    /// <summary>IPv4 gateway.</summary>
    public string Gateway { get; init => field = Filled(value); } = "";

    /// <summary>MAC address.</summary>
    public string MacAddress { get; init => field = Filled(value); } = "";

    /// <summary>Names that were asked for on this network.</summary>
    public IReadOnlyList<string> Aliases { get; init => field = Filled(value); } = [];

    /// <summary>Names that resolve on this network (API 1.44 and later).</summary>
    public IReadOnlyList<string> DNSNames { get; init => field = Filled(value); } = [];

    /// <summary>Priority as the container's gateway (API 1.48 and later), highest wins.</summary>
    public int GwPriority { get; init; }
}

/// <summary>What is mounted into a container.</summary>
public sealed record MountPoint
{
    /// <summary><c>bind volume tmpfs npipe</c>.</summary>
    public string Type { get; init => field = Filled(value); } = "";

    /// <summary>Name of a volume.</summary>
    public string Name { get; init => field = Filled(value); } = "";

    /// <summary>Path on the host.</summary>
    public string Source { get; init => field = Filled(value); } = "";

    /// <summary>Path inside the container.</summary>
    public string Destination { get; init => field = Filled(value); } = "";

    /// <summary>Mount options as text.</summary>
    public string Mode { get; init => field = Filled(value); } = "";

    /// <summary>Whether the container may write.</summary>
    public bool RW { get; init; }
}
