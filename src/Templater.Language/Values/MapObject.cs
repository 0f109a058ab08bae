namespace Templater.Language;

/// <summary>An object whose members are data: labels, environment, values, and the objects a template makes. Keeps the order of insertion.</summary>
/// <remarks>Maps made by the program are read-only for templates, so one model serves several renders at once. Not safe for changes from several threads.</remarks>
public sealed class MapObject : TemplateObject
{
    // Up to here looking at each member is as fast as an index, which would take most of the memory of a small map.
    private const int MostWithoutIndex = 8;
    private const int FirstCapacity = 4;

    private Entry[] _entries = [];
    private int _count;
    private Dictionary<string, int>? _index;
    private readonly bool _writable;
    private HashSet<string>? _readOnlyMembers;

    private record struct Entry(TemplateValue Key, TemplateValue Value);

    /// <summary>A read-only map.</summary>
    /// <param name="members">The members in their order; a repeated key keeps its place and takes the last value.</param>
    /// <param name="untrustedKeys">Whether the keys come from a container and are tainted.</param>
    /// <param name="typeName">What messages call the map.</param>
    public MapObject(IEnumerable<KeyValuePair<string, TemplateValue>> members, bool untrustedKeys = false, string typeName = "object")
    {
        TypeName = typeName;
        foreach (var (key, value) in members)
            Put(TemplateValue.FromText(key, untrustedKeys ? Taint.Tainted : Taint.Clean), value);
    }

    internal MapObject()
    {
        TypeName = "object";
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
                yield return new(_entries[i].Key, _entries[i].Value);
        }
    }

    /// <inheritdoc />
    public override bool TryGet(string name, out TemplateValue value)
    {
        var at = Find(name);
        value = at < 0 ? default : _entries[at].Value;
        return at >= 0;
    }

    /// <summary>Finds a member, first where one was found before: maps of one origin have their members at the same places.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="place">Where it was in another map; where it is in this one.</param>
    /// <param name="value">What was found.</param>
    internal bool TryGet(string name, ref int place, out TemplateValue value)
    {
        var at = place;
        if ((uint)at >= (uint)_count || !string.Equals(_entries[at].Key.AsText(), name, StringComparison.Ordinal))
        {
            at = Find(name);
            if (at < 0)
            {
                value = default;
                return false;
            }
            place = at;
        }
        value = _entries[at].Value;
        return true;
    }

    private int Find(string name)
    {
        if (_index is not null)
            return _index.TryGetValue(name, out var found) ? found : -1;
        for (var i = 0; i < _count; i++)
            if (string.Equals(_entries[i].Key.AsText(), name, StringComparison.Ordinal))
                return i;
        return -1;
    }

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
        var copy = new MapObject();
        foreach (var (key, value) in Members)
            copy.Put(key, value);
        return copy;
    }

    internal void Put(TemplateValue key, TemplateValue value)
    {
        var name = key.AsText() ?? "";
        var at = Find(name);
        if (at >= 0)
        {
            _entries[at] = new Entry(_entries[at].Key.WithTaint(TaintRules.Joined(_entries[at].Key.Taint, key.Taint)), value);
            return;
        }
        if (_count == _entries.Length)
            Array.Resize(ref _entries, Math.Max(FirstCapacity, _count * 2));
        _entries[_count++] = new Entry(TemplateValue.FromText(name, key.Taint), value);
        _index?.Add(name, _count - 1);
        if (_index is null && _count > MostWithoutIndex)
            Index();
    }

    private void Index()
    {
        _index = new Dictionary<string, int>(_entries.Length, StringComparer.Ordinal);
        for (var i = 0; i < _count; i++)
            _index.Add(_entries[i].Key.AsText()!, i);
    }

    internal void Put(string name, TemplateValue value) => Put(TemplateValue.FromText(name), value);
}
