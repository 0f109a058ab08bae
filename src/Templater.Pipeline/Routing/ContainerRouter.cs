using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Dialects;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;
using Templater.Pipeline.Routing.Reachability;
using Templater.Pipeline.Routing.Streams;

namespace Templater.Pipeline.Routing;

/// <summary>Takes one container through all rules that need no other container.</summary>
internal sealed class ContainerRouter(
    Snapshot snapshot, ProxyContext proxy, RoutingPolicy policy, ProxyReach reach, Container container)
{
    private const string AllInstances = "*";

    private readonly ContainerFindings _findings = new(container);
    private DecisionSteps _steps = DecisionSteps.None;

    /// <summary>Decides.</summary>
    public ContainerOutcome Run()
    {
        if (snapshot.Quarantined.TryGetValue(container.Id.Value, out var quarantine))
            return Quarantined(quarantine);
        if (ServiceView.AnsweredByAnother(container, policy) is { } another)
            return new(Fate(null, another, null), [], [], null);
        var options = ContainerOptionsReader.Read(container, policy, _findings);
        var claims = DialectReader.Read(container, policy, _findings);
        _steps = new DecisionSteps(claims, options);
        if (claims is null)
            return options.ProxyOf is { } output
                ? Out(null, new Refusal(ReasonIds.IsProxy, $"it is the proxy of the output {Untrusted.Shown(output)}."))
                : Out(null, new Refusal(ReasonIds.NoHost, "no label names a host."));
        if (new ServiceLookup(proxy, reach, policy, _findings).AnsweredByAnother(container, claims) is { } whole)
            return new(Fate(null, whole, null), [], [.. container.Origin is { Kind: OriginKind.Service } ? _findings.Items : []], null);
        if (!options.Enabled && !(claims.IsEnabled && !container.Labels.ContainsKey($"{policy.LabelPrefix}.enable")))
            return Silent(claims, new Refusal(ReasonIds.Disabled, $"{policy.LabelPrefix}.enable is false."));
        var instances = options.Instances.Length > 0 ? options.Instances : claims.Instances;
        if (options.IsInstanceKnown && !IsOurs(instances))
        {
            var owner = instances.Length > 0 ? Untrusted.Shown(string.Join(", ", instances)) : "the instance without a name";
            return Silent(claims, new Refusal(ReasonIds.OtherInstance, $"it belongs to {owner}."));
        }

        if (policy.NginxProxy?.Filters.FirstOrDefault(filter => !filter.Admits(container)) is { } filtered)
            return Silent(claims, new Refusal(ReasonIds.OtherInstance, $"DOCKER_CONTAINER_FILTERS leaves it out: {Untrusted.Shown(filtered.ToString())}."));

        if (policy.Domains is { } domains)
            _steps = _steps with { Asked = claims = new DomainRule(domains, container, _findings).Fit(claims) };
        if (claims is { Refusal: { } refusal, Streams.IsEmpty: true })
            return Out(claims, refusal);
        ServiceView.SayWhatIsMissing(container, policy, _findings);
        if (options.Networks.Length == 0)
            options = options with { Networks = claims.Networks, NetworkKey = claims.NetworkKey };
        options = options with { Drain = options.Drain || container.Origin is { IsLeaving: true } };
        var unheard = UnheardRestrictions.Find(container, claims.Dialect, policy, _findings);
        return Serve(claims, options with { Refusal = Refusal.Graver(options.Refusal, unheard) });
    }

    private bool IsOurs(ImmutableArray<string> instances) =>
        policy.Instance == AllInstances
        || (policy.Instance.Length == 0 ? instances.Length == 0 : instances.Contains(policy.Instance, StringComparer.Ordinal));

    private ContainerOutcome Serve(ContainerClaims claims, ContainerOptions options)
    {
        // Between create and start lie milliseconds. A host of its own for that time would cost a reload, and the reload with its
        // first server would wait behind it.
        if (container.State == ContainerState.Created)
            return Silent(claims, new Refusal(ReasonIds.NotRunning, "it was never started"));
        var capabilities = new ProxyCapabilities(proxy, policy, _findings);
        var files = new OperatorFilesRule(snapshot);
        var notReady = Readiness.Examine(container, options, snapshot.TakenAt);
        var hold = Readiness.HeldDown(container, snapshot);
        if (hold is { } held && notReady is null)
            notReady = new Refusal(ReasonIds.HeldDown, string.Create(CultureInfo.InvariantCulture, $"it has restarted {held.Restarts} times within {Lifecycle.Window.TotalMinutes:0} minutes"));
        // The proxies get signals of ours, which say nothing about their end.
        var stopping = options.ProxyOf is null && !reach.Proxies.Any(proxy => proxy.Id == container.Id) ? Readiness.StoppingUntil(container, snapshot) : null;
        var rule = new NetworkRule(snapshot, reach, policy);
        var endpoint = rule.Choose(container, options, out var address, out var unreachable);
        var addressing = new EndpointRule(snapshot, proxy, reach, policy, _findings);
        var made = ImmutableArray.CreateBuilder<Claim>();
        var first = claims.Refusal;
        (Endpoint Way, string Address, int Port)? onNode = null;
        foreach (var wish in claims.Routes)
        {
            var route = capabilities.Fit(files.Fit(wish with { Refusal = Refusal.Graver(options.Refusal, wish.Refusal) }));
            var port = PortRule.Choose(container, route, claims.PortKey, policy.DefaultPort, out var noPort);
            var isProxied = route.Settings.RedirectTo is null;
            var published = isProxied ? PublishedRule.Find(container, options, port, unreachable) : null;
            var blocked = published is null ? unreachable : null;
            if (published is { } through)
                (port, onNode) = (through.Port, through);
            if (isProxied && route.Refusal is null && noPort is not null)
                route = route with { Refusal = noPort };
            // Whatever is wrong with a container that does not run is said when it runs.
            var refusal = notReady is { Reason: ReasonIds.NotRunning } ? notReady : route.Refusal ?? (isProxied ? notReady ?? blocked : null);
            if (refusal is not null && refusal != options.Refusal && refusal != wish.Refusal)
                Report(string.Join(", ", route.Hosts.Select(host => Untrusted.Shown(host.ToString()))), route.Hosts[0].ToString(), refusal, hold);
            if (refusal is null && isProxied && PortRule.Doubt(container, route) is { } doubt)
                _findings.Add(FindingSeverity.Info, ReasonIds.NoPort, $"container {_findings.Name}: {doubt}", host: route.Hosts[0].ToString());
            if (refusal is null && isProxied)
                ServiceView.SayWhatIsForgotten(container, route.Settings.Timeouts, proxy.Kind, reach.Proxies, policy.LabelPrefix, _findings);
            var name = refusal is null ? addressing.Name(container, options, endpoint, route) : null;
            var target = name ?? published?.Address ?? address;
            first ??= refusal;
            made.Add(new Claim
            {
                Container = container,
                Dialect = claims.Dialect,
                Route = route,
                IsReachable = !isProxied || blocked is not { Reason: ReasonIds.NoSharedNetwork or ReasonIds.NetworkNotFound },
                Server = refusal is null && isProxied ? Server(route, options, target, port) with { IsEnding = stopping is not null, IsLookedUp = name is not null, Places = name is not null && container.Origin is { Places: > 0 and var places } ? places : 1 } : null,
                Port = port,
                Unserved = refusal,
            });
        }

        var streams = new StreamClaims(container, new StreamCapabilities(proxy, policy, _findings), _findings, policy.LabelPrefix).Of(
            claims.Streams, new StreamSurroundings(options, notReady, unreachable, address, stopping is not null),
            (route, port) => Server(route, options, address, port),
            (place, refusal) => Report(Untrusted.Shown(place), null, refusal, hold));
        first ??= streams.Select(static stream => stream.Claim.Unserved).FirstOrDefault(static refusal => refusal is not null);
        var reason = first ?? (options.Drain ? new Refusal(ReasonIds.Draining, "it keeps its connections and gets no new ones.")
            : stopping is not null ? new Refusal(ReasonIds.Draining, "it is being stopped.") : null);
        return new ContainerOutcome(
            Fate(claims, reason, first is null ? endpoint ?? onNode?.Way : null),
            made.ToImmutable(),
            [.. _findings.Items],
            notReady switch
            {
                { Reason: ReasonIds.NotReadyYet } => Readiness.ReadyAt(container, options),
                { Reason: ReasonIds.HeldDown } => hold?.Until,
                _ => stopping,
            },
            DependsOnTime: hold is not null || stopping is not null || Readiness.ReadyAt(container, options) is not null)
        {
            Streams = streams,
            DependsOnOthers = addressing.DependsOnOthers,
            Steps = new DecisionSteps(claims, options, notReady, onNode is null ? unreachable : null, endpoint ?? onNode?.Way, onNode?.Address ?? address),
        };
    }

    private UpstreamServer Server(RouteClaim route, ContainerOptions options, string address, int port) => new()
    {
        Container = container.Id,
        Address = address,
        Port = port,
        Weight = route.Weight,
        Backup = route.Backup,
        State = options.Drain || route.Weight == 0 ? ServerState.Drain : ServerState.Up,
    };

    private void Report(string hosts, string? host, Refusal refusal, HoldDown? hold)
    {
        if (refusal.Reason == ReasonIds.UnsupportedOption)
            return;
        if (hold is { } held && refusal.Reason is ReasonIds.HeldDown or ReasonIds.NotRunning or ReasonIds.Starting)
        {
            ReportHold(hosts, host, held);
            return;
        }

        var isPassing = refusal.Reason is ReasonIds.NotRunning or ReasonIds.Starting or ReasonIds.NotReadyYet or ReasonIds.NoAddressYet;
        var hint = refusal.Reason == ReasonIds.Unhealthy ? $" Fix the check, or set {policy.LabelPrefix}.health=any." : "";
        _findings.Add(
            isPassing ? FindingSeverity.Info : FindingSeverity.Warning,
            refusal.Reason,
            $"container {_findings.Name} is not routed for {hosts}: {refusal.Detail.TrimEnd('.')}.{hint}",
            host: host);
        if (refusal.Reason == ReasonIds.NoSharedNetwork && reach.Shared.Length > 0 && DefaultGateway.Moved(container, reach.Shared[0], snapshot) is { } before)
            WarnOfGateway(before, reach.Shared[0], host);
    }

    private void WarnOfGateway(Endpoint before, Endpoint after, string? host)
    {
        var (why, remedy) = DefaultGateway.Rule(snapshot.Engine);
        var (network, next) = (Untrusted.Shown(before.NetworkName), Untrusted.Shown(after.NetworkName));
        _findings.Warn(
            ReasonIds.NoSharedNetwork,
            $"container {_findings.Name}: attaching it to {next} will move its default gateway from {network} to {next}, because {why}: what it sends out, and ports that it publishes, go there. "
                + $"To keep it on {network}, {remedy}.",
            // Without it the log would take it for the same matter as the refusal, and say that alone.
            $"{policy.LabelPrefix}.network",
            host: host);
    }

    // Said while it runs and while it does not, in the same words, so that a loop is one line and not two at each turn. One restart is none.
    private void ReportHold(string hosts, string? host, HoldDown held)
    {
        if (held.Restarts < 2)
            return;
        var matter = $"container {_findings.Name} is not routed for {hosts}: it restarts again and again";
        _findings.Add(new Finding(
            FindingSeverity.Warning,
            ReasonIds.HeldDown,
            string.Create(CultureInfo.InvariantCulture, $"{matter} ({held.Restarts} times within {Lifecycle.Window.TotalMinutes:0} minutes). It is routed once it has run for a while, at most {Lifecycle.MaxHold.TotalSeconds:0} s. Look at its log for what ends it."))
        {
            Host = host,
            Matter = matter,
        });
    }

    private ContainerOutcome Quarantined(string why)
    {
        var detail = Untrusted.Shown(why);
        _findings.Warn(ReasonIds.Quarantined, $"container {_findings.Name} is left out until it changes: {detail}");
        return Out(null, new Refusal(ReasonIds.Quarantined, detail));
    }

    private ContainerOutcome Out(ContainerClaims? claims, Refusal refusal) =>
        new(Fate(claims, refusal, null), [], [.. _findings.Items], null) { Steps = _steps };

    /// <summary>A container that is nobody's business here is not complained about either.</summary>
    private ContainerOutcome Silent(ContainerClaims claims, Refusal refusal) =>
        new(Fate(claims, refusal, null), [], [], null) { Steps = _steps };

    private ContainerFate Fate(ContainerClaims? claims, Refusal? refusal, Endpoint? endpoint) =>
        new(container.Id, refusal?.Reason, refusal?.Detail ?? "", claims?.Requested ?? [], claims?.Dialect, endpoint)
        {
            Streams = claims is null or { Streams.IsEmpty: true } ? [] : [.. claims.Streams.Select(static stream => stream.Place)],
        };
}
