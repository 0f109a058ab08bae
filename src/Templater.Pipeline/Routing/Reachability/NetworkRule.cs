using System.Collections.Immutable;
using System.Net.Sockets;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Reachability;

/// <summary>By which of its addresses the proxy reaches a container.</summary>
internal sealed class NetworkRule(Snapshot snapshot, ProxyReach reach, RoutingPolicy policy)
{
    /// <summary>Longest container name that can be a DNS name.</summary>
    private const int MaxName = 253;

    /// <summary>Chooses the attachment and its address.</summary>
    /// <param name="container">The container.</param>
    /// <param name="options">What it says about itself.</param>
    /// <param name="address">The address or DNS name; empty when there is none.</param>
    /// <param name="refusal">Why there is none.</param>
    /// <returns>The attachment; null when none is used.</returns>
    public Endpoint? Choose(Container container, ContainerOptions options, out string address, out Refusal? refusal)
    {
        (address, refusal) = ("", null);
        if (snapshot.HasAddresses && reach.ThroughHost(container) is { } host)
        {
            refusal = options.Networks.Length == 0 || options.Networks.Contains(host.NetworkName, StringComparer.Ordinal) ? null : NotFound([host], options.Networks, options);
            address = refusal is null ? AddressOf(host) : "";
            return refusal is null ? host : null;
        }

        var attached = reach.Usable(container);
        var wanted = options.Networks.Length > 0 ? options.Networks : policy.Networks;
        var candidates = attached;
        if (wanted.Length > 0)
        {
            candidates = [.. wanted.SelectMany(name => attached.Where(endpoint => IsNamed(endpoint, name, container))).Distinct()];
            if (candidates.Length == 0)
            {
                refusal = NotFound(attached, wanted, options);
                return null;
            }
        }

        return snapshot.HasAddresses
            ? Reachable(container, attached, candidates, out address, out refusal)
            : ByName(container, attached, candidates, out address, out refusal);
    }

    private Refusal NotFound(ImmutableArray<Endpoint> attached, ImmutableArray<string> wanted, ContainerOptions options) => new(
        ReasonIds.NetworkNotFound,
        $"it is on {Names(attached)}, not on {Names(wanted)} as {(options.Networks.Length == 0 ? "the setting NETWORK" : options.NetworkKey is { } key ? Untrusted.Shown(key) : $"{policy.LabelPrefix}.network")} asks. Attach it, or change the name.");

    private Endpoint? Reachable(
        Container container, ImmutableArray<Endpoint> attached, ImmutableArray<Endpoint> candidates, out string address, out Refusal? refusal)
    {
        (address, refusal) = ("", null);
        var shared = candidates.Where(reach.Reaches).ToArray();
        // Whoever looks a service up asks on that network, and needs no address from here.
        var isLookedUp = container.Origin is { Kind: OriginKind.Service } && ServiceLookup.IsAskedFor(container, policy);
        foreach (var endpoint in shared)
        {
            address = AddressOf(endpoint);
            if (address.Length > 0 || isLookedUp)
                return endpoint;
        }

        refusal = shared.Length > 0
            ? new Refusal(ReasonIds.NoAddressYet, $"it has no address on {Names([.. shared.Select(endpoint => endpoint.NetworkName)])} yet.")
            : new Refusal(ReasonIds.NoSharedNetwork, NoSharedNetwork(container, attached));
        return null;
    }

    private string NoSharedNetwork(Container container, ImmutableArray<Endpoint> attached)
    {
        var proxy = reach.Proxies.Length > 0 ? $"the proxy \"{Untrusted.Shown(reach.Proxies[0].Name)}\"" : "the proxy";
        var way = Attaching.Of(container, reach, Names(attached));
        var facts = $"{way.Facts}, {proxy} is on {Names(reach.Shared)}.";
        if (reach.Shared.Length == 0)
            return $"{facts} Attach both to one network.";
        var connects = way.Command.StartsWith("docker ", StringComparison.Ordinal);
        return $"{facts} {(connects ? "Attach one of them: " + way.Command : char.ToUpperInvariant(way.Command[0]) + way.Command[1..])}, or {way.Compose}.";
    }

    private Endpoint? ByName(
        Container container, ImmutableArray<Endpoint> attached, ImmutableArray<Endpoint> candidates, out string address, out Refusal? refusal)
    {
        (address, refusal) = ("", null);
        var endpoint = candidates.FirstOrDefault(reach.Reaches);
        if (attached.Length > 0 && endpoint is null)
            refusal = new Refusal(ReasonIds.NoSharedNetwork, NoSharedNetwork(container, attached));
        else if (!IsDnsName(container.Name))
            refusal = new Refusal(ReasonIds.NoAddressYet, "its addresses are not known, and its name cannot be resolved.");
        else
            address = container.Name;
        return refusal is null ? endpoint : null;
    }

    private string AddressOf(Endpoint endpoint)
    {
        var (v4, v6) = (ProxyReach.Address(endpoint.IPv4, AddressFamily.InterNetwork), ProxyReach.Address(endpoint.IPv6, AddressFamily.InterNetworkV6));
        return policy.PreferIPv6 ? (v6.Length > 0 ? v6 : v4) : (v4.Length > 0 ? v4 : v6);
    }

    /// <summary>In a compose file a network has a shorter name than in the engine.</summary>
    private static bool IsNamed(Endpoint endpoint, string name, Container container) =>
        endpoint.NetworkName == name
        || (endpoint.NetworkId.Length > 0 && endpoint.NetworkId == name)
        || (container.Compose is { } compose && endpoint.NetworkName == $"{compose.Project}_{name}")
        || (container.Swarm?.Stack is { } stack && endpoint.NetworkName == $"{stack}_{name}");

    /// <summary>True for a container's name that a name server can be asked for.</summary>
    internal static bool IsDnsName(string name) =>
        name.Length is > 0 and <= MaxName && char.IsAsciiLetterOrDigit(name[0])
        && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.');

    private static string Names(ImmutableArray<Endpoint> endpoints) =>
        Names([.. endpoints.Select(endpoint => endpoint.NetworkName).Distinct(StringComparer.Ordinal)]);

    private static string Names(ImmutableArray<string> names) => $"[{string.Join(", ", names.Select(Untrusted.Shown))}]";
}
