using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Routing;

/// <summary>
/// Puts servers into numbered slots. Pure: the same upstreams and the same previous assignment give the same slots. A
/// server keeps its slot as long as its container exists, a new one takes the lowest free slot.
/// </summary>
public static class SlotAllocator
{
    /// <summary>Least number of slots kept free.</summary>
    public const int LeastReserve = 4;

    /// <summary>Largest slot that is believed, and largest capacity that is taken over from a recorded assignment without need.</summary>
    public const int MostKept = 10_000;

    private const int ReserveDivisor = 4;

    /// <summary>Assigns the slots.</summary>
    /// <param name="upstreams">The upstreams; new servers get slots in the order given.</param>
    /// <param name="previous">What was assigned last; empty gives the canonical assignment.</param>
    /// <param name="existing">Ids of all containers that exist, so that one which is away for a moment keeps its slot.</param>
    public static SlotAssignment Assign(IEnumerable<Upstream> upstreams, SlotAssignment previous, IReadOnlySet<string> existing)
    {
        var assigned = new Dictionary<string, UpstreamSlots>(StringComparer.Ordinal);
        foreach (var upstream in upstreams)
            assigned[upstream.Name] = AssignOne(upstream, previous.Upstreams.GetValueOrDefault(upstream.Name), existing);
        // Built on the previous one, of which one event changes little.
        var slots = previous.Upstreams.WithComparers(StringComparer.Ordinal).ToBuilder();
        slots.RemoveRange(previous.Upstreams.Keys.Where(name => !assigned.ContainsKey(name)));
        foreach (var (name, upstream) in assigned)
            if (!slots.TryGetValue(name, out var known) || !ReferenceEquals(known, upstream))
                slots[name] = upstream;
        return slots.ToImmutable() is var all && all == previous.Upstreams ? previous : new SlotAssignment(all);
    }

    /// <summary>The upstream with its slots filled in and its servers in slot order.</summary>
    /// <param name="upstream">The upstream.</param>
    /// <param name="assignment">An assignment that covers it.</param>
    public static Upstream Apply(Upstream upstream, SlotAssignment assignment)
    {
        var slots = assignment.Upstreams[upstream.Name];
        var servers = ImmutableArray.CreateBuilder<UpstreamServer>(upstream.Servers.Length);
        foreach (var server in upstream.Servers)
            servers.Add(server with { Slot = slots.Taken[KeyOf(server)] });
        return upstream with { SlotCapacity = slots.Capacity, Servers = servers.Count > 1 ? [.. servers.Order(BySlot)] : servers.MoveToImmutable() };
    }

    private static readonly Comparer<UpstreamServer> BySlot = Comparer<UpstreamServer>.Create(static (left, right) => left.Slot.CompareTo(right.Slot));

    /// <summary>What identifies a server: its container and port, or a static address and port.</summary>
    /// <param name="server">The server.</param>
    public static string KeyOf(UpstreamServer server) =>
        string.Create(CultureInfo.InvariantCulture, $"{server.Container?.Value ?? server.Address}:{server.Port}");

    private static UpstreamSlots AssignOne(Upstream upstream, UpstreamSlots? previous, IReadOnlySet<string> existing)
    {
        if (previous is not null && IsSettled(upstream, previous))
            return previous;
        return previous is null && upstream.Servers is [var only] ? First(only) : AssignAnew(upstream, previous, existing);
    }

    private static UpstreamSlots First(UpstreamServer server) => new(1 + LeastReserve, Ordinal.NoSlots.Add(KeyOf(server), 1));

    private static UpstreamSlots AssignAnew(Upstream upstream, UpstreamSlots? previous, IReadOnlySet<string> existing)
    {
        var taken = Ordinal.NoSlots.ToBuilder();
        var used = new HashSet<int>();
        var wanted = upstream.Servers.Select(KeyOf).ToHashSet(StringComparer.Ordinal);
        foreach (var (key, slot) in previous?.Taken ?? Ordinal.NoSlots)
        {
            var isKept = wanted.Contains(key) || existing.Contains(key[..Math.Max(0, key.LastIndexOf(':'))]);
            // A recorded assignment may have been edited: a slot below 1 or given twice is not believed.
            if (isKept && slot >= 1 && slot <= Math.Min(previous!.Capacity, MostKept) && used.Add(slot))
                taken[key] = slot;
        }

        var free = 1;
        foreach (var server in upstream.Servers)
        {
            if (taken.ContainsKey(KeyOf(server)))
                continue;
            while (!used.Add(free))
                free++;
            taken[KeyOf(server)] = free;
        }

        var needed = 0;
        foreach (var slot in used)
            needed = Math.Max(needed, slot);
        var isEnough = previous is { Capacity: <= MostKept } && previous.Capacity >= Math.Max(needed, LeastReserve);
        var reserve = Math.Max(LeastReserve, (taken.Count + ReserveDivisor - 1) / ReserveDivisor);
        return new UpstreamSlots(isEnough ? previous!.Capacity : needed + reserve, taken.ToImmutable());
    }

    // Every server sits in its slot already, and there is nobody else.
    private static bool IsSettled(Upstream upstream, UpstreamSlots previous) =>
        previous.Taken.KeyComparer == StringComparer.Ordinal
        && previous.Capacity is >= LeastReserve and <= MostKept
        && previous.Taken.Count == upstream.Servers.Length
        && upstream.Servers.All(server => previous.Taken.TryGetValue(KeyOf(server), out var slot) && slot >= 1 && slot <= previous.Capacity)
        && previous.Taken.Values.Distinct().Count() == previous.Taken.Count;

    private static class Ordinal
    {
        public static readonly ImmutableSortedDictionary<string, int> NoSlots =
            ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal);
    }
}
