using System.Collections.Immutable;
using Templater.Pipeline.Certificates.Wanted;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Fixed;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Reachability;
using Templater.Pipeline.Routing.Streams;

namespace Templater.Pipeline.Routing;

/// <summary>
/// Decides what one output's proxy serves. A pure function: the same snapshot, proxy and policy give the same result,
/// whatever the order of the containers, and a bad container costs nothing to the others. Thread-safe.
/// </summary>
public static class Router
{
    /// <summary>Routes the containers of a snapshot.</summary>
    /// <param name="snapshot">What was read from the engine.</param>
    /// <param name="proxy">The proxy, as <see cref="ProxyLocator"/> found it.</param>
    /// <param name="policy">The operator's settings.</param>
    /// <param name="memory">Saves the work for containers that did not change; null looks at all of them anew.</param>
    public static RoutingResult Route(Snapshot snapshot, ProxyContext proxy, RoutingPolicy policy, OutcomeMemory? memory = null)
    {
        var reach = ProxyReach.Of(snapshot, proxy);
        var outcomes = (memory ?? new OutcomeMemory()).Outcomes(snapshot, proxy, policy, reach);
        var conflicts = new Conflicts(policy, snapshot.TakenAt);
        var builder = new VirtualHostBuilder(snapshot, proxy, ProxyCapabilities.Possible(proxy, policy, out var unsupported), conflicts);
        var fixedRoutes = new StaticRoutes(snapshot, proxy, policy, reach);
        var staticClaims = fixedRoutes.Claims();
        var named = new NamedContainers(snapshot, reach, policy, conflicts);
        ImmutableArray<VirtualHost> hosts = [.. builder.Build(conflicts.Resolve(outcomes.SelectMany(outcome => outcome.Claims).Concat(staticClaims))).Select(named.Resolve)];
        var listening = new StreamBuilder(snapshot, proxy.Kind, policy, conflicts);
        var streams = listening.Build(outcomes.SelectMany(static outcome => outcome.Streams).Where(static claim => claim.Settings.Listen is not null));
        var slots = SlotAllocator.Assign(
            hosts.SelectMany(host => host.Routes).Select(route => route.Upstream).Concat(streams.SelectMany(static listener => listener.Routes).Select(static route => route.Upstream)),
            snapshot.Slots.GetValueOrDefault(proxy.Output, SlotAssignment.Empty),
            snapshot.Containers.Select(container => container.Id.Value).ToHashSet(StringComparer.Ordinal));
        return new RoutingResult
        {
            Proxy = proxy,
            VirtualHosts = [.. hosts.Select(host => WithSlots(host, slots))],
            HandsTlsOn = TlsChallenges.AreHandedOn(hosts, proxy.Kind, policy.Acme),
            Streams = [.. streams.Select(listener => listener with { Routes = [.. listener.Routes.Select(route => WithSlots(route, slots))] })],
            Fates = [.. outcomes.Select(outcome => Fate(outcome, conflicts))],
            Findings =
            [
                .. outcomes.SelectMany(outcome => outcome.Findings)
                    .Concat(snapshot.Findings)
                    .Concat(reach.Split is { } split ? [split] : [])
                    .Concat(TaskLabels.Examine(snapshot.Containers, outcomes.Select(outcome => outcome.Fate), policy.LabelPrefix))
                    .Concat(ProxyLocator.Mislabelled(snapshot, proxy.Output, policy.LabelPrefix))
                    .Concat(conflicts.Findings)
                    .Concat(builder.Findings)
                    .Concat(named.Findings)
                    .Concat(listening.Findings)
                    .Concat(fixedRoutes.Findings)
                    .Concat(unsupported)
                    .Distinct()
                    .OrderBy(finding => finding.Container ?? "", StringComparer.Ordinal)
                    .ThenBy(finding => finding.Reason, StringComparer.Ordinal)
                    .ThenBy(finding => finding.Message, StringComparer.Ordinal),
            ],
            Slots = slots,
            Outcomes = outcomes,
            StaticClaims = staticClaims,
            LostPlaces = [.. conflicts.Places],
            RecheckAt = RecheckAt(snapshot, hosts, outcomes),
        };
    }

    private static VirtualHost WithSlots(VirtualHost host, SlotAssignment slots)
    {
        var routes = ImmutableArray.CreateBuilder<Route>(host.Routes.Length);
        foreach (var route in host.Routes)
            routes.Add(WithSlots(route, slots));
        return host with { Routes = routes.MoveToImmutable() };
    }

    private static Route WithSlots(Route route, SlotAssignment slots)
    {
        var upstream = SlotAllocator.Apply(route.Upstream, slots);
        return route with
        {
            Upstream = upstream,
            Containers = upstream.Servers.Length > 1 ? UpstreamServer.ContainersOf(upstream.Servers) : route.Containers,
        };
    }

    private static StreamRoute WithSlots(StreamRoute route, SlotAssignment slots)
    {
        var upstream = SlotAllocator.Apply(route.Upstream, slots);
        return route with
        {
            Upstream = upstream,
            Containers = upstream.Servers.Length > 0 ? UpstreamServer.ContainersOf(upstream.Servers) : route.Containers,
        };
    }

    private static ContainerFate Fate(ContainerOutcome outcome, Conflicts conflicts) =>
        outcome.Fate.Reason is null && conflicts.Lost.TryGetValue(outcome.Fate.Container.Value, out var lost)
            ? outcome.Fate with { Reason = lost.Reason, Detail = lost.Detail }
            : outcome.Fate;

    private static DateTimeOffset? RecheckAt(
        Snapshot snapshot, ImmutableArray<VirtualHost> hosts, ImmutableArray<ContainerOutcome> outcomes)
    {
        DateTimeOffset? soonest = null;
        foreach (var outcome in outcomes)
            Note(outcome.ReadyAt);
        foreach (var host in hosts)
        {
            Note(host.Https.Certificate?.NotAfter);
            foreach (var alias in host.AliasHttps)
                Note(alias.Https.Certificate?.NotAfter);
        }

        foreach (var pair in snapshot.Certificates)
            Note(pair.NotBefore);
        return soonest;

        void Note(DateTimeOffset? time)
        {
            if (time > snapshot.TakenAt && (soonest is null || time < soonest))
                soonest = time;
        }
    }
}
