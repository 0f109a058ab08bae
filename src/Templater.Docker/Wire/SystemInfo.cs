using static Templater.Docker.Wire.Absent;

namespace Templater.Docker.Wire;

/// <summary>The part of <c>GET /info</c> that is of use.</summary>
public sealed record SystemInfo
{
    /// <summary>Id of the engine.</summary>
    public string ID { get; init => field = Filled(value); } = "";

    /// <summary>Host name of the engine.</summary>
    public string Name { get; init => field = Filled(value); } = "";

    /// <summary>Version of the engine.</summary>
    public string ServerVersion { get; init => field = Filled(value); } = "";

    /// <summary>Machine architecture, for example <c>x86_64</c>.</summary>
    public string Architecture { get; init => field = Filled(value); } = "";

    /// <summary>Operating system family: <c>linux</c> or <c>windows</c>.</summary>
    public string OSType { get; init => field = Filled(value); } = "";

    /// <summary>Whether containers go on while the engine restarts.</summary>
    public bool LiveRestoreEnabled { get; init; }

    /// <summary>Its part in a Swarm.</summary>
    public SwarmInfo Swarm { get; init => field = value ?? new SwarmInfo(); } = new();
}

/// <summary>An engine's part in a Swarm.</summary>
public sealed record SwarmInfo
{
    /// <summary>Id of this node; empty outside a Swarm.</summary>
    public string NodeID { get; init => field = Filled(value); } = "";

    /// <summary>Address of this node.</summary>
    public string NodeAddr { get; init => field = Filled(value); } = "";

    /// <summary><c>inactive pending active error locked</c>.</summary>
    public string LocalNodeState { get; init => field = Filled(value); } = "";

    /// <summary>Whether this node is a manager: only managers list services and tasks.</summary>
    public bool ControlAvailable { get; init; }
}

/// <summary>The answer of <c>GET /version</c>.</summary>
public sealed record EngineVersion
{
    /// <summary>Version of the engine, for example <c>20.10.24</c>.</summary>
    public string Version { get; init => field = Filled(value); } = "";

    /// <summary>Newest API version that it speaks.</summary>
    public string ApiVersion { get; init => field = Filled(value); } = "";

    /// <summary>Oldest API version that it speaks.</summary>
    public string MinAPIVersion { get; init => field = Filled(value); } = "";

    /// <summary>Operating system.</summary>
    public string Os { get; init => field = Filled(value); } = "";

    /// <summary>Architecture in Go's words, for example <c>amd64</c>.</summary>
    public string Arch { get; init => field = Filled(value); } = "";
}

/// <summary>The answer of <c>GET /containers/{id}/top</c>.</summary>
public sealed record ContainerTop
{
    /// <summary>Column titles.</summary>
    public IReadOnlyList<string> Titles { get; init => field = Filled(value); } = [];

    /// <summary>One row of columns per process.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Processes { get; init => field = Filled(value); } = [];
}
