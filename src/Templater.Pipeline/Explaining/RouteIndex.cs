using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Explaining;

/// <summary>A route with its host, and the claims on its place.</summary>
/// <param name="Host">The host.</param>
/// <param name="Route">The route.</param>
/// <param name="Claims">Who claims the place and did not lose it.</param>
internal sealed record RoutePlace(VirtualHost Host, Route Route, ImmutableArray<ClaimOutcome> Claims)
{
    /// <summary>The route in words.</summary>
    /// <param name="only">The one container whose servers are wanted; null = all.</param>
    public ExplainedRoute Explained(ContainerId? only = null)
    {
        var servers = Route.RedirectTo is null
            ? Claims.Where(claim => only is null || claim.Claim.Container.Id == only)
                .Select(claim => ServerText.Of(claim, Route.Upstream.Servers.FirstOrDefault(server => IsOf(server, claim.Claim))))
                .ToImmutableArray()
            : [];
        var status = Route.IsClosed ? "closed"
            : Route.RedirectTo is not null ? "redirects"
            : Route.Upstream.Servers.Length > 0 ? "served"
            : "no server";
        return new ExplainedRoute(Untrusted.Shown(Host.Pattern.ToString()), Facts.Path(Route.Path), Does(), Route.RedirectTo is null ? Route.Upstream.Name : "", servers, status);
    }

    private static bool IsOf(UpstreamServer server, Claim claim) => claim.Owner is null
        ? server.Container == claim.Container.Id
        : server.Container is null && server.Address == claim.Server?.Address && server.Port == claim.Server.Port;

    private string Does()
    {
        if (Route.RedirectTo is { } to)
            return string.Create(CultureInfo.InvariantCulture, $"redirect {to.Code} to {Untrusted.Shown(to.Url)}");
        var parts = new List<string> { RouteSettings.Word(Route.Upstream.Protocol), RouteSettings.Word(Route.Upstream.Balance) };
        if (Route.Upstream.Sticky != StickyMode.Off)
            parts.Add("sticky " + RouteSettings.Word(Route.Upstream.Sticky));
        parts.Add(Route.Upstream.Keepalive > 0 ? string.Create(CultureInfo.InvariantCulture, $"keepalive {Route.Upstream.Keepalive}") : "no keepalive");
        if (Route.Rewrite is { } rewrite)
            parts.Add($"rewrite {Untrusted.Shown(rewrite)}");
        if (Route.Allow.Length + Route.Deny.Length > 0)
            parts.Add("for some clients only");
        if (Route.Auth is not null)
            parts.Add("login");
        return string.Join(", ", parts);
    }
}

/// <summary>A claim with the outcome that it is part of.</summary>
internal sealed record ClaimOutcome(Claim Claim, ContainerOutcome Outcome);

/// <summary>Finds the routes of hosts and containers.</summary>
internal sealed class RouteIndex
{
    private readonly Dictionary<ContainerId, List<RoutePlace>> _byContainer = [];
    private readonly Dictionary<VirtualHost, ImmutableArray<RoutePlace>> _byHost = new(ReferenceEqualityComparer.Instance);

    /// <summary>Looks at all routes once.</summary>
    public RouteIndex(ExplainedDecision decision)
    {
        var claims = new Dictionary<(HostPattern, PathPattern), List<ClaimOutcome>>();
        var lost = decision.Routing.LostPlaces.Select(static place => (place.Host, place.Path, place.Loser.Key)).ToHashSet();
        foreach (var outcome in decision.Routing.Outcomes)
            foreach (var claim in outcome.Claims)
                foreach (var host in claim.Route.Hosts)
                    if (!lost.Contains((host, claim.Route.Path, claim.Key)))
                        Add(claims, (host, claim.Route.Path), new ClaimOutcome(claim, outcome));
        foreach (var claim in decision.Routing.StaticClaims)
            foreach (var host in claim.Route.Hosts)
                if (!lost.Contains((host, claim.Route.Path, claim.Key)))
                    Add(claims, (host, claim.Route.Path), new ClaimOutcome(claim, ContainerOutcome.None));
        foreach (var host in decision.Routing.VirtualHosts)
        {
            _byHost[host] = [.. host.Routes.Select(route => new RoutePlace(host, route, [.. claims.GetValueOrDefault((host.Pattern, route.Path)) ?? []]))];
            foreach (var place in _byHost[host])
                foreach (var container in place.Claims.Select(static claim => claim.Claim.Container.Id).Distinct())
                    Add(_byContainer, container, place);
        }
    }

    /// <summary>The routes that a container is behind, or would be.</summary>
    public IReadOnlyList<RoutePlace> Of(ContainerId container) => _byContainer.GetValueOrDefault(container) ?? [];

    /// <summary>The routes of a host.</summary>
    public ImmutableArray<RoutePlace> Of(VirtualHost host) => _byHost[host];

    private static void Add<TKey, TValue>(Dictionary<TKey, List<TValue>> lists, TKey key, TValue value)
        where TKey : notnull
    {
        if (lists.TryGetValue(key, out var list))
            list.Add(value);
        else
            lists.Add(key, [value]);
    }
}
