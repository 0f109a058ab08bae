using System.Collections.Immutable;
using System.Net.Sockets;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Names;
using Templater.Pipeline.Routing.Reachability;

namespace Templater.Pipeline.Explaining;

/// <summary>Explains one container: each step of the decision about it, and what came of it.</summary>
internal sealed class ContainerExplainer(ExplainedDecision decision)
{
    private readonly StepWriter _steps = new(decision.Policy);

    /// <summary>Explains a container.</summary>
    /// <param name="index">Its place in the snapshot.</param>
    public Explanation Explain(int index)
    {
        var container = decision.Snapshot.Containers[index];
        var (fate, outcome) = (decision.Routing.Fates[index], decision.Routing.Outcomes[index]);
        var routes = decision.Routes.Of(container.Id);
        var streams = StreamExplainer.Of(outcome, decision.Routing);
        var standing = StandingOf(fate, routes.Any(route => IsServed(route, container)) || streams.Any(static stream => stream.Status == "served"));
        var reason = fate.Reason ?? (standing == Standing.Routed ? null : outcome.Claims.IsEmpty ? null : ReasonIds.ConflictValue);
        var (prefix, asked) = (decision.Policy.LabelPrefix, outcome.Steps.Asked);
        var conflicts = Conflicted.Of(decision, place => place.Loser.Container.Id == container.Id || place.Winner.Container.Id == container.Id);
        return new Explanation
        {
            Kind = SubjectKind.Container,
            Subject = Untrusted.Shown(container.Name),
            Output = decision.Routing.Proxy.Output,
            Standing = standing,
            Reason = reason,
            Detail = fate.Detail.TrimEnd('.'),
            WayOut = conflicts.Length > 0 ? Conflicted.WayOut(conflicts[0], prefix) : reason is null ? null : WaysOut.Of(reason, container, decision.Reach, prefix, asked),
            Container = container,
            Hosts = [.. fate.Hosts.Select(Untrusted.Shown), .. fate.Streams.Select(static place => $"port {Untrusted.Shown(place)}")],
            Dialect = fate.Dialect is { } dialect ? SourceLabels.Word(dialect) : null,
            Labels = fate.Dialect is { } read ? SourceLabels.Of(container, read, prefix) : [],
            Steps = _steps.Of(container, fate, outcome.Steps),
            Networks = Networks(container, outcome.Steps),
            Port = Port(container, outcome),
            Routes = [.. routes.Select(route => route.Explained(container.Id))],
            Streams = streams,
            Conflicts = conflicts,
            Certificate = routes.Select(static route => route.Host.Https.Certificate).FirstOrDefault(static pair => pair is not null) is { } pair
                ? Facts.Certificate(pair, decision.Snapshot.TakenAt) : null,
            PendingCertificate = routes.Select(route => Facts.Pending(route.Host, route.Host.Https, decision)).FirstOrDefault(static pending => pending is not null),
            Warnings = [.. decision.Findings.Where(finding => Facts.IsAbout(finding, container))],
            File = OutputLines.Of(decision, [container.Id]),
        };
    }

    private static Standing StandingOf(ContainerFate fate, bool isServed) =>
        !isServed ? Standing.NotRouted
        : fate.Reason is null or ReasonIds.Draining ? Standing.Routed
        : Standing.Partly;

    private static bool IsServed(RoutePlace place, Container container) =>
        !place.Route.IsClosed
        && (place.Route.RedirectTo is not null || place.Route.Upstream.Servers.Any(server => server.Container == container.Id));

    private ImmutableArray<ExplainedNetwork> Networks(Container container, DecisionSteps steps)
    {
        var reach = decision.Reach;
        var attached = reach.Usable(container);
        if (steps.Endpoint is { } way && !attached.Any(endpoint => ProxyReach.IsSame(endpoint, way)))
            attached = [way, .. attached];
        var gateway = DefaultGateway.Of(attached, decision.Snapshot.Networks, decision.Snapshot.Engine);
        return
        [
            .. attached.Select(endpoint => new ExplainedNetwork(
                Untrusted.Shown(endpoint.NetworkName),
                reach.Reaches(endpoint) || endpoint == steps.Endpoint,
                AddressOf(endpoint),
                steps.Endpoint is { } used && ProxyReach.IsSame(used, endpoint),
                attached.Length > 1 && endpoint == gateway,
                Why(endpoint, steps))),
        ];
    }

    private string AddressOf(Endpoint endpoint)
    {
        var (v4, v6) = (ProxyReach.Address(endpoint.IPv4, AddressFamily.InterNetwork), ProxyReach.Address(endpoint.IPv6, AddressFamily.InterNetworkV6));
        return decision.Policy.PreferIPv6 && v6.Length > 0 ? v6 : v4.Length > 0 ? v4 : v6;
    }

    private string Why(Endpoint endpoint, DecisionSteps steps)
    {
        var reach = decision.Reach;
        if (!reach.Reaches(endpoint) && endpoint != steps.Endpoint)
            return "not attached to the proxy";
        var proxy = reach.Proxies.IsEmpty ? "the proxy is not known, all networks count"
            : endpoint.NetworkName == "host" ? "through the host"
            : $"shared with proxy {Untrusted.Shown(reach.Proxies[0].Name)}";
        return steps.Unreachable is { Reason: ReasonIds.NetworkNotFound } ? $"{proxy}, not chosen" : proxy;
    }

    private static ExplainedPort? Port(Container container, ContainerOutcome outcome)
    {
        if (outcome.Claims.IsEmpty)
            return null;
        var claim = outcome.Claims[0];
        return new ExplainedPort(claim.Port > 0 ? claim.Port : null, Facts.PortFrom(claim, outcome.Steps.Asked?.PortKey), [.. PortRule.Exposed(container)]);
    }
}
