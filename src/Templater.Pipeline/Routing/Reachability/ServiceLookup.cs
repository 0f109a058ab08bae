using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;

namespace Templater.Pipeline.Routing.Reachability;

/// <summary>
/// Whether the proxy looks up a service of a Swarm by the name that stands for the addresses of all its tasks: those come and go
/// without a new file. Where that cannot be, the tasks are addressed one by one, which is never less safe. Both, the service and
/// each task, come to the same answer, because it depends on nothing but the service and the proxy.
/// </summary>
internal sealed class ServiceLookup(ProxyContext proxy, ProxyReach reach, RoutingPolicy policy, ContainerFindings findings)
{
    private const string Word = "dns";

    /// <summary>True for a service that asks to be looked up, and for its tasks.</summary>
    /// <param name="container">What <see cref="ServiceView.Of"/> gave.</param>
    /// <param name="policy">The operator's settings.</param>
    public static bool IsAskedFor(Container container, RoutingPolicy policy) =>
        container.Origin is { Places: > 0 }
        && container.Labels.TryGetValue($"{policy.LabelPrefix}.endpoints", out var value)
        && value.AsSpan().Trim().Equals(Word, StringComparison.OrdinalIgnoreCase);

    /// <summary>The name that stands for all tasks, whether or not the service has a virtual address.</summary>
    /// <param name="service">Name of the service.</param>
    public static string NameOf(string service) => "tasks." + service;

    /// <summary>Why another entry of the list answers for this one; null when it answers for itself.</summary>
    /// <param name="container">What <see cref="ServiceView.Of"/> gave.</param>
    /// <param name="claims">What its labels ask for.</param>
    public Refusal? AnsweredByAnother(Container container, ContainerClaims claims)
    {
        if (container is not { Origin: { } origin, Swarm: { } service } || !IsAskedFor(container, policy))
            return null;
        var obstacle = Obstacle(service.Service, claims);
        if (origin.Kind == OriginKind.Task)
            return obstacle is null ? new Refusal(ReasonIds.NoHost, "its service is addressed as a whole, by its name.") : null;
        if (obstacle is null)
            return null;
        findings.Warn(
            ReasonIds.UnsupportedOption,
            $"service {findings.Name}: {policy.LabelPrefix}.endpoints=dns is not available {obstacle}; the addresses of its tasks are used.",
            $"{policy.LabelPrefix}.endpoints");
        return new Refusal(ReasonIds.NoHost, "its tasks are addressed one by one.");
    }

    private string? Obstacle(string service, ContainerClaims claims)
    {
        if (EndpointRule.Obstacle(proxy, reach) is { } general)
            return general;
        if (!NetworkRule.IsDnsName(NameOf(service)))
            return "for a name that cannot be looked up";
        if (!claims.Streams.IsEmpty)
            return "together with streams";
        foreach (var route in claims.Routes)
        {
            if (proxy.Kind == ProxyKind.HAProxy && route.Settings.Sticky == StickyMode.Cookie)
                return "in HAProxy together with sticky=cookie";
            if (EndpointRule.Obstacle(proxy, route.Settings) is { } special)
                return special;
        }

        return null;
    }
}
