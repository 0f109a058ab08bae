using System.Text.Json.Serialization;
using static Templater.Docker.Wire.Absent;

namespace Templater.Docker.Wire;

/// <summary>The answer of <c>GET /containers/{id}/json</c>, and one element of what <c>docker inspect</c> prints. No property is ever null unless its type says so.</summary>
public sealed record ContainerInspect
{
    /// <summary>64 hexadecimal digits.</summary>
    public string Id { get; init => field = Filled(value); } = "";

    /// <summary>Name with a leading slash.</summary>
    public string Name { get; init => field = Filled(value); } = "";

    /// <summary>When it was created; null when absent or unreadable.</summary>
    [JsonConverter(typeof(TolerantTimeConverter))]
    public DateTimeOffset? Created { get; init; }

    /// <summary>Id of the image; its name is in <see cref="ContainerConfig.Image"/>.</summary>
    public string Image { get; init => field = Filled(value); } = "";

    /// <summary>How often the engine restarted it by its restart policy.</summary>
    public int RestartCount { get; init; }

    /// <summary>What it is doing.</summary>
    public ContainerState State { get; init => field = value ?? new ContainerState(); } = new();

    /// <summary>What it was created from.</summary>
    public ContainerConfig Config { get; init => field = value ?? new ContainerConfig(); } = new();

    /// <summary>Host-side settings.</summary>
    public HostConfig HostConfig { get; init => field = value ?? new HostConfig(); } = new();

    /// <summary>Attachments and ports.</summary>
    public ContainerNetworks NetworkSettings { get; init => field = value ?? new ContainerNetworks(); } = new();

    /// <summary>What is mounted into it.</summary>
    public IReadOnlyList<MountPoint> Mounts { get; init => field = Filled(value); } = [];

    /// <inheritdoc/>
    public override string ToString() => $"container {Id} ({State.Status})";
}

/// <summary><c>State</c> of an inspected container.</summary>
public sealed record ContainerState
{
    /// <summary><c>created running paused restarting removing exited dead</c>.</summary>
    public string Status { get; init => field = Filled(value); } = "";

    /// <summary>Whether its process exists; also true while paused.</summary>
    public bool Running { get; init; }

    /// <summary>Whether it is paused.</summary>
    public bool Paused { get; init; }

    /// <summary>Whether the restart policy is about to start it again.</summary>
    public bool Restarting { get; init; }

    /// <summary>Process id of its first process in the engine's namespace; 0 when it does not run.</summary>
    public int Pid { get; init; }

    /// <summary>Exit code of the last run.</summary>
    public int ExitCode { get; init; }

    /// <summary>Why it could not be started; empty otherwise.</summary>
    public string Error { get; init => field = Filled(value); } = "";

    /// <summary>When it was last started; null if never.</summary>
    [JsonConverter(typeof(TolerantTimeConverter))]
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it last ended; null if never.</summary>
    [JsonConverter(typeof(TolerantTimeConverter))]
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Result of its health check; null without one.</summary>
    public Health? Health { get; init; }
}

/// <summary>Result of a container's health check.</summary>
public sealed record Health
{
    /// <summary><c>none starting healthy unhealthy</c>.</summary>
    public string Status { get; init => field = Filled(value); } = "";

    /// <summary>Failed checks in a row.</summary>
    public int FailingStreak { get; init; }

    /// <summary>The last results, oldest first; absent in the list.</summary>
    public IReadOnlyList<HealthResult> Log { get; init => field = Filled(value); } = [];
}

/// <summary>One run of a health check.</summary>
public sealed record HealthResult
{
    /// <summary>When it ended; null when unreadable.</summary>
    [JsonConverter(typeof(TolerantTimeConverter))]
    public DateTimeOffset? End { get; init; }

    /// <summary>0 healthy, anything else not.</summary>
    public int ExitCode { get; init; }

    /// <summary>What the check printed; not trusted, up to 4 kB.</summary>
    public string Output { get; init => field = Filled(value); } = "";
}

/// <summary><c>Config</c> of an inspected container.</summary>
public sealed record ContainerConfig
{
    /// <summary>Host name inside the container.</summary>
    public string Hostname { get; init => field = Filled(value); } = "";

    /// <summary>User it runs as; empty means the image's default.</summary>
    public string User { get; init => field = Filled(value); } = "";

    /// <summary>The image as it was asked for.</summary>
    public string Image { get; init => field = Filled(value); } = "";

    /// <summary>Signal that stops it; empty means SIGTERM.</summary>
    public string StopSignal { get; init => field = Filled(value); } = "";

    /// <summary>Seconds that the engine waits for it to stop; null means the engine's own.</summary>
    public int? StopTimeout { get; init; }

    /// <summary>Whether it has a terminal: its log is then one raw stream.</summary>
    public bool Tty { get; init; }

    /// <summary><c>NAME=value</c> each. Holds secrets.</summary>
    public IReadOnlyList<string> Env { get; init => field = Filled(value); } = [];

    /// <summary>Exposed ports as <c>80/tcp</c>.</summary>
    [JsonConverter(typeof(KeysConverter))]
    public IReadOnlyList<string> ExposedPorts { get; init => field = Filled(value); } = [];

    /// <summary>Labels of the image and the container.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init => field = Filled(value); } = Filled((IReadOnlyDictionary<string, string>?)null);

    /// <summary>The health check; null without one.</summary>
    public Healthcheck? Healthcheck { get; init; }
}

/// <summary>A container's health check. Durations are nanoseconds, 0 means the default.</summary>
public sealed record Healthcheck
{
    /// <summary>The command; first element <c>NONE</c> switches the image's check off.</summary>
    public IReadOnlyList<string> Test { get; init => field = Filled(value); } = [];

    /// <summary>Time between checks.</summary>
    public long Interval { get; init; }

    /// <summary>Time limit of a check.</summary>
    public long Timeout { get; init; }

    /// <summary>Time at the start during which failures do not count.</summary>
    public long StartPeriod { get; init; }

    /// <summary>Failures in a row that make it unhealthy.</summary>
    public int Retries { get; init; }
}

/// <summary>The host-side settings that matter for routing and signalling.</summary>
public sealed record HostConfig
{
    /// <summary>A network name, <c>default</c>, <c>host</c>, <c>none</c> or <c>container:ID</c>.</summary>
    public string NetworkMode { get; init => field = Filled(value); } = "";

    /// <summary>Empty, <c>host</c> or <c>container:ID</c>; inspections only.</summary>
    public string PidMode { get; init => field = Filled(value); } = "";

    /// <summary>Further groups of its program, by number or name; inspections only.</summary>
    public IReadOnlyList<string> GroupAdd { get; init => field = Filled(value); } = [];

    /// <summary>Kernel settings of its own; inspections only.</summary>
    public IReadOnlyDictionary<string, string> Sysctls { get; init => field = Filled(value); } = Filled((IReadOnlyDictionary<string, string>?)null);
}
