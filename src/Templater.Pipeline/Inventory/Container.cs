using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Templater.Pipeline.Inventory;

/// <summary>The engine's 64-digit id of a container; unique for its life, never reused.</summary>
/// <param name="Value">The id as the engine gives it.</param>
public readonly record struct ContainerId(string Value)
{
    /// <summary>The first twelve characters, as the docker command prints them.</summary>
    public string ShortId => Value.Length <= 12 ? Value : Value[..12];

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>State of a container (Engine API, <c>ContainerState.Status</c>).</summary>
public enum ContainerState
{
    /// <summary>A word this version does not know.</summary>
    Unknown,
    /// <summary>Created, never started.</summary>
    Created,
    /// <summary>Running.</summary>
    Running,
    /// <summary>Paused.</summary>
    Paused,
    /// <summary>Between two runs.</summary>
    Restarting,
    /// <summary>Being removed.</summary>
    Removing,
    /// <summary>Ended.</summary>
    Exited,
    /// <summary>Could not be removed.</summary>
    Dead,
}

/// <summary>Result of the container's own health check (Engine API, <c>Health.Status</c>).</summary>
public enum HealthStatus
{
    /// <summary>The container has no health check.</summary>
    None,
    /// <summary>No result yet, or still within the start period.</summary>
    Starting,
    /// <summary>The last check succeeded.</summary>
    Healthy,
    /// <summary>The check failed as often as its retries allow.</summary>
    Unhealthy,
}

/// <summary>
/// One container as it was at one moment. Immutable and comparable by content through its serialised form.
/// Every string that comes from labels, environment, names or images is untrusted.
/// </summary>
public sealed record Container
{
    /// <summary>The engine's id.</summary>
    public required ContainerId Id { get; init; }

    /// <summary>
    /// The name without its leading slash. Where the engine gives none (seen while a container is being removed) it
    /// is the short id; where it gives several (legacy links) it is the one without a further slash.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>The image it was made from.</summary>
    public required ImageReference Image { get; init; }

    /// <summary>Running or not.</summary>
    public required ContainerState State { get; init; }

    /// <summary>Result of its health check.</summary>
    public HealthStatus Health { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>When it was last started; null if never.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>All its labels, ordinal order.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } = Ordinal.Empty;

    /// <summary>
    /// The part of its environment that the dialects in use and the operator's allow list name; everything else was
    /// dropped before this record was made.
    /// </summary>
    public ImmutableSortedDictionary<string, string> Env { get; init; } = Ordinal.Empty;

    /// <summary>Its attachments to networks, ordered by network name.</summary>
    public ImmutableArray<Endpoint> Endpoints { get; init; } = [];

    /// <summary>Its exposed and published ports, ordered by number, then protocol.</summary>
    public ImmutableArray<ContainerPort> Ports { get; init; } = [];

    /// <summary>What is mounted into it, ordered by destination.</summary>
    public ImmutableArray<Mount> Mounts { get; init; } = [];

    /// <summary><c>HostConfig.NetworkMode</c>: a network name, <c>host</c>, <c>none</c> or <c>container:ID</c>.</summary>
    public string NetworkMode { get; init; } = "";

    /// <summary>The user it runs as, as configured; empty means the image's default, normally root.</summary>
    public string User { get; init; } = "";

    /// <summary>
    /// Further groups of its program, by number or name, with a space between them; null when there are none. Nothing rendered
    /// depends on it, so it is no part of the recorded form.
    /// </summary>
    [JsonIgnore]
    public string? Groups { get; init; }

    /// <summary>Signal that the engine sends to stop it; empty means SIGTERM.</summary>
    public string StopSignal { get; init; } = "";

    /// <summary>Seconds that the engine gives it to stop; null means the engine's own, and in files of older versions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? StopTimeout { get; init; }

    /// <summary>What its health checks said last; null unless it is unhealthy, and in files of older versions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public HealthFailure? HealthFailure { get; init; }

    /// <summary>The compose service it belongs to, if compose made it.</summary>
    public ComposeIdentity? Compose { get; init; }

    /// <summary>The Swarm service it is a task of, if Swarm made it.</summary>
    public SwarmIdentity? Swarm { get; init; }

    /// <summary>Seconds after which the kernel asks whether an idle connection lives; null where the container does not set it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? TcpKeepaliveTime { get; init; }

    /// <summary>What a manager of the Swarm tells about it; null for a container that belongs to no known service.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SwarmOrigin? Origin { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"container {Name} ({Id.ShortId}, {State})";
}

/// <summary>Where compose put a container (labels <c>com.docker.compose.*</c>).</summary>
/// <param name="Project">Project name.</param>
/// <param name="Service">Service name.</param>
/// <param name="Number">Replica number, from 1; 0 when compose gave none.</param>
public sealed record ComposeIdentity(string Project, string Service, int Number);

/// <summary>Where Swarm put a task container (labels <c>com.docker.swarm.*</c>, <c>com.docker.stack.namespace</c>).</summary>
/// <param name="Service">Service name.</param>
/// <param name="Stack">Stack name; null outside stacks.</param>
/// <param name="TaskId">The task's id.</param>
public sealed record SwarmIdentity(string Service, string? Stack, string TaskId)
{
    /// <summary>
    /// How many tasks of the same place (slot, or node in mode global) failed within <see cref="Lifecycle.Window"/> before this one
    /// started, as far as the Swarm remembers; updates do not count.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Failures { get; init; }
}

/// <summary>An image name in its parts (distribution reference grammar).</summary>
/// <param name="Registry">Registry host with port; empty for the default registry.</param>
/// <param name="Repository">Repository path, for example <c>my/shop</c>; for an image known by id alone, that id.</param>
/// <param name="Tag">Tag; empty when absent.</param>
/// <param name="Digest">Digest; empty when absent.</param>
public sealed record ImageReference(string Registry, string Repository, string Tag, string Digest)
{
    /// <inheritdoc/>
    public override string ToString() =>
        (Registry.Length > 0 ? Registry + "/" : "") + Repository
        + (Tag.Length > 0 ? ":" + Tag : "") + (Digest.Length > 0 ? "@" + Digest : "");
}

/// <summary>One container's attachment to one network (Engine API, <c>EndpointSettings</c>).</summary>
public sealed record Endpoint
{
    /// <summary>Name of the network.</summary>
    public required string NetworkName { get; init; }

    /// <summary>Id of the network; empty for a container that was created but never started.</summary>
    public string NetworkId { get; init; } = "";

    /// <summary>IPv4 address; empty when it has none (yet).</summary>
    public string IPv4 { get; init; } = "";

    /// <summary>Global IPv6 address; empty when it has none (yet).</summary>
    public string IPv6 { get; init; } = "";

    /// <summary>IPv4 gateway; empty when there is none.</summary>
    public string Gateway { get; init; } = "";

    /// <summary>DNS names on that network, ordinal order.</summary>
    public ImmutableArray<string> Aliases { get; init; } = [];

    /// <summary>Gateway priority (API 1.48); 0 by default.</summary>
    public int GatewayPriority { get; init; }
}

/// <summary>A port of a container.</summary>
/// <param name="Number">Port number inside the container, 1 to 65535.</param>
/// <param name="Protocol"><c>tcp</c>, <c>udp</c> or <c>sctp</c>.</param>
/// <param name="Published">Port on the host; 0 when it is only exposed.</param>
public sealed record ContainerPort(int Number, string Protocol, int Published = 0);

/// <summary>A mount of a container (Engine API, <c>MountPoint</c>).</summary>
/// <param name="Type"><c>bind</c>, <c>volume</c>, <c>tmpfs</c>, …</param>
/// <param name="Name">Volume name; empty for binds.</param>
/// <param name="Source">Path on the host.</param>
/// <param name="Destination">Path inside the container.</param>
/// <param name="ReadWrite">False when mounted read-only.</param>
public sealed record Mount(string Type, string Name, string Source, string Destination, bool ReadWrite);

/// <summary>Ordinal, hence deterministic, empty collections.</summary>
internal static class Ordinal
{
    /// <summary>An empty map in ordinal order.</summary>
    public static readonly ImmutableSortedDictionary<string, string> Empty =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
}
