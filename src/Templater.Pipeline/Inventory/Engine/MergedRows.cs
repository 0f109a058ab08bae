using Templater.Docker.Wire;

namespace Templater.Pipeline.Inventory.Engine;

/// <summary>
/// Merges rows of the list with their inspections and remembers the results: on a large host one event changes one row,
/// and all others give the very same container as before. Not thread-safe.
/// </summary>
internal sealed class MergedRows
{
    private Dictionary<string, Merged> _last = new(StringComparer.Ordinal);

    /// <summary>What the last inspection of a container told that the last read used; null when there was none.</summary>
    /// <param name="id">Its id.</param>
    public Container? LastDetails(string id) => _last.TryGetValue(id, out var last) ? last.Details : null;

    /// <summary>What the list says that makes another inspection necessary when it changes: state and attachments.</summary>
    /// <param name="row">A row of the list.</param>
    public string KeyOf(ContainerSummary row) =>
        _last.TryGetValue(row.Id, out var last) && ReferenceEquals(last.Row, row) ? last.Key : NewKey(row);

    /// <summary>The containers of a list; rows without an inspection are left out.</summary>
    /// <param name="rows">The list.</param>
    /// <param name="details">What inspections told, row by row.</param>
    public List<Container> Merge(List<ContainerSummary> rows, Container?[] details)
    {
        var merged = new Dictionary<string, Merged>(rows.Count, StringComparer.Ordinal);
        var containers = new List<Container>(rows.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            if (details[i] is not { } known)
                continue;
            var row = rows[i];
            var isKnown = _last.TryGetValue(row.Id, out var last) && ReferenceEquals(last.Details, known);
            if (!isKnown || !ReferenceEquals(last!.Row, row))
                last = new Merged(row, NewKey(row), known, isKnown && SaysTheSame(last!.Row, row) ? last.Container : ContainerReader.Merge(row, known));
            merged[row.Id] = last;
            containers.Add(last.Container);
        }

        _last = merged;
        return containers;
    }

    // Everything that ContainerReader.Merge looks at; the status text changes with time and only its health counts.
    private static bool SaysTheSame(ContainerSummary a, ContainerSummary b) =>
        a.State == b.State
        && a.ReadHealth() == b.ReadHealth()
        && a.Names.SequenceEqual(b.Names, StringComparer.Ordinal)
        && a.Ports.SequenceEqual(b.Ports)
        && SameEntries(a.Labels, b.Labels, static (x, y) => string.Equals(x, y, StringComparison.Ordinal))
        && SameEntries(a.NetworkSettings.Networks, b.NetworkSettings.Networks, SameEndpoint);

    private static bool SameEndpoint(EndpointSettings a, EndpointSettings b) =>
        a.Aliases.SequenceEqual(b.Aliases, StringComparer.Ordinal)
        && a.DNSNames.SequenceEqual(b.DNSNames, StringComparer.Ordinal)
        // The lists were compared above; the rest by the record's own equality.
        && a with { Aliases = b.Aliases, DNSNames = b.DNSNames } == b;

    private static bool SameEntries<T>(IReadOnlyDictionary<string, T> a, IReadOnlyDictionary<string, T> b, Func<T, T, bool> same) =>
        a.Count == b.Count && a.All(entry => b.TryGetValue(entry.Key, out var other) && same(entry.Value, other));

    private static string NewKey(ContainerSummary row) => row.State + " " + string.Join(
        ' ', row.NetworkSettings.Networks.Values.Select(static e => e.EndpointID).Order(StringComparer.Ordinal));

    private sealed record Merged(ContainerSummary Row, string Key, Container Details, Container Container);
}
