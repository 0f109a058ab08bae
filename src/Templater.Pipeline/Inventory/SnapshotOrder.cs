using System.Collections.Immutable;
using Templater.Pipeline.Inventory.Swarm;

namespace Templater.Pipeline.Inventory;

/// <summary>
/// Brings a snapshot into its one canonical form: every list in the order that its documentation promises, every map
/// ordinal, no list missing. Equal content then has equal bytes, in whatever order it was read.
/// </summary>
internal static class SnapshotOrder
{
    /// <summary>
    /// The canonical form of a snapshot. Pure. A container that is there twice, as files put together by hand have it, is there once.
    /// </summary>
    public static Snapshot Canonical(Snapshot snapshot) =>
        Ordered(snapshot with { Containers = [.. snapshot.Containers.DistinctBy(static container => container.Id.Value, StringComparer.Ordinal).Select(Canonical)] });

    /// <summary>The canonical form of a snapshot whose containers are canonical each: what a reader made needs no second sorting.</summary>
    public static Snapshot Ordered(Snapshot snapshot) => snapshot with
    {
        Containers = Sorted(snapshot.Containers, static c => c.Name, static c => c.Id.Value),
        Networks = Ordered(snapshot.Networks),
        Certificates = Sorted(
            snapshot.Certificates.Select(static c => c with { Names = Sorted(c.Names) }), static c => c.Name, static c => c.ChainPath),
        UnusableCertificates = Sorted(
            snapshot.UnusableCertificates.Select(static c => c with { Names = Sorted(c.Names) }), static c => c.Name, static c => c.ChainPath),
        OperatorFiles = Sorted(snapshot.OperatorFiles, static f => f.Kind, static f => f.Name),
        Slots = Ordered(snapshot.Slots, static slots => IsOrdered(slots) ? slots : new SlotAssignment(
            Ordered(slots.Upstreams, static upstream => upstream with { Taken = upstream.Taken.WithComparers(StringComparer.Ordinal) }))),
        Quarantined = snapshot.Quarantined.WithComparers(StringComparer.Ordinal),
        ProxyVersions = snapshot.ProxyVersions is { } versions ? ProxyVersion.Known(versions) : null,
        Swarm = snapshot.Swarm is { } swarm ? SwarmContents.Ordered(swarm) : null,
        Lifecycle = snapshot.Lifecycle is { } lifecycle
            ? new Lifecycle { Held = lifecycle.Held.WithComparers(StringComparer.Ordinal), Stopping = lifecycle.Stopping.WithComparers(StringComparer.Ordinal) }
            : null,
        Acme = snapshot.Acme is { } acme
            ? new AcmeAnswers
            {
                Thumbprints = acme.Thumbprints.WithComparers(StringComparer.Ordinal),
                Turned = acme.Turned.WithComparers(StringComparer.Ordinal),
                Placeholders = acme.Placeholders.IsDefaultOrEmpty ? [] : Sorted(acme.Placeholders.Select(static c => c with { Names = Sorted(c.Names) }), static c => c.Name, static c => c.ChainPath),
            }
            : null,
    };

    /// <summary>The canonical form of a container. Pure.</summary>
    public static Container Canonical(Container container) => container with
    {
        Labels = container.Labels.WithComparers(StringComparer.Ordinal),
        Env = container.Env.WithComparers(StringComparer.Ordinal),
        Origin = container.Origin is { } origin ? origin with { ServiceLabels = origin.ServiceLabels.WithComparers(StringComparer.Ordinal) } : null,
        Endpoints = Sorted(
            container.Endpoints.Select(static e => e with { Aliases = Sorted(e.Aliases) }),
            static e => e.NetworkName, static e => e.NetworkId),
        Ports = [.. container.Ports.Distinct().Order(PortOrder)],
        Mounts = [.. container.Mounts.OrderBy(static m => m.Destination, StringComparer.Ordinal)
            .ThenBy(static m => m.Source, StringComparer.Ordinal)],
    };

    /// <summary>Networks in canonical form; the same array when they are already.</summary>
    public static ImmutableArray<Network> Ordered(ImmutableArray<Network> networks)
    {
        var ordered = Sorted(networks.Select(static n => n with { Subnets = Sorted(n.Subnets) }), static n => n.Name, static n => n.Id);
        return AreEqual(ordered, networks) ? networks : ordered;
    }

    /// <summary>Whether two lists of networks say the same, subnets included, in the same order.</summary>
    public static bool AreEqual(ImmutableArray<Network> left, ImmutableArray<Network> right)
    {
        if (left.Length != right.Length)
            return false;
        for (var i = 0; i < left.Length; i++)
        {
            if (left[i] with { Subnets = right[i].Subnets } != right[i] || !left[i].Subnets.SequenceEqual(right[i].Subnets, StringComparer.Ordinal))
                return false;
        }

        return true;
    }

    /// <summary>By number, then protocol, then the host's port.</summary>
    public static Comparer<ContainerPort> PortOrder { get; } = Comparer<ContainerPort>.Create(static (left, right) =>
    {
        var order = left.Number.CompareTo(right.Number);
        if (order == 0)
            order = string.CompareOrdinal(left.Protocol, right.Protocol);
        return order != 0 ? order : left.Published.CompareTo(right.Published);
    });

    private static bool IsOrdered(SlotAssignment slots) =>
        slots.Upstreams.KeyComparer == StringComparer.Ordinal
        && slots.Upstreams.Values.All(static upstream => upstream.Taken.KeyComparer == StringComparer.Ordinal);

    private static ImmutableArray<string> Sorted(ImmutableArray<string> items) =>
        [.. items.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static ImmutableArray<T> Sorted<T>(IEnumerable<T> items, Func<T, string> first, Func<T, string> second) =>
        [.. items.OrderBy(first, StringComparer.Ordinal).ThenBy(second, StringComparer.Ordinal)];

    private static ImmutableSortedDictionary<string, T> Ordered<T>(
        ImmutableSortedDictionary<string, T> map, Func<T, T> canonical)
    {
        var ordered = ImmutableSortedDictionary.CreateBuilder<string, T>(StringComparer.Ordinal);
        foreach (var (key, value) in map)
            ordered.Add(key, canonical(value));
        return ordered.ToImmutable();
    }
}
