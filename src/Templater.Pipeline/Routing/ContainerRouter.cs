using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Dialects;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;
using Templater.Pipeline.Routing.Reachability;

namespace Templater.Pipeline.Routing;

/// <summary>What one container brings, looked at by itself.</summary>
/// <param name="Fate">What became of it before conflicts with others.</param>
/// <param name="Claims">Its claims.</param>
/// <param name="Findings">What is to be said about it.</param>
/// <param name="ReadyAt">When it will be ready, if it only waits for that.</param>
/// <param name="DependsOnTime">True when the same container may have another outcome at another time.</param>
internal sealed record ContainerOutcome(
    ContainerFate Fate, ImmutableArray<Claim> Claims, ImmutableArray<Finding> Findings, DateTimeOffset? ReadyAt, bool DependsOnTime = false)
{
    /// <summary>The steps on the way to it, for whoever asks why; they decide nothing.</summary>
    public DecisionSteps Steps { get; init; } = DecisionSteps.None;
}

/// <summary>What was found out on the way to a container's outcome; a step that was not reached is null.</summary>
/// <param name="Asked">What it asked for, in the words of no dialect.</param>
/// <param name="Options">What holds for it as a whole.</param>
/// <param name="NotReady">Why it may be given no requests now.</param>
/// <param name="Unreachable">Why the proxy does not reach it.</param>
/// <param name="Endpoint">The attachment by which the proxy reaches it.</param>
/// <param name="Address">Its address there; empty when there is none.</param>
internal sealed record DecisionSteps(
    ContainerClaims? Asked, ContainerOptions? Options, Refusal? NotReady = null, Refusal? Unreachable = null, Endpoint? Endpoint = null, string Address = "")
{
    /// <summary>Nothing was looked at.</summary>
    public static readonly DecisionSteps None = new(null, null);
}

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
        if (ServiceView.AnsweredByAnother(container, policy.LabelPrefix) is { } another)
            return new(Fate(null, another, null), [], [], null);
        var options = ContainerOptionsReader.Read(container, policy, _findings);
        var claims = ReadClaims();
        _steps = new DecisionSteps(claims, options);
        if (claims is null)
            return options.ProxyOf is { } output
                ? Out(null, new Refusal(ReasonIds.IsProxy, $"it is the proxy of the output {Untrusted.Shown(output)}."))
                : Out(null, new Refusal(ReasonIds.NoHost, "no label names a host."));
        if (!options.Enabled)
            return Silent(claims, new Refusal(ReasonIds.Disabled, $"{policy.LabelPrefix}.enable is false."));
        var instances = options.Instances.Length > 0 ? options.Instances : claims.Instances;
        if (options.IsInstanceKnown && !IsOurs(instances))
        {
            var owner = instances.Length > 0 ? Untrusted.Shown(string.Join(", ", instances)) : "the instance without a name";
            return Silent(claims, new Refusal(ReasonIds.OtherInstance, $"it belongs to {owner}."));
        }

        if (claims.Refusal is { } refusal)
            return Out(claims, refusal);
        ServiceView.SayWhatIsMissing(container, policy.LabelPrefix, _findings);
        options = options with { Drain = options.Drain || container.Origin is { IsLeaving: true } };
        var unheard = UnheardRestrictions.Find(container, claims.Dialect, policy, _findings);
        return Serve(claims, options with { Refusal = Refusal.Graver(options.Refusal, unheard) });
    }

    private ContainerClaims? ReadClaims()
    {
        foreach (var dialect in policy.Dialects)
        {
            var claims = dialect switch
            {
                Dialect.Templater => NativeDialect.Read(container, policy, _findings),
                Dialect.Dotege => DotegeDialect.Read(container, policy, _findings),
                Dialect.NginxProxy => NginxProxyDialect.Read(container, policy, _findings),
                _ => null,
            };
            if (claims is not null)
                return claims;
        }

        return null;
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
        Refusal? first = null;
        foreach (var wish in claims.Routes)
        {
            var route = capabilities.Fit(files.Fit(wish with { Refusal = Refusal.Graver(options.Refusal, wish.Refusal) }));
            var port = PortRule.Choose(container, route, claims.PortKey, policy.DefaultPort, out var noPort);
            var isProxied = route.Settings.RedirectTo is null;
            if (isProxied && route.Refusal is null && noPort is not null)
                route = route with { Refusal = noPort };
            // Whatever is wrong with a container that does not run is said when it runs.
            var refusal = notReady is { Reason: ReasonIds.NotRunning } ? notReady : route.Refusal ?? (isProxied ? notReady ?? unreachable : null);
            if (refusal is not null && refusal != options.Refusal && refusal != wish.Refusal)
                Report(route, refusal, hold);
            if (refusal is null && isProxied && PortRule.Doubt(container, route) is { } doubt)
                _findings.Add(FindingSeverity.Info, ReasonIds.NoPort, $"container {_findings.Name}: {doubt}", host: route.Hosts[0].ToString());
            if (refusal is null && isProxied)
                ServiceView.SayWhatIsForgotten(container, route.Settings.Timeouts, proxy.Kind, reach.Proxies, policy.LabelPrefix, _findings);
            var name = refusal is null ? addressing.Name(container, options, endpoint, route) : null;
            first ??= refusal;
            made.Add(new Claim
            {
                Container = container,
                Dialect = claims.Dialect,
                Route = route,
                IsReachable = !isProxied || unreachable is not { Reason: ReasonIds.NoSharedNetwork or ReasonIds.NetworkNotFound },
                Server = refusal is null && isProxied ? Server(route, options, name ?? address, port) with { IsEnding = stopping is not null, IsLookedUp = name is not null } : null,
                Port = port,
                Unserved = refusal,
            });
        }

        var reason = first ?? (options.Drain ? new Refusal(ReasonIds.Draining, "it keeps its connections and gets no new ones.")
            : stopping is not null ? new Refusal(ReasonIds.Draining, "it is being stopped.") : null);
        return new ContainerOutcome(
            Fate(claims, reason, first is null ? endpoint : null),
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
            Steps = new DecisionSteps(claims, options, notReady, unreachable, endpoint, address),
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

    private void Report(RouteClaim route, Refusal refusal, HoldDown? hold)
    {
        if (refusal.Reason == ReasonIds.UnsupportedOption)
            return;
        if (hold is { } held && refusal.Reason is ReasonIds.HeldDown or ReasonIds.NotRunning or ReasonIds.Starting)
        {
            ReportHold(route, held);
            return;
        }

        var isPassing = refusal.Reason is ReasonIds.NotRunning or ReasonIds.Starting or ReasonIds.NotReadyYet or ReasonIds.NoAddressYet;
        var hosts = string.Join(", ", route.Hosts.Select(host => Untrusted.Shown(host.ToString())));
        var hint = refusal.Reason == ReasonIds.Unhealthy ? $" Fix the check, or set {policy.LabelPrefix}.health=any." : "";
        _findings.Add(
            isPassing ? FindingSeverity.Info : FindingSeverity.Warning,
            refusal.Reason,
            $"container {_findings.Name} is not routed for {hosts}: {refusal.Detail.TrimEnd('.')}.{hint}",
            host: route.Hosts[0].ToString());
        if (refusal.Reason == ReasonIds.NoSharedNetwork && reach.Shared.Length > 0 && DefaultGateway.Moved(container, reach.Shared[0], snapshot) is { } before)
            WarnOfGateway(before, reach.Shared[0], route.Hosts[0].ToString());
    }

    private void WarnOfGateway(Endpoint before, Endpoint after, string host)
    {
        var (why, remedy) = DefaultGateway.Rule(snapshot.Engine);
        var (network, next) = (Untrusted.Shown(before.NetworkName), Untrusted.Shown(after.NetworkName));
        _findings.Warn(
            ReasonIds.NoSharedNetwork,
            $"container {_findings.Name}: attaching it to {next} will move its default gateway from {network} to {next}, because {why}: what it sends out, and ports that it publishes, go there. "
                + $"To keep it on {network}, {remedy}.",
            host: host);
    }

    // Said while it runs and while it does not, in the same words, so that a loop is one line and not two at each turn. One restart is none.
    private void ReportHold(RouteClaim route, HoldDown held)
    {
        if (held.Restarts < 2)
            return;
        var hosts = string.Join(", ", route.Hosts.Select(host => Untrusted.Shown(host.ToString())));
        var matter = $"container {_findings.Name} is not routed for {hosts}: it restarts again and again";
        _findings.Add(new Finding(
            FindingSeverity.Warning,
            ReasonIds.HeldDown,
            string.Create(CultureInfo.InvariantCulture, $"{matter} ({held.Restarts} times within {Lifecycle.Window.TotalMinutes:0} minutes). It is routed once it has run for a while, at most {Lifecycle.MaxHold.TotalSeconds:0} s. Look at its log for what ends it."))
        {
            Host = route.Hosts[0].ToString(),
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
        new(container.Id, refusal?.Reason, refusal?.Detail ?? "", claims?.Requested ?? [], claims?.Dialect, endpoint);
}
