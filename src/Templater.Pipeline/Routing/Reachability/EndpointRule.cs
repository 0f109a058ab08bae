using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Reachability;

/// <summary>
/// Whether the proxy itself looks up where a container is, so that a new address needs no new file. What cannot be looked up
/// is addressed as usual, which is never less safe.
/// </summary>
internal sealed class EndpointRule(Snapshot snapshot, ProxyContext proxy, ProxyReach reach, RoutingPolicy policy, ContainerFindings findings)
{
    /// <summary>nginx looks up the servers of an upstream since this version; before it only names in variables.</summary>
    public static readonly Version NginxWithResolve = new(1, 27, 3);

    // The engine's name server knows no names there.
    private const string DefaultBridge = "bridge";

    private static bool ResolvesVariables(ProxyContext proxy) => proxy.Kind == ProxyKind.Nginx && !(proxy.Version >= NginxWithResolve);

    /// <summary>True once a name was chosen or avoided because of other containers.</summary>
    public bool DependsOnOthers { get; private set; }

    /// <summary>The name that the proxy looks up; null when it is given the address.</summary>
    /// <param name="container">The container.</param>
    /// <param name="options">What it says about itself.</param>
    /// <param name="endpoint">The attachment by which the proxy reaches it; null when it does not.</param>
    /// <param name="route">The route.</param>
    public string? Name(Container container, ContainerOptions options, Endpoint? endpoint, RouteClaim route)
    {
        var service = container.Origin is { Kind: OriginKind.Service } && ServiceLookup.IsAskedFor(container, policy) ? ServiceLookup.NameOf(container.Swarm!.Service) : null;
        if ((options.Endpoints != EndpointMode.Dns && service is null) || endpoint is null || route.Settings.RedirectTo is not null)
            return null;
        // Of a task its service has said why it is not looked up.
        if (container.Origin is { Kind: OriginKind.Task, Places: > 0 })
            return null;
        if (service is null && Obstacle(container, endpoint, route.Settings) is { } obstacle)
        {
            Unavailable(obstacle);
            return null;
        }

        var name = service ?? (ResolvesVariables(proxy) ? ServiceName(container, endpoint) : null) ?? OwnName(container, endpoint);
        if (name is not null && ResolvesVariables(proxy))
        {
            findings.Add(
                FindingSeverity.Info,
                ReasonIds.UnsupportedOption,
                $"{(service is null ? "container" : "service")} {findings.Name}: {policy.LabelPrefix}.endpoints=dns in nginx before {NginxWithResolve} goes without weight, backup, balance, sticky, maxconn and keepalive.",
                $"{policy.LabelPrefix}.endpoints");
        }

        return name;
    }

    private void Unavailable(string obstacle) => findings.Warn(
        ReasonIds.UnsupportedOption,
        $"container {findings.Name}: {policy.LabelPrefix}.endpoints=dns is not available {obstacle}; the container's address is used.",
        $"{policy.LabelPrefix}.endpoints");

    private string? Obstacle(Container container, Endpoint endpoint, RouteSettings settings) =>
        Obstacle(proxy, reach)
        ?? (container.Swarm is not null || container.Origin is not null ? "for tasks of a Swarm whose services are not read"
        : endpoint.NetworkName == DefaultBridge || !container.Endpoints.Contains(endpoint) ? "on a network without names, such as the engine's default one"
        : !NetworkRule.IsDnsName(container.Name) ? "for a name that cannot be looked up"
        : Obstacle(proxy, settings));

    /// <summary>Why this proxy looks up nothing; null when it does.</summary>
    /// <param name="proxy">The proxy.</param>
    /// <param name="reach">Its networks.</param>
    public static string? Obstacle(ProxyContext proxy, ProxyReach reach) =>
        proxy.Kind is not (ProxyKind.Nginx or ProxyKind.HAProxy) ? "for this kind of proxy"
        : reach.IsOnHost ? "for a proxy on the host's network, where names of containers are not known"
        : null;

    /// <summary>Why it looks up nothing for this route; null when it does.</summary>
    /// <param name="proxy">The proxy.</param>
    /// <param name="settings">What the route asks for.</param>
    public static string? Obstacle(ProxyContext proxy, RouteSettings settings)
    {
        if (!ResolvesVariables(proxy))
            return null;
        if (settings.Protocol is not (UpstreamProtocol.Http or UpstreamProtocol.Https))
            return $"in nginx before {NginxWithResolve} with the protocol {RouteSettings.Word(settings.Protocol)}";
        return settings.Rewrite is not null ? $"in nginx before {NginxWithResolve} together with rewrite" : null;
    }

    // One name for all replicas, unless it stands for anybody else on that network, too.
    private string? ServiceName(Container container, Endpoint endpoint)
    {
        if (container.Compose is not { } compose || !NetworkRule.IsDnsName(compose.Service) || !endpoint.Aliases.Contains(compose.Service, StringComparer.Ordinal))
            return null;
        DependsOnOthers = true;
        foreach (var other in snapshot.Containers)
        {
            var isSame = other.Compose is { } theirs && theirs.Project == compose.Project && theirs.Service == compose.Service;
            if (isSame ? Differs(other, container) : Answers(other, compose.Service, endpoint))
                return null;
        }

        return compose.Service;
    }

    // The name server gives the addresses of all who have a name on a network, and anybody may choose an alias.
    private string? OwnName(Container container, Endpoint endpoint)
    {
        DependsOnOthers = true;
        foreach (var other in snapshot.Containers)
        {
            if (other.Id == container.Id || !Answers(other, container.Name, endpoint))
                continue;
            Unavailable($"for a name that \"{Untrusted.Shown(other.Name)}\" has on the network, too");
            return null;
        }

        return container.Name;
    }

    private static bool Answers(Container other, string name, Endpoint endpoint) => other.Endpoints.Any(theirs =>
        theirs.NetworkName == endpoint.NetworkName
        && (string.Equals(other.Name, name, StringComparison.OrdinalIgnoreCase) || theirs.Aliases.Contains(name, StringComparer.OrdinalIgnoreCase)));

    // Replicas that ask for something else, or do not serve, would get requests by that name. The name server knows none that is
    // not started yet or has ended: each one that is added or stopped would be two reloads.
    private static bool Differs(Container other, Container container) =>
        other.State is not (ContainerState.Created or ContainerState.Exited or ContainerState.Removing or ContainerState.Dead) && IsUnlike(other, container);

    private static bool IsUnlike(Container other, Container container) =>
        other.State != ContainerState.Running || other.Health != container.Health
        || !other.Labels.Where(IsOwn).SequenceEqual(container.Labels.Where(IsOwn));

    private static bool IsOwn(KeyValuePair<string, string> label) => !label.Key.StartsWith("com.docker.compose.", StringComparison.Ordinal);
}
