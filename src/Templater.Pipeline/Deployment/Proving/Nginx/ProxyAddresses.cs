using System.Collections.Immutable;
using System.Net;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Reachability;

namespace Templater.Pipeline.Deployment.Proving.Nginx;

/// <summary>By which addresses Templater reaches the listeners of a proxy. Pure.</summary>
internal static class ProxyAddresses
{
    /// <summary>
    /// Loopback where both have one network namespace, else the proxy's addresses on networks that Templater is on. On the host
    /// itself, all of the proxy's networks can be reached.
    /// </summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="proxy">The proxy.</param>
    public static ImmutableArray<IPAddress> Of(Snapshot snapshot, Container proxy)
    {
        var way = WayToProxy.Of(snapshot, proxy);
        if (way.IsLoopback)
            return [IPAddress.Loopback, IPAddress.IPv6Loopback];
        var addresses = ImmutableArray.CreateBuilder<IPAddress>();
        foreach (var endpoint in way.Endpoints)
        {
            if (IPAddress.TryParse(endpoint.IPv4, out var four))
                addresses.Add(four);
            if (IPAddress.TryParse(endpoint.IPv6, out var six))
                addresses.Add(six);
        }

        return addresses.ToImmutable();
    }
}
