using System.Collections.Immutable;

namespace Templater.Pipeline.Inventory;

/// <summary>
/// Which server of which upstream sits in which numbered slot. A server keeps its slot for life, so that a proxy
/// which is changed at run time and one that starts from the file agree, and so that adding one server never renames
/// the others.
/// </summary>
/// <param name="Upstreams">Per upstream name: the slots.</param>
public sealed record SlotAssignment(ImmutableSortedDictionary<string, UpstreamSlots> Upstreams)
{
    /// <summary>No slot is taken.</summary>
    public static readonly SlotAssignment Empty =
        new(ImmutableSortedDictionary.Create<string, UpstreamSlots>(StringComparer.Ordinal));
}

/// <summary>The slots of one upstream.</summary>
/// <param name="Capacity">Slots declared in the configuration; at least as many as there are servers.</param>
/// <param name="Taken">Slot number, from 1, by server key (container id and port, or a static address).</param>
public sealed record UpstreamSlots(int Capacity, ImmutableSortedDictionary<string, int> Taken);
