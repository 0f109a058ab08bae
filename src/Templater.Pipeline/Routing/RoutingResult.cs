using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Streams;

namespace Templater.Pipeline.Routing;

/// <summary>What one output's proxy is known to be.</summary>
public sealed record ProxyContext
{
    /// <summary>Name of the output.</summary>
    public required string Output { get; init; }

    /// <summary>Kind of proxy.</summary>
    public required ProxyKind Kind { get; init; }

    /// <summary>The proxy's containers, by name; empty when unknown.</summary>
    public ImmutableArray<ContainerId> Containers { get; init; } = [];

    /// <summary>
    /// False when neither a label, a setting nor Templater's own container tells who the proxy is: then every network
    /// counts as reachable.
    /// </summary>
    public bool IsKnown { get; init; }

    /// <summary>True when the template of the output never looks at logins: then no route that asks for one is served.</summary>
    public bool IgnoresLogins { get; init; }

    /// <summary>True when the template never looks at the verification of upstreams: then no route that asks for it is served.</summary>
    public bool IgnoresVerify { get; init; }

    /// <summary>True when the template never looks at client certificates: then no host that asks for them is served.</summary>
    public bool IgnoresClientAuth { get; init; }

    /// <summary>True when the template never looks at streams: then none is served.</summary>
    public bool IgnoresStreams { get; init; }

    /// <summary>True when the template never looks at the operator's include files: then no route that has one is served.</summary>
    public bool IgnoresIncludes { get; init; }

    /// <summary>True when the template never looks at the list of certificates: then HAProxy has the same TLS for all hosts of a port.</summary>
    public bool IgnoresCertificateList { get; init; }

    /// <summary>
    /// True when the proxy itself finds the pair of a name, and the template does not look at pairs: then names are one virtual host
    /// whatever pairs they have, so that none has to be another one because its pair came.
    /// </summary>
    public bool JoinsPairs { get; init; }

    /// <summary>True when the template never looks at those who are asked about requests: then no route that asks for one is served.</summary>
    public bool IgnoresForwardAuth { get; init; }

    /// <summary>The version that is written for, for example 1.30.0; null where files are the same for all versions.</summary>
    public Version? Version { get; init; }

    /// <summary>How that version was found out.</summary>
    public VersionSource VersionSource { get; init; }

    /// <summary>The version that the proxy's own container tells; null when it tells none.</summary>
    public Version? ImageVersion { get; init; }
}

/// <summary>What became of one container in one output.</summary>
/// <param name="Container">The container.</param>
/// <param name="Reason">Why it is not (fully) routed, one of <see cref="ReasonIds"/>; null when it is routed.</param>
/// <param name="Detail">One sentence with the facts; empty when routed.</param>
/// <param name="Hosts">Host names it asked for, as written and shortened; empty when it asked for none.</param>
/// <param name="Dialect">The dialect that was read; null when none names a host.</param>
/// <param name="Endpoint">The attachment that was used; null when none was.</param>
public sealed record ContainerFate(
    ContainerId Container, string? Reason, string Detail, ImmutableArray<string> Hosts, Dialect? Dialect, Endpoint? Endpoint)
{
    /// <summary>Ports that it asked for, with names if there are any; empty when it wants no streams.</summary>
    public ImmutableArray<string> Streams { get; init; } = [];
}

/// <summary>Everything that routing decided for one output.</summary>
public sealed record RoutingResult
{
    /// <summary>The proxy it was decided for.</summary>
    public required ProxyContext Proxy { get; init; }

    /// <summary>Virtual hosts, ordered by name (ordinal).</summary>
    public ImmutableArray<VirtualHost> VirtualHosts { get; init; } = [];

    /// <summary>True when challenges of tls-alpn-01 that reach the proxy are to be handed on to Templater.</summary>
    public bool HandsTlsOn { get; init; }

    /// <summary>Listeners for TCP and UDP, by port.</summary>
    public ImmutableArray<StreamListener> Streams { get; init; } = [];

    /// <summary>Fate of every container of the snapshot, in the snapshot's order.</summary>
    public ImmutableArray<ContainerFate> Fates { get; init; } = [];

    /// <summary>What the operator should know, ordered by container, then reason, then text.</summary>
    public ImmutableArray<Finding> Findings { get; init; } = [];

    /// <summary>
    /// Earliest moment after the snapshot's at which the same inputs would be decided differently (<c>ready-after</c>,
    /// validity of certificates); null when time alone changes nothing.
    /// </summary>
    public DateTimeOffset? RecheckAt { get; init; }

    /// <summary>The slots in effect; the next run's previous assignment.</summary>
    public SlotAssignment Slots { get; init; } = SlotAssignment.Empty;

    /// <summary>What each container brought, looked at by itself, in the snapshot's order.</summary>
    internal ImmutableArray<ContainerOutcome> Outcomes { get; init; } = [];

    /// <summary>The claims of the operator's routes.</summary>
    internal ImmutableArray<Claim> StaticClaims { get; init; } = [];

    /// <summary>Places that different applications claimed.</summary>
    internal ImmutableArray<LostPlace> LostPlaces { get; init; } = [];
}
