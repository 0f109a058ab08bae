using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;

namespace Templater.Pipeline.Routing.Reachability;

/// <summary>
/// The way to a Swarm's task that shares no network with the proxy, and whose port is published on its node (<c>mode: host</c>):
/// by the node's address. Whoever publishes a port has opened it to all who reach the node.
/// </summary>
internal static class PublishedRule
{
    /// <summary>The port on the node and the way to it.</summary>
    /// <param name="container">The container.</param>
    /// <param name="options">What it says about itself.</param>
    /// <param name="port">The port inside.</param>
    /// <param name="unreachable">Why there is no other way; null when there is one.</param>
    /// <returns>Null when there is none.</returns>
    public static (Endpoint Way, string Address, int Port)? Find(Container container, ContainerOptions options, int port, Refusal? unreachable)
    {
        if (unreachable is not { Reason: ReasonIds.NoSharedNetwork } || options.Networks.Length > 0
            || container.Origin is not { Kind: OriginKind.Task } origin || ProxyReach.ThroughNode(origin) is not { } way)
            return null;
        foreach (var known in container.Ports)
        {
            if (known.Number == port && known.Protocol == "tcp" && known.Published > 0)
                return (way, way.IPv4.Length > 0 ? way.IPv4 : way.IPv6, known.Published);
        }

        return null;
    }
}
