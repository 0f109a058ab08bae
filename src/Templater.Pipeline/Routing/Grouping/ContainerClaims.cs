using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Streams;

namespace Templater.Pipeline.Routing.Grouping;

/// <summary>What is closed by a refusal, beside the claim that is refused.</summary>
internal enum Closure
{
    /// <summary>Nothing: the claims of others are as good as before.</summary>
    Nothing,
    /// <summary>The claim's place: somebody wanted fewer clients there, and nobody knows which.</summary>
    Place,
    /// <summary>All that the application has on the host.</summary>
    Host,
}

/// <summary>Why something is not routed.</summary>
/// <param name="Reason">One of <see cref="ReasonIds"/>.</param>
/// <param name="Detail">One sentence with the facts.</param>
internal sealed record Refusal(string Reason, string Detail)
{
    /// <summary>What it closes.</summary>
    public Closure Closes { get; init; }

    /// <summary>The one of two that closes more, else the first.</summary>
    public static Refusal? Graver(Refusal? first, Refusal? second) =>
        first is null || (second is not null && second.Closes > first.Closes) ? second : first;
}

/// <summary>What one container asked for, in the words of no dialect: the only thing that the later stages see.</summary>
internal sealed record ContainerClaims
{
    /// <summary>The dialect it was written in.</summary>
    public required Dialect Dialect { get; init; }

    /// <summary>The host names as written, shortened, for people.</summary>
    public ImmutableArray<string> Requested { get; init; } = [];

    /// <summary>Names of the instances that may serve it; empty = those without a name.</summary>
    public ImmutableArray<string> Instances { get; init; } = [];

    /// <summary>True when its own words say that it is to be routed, whatever holds for those that say nothing.</summary>
    public bool IsEnabled { get; init; }

    /// <summary>Full key by which its dialect says that it is to be routed; null where the dialect has none.</summary>
    public string? EnableKey { get; init; }

    /// <summary>Networks to reach it by, where no native label says them.</summary>
    public ImmutableArray<string> Networks { get; init; } = [];

    /// <summary>Full key of the label that names these; null when none does.</summary>
    public string? NetworkKey { get; init; }

    /// <summary>What it wants; a refused one stays in the list and holds its place without a server.</summary>
    public ImmutableArray<RouteClaim> Routes { get; init; } = [];

    /// <summary>The streams that it wants, whatever dialect names its hosts.</summary>
    public ImmutableArray<StreamSettings> Streams { get; init; } = [];

    /// <summary>Why nothing of it is used although it names a host; null when something is.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>Full key and example by which its port would be chosen, for messages: <c>templater.port</c>.</summary>
    public required string PortKey { get; init; }
}

/// <summary>One container's claim on one path under some hosts.</summary>
internal sealed record RouteClaim
{
    /// <summary>Name of the route within the container; empty for its only one.</summary>
    public string Name { get; init; } = "";

    /// <summary>Hosts in label order; not empty.</summary>
    public required ImmutableArray<HostPattern> Hosts { get; init; }

    /// <summary>The path.</summary>
    public PathPattern Path { get; init; } = PathPattern.Root;

    /// <summary>Winner of conflicts, higher first.</summary>
    public int Priority { get; init; }

    /// <summary>The chosen port; null = by the port rule.</summary>
    public int? Port { get; init; }

    /// <summary>True when no label chose the port, but the dialect's own rule.</summary>
    public bool IsPortFound { get; init; }

    /// <summary>Share of its server.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Its server is used only when all others are down.</summary>
    public bool Backup { get; init; }

    /// <summary>True when several exposed ports without a choice mean 80 instead of a refusal.</summary>
    public bool FallsBackToPort80 { get; init; }

    /// <summary>True when each of its hosts is a virtual host of its own, whatever they have in common.</summary>
    public bool IsSplit { get; init; }

    /// <summary>Value of <c>upstream.group</c>: the application by name; null = from its project.</summary>
    public string? Group { get; init; }

    /// <summary>Settings of the route.</summary>
    public RouteSettings Settings { get; init; } = new();

    /// <summary>Settings of the host that this container asks for.</summary>
    public HostSettings Host { get; init; } = new();

    /// <summary>Why it gets no server; null when nothing speaks against it yet.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>What it closes, as text that is the same for the same restrictions; empty when it closes nothing.</summary>
    public string Restrictions
    {
        get
        {
            (string Key, string? Value)[] all =
            [
                ("allow", Sorted(Settings.Allow)), ("deny", Sorted(Settings.Deny)), ("auth.basic", Settings.Login is { } login ? $"{login.Digest} {login.File}" : null),
                ("auth.forward", Settings.ForwardAuth?.Name), ("upstream.verify", Settings.Verify?.ToString()), ("redirect.to", Settings.RedirectTo?.ToString()),
                ("https", Host.Https?.ToString()), ("https without certificate", Host.WithoutPair == MissingPair.Refuse ? "refuse" : null), ("tls.certificate", Host.Certificate),
                ("tls.client-auth", Host.ClientAuth is { Mode: not ClientAuthMode.Off } auth ? auth.ToString() : null),
            ];
            return string.Join('\n', all.Where(item => item.Value is not null).Select(item => $"{item.Key}={item.Value}"));
        }
    }

    private static string? Sorted(ImmutableArray<string> clients) =>
        clients.Length > 0 ? string.Join(' ', clients.Order(StringComparer.Ordinal)) : null;
}

/// <summary>How the proxy finds the servers.</summary>
internal enum EndpointMode
{
    /// <summary>By the address of each container.</summary>
    Tasks,
    /// <summary>By the virtual address of a service.</summary>
    Vip,
    /// <summary>By names that the proxy looks up while it runs.</summary>
    Dns,
}

/// <summary>
/// What holds for a container as a whole, whatever dialect names its hosts: the native labels without a route.
/// </summary>
internal sealed record ContainerOptions
{
    /// <summary>Routed at all.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Instances that may serve it; empty = those without a name.</summary>
    public ImmutableArray<string> Instances { get; init; } = [];

    /// <summary>False when it names instances that cannot be read: nobody knows whose it is.</summary>
    public bool IsInstanceKnown { get; init; } = true;

    /// <summary>Networks to reach it by, in order; empty = the operator's or the proxy's.</summary>
    public ImmutableArray<string> Networks { get; init; } = [];

    /// <summary>Full key of the foreign label that names these; null when the native one does.</summary>
    public string? NetworkKey { get; init; }

    /// <summary>When it counts as ready.</summary>
    public HealthPolicy Health { get; init; }

    /// <summary>Earliest time after its start.</summary>
    public TimeSpan ReadyAfter { get; init; }

    /// <summary>How it is addressed.</summary>
    public EndpointMode Endpoints { get; init; }

    /// <summary>It keeps its connections and gets no new ones.</summary>
    public bool Drain { get; init; }

    /// <summary>The output whose proxy it is; null when it is none.</summary>
    public string? ProxyOf { get; init; }

    /// <summary>Why it must not be routed; null when it may.</summary>
    public Refusal? Refusal { get; init; }
}

/// <summary>A claim with the container that made it and the server it brings, if any.</summary>
internal sealed record Claim
{
    /// <summary>The container.</summary>
    public required Container Container { get; init; }

    /// <summary>The dialect it was written in.</summary>
    public required Dialect Dialect { get; init; }

    /// <summary>What was asked for.</summary>
    public required RouteClaim Route { get; init; }

    /// <summary>Its server; null when there is none now.</summary>
    public UpstreamServer? Server { get; init; }

    /// <summary>Its port; 0 when none could be chosen.</summary>
    public int Port { get; init; }

    /// <summary>Why it brings no server, looked at by itself; null when it brings one, or a redirect.</summary>
    public Refusal? Unserved { get; init; }

    /// <summary>False when this output's proxy can never reach the container as it is attached now.</summary>
    public bool IsReachable { get; init; } = true;

    /// <summary>
    /// True when its container lives, can be reached and its labels are usable: only such claims compete for a place. Health
    /// and an address that is still to come do not count, or a newcomer could take over a host whose owner is unwell for a moment.
    /// </summary>
    public bool IsContender => IsAlive && Route.Refusal is null && IsReachable;

    /// <summary>True when its container lives.</summary>
    public bool IsAlive => Container.State is ContainerState.Running or ContainerState.Paused or ContainerState.Restarting;

    /// <summary>Whose it is when it is no container's; null for one of a container.</summary>
    public string? Owner { get; init; }

    /// <summary>Which application it belongs to: claims of one application share an upstream.</summary>
    public string Application =>
        Owner is not null ? Owner
        : Route.Group is { } group ? "group " + group
        : Container.Swarm is { Stack: { Length: > 0 } stack } ? "stack " + stack
        : Container.Swarm is { } swarm ? "service " + swarm.Service
        : Container.Compose is { } compose ? "project " + compose.Project
        : "no project";

    /// <summary>Key that is the same for the same claim in any order of containers.</summary>
    public string Key => $"{Container.Id.Value}\n{Route.Name}";

    /// <summary>The same claim without anything that answers: its place is held, with 503.</summary>
    /// <param name="refusal">The reason.</param>
    public Claim Refused(Refusal refusal) => this with { Server = null, Route = Route with { Refusal = Refusal.Graver(Route.Refusal, refusal) } };

    /// <summary>Contenders before the others, then priority, then age, then id: who decides comes first.</summary>
    public static int Compare(Claim left, Claim right)
    {
        var order = right.IsContender.CompareTo(left.IsContender);
        if (order == 0)
            order = right.Route.Priority.CompareTo(left.Route.Priority);
        if (order == 0)
            order = left.Container.Created.CompareTo(right.Container.Created);
        if (order == 0)
            order = string.CompareOrdinal(left.Container.Id.Value, right.Container.Id.Value);
        return order != 0 ? order : string.CompareOrdinal(left.Route.Name, right.Route.Name);
    }
}
