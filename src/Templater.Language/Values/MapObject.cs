using System.Runtime.CompilerServices;

namespace Templater.Language;

/// <summary>An object whose members are data: labels, environment, values, and the objects a template makes. Keeps the order of insertion.</summary>
/// <remarks>Maps made by the program are read-only for templates, so one model serves several renders at once. Not safe for changes from several threads.</remarks>
public sealed class MapObject : TemplateObject
{
    private readonly bool _writable;
    private MapLayout _layout = MapLayout.Empty;
    private HashSet<string>? _readOnlyMembers;

    // The first values are in the object itself, where a lookup has come already; the others in an array.
    private FirstValues _first;
    private TemplateValue[]? _others;

    [InlineArray(Length)]
    private struct FirstValues
    {
        public const int Length = 4;

        private TemplateValue _value;
    }

    /// <summary>A read-only map.</summary>
    /// <param name="members">The members in their order; a repeated key keeps its place and takes the last value.</param>
    /// <param name="untrustedKeys">Whether the keys come from a container and are tainted.</param>
    /// <param name="typeName">What messages call the map.</param>
    public MapObject(IEnumerable<KeyValuePair<string, TemplateValue>> members, bool untrustedKeys = false, string typeName = "object")
    {
        TypeName = typeName;
        if (members.TryGetNonEnumeratedCount(out var count) && count > 0)
            _layout = MapLayout.Empty.Copy(count);
        foreach (var (key, value) in members)
            Put(TemplateValue.FromText(key, untrustedKeys ? Taint.Tainted : Taint.Clean), value);
    }

    internal MapObject()
    {
        TypeName = "object";
        _writable = true;
    }

    /// <summary>A map with the members of a shared layout, which a template may change.</summary>
    internal MapObject(MapLayout layout, IReadOnlyList<TemplateValue> values) : this()
    {
        _layout = layout;
        if (values.Count > FirstValues.Length)
            _others = new TemplateValue[values.Count - FirstValues.Length];
        for (var i = 0; i < values.Count; i++)
            ValueAt(i) = values[i];
    }

    /// <inheritdoc />
    public override string TypeName { get; }

    /// <inheritdoc />
    public override int Count => _layout.Count;

    /// <inheritdoc />
    public override IEnumerable<KeyValuePair<TemplateValue, TemplateValue>> Members
    {
        get
        {
            // By index: a template may add members while it loops over them.
            for (var i = 0; i < _layout.Count; i++)
                yield return new(TemplateValue.FromText(_layout.NameAt(i), _layout.TaintAt(i)), ValueAt(i));
        }
    }

    /// <inheritdoc />
    public override bool TryGet(string name, out TemplateValue value)
    {
        var at = Count == 0 ? -1 : _layout.IndexOf(name, MapLayout.HashOf(name));
        value = at < 0 ? default : ValueAt(at);
        return at >= 0;
    }

    /// <summary>A member whose name one place of a template asks for again and again.</summary>
    internal bool TryGet(MemberSite site, out TemplateValue value)
    {
        var at = _layout.IndexOf(site);
        value = at < 0 ? default : ValueAt(at);
        return at >= 0;
    }

    /// <summary>Whether there is a member of that name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="hash">What <see cref="MapLayout.HashOf"/> gives for it.</param>
    internal bool Has(string name, int hash) => _layout.IndexOf(name, hash) >= 0;

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
        var hash = MapLayout.HashOf(name);
        var at = _layout.IndexOf(name, hash);
        if (at < 0)
        {
            at = Count;
            OwnLayout().Add(name, hash, key.Taint);
            if (at >= FirstValues.Length + (_others?.Length ?? 0))
                Array.Resize(ref _others, Math.Max(FirstValues.Length, (at - FirstValues.Length) * 2));
        }
        else if (TaintRules.Joined(_layout.TaintAt(at), key.Taint) != _layout.TaintAt(at))
        {
            OwnLayout().AddTaint(at, key.Taint);
        }
        ValueAt(at) = value;
    }

    internal void Put(string name, TemplateValue value) => Put(TemplateValue.FromText(name), value);

    private MapLayout OwnLayout()
    {
        if (_layout.IsShared)
            _layout = _layout.Copy(Math.Max(FirstValues.Length, Count + 1));
        return _layout;
    }

    private ref TemplateValue ValueAt(int index)
    {
        if (index < FirstValues.Length)
            return ref _first[index];
        return ref _others![index - FirstValues.Length];
    }
}
