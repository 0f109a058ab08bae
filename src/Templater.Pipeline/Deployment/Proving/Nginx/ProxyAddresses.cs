using System.Collections.Immutable;
using System.Net;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Reachability;

namespace Templater.Pipeline.Deployment.Proving.Nginx;

/// <summary>By which addresses Templater reaches the listeners of a proxy. Pure.</summary>
internal static class ProxyAddresses
{
    /// <summary>How many times a container may borrow the network of another that borrows it from a third.</summary>
    private const int MaxBorrowing = 4;

    private const string ContainerMode = "container:";

    /// <summary>
    /// Loopback where both have one network namespace, else the proxy's addresses on networks that Templater is on. On the host
    /// itself, all of the proxy's networks can be reached.
    /// </summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="proxy">The proxy.</param>
    public static ImmutableArray<IPAddress> Of(Snapshot snapshot, Container proxy)
    {
        var its = Lender(snapshot, proxy);
        var own = snapshot.Containers.FirstOrDefault(container => container.Id == snapshot.Self) is { } self ? Lender(snapshot, self) : null;
        var isOnHost = own is null || own.NetworkMode == ProxyReach.HostMode;
        if (own?.Id == its.Id || (isOnHost && its.NetworkMode == ProxyReach.HostMode))
            return [IPAddress.Loopback, IPAddress.IPv6Loopback];
        var addresses = ImmutableArray.CreateBuilder<IPAddress>();
        foreach (var endpoint in its.Endpoints.Where(endpoint => isOnHost || own!.Endpoints.Any(mine => IsSame(mine, endpoint))))
        {
            if (IPAddress.TryParse(endpoint.IPv4, out var four))
                addresses.Add(four);
            if (IPAddress.TryParse(endpoint.IPv6, out var six))
                addresses.Add(six);
        }

        return addresses.ToImmutable();
    }

    private static bool IsSame(Endpoint left, Endpoint right) => left.NetworkId.Length > 0 && right.NetworkId.Length > 0
        ? left.NetworkId == right.NetworkId
        : left.NetworkName == right.NetworkName;

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
