using System.Numerics;

namespace Templater.Language;

/// <summary>The names of a map's members in their order, apart from the values, so that maps of one kind can share them.</summary>
/// <remarks>
/// A layout is either shared and never changes, or belongs to one map. Models have thousands of maps with the same few lists of names:
/// without a copy of the names in each of them they are half as large, and so walked through twice as fast.
/// </remarks>
internal sealed class MapLayout
{
    public static readonly MapLayout Empty = new(0) { IsShared = true };

    // Below this size a look at all hashes is faster than a table of them.
    private const int MostWithoutBuckets = 8;

    private string[] _names;
    private int[] _hashes;
    private Taint[]? _taints;
    private int[]? _buckets;

    // One bit for each hash that occurs: templates ask for many members that are not there, and need not look any further then.
    private ulong _mask;

    private MapLayout(int capacity)
    {
        _names = capacity == 0 ? [] : new string[capacity];
        _hashes = capacity == 0 ? [] : new int[capacity];
    }

    /// <summary>The layout that maps with these members share; null when a name is there twice.</summary>
    public static MapLayout? Shared(IReadOnlyList<string> names)
    {
        var layout = new MapLayout(names.Count);
        for (var i = 0; i < names.Count; i++)
        {
            var hash = HashOf(names[i]);
            if (layout.IndexOf(names[i], hash) >= 0)
                return null;
            layout.Add(names[i], hash, Taint.Clean);
        }
        layout.IsShared = true;
        return layout;
    }

    /// <summary>Whether several maps have it, so that it must not change.</summary>
    public bool IsShared { get; private set; }

    public int Count { get; private set; }

    public string NameAt(int index) => _names[index];

    public Taint TaintAt(int index) => _taints is { } taints && index < taints.Length ? taints[index] : Taint.Clean;

    // The hash of the framework: names of labels come from outside, and must not be able to make lookups slow.
    public static int HashOf(string name) => string.GetHashCode(name);

    public static ulong MaskOf(int hash) => 1UL << (hash & 63);

    /// <summary>Position of a name that one place of a template asks for again and again, or -1.</summary>
    public int IndexOf(MemberSite site)
    {
        if ((_mask & MaskOf(site.Hash)) == 0)
            return -1;
        // Maps of similar kinds mostly have a member at the same position.
        var hint = site.Index;
        var names = _names;
        if ((uint)hint < (uint)names.Length && ReferenceEquals(names[hint], site.KnownName))
            return hint;
        var at = IndexOf(site.Name, site.Hash);
        if (at >= 0)
            site.Remember(_names[at], at);
        return at;
    }

    /// <summary>Position of a name with its <see cref="HashOf"/>, or -1.</summary>
    public int IndexOf(string name, int hash)
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
        for (var i = 0; i < Count; i++)
            if (IsAt(i, name, hash))
                return i;
        return -1;
    }

    private bool IsAt(int index, string name, int hash) => _hashes[index] == hash && _names[index] == name;

    /// <summary>Whether these are the names.</summary>
    public bool Has(IReadOnlyList<string> names)
    {
        if (Count != names.Count)
            return false;
        for (var i = 0; i < Count; i++)
            if (_names[i] != names[i])
                return false;
        return true;
    }

    /// <summary>A copy that belongs to one map.</summary>
    public MapLayout Copy(int capacity)
    {
        var copy = new MapLayout(Math.Max(capacity, Count));
        for (var i = 0; i < Count; i++)
            copy.Add(_names[i], _hashes[i], TaintAt(i));
        return copy;
    }

    /// <summary>Adds a name that is not there yet.</summary>
    public void Add(string name, int hash, Taint taint)
    {
        if (Count == _names.Length)
        {
            Array.Resize(ref _names, Math.Max(4, Count * 2));
            Array.Resize(ref _hashes, _names.Length);
        }
        _names[Count] = name;
        _hashes[Count] = hash;
        _mask |= MaskOf(hash);
        Count++;
        if (taint != Taint.Clean)
            AddTaint(Count - 1, taint);
        if (Count > MostWithoutBuckets)
            AddToBuckets();
    }

    /// <summary>Joins the taint of a name with that of another source of it.</summary>
    public void AddTaint(int index, Taint taint)
    {
        if (_taints is null)
            _taints = new Taint[_names.Length];
        else if (_taints.Length < _names.Length)
            Array.Resize(ref _taints, _names.Length);
        _taints[index] = TaintRules.Joined(_taints[index], taint);
    }

    // Buckets hold positions counted from 1; who finds his bucket taken goes to the next one. At least half of them stay empty.
    private void AddToBuckets()
    {
        var first = Count - 1;
        if (_buckets is null || _buckets.Length < Count * 2)
        {
            _buckets = new int[BitOperations.RoundUpToPowerOf2((uint)_names.Length * 2)];
            first = 0;
        }
        for (var i = first; i < Count; i++)
        {
            var bucket = _hashes[i] & (_buckets.Length - 1);
            while (_buckets[bucket] != 0)
                bucket = (bucket + 1) & (_buckets.Length - 1);
            _buckets[bucket] = i + 1;
        }
    }
}
