namespace Templater.Language;

/// <summary>An object whose members are data: labels, environment, values, and the objects a template makes. Keeps the order of insertion.</summary>
/// <remarks>Maps made by the program are read-only for templates, so one model serves several renders at once. Not safe for changes from several threads.</remarks>
public sealed class MapObject : TemplateObject
{
    // Below this size a look at all hashes is faster than a table of them.
    private const int MostWithoutBuckets = 8;

    private readonly bool _writable;
    private Entry[] _entries;
    private int _count;
    private int[]? _buckets;
    private HashSet<string>? _readOnlyMembers;

    // One bit for each hash that occurs: templates ask for many members that are not there, and need not look any further then.
    private ulong _mask;

    private struct Entry
    {
        public string Name;
        public int Hash;
        public Taint KeyTaint;
        public TemplateValue Value;
    }

    /// <summary>A read-only map.</summary>
    /// <param name="members">The members in their order; a repeated key keeps its place and takes the last value.</param>
    /// <param name="untrustedKeys">Whether the keys come from a container and are tainted.</param>
    /// <param name="typeName">What messages call the map.</param>
    public MapObject(IEnumerable<KeyValuePair<string, TemplateValue>> members, bool untrustedKeys = false, string typeName = "object")
    {
        TypeName = typeName;
        _entries = members.TryGetNonEnumeratedCount(out var count) && count > 0 ? new Entry[count] : [];
        foreach (var (key, value) in members)
            Put(TemplateValue.FromText(key, untrustedKeys ? Taint.Tainted : Taint.Clean), value);
    }

    internal MapObject(int capacity = 0)
    {
        TypeName = "object";
        _entries = capacity == 0 ? [] : new Entry[capacity];
        _writable = true;
    }

    /// <inheritdoc />
    public override string TypeName { get; }

    /// <inheritdoc />
    public override int Count => _count;

    /// <inheritdoc />
    public override IEnumerable<KeyValuePair<TemplateValue, TemplateValue>> Members
    {
        get
        {
            // By index: a template may add members while it loops over them.
            for (var i = 0; i < _count; i++)
                yield return new(TemplateValue.FromText(_entries[i].Name, _entries[i].KeyTaint), _entries[i].Value);
        }
    }

    /// <inheritdoc />
    public override bool TryGet(string name, out TemplateValue value)
    {
        var at = _count == 0 ? -1 : Find(name, HashOf(name));
        value = at < 0 ? default : _entries[at].Value;
        return at >= 0;
    }

    /// <summary>A member whose name one place of a template asks for again and again.</summary>
    /// <param name="site">The place; it remembers where the member was.</param>
    /// <param name="value">The member.</param>
    internal bool TryGet(MemberSite site, out TemplateValue value)
    {
        if ((_mask & site.MaskBit) != 0)
        {
            // Maps of the same kind mostly have their members in the same order.
            var hint = site.Index;
            var entries = _entries;
            if ((uint)hint < (uint)entries.Length && ReferenceEquals(entries[hint].Name, site.KnownName))
            {
                value = entries[hint].Value;
                return true;
            }
            var at = Find(site.Name, site.Hash);
            if (at >= 0)
            {
                site.Remember(_entries[at].Name, at);
                value = _entries[at].Value;
                return true;
            }
        }
        value = default;
        return false;
    }

    /// <summary>Whether there is a member of that name; <paramref name="hash"/> is its <see cref="HashOf"/>.</summary>
    internal bool Has(string name, int hash) => Find(name, hash) >= 0;

    internal override bool TrySet(string name, TemplateValue value, Taint keyTaint)
    {
        if (!_writable)
            return false;
        Put(TemplateValue.FromText(name, keyTaint), value);
        return true;
    }

    internal override bool IsReadOnly(string name) => _readOnlyMembers?.Contains(name) == true;

    internal override bool TryMakeReadOnly(string name)
    {
        (_readOnlyMembers ??= new HashSet<string>(StringComparer.Ordinal)).Add(name);
        return true;
    }

    internal MapObject Copy()
    {
        var copy = new MapObject(_count);
        foreach (var (key, value) in Members)
            copy.Put(key, value);
        return copy;
    }

    internal void Put(TemplateValue key, TemplateValue value)
    {
        var name = key.AsText() ?? "";
        var hash = HashOf(name);
        var at = Find(name, hash);
        if (at >= 0)
        {
            ref var known = ref _entries[at];
            known.KeyTaint = TaintRules.Joined(known.KeyTaint, key.Taint);
            known.Value = value;
            return;
        }
        if (_count == _entries.Length)
            Array.Resize(ref _entries, Math.Max(4, _count * 2));
        _entries[_count] = new Entry { Name = name, Hash = hash, Value = value, KeyTaint = key.Taint };
        _mask |= MaskOf(hash);
        _count++;
        if (_count > MostWithoutBuckets)
            AddToBuckets();
    }

    internal void Put(string name, TemplateValue value) => Put(TemplateValue.FromText(name), value);

    // The hash of the framework: names of labels come from outside, and must not be able to make lookups slow.
    internal static int HashOf(string name) => string.GetHashCode(name);

    internal static ulong MaskOf(int hash) => 1UL << (hash & 63);

    private int Find(string name, int hash)
    {
        if ((_mask & MaskOf(hash)) == 0)
            return -1;
        if (_buckets is { } buckets)
        {
            for (var bucket = hash & (buckets.Length - 1); buckets[bucket] != 0; bucket = (bucket + 1) & (buckets.Length - 1))
                if (IsAt(buckets[bucket] - 1, name, hash))
                    return buckets[bucket] - 1;
            return -1;
        }
        for (var i = 0; i < _count; i++)
            if (IsAt(i, name, hash))
                return i;
        return -1;
    }

    private bool IsAt(int index, string name, int hash) => _entries[index].Hash == hash && _entries[index].Name == name;

    // Buckets hold indexes counted from 1; who finds his bucket taken goes to the next one. At least half of them stay empty.
    private void AddToBuckets()
    {
        var first = _count - 1;
        if (_buckets is null || _buckets.Length < _count * 2)
        {
            _buckets = new int[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)_entries.Length * 2)];
            first = 0;
        }
        for (var i = first; i < _count; i++)
        {
            var bucket = _entries[i].Hash & (_buckets.Length - 1);
            while (_buckets[bucket] != 0)
                bucket = (bucket + 1) & (_buckets.Length - 1);
            _buckets[bucket] = i + 1;
        }
    }
}
