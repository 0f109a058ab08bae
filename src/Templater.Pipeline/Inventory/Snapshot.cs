using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Templater.Pipeline.Certificates;

namespace Templater.Pipeline.Inventory;

/// <summary>
/// Everything that was read at one moment, and everything a render depends on. Two renders of equal snapshots with
/// the same settings and templates give the same bytes, whatever the order in which the engine listed things.
/// Immutable; safe to share between threads.
/// </summary>
public sealed record Snapshot
{
    /// <summary>Version of the recorded form.</summary>
    public const int Format = 1;

    /// <summary>When it was read; the only "now" that routing and templates know.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>The engine it was read from; null for a file source that says nothing about it.</summary>
    public EngineDescription? Engine { get; init; }

    /// <summary>All containers, ordered by name, then id (both ordinal).</summary>
    public ImmutableArray<Container> Containers { get; init; } = [];

    /// <summary>All networks, ordered by name, then id (both ordinal).</summary>
    public ImmutableArray<Network> Networks { get; init; } = [];

    /// <summary>The container that Templater itself runs in; null outside containers and offline.</summary>
    public ContainerId? Self { get; init; }

    /// <summary>
    /// False when the source cannot know addresses (lines of <c>docker ps</c>): servers are then addressed by
    /// container name.
    /// </summary>
    public bool HasAddresses { get; init; } = true;

    /// <summary>Usable certificate pairs of the certificates directory, ordered by name.</summary>
    public ImmutableArray<CertificatePair> Certificates { get; init; } = [];

    /// <summary>Pairs of the certificates directory that are there and cannot be used, ordered by name.</summary>
    public ImmutableArray<UnusablePair> UnusableCertificates { get; init; } = [];

    /// <summary>The operator's files that labels name, ordered by kind, then name.</summary>
    public ImmutableArray<OperatorFile> OperatorFiles { get => field.IsDefault ? [] : field; init; } = [];

    /// <summary>Slots of upstream servers by output name, as assigned by the last render.</summary>
    public ImmutableSortedDictionary<string, SlotAssignment> Slots { get; init; } =
        ImmutableSortedDictionary.Create<string, SlotAssignment>(StringComparer.Ordinal);

    /// <summary>Ids of containers that are left out until they change, with the reason shown to the operator.</summary>
    public ImmutableSortedDictionary<string, string> Quarantined { get; init; } = Ordinal.Empty;

    /// <summary>Who restarts in a loop and who is told to stop; null when nobody does, and in files of older versions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Lifecycle? Lifecycle { get; init; }

    /// <summary>
    /// What settings and checkers tell about the versions of proxies, by output; null when they tell nothing, and in files of
    /// older versions.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableSortedDictionary<string, ProxyVersion>? ProxyVersions { get; init; }

    /// <summary>What the engine's Swarm has; null where services are not read, and in files of older versions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SwarmContent? Swarm { get; init; }

    /// <summary>Who orders certificates next; null where none are obtained, and in files of older versions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AcmeAnswers? Acme { get; init; }

    /// <summary>
    /// What could not be read of single containers, for the operator. Nothing rendered depends on it, so it is no part of
    /// the recorded form.
    /// </summary>
    [JsonIgnore]
    public ImmutableArray<Finding> Findings { get; init; } = [];
}

/// <summary>What the engine says about itself (<c>GET /version</c>).</summary>
/// <param name="Version">Engine version, for example <c>29.7.0</c>.</param>
/// <param name="ApiVersion">The API version in use, for example <c>1.52</c>.</param>
/// <param name="Name">Host name of the engine.</param>
/// <param name="IsSwarmManager">True when services can be listed.</param>
public sealed record EngineDescription(string Version, string ApiVersion, string Name, bool IsSwarmManager);

/// <summary>A network of the engine.</summary>
/// <param name="Id">Network id.</param>
/// <param name="Name">Network name; not unique in theory.</param>
/// <param name="Driver"><c>bridge</c>, <c>overlay</c>, …</param>
/// <param name="Scope"><c>local</c> or <c>swarm</c>.</param>
/// <param name="IsInternal">True when it has no way out.</param>
/// <param name="IsIngress">True for Swarm's routing-mesh network.</param>
/// <param name="Subnets">Its subnets in CIDR form, ordinal order.</param>
public sealed record Network(
    string Id, string Name, string Driver, string Scope, bool IsInternal, bool IsIngress, ImmutableArray<string> Subnets);
