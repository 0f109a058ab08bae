using System.Collections.Immutable;
using System.Net;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Routing.Reachability;

/// <summary>How Templater reaches the listeners of a proxy. Immutable.</summary>
/// <param name="IsLoopback">True where both have one network namespace.</param>
/// <param name="Endpoints">Else the proxy's attachments to networks that Templater is on; on the host itself, all of them.</param>
internal sealed record WayToProxy(bool IsLoopback, ImmutableArray<Endpoint> Endpoints)
{
    /// <summary>How many times a container may borrow the network of another that borrows it from a third.</summary>
    private const int MaxBorrowing = 4;

    private const string ContainerMode = "container:";

    // Loopback is one address and a network of them.
    private static readonly ImmutableArray<string> Loopback = ["127.0.0.0/8", "::1/128"];

    /// <summary>The way. Pure.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="proxy">The proxy.</param>
    public static WayToProxy Of(Snapshot snapshot, Container proxy)
    {
        var its = Lender(snapshot, proxy);
        var own = Own(snapshot) is { } self ? Lender(snapshot, self) : null;
        var isOnHost = own is null || own.NetworkMode == ProxyReach.HostMode;
        if (own?.Id == its.Id || (isOnHost && its.NetworkMode == ProxyReach.HostMode))
            return new WayToProxy(IsLoopback: true, []);
        return new WayToProxy(IsLoopback: false, [.. its.Endpoints.Where(endpoint => isOnHost || own!.Endpoints.Any(mine => ProxyReach.IsSame(mine, endpoint)))]);
    }

    /// <summary>
    /// The networks out of which Templater asks the proxies of an output: loopback, or the subnets of the networks that they share.
    /// None where that is not known. Where neither is known to be in a container, both are taken to be on the host. Pure.
    /// </summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="proxy">The proxies.</param>
    /// <returns>Networks in the notation with a slash, each once, in an order of their own.</returns>
    public static ImmutableArray<string> AskersOf(Snapshot snapshot, ProxyContext proxy)
    {
        var proxies = snapshot.Containers.Where(container => proxy.Containers.Contains(container.Id)).ToList();
        if (proxies.Count == 0)
            return Own(snapshot) is null ? Loopback : [];
        return
        [
            .. proxies.Select(container => Of(snapshot, container))
                .SelectMany(way => way.IsLoopback ? Loopback : way.Endpoints.SelectMany(endpoint => SubnetsOf(snapshot, endpoint)))
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];
    }

    private static IEnumerable<string> SubnetsOf(Snapshot snapshot, Endpoint endpoint) => snapshot.Networks
        .Where(network => ProxyReach.IsSame(endpoint, new Endpoint { NetworkName = network.Name, NetworkId = network.Id }))
        .SelectMany(static network => network.Subnets)
        .Select(static subnet => subnet.Contains('/', StringComparison.Ordinal) && IPNetwork.TryParse(subnet, out var network) ? network.ToString() : "")
        .Where(static subnet => subnet.Length > 0);

    private static Container? Own(Snapshot snapshot) =>
        snapshot.Self is { } self ? snapshot.Containers.FirstOrDefault(container => container.Id == self) : null;

    private static Container Lender(Snapshot snapshot, Container container)
    {
        for (var i = 0; i < MaxBorrowing && container.NetworkMode.StartsWith(ContainerMode, StringComparison.Ordinal); i++)
        {
            var id = container.NetworkMode[ContainerMode.Length..];
            if (snapshot.Containers.FirstOrDefault(other => other.Id.Value == id || other.Name == id) is not { } lender)
                break;
            container = lender;
        }

        return container;
    }
}
