using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Routing.Reachability;

/// <summary>
/// Which of a container's networks is its way out: what it sends to the world leaves there, and ports that it publishes are bound
/// there. The engine chooses anew at every attachment, so that a network can take over from another. Pure.
/// </summary>
internal static class DefaultGateway
{
    /// <summary>The first engine with priorities (<c>gw-priority</c>), API 1.48.</summary>
    private const int FirstWithPriorities = 28;

    private const string SwarmBridge = "docker_gwbridge";

    /// <summary>True when the engine looks at priorities before names.</summary>
    /// <param name="engine">What the engine says about itself.</param>
    public static bool HasPriorities(EngineDescription? engine) =>
        engine is not null
        && int.TryParse(engine.Version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major)
        && major >= FirstWithPriorities;

    /// <summary>
    /// The network of the default gateway; null when none of them has a way out, or when the engine is not known and it depends on that.
    /// </summary>
    /// <param name="endpoints">The container's attachments.</param>
    /// <param name="networks">All networks.</param>
    /// <param name="engine">What the engine says about itself.</param>
    public static Endpoint? Of(IEnumerable<Endpoint> endpoints, ImmutableArray<Network> networks, EngineDescription? engine)
    {
        if (engine is not null)
            return First(endpoints, networks, HasPriorities(engine));
        var all = endpoints.ToArray();
        var old = First(all, networks, hasPriorities: false);
        return old == First(all, networks, hasPriorities: true) ? old : null;
    }

    private static Endpoint? First(IEnumerable<Endpoint> endpoints, ImmutableArray<Network> networks, bool hasPriorities)
    {
        Endpoint? best = null;
        foreach (var endpoint in endpoints)
            if (HasWayOut(endpoint, networks) && (best is null || Compare(endpoint, best, networks, hasPriorities) < 0))
                best = endpoint;
        return best;
    }

    /// <summary>The network that loses the default gateway when the container is attached to another one; null when it stays, or the engine is not known.</summary>
    /// <param name="container">The container.</param>
    /// <param name="added">The network to attach it to, as another container is attached to it.</param>
    /// <param name="snapshot">The snapshot.</param>
    public static Endpoint? Moved(Container container, Endpoint added, Snapshot snapshot)
    {
        if (snapshot.Engine is null || container.NetworkMode is "host" or "none" || ProxyReach.Borrows(container))
            return null;
        var before = Of(container.Endpoints, snapshot.Networks, snapshot.Engine);
        // The priority belongs to the other container's attachment; a new one has none unless somebody gives it.
        var attachment = added with { GatewayPriority = 0 };
        return before is not null && !ProxyReach.IsSame(before, added) && Of([.. container.Endpoints, attachment], snapshot.Networks, snapshot.Engine) == attachment
            ? before
            : null;
    }

    /// <summary>Why the one network comes before the other, and how to keep it from doing so.</summary>
    /// <param name="engine">What the engine says about itself.</param>
    public static (string Why, string Remedy) Rule(EngineDescription? engine) => HasPriorities(engine)
        ? ("of equal priorities the first by name is taken", "give the attachment that should keep it a gw_priority above 0 in compose, or attach with --gw-priority -1")
        : ("the first by name is taken", "use a network whose name sorts after it, or Engine 28 with gw_priority");

    private static bool HasWayOut(Endpoint endpoint, ImmutableArray<Network> networks) =>
        endpoint.NetworkName is not ("host" or "none") && Find(endpoint, networks) is not { IsInternal: true } and not { IsIngress: true };

    private static int Compare(Endpoint left, Endpoint right, ImmutableArray<Network> networks, bool hasPriorities)
    {
        var order = 0;
        if (hasPriorities)
        {
            order = right.GatewayPriority.CompareTo(left.GatewayPriority);
            if (order == 0)
                order = (left.NetworkName == SwarmBridge).CompareTo(right.NetworkName == SwarmBridge);
            if (order == 0)
                order = IsDual(right, networks).CompareTo(IsDual(left, networks));
        }

        return order != 0 ? order : string.CompareOrdinal(left.NetworkName, right.NetworkName);
    }

    private static bool IsDual(Endpoint endpoint, ImmutableArray<Network> networks) =>
        Find(endpoint, networks) is { Subnets.Length: > 0 } network
            ? network.Subnets.Any(static subnet => subnet.Contains(':', StringComparison.Ordinal)) && network.Subnets.Any(static subnet => !subnet.Contains(':', StringComparison.Ordinal))
            : endpoint is { IPv4.Length: > 0, IPv6.Length: > 0 };

    private static Network? Find(Endpoint endpoint, ImmutableArray<Network> networks) =>
        networks.FirstOrDefault(network => ProxyReach.IsSame(endpoint, new Endpoint { NetworkName = network.Name, NetworkId = network.Id }));
}
