namespace Templater.Language;

/// <summary>An object whose members are data: labels, environment, values, and the objects a template makes. Keeps the order of insertion.</summary>
/// <remarks>Maps made by the program are read-only for templates, so one model serves several renders at once. Not safe for changes from several threads.</remarks>
public sealed class MapObject : TemplateObject
{
    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);
    private readonly List<Entry> _entries = [];
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
    public override int Count => _index.Count;

    /// <inheritdoc />
    public override IEnumerable<KeyValuePair<TemplateValue, TemplateValue>> Members
    {
        get
        {
            // By index: a template may add members while it loops over them.
            for (var i = 0; i < _entries.Count; i++)
                yield return new(_entries[i].Key, _entries[i].Value);
        }
    }

    /// <inheritdoc />
    public override bool TryGet(string name, out TemplateValue value)
    {
        if (_index.TryGetValue(name, out var at))
        {
            value = _entries[at].Value;
            return true;
        }
        value = default;
        return false;
    }

    /// <summary>Finds a member, first where one was found before: maps of one origin have their members at the same places.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="place">Where it was in another map; where it is in this one.</param>
    /// <param name="value">What was found.</param>
    internal bool TryGet(string name, ref int place, out TemplateValue value)
    {
        var at = place;
        if ((uint)at >= (uint)_entries.Count || !string.Equals(_entries[at].Key.AsText(), name, StringComparison.Ordinal))
        {
            if (!_index.TryGetValue(name, out at))
            {
                value = default;
                return false;
            }
            place = at;
        }
        value = _entries[at].Value;
        return true;
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
        if (_index.TryGetValue(name, out var at))
        {
            _entries[at] = new Entry(_entries[at].Key.WithTaint(TaintRules.Joined(_entries[at].Key.Taint, key.Taint)), value);
            return;
        }
        _index.Add(name, _entries.Count);
        _entries.Add(new Entry(key, value));
    }

    internal void Put(string name, TemplateValue value) => Put(TemplateValue.FromText(name), value);
}
