using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Reachability;

namespace Templater.Pipeline.Routing;

/// <summary>
/// Remembers what became of each container by itself: on a large host an event changes one container, and all others are the very
/// same objects as before. Changes nothing about results. Not safe for use from several threads at once.
/// </summary>
public sealed class OutcomeMemory
{
    private Dictionary<Container, ContainerOutcome> _last = new(ReferenceEqualityComparer.Instance);
    private Surroundings? _surroundings;

    /// <summary>The outcomes of a snapshot's containers, in their order.</summary>
    internal ImmutableArray<ContainerOutcome> Outcomes(
        Snapshot snapshot, ProxyContext proxy, RoutingPolicy policy, ProxyReach reach)
    {
        var surroundings = new Surroundings(policy, proxy, reach.Proxies, reach.Shared, reach.IsOnHost, snapshot.Networks, snapshot.HasAddresses, snapshot.OperatorFiles, snapshot.Engine);
        if (!surroundings.IsSameAs(_surroundings))
            _last.Clear();
        var outcomes = ImmutableArray.CreateBuilder<ContainerOutcome>(snapshot.Containers.Length);
        var kept = new Dictionary<Container, ContainerOutcome>(snapshot.Containers.Length, ReferenceEqualityComparer.Instance);
        foreach (var container in snapshot.Containers)
        {
            var isPlain = !snapshot.Quarantined.ContainsKey(container.Id.Value) && !ProxyReach.Borrows(container)
                && Readiness.HeldDown(container, snapshot) is null && Readiness.StoppingUntil(container, snapshot) is null;
            if (!isPlain || !_last.TryGetValue(container, out var outcome))
                outcome = new ContainerRouter(snapshot, proxy, policy, reach, ServiceView.Of(container)).Run();
            if (isPlain && outcome is { DependsOnTime: false, DependsOnOthers: false })
                kept[container] = outcome;
            outcomes.Add(outcome);
        }

        (_last, _surroundings) = (kept, surroundings);
        return outcomes.MoveToImmutable();
    }

    /// <summary>Everything besides the container itself that its outcome may depend on, but time and quarantine.</summary>
    private sealed record Surroundings(
        RoutingPolicy Policy, ProxyContext Proxy, ImmutableArray<Container> Proxies, ImmutableArray<Endpoint> Shared, bool IsOnHost, ImmutableArray<Network> Networks, bool HasAddresses,
        ImmutableArray<OperatorFile> OperatorFiles, EngineDescription? Engine)
    {
        public bool IsSameAs(Surroundings? other) =>
            other is not null
            && Policy == other.Policy
            && (Proxy.Output, Proxy.Kind, Proxy.IsKnown, Proxy.Version) == (other.Proxy.Output, other.Proxy.Kind, other.Proxy.IsKnown, other.Proxy.Version)
            && Proxies.AsSpan().SequenceEqual(other.Proxies.AsSpan(), ReferenceEqualityComparer.Instance)
            // A proxy may borrow the networks of a container that changes while the proxy stays what it is.
            && Shared.AsSpan().SequenceEqual(other.Shared.AsSpan())
            && IsOnHost == other.IsOnHost
            && Networks == other.Networks
            && HasAddresses == other.HasAddresses
            && OperatorFiles.AsSpan().SequenceEqual(other.OperatorFiles.AsSpan())
            && Engine == other.Engine;
    }
}
