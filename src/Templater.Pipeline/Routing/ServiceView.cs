using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Dialects.Traefik;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Reachability;

namespace Templater.Pipeline.Routing;

/// <summary>How routing looks at what belongs to a service of a Swarm: by the service's labels and age, not the container's.</summary>
internal static class ServiceView
{
    private const string VirtualAddress = "vip";

    /// <summary>What IPVS remembers of an idle connection; no setting of the engine changes it.</summary>
    public static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(900);

    /// <summary>The container as routing sees it; the same one when it belongs to no known service. Pure.</summary>
    /// <param name="container">A container of the snapshot.</param>
    public static Container Of(Container container) =>
        container.Origin is { } origin ? container with { Labels = origin.ServiceLabels, Created = origin.ServiceCreated } : container;

    /// <summary>
    /// Why another entry of the list answers for this one: a service is addressed either as a whole or by its tasks.
    /// </summary>
    /// <param name="container">What <see cref="Of"/> gave.</param>
    /// <param name="policy">The operator's settings.</param>
    /// <returns>Null when it answers for itself.</returns>
    public static Refusal? AnsweredByAnother(Container container, RoutingPolicy policy)
    {
        // What a name needs is known when the labels are read: ServiceLookup.
        if (container.Origin is not { } origin || ServiceLookup.IsAskedFor(container, policy))
            return null;
        var isWhole = AsksForAddress(container, policy) && origin.HasVirtualAddress;
        return origin.Kind == OriginKind.Service && !isWhole ? new Refusal(ReasonIds.NoHost, "its tasks are addressed one by one.")
            : origin.Kind == OriginKind.Task && isWhole ? new Refusal(ReasonIds.NoHost, "its service is addressed as a whole, by its virtual address.")
            : null;
    }

    /// <summary>Says that a service cannot be addressed in the way that was asked for.</summary>
    /// <param name="container">What <see cref="Of"/> gave.</param>
    /// <param name="policy">The operator's settings.</param>
    /// <param name="findings">Where complaints go.</param>
    public static void SayWhatIsMissing(Container container, RoutingPolicy policy, ContainerFindings findings)
    {
        if (!AsksForAddress(container, policy))
            return;
        var prefix = policy.LabelPrefix;
        if (container.Origin is { HasVirtualAddress: true })
            return;
        var why = container.Origin is null ? "it is no task of a service that is known here" : "its service has none (endpoint mode dnsrr)";
        findings.Warn(
            ReasonIds.UnsupportedOption,
            $"container {findings.Name}: {prefix}.endpoints=vip asks for the virtual address of a service, and {why}. It is addressed like any other container.",
            $"{prefix}.endpoints");
    }

    /// <summary>
    /// Says that connections through a virtual address may die unseen: the kernel behind it forgets those that are idle for longer
    /// than <see cref="LongestIdle"/>. HAProxy is told its own time for asking whether they live; nginx has no such setting.
    /// </summary>
    /// <param name="container">What <see cref="Of"/> gave.</param>
    /// <param name="timeouts">Time-outs of a route to it.</param>
    /// <param name="kind">Kind of proxy.</param>
    /// <param name="proxies">The proxy's containers.</param>
    /// <param name="prefix">Prefix of native labels, without dot.</param>
    /// <param name="findings">Where complaints go.</param>
    public static void SayWhatIsForgotten(
        Container container, RouteTimeouts timeouts, ProxyKind kind, ImmutableArray<Container> proxies, string prefix, ContainerFindings findings)
    {
        var isLong = timeouts.Server > LongestIdle || (timeouts.TunnelIsSet && timeouts.Tunnel > LongestIdle);
        if (container.Origin is not { Kind: OriginKind.Service } || !isLong || kind != ProxyKind.Nginx)
            return;
        if (proxies.Length > 0 && proxies.All(static proxy => proxy.TcpKeepaliveTime <= (int)LongestIdle.TotalSeconds))
            return;
        findings.Warn(
            ReasonIds.IdleTimeout,
            $"service {findings.Name}: its virtual address forgets connections that are idle for 15 minutes, and its time-outs are longer. Requests would hang there. Set the proxy's sysctl net.ipv4.tcp_keepalive_time to 900 or less, choose shorter time-outs, or address the tasks ({prefix}.endpoints=tasks).",
            $"{prefix}.endpoints");
    }

    private static bool AsksForAddress(Container container, RoutingPolicy policy) =>
        container.Labels.TryGetValue($"{policy.LabelPrefix}.endpoints", out var value)
            ? value.AsSpan().Trim().Equals(VirtualAddress, StringComparison.OrdinalIgnoreCase)
            : policy.Dialects.Contains(Dialect.Traefik) && TraefikDialect.AsksForAddress(container);
}
