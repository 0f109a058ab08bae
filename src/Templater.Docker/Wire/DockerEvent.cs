using System.Text.Json.Serialization;
using static Templater.Docker.Wire.Absent;

namespace Templater.Docker.Wire;

/// <summary>One message of <c>GET /events</c>. A hint that something changed; the list is the truth.</summary>
public sealed record DockerEvent
{
    private static readonly EventActor NoActor = new();

    /// <summary><c>container network image volume daemon service node ...</c>.</summary>
    public string Type { get; init => field = Filled(value); } = "";

    /// <summary>What happened, for example <c>start</c>; health changes are <c>health_status: healthy</c>.</summary>
    public string Action { get; init => field = Filled(value); } = "";

    /// <summary>What it happened to.</summary>
    public EventActor Actor { get; init => field = value ?? NoActor; } = NoActor;

    /// <summary><c>local</c> or <c>swarm</c>.</summary>
    [JsonPropertyName("scope")]
    public string Scope { get; init => field = Filled(value); } = "";

    /// <summary>Unix seconds on the engine's clock.</summary>
    [JsonPropertyName("time")]
    public long Time { get; init; }

    /// <summary>Unix nanoseconds on the engine's clock.</summary>
    [JsonPropertyName("timeNano")]
    public long TimeNano { get; init; }

    /// <summary>The container it is about: the actor, or for network events the one that was attached; null for others.</summary>
    [JsonIgnore]
    public string? ContainerId => Type switch
    {
        "container" => Actor.ID,
        "network" => Actor.Attributes.GetValueOrDefault("container"),
        _ => null,
    };

    /// <inheritdoc/>
    public override string ToString() => $"{Type} {Action} {Actor.ID}";
}

/// <summary>What an event is about.</summary>
public sealed record EventActor
{
    /// <summary>Id of the container, network, ...</summary>
    public string ID { get; init => field = Filled(value); } = "";

    /// <summary>Labels and facts, such as <c>name</c>, <c>signal</c>, <c>exitCode</c>, <c>container</c>.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init => field = Filled(value); } = Filled((IReadOnlyDictionary<string, string>?)null);
}
