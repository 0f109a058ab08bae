namespace Templater.Pipeline.Inventory.Engine;

/// <summary>
/// What inspections told, under what the list said at that time: a container is inspected again when its state or its
/// attachments changed, or when an event named it. Thread-safe: events forget while a read goes on.
/// </summary>
internal sealed class InspectCache
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private long _forgotten;

    /// <summary>Counts the calls of <see cref="Forget"/>: an inspection begun before one of them is not kept for that container.</summary>
    public long Moment
    {
        get
        {
            lock (_lock)
                return _forgotten;
        }
    }

    /// <summary>What is known, if it still holds for this key.</summary>
    public Container? Find(string id, string key)
    {
        lock (_lock)
            return _entries.TryGetValue(id, out var entry) && entry.Details is not null && entry.Key == key ? entry.Details : null;
    }

    /// <summary>Keeps an inspection that began at <paramref name="moment"/>.</summary>
    public void Keep(string id, string key, Container details, long moment)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(id, out var entry) || entry.ForgottenAt <= moment)
                _entries[id] = new Entry(key, details, entry?.ForgottenAt ?? 0);
        }
    }

    /// <summary>An event named the container: what is known of it no longer counts.</summary>
    public void Forget(string id)
    {
        lock (_lock)
            _entries[id] = new Entry("", null, ++_forgotten);
    }

    /// <summary>Nothing is known any more.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _forgotten++;
            foreach (var id in _entries.Keys.ToList())
                _entries[id] = new Entry("", null, _forgotten);
        }
    }

    /// <summary>Drops what belongs to containers that are gone; entries forgotten after <paramref name="moment"/> stay.</summary>
    public void KeepOnly(IReadOnlySet<string> ids, long moment)
    {
        lock (_lock)
        {
            foreach (var (id, entry) in _entries.ToList())
            {
                if (!ids.Contains(id) && entry.ForgottenAt <= moment)
                    _entries.Remove(id);
            }
        }
    }

    private sealed record Entry(string Key, Container? Details, long ForgottenAt);
}
