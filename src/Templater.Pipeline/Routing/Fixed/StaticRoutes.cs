using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Reachability;

namespace Templater.Pipeline.Routing.Fixed;

/// <summary>Takes the operator's routes through what the proxy can do. Pure.</summary>
internal sealed class StaticRoutes(Snapshot snapshot, ProxyContext proxy, RoutingPolicy policy, ProxyReach reach)
{
    private readonly List<Finding> _findings = [];

    /// <summary>What is to be said about them.</summary>
    public IEnumerable<Finding> Findings => _findings;

    /// <summary>The claims; one that the proxy cannot serve holds its place without a server.</summary>
    public ImmutableArray<Claim> Claims()
    {
        if (policy.Routes.IsEmpty)
            return [];
        var claims = ImmutableArray.CreateBuilder<Claim>();
        foreach (var route in policy.Routes)
            foreach (var wish in StaticRouteReader.Claims(route, policy))
                if (!snapshot.Quarantined.ContainsKey(wish.Container.Id.Value))
                    claims.Add(Claim(wish));
        return claims.ToImmutable();
    }

    private Claim Claim(StaticClaim wish)
    {
        var findings = new ContainerFindings(wish.Container);
        var route = new ProxyCapabilities(proxy, policy, findings).Fit(new OperatorFilesRule(snapshot).Fit(wish.Wish));
        if (route.Refusal is null && wish.Server is { IsName: true } && Obstacle(wish, route.Settings) is { } obstacle)
        {
            var refusal = new Refusal(ReasonIds.UnsupportedOption, $"the name {wish.Server.Host} in servers is not available {obstacle}; write an address.");
            findings.Warn(refusal.Reason, $"container {findings.Name} is not routed: {refusal.Detail}", host: route.Hosts[0].ToString());
            route = route with { Refusal = refusal };
        }

        foreach (var finding in findings.Items)
            _findings.Add(finding with { Message = StaticRouteReader.Own(finding.Message, wish.Container, policy.LabelPrefix) });
        return new Claim
        {
            Container = wish.Container,
            Dialect = Dialect.Templater,
            Owner = "the settings",
            Route = route,
            Server = route.Refusal is null && route.Settings.RedirectTo is null && wish.Server is { } server ? Server(server, route) : null,
            Port = wish.Server?.Port ?? 0,
            Unserved = route.Refusal,
        };
    }

    // Whatever cannot be found out when the proxy starts must not keep it from starting.
    private UpstreamServer Server(StaticServer server, RouteClaim route) => new()
    {
        Address = server.Host,
        Port = server.Port,
        Weight = route.Weight,
        Backup = route.Backup,
        State = route.Weight == 0 ? ServerState.Drain : ServerState.Up,
        IsLookedUp = server.IsName && !reach.IsOnHost && proxy.Kind is (ProxyKind.Nginx or ProxyKind.HAProxy),
    };

    private string? Obstacle(StaticClaim wish, RouteSettings settings)
    {
        if (proxy.Kind != ProxyKind.Nginx)
            return null;
        if (reach.IsOnHost)
            return "for nginx on the host's network, which has no name server that is known";
        if (proxy.Version >= EndpointRule.NginxWithResolve)
            return null;
        if (wish.Route.Servers.Length > 1)
            return $"in nginx before {EndpointRule.NginxWithResolve} beside other servers";
        if (settings.Protocol is not (UpstreamProtocol.Http or UpstreamProtocol.Https))
            return $"in nginx before {EndpointRule.NginxWithResolve} with the protocol {RouteSettings.Word(settings.Protocol)}";
        return settings.Rewrite is not null || settings.Destination is not null ? $"in nginx before {EndpointRule.NginxWithResolve} together with rewrite" : null;
    }
}
