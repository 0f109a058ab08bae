using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Reachability;

/// <summary>How a container and its proxy could be brought together: what the engine allows depends on the container's network mode.</summary>
/// <param name="Facts">Where the container is.</param>
/// <param name="Command">What to do.</param>
/// <param name="Compose">The same in a compose file.</param>
internal sealed record Attaching(string Facts, string Command, string Compose)
{
    /// <summary>The ways of a container that the proxy does not reach.</summary>
    /// <param name="container">The container.</param>
    /// <param name="reach">What the proxy reaches.</param>
    /// <param name="networks">The container's networks, for people.</param>
    public static Attaching Of(Container container, ProxyReach reach, string networks)
    {
        var network = reach.Shared.Length > 0 ? Untrusted.Shown(reach.Shared[0].NetworkName) : "NETWORK";
        var recreated = $"recreate it with --network {network}";
        var moved = $"networks: [{network}] in place of network_mode in compose";
        var lender = reach.Lender(container);
        if (ProxyReach.Borrows(lender))
            return new Attaching("it uses the network of a container that is not there", recreated, moved);
        return lender.NetworkMode switch
        {
            ProxyReach.NoneMode => new Attaching("it has no network (network mode none)", recreated, moved),
            ProxyReach.HostMode => new Attaching("it is on the host's network, which is reached through bridges that are not internal", recreated, moved),
            _ when lender != container => new Attaching(
                $"it uses the network of \"{Untrusted.Shown(lender.Name)}\", which is on {networks}", Connect(network, lender), $"networks: [{network}] of that one in compose"),
            _ => new Attaching($"it is on {networks}", Connect(network, container), $"networks: [{network}] in compose"),
        };
    }

    private static string Connect(string network, Container container) => $"docker network connect {network} {Untrusted.Shown(container.Name)}";
}
