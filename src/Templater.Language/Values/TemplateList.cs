namespace Templater.Language;

/// <summary>A list of values. Lists made by the program are read-only for templates.</summary>
/// <remarks>Not safe for changes from several threads; read-only lists are safe.</remarks>
public sealed class TemplateList : TemplateReference
{
    private readonly List<TemplateValue> _items;
    private MapObject? _members;

    /// <summary>A read-only list of the given items.</summary>
    public TemplateList(IEnumerable<TemplateValue> items) : base(ValueKind.List)
    {
        _items = [.. items];
        IsReadOnly = true;
    }

    internal TemplateList() : base(ValueKind.List)
    {
        _items = [];
    }

    internal TemplateList(List<TemplateValue> items, bool isOwned) : base(ValueKind.List)
    {
        _items = isOwned ? items : [.. items];
    }

    /// <summary>Number of items.</summary>
    public int Count => _items.Count;

    /// <summary>An item, from 0.</summary>
    public TemplateValue this[int index] => _items[index];

    /// <summary>The items.</summary>
    public IReadOnlyList<TemplateValue> Items => _items;

    /// <summary>The items in the form that is fastest to walk through; not to be changed by others.</summary>
    internal List<TemplateValue> Raw => _items;

    internal bool IsReadOnly { get; }

    /// <summary>Whether it is what a function makes of another list. Scriban calls that an iterator and takes it for a range; here it has its items at once.</summary>
    internal bool IsIterator { get; init; }

    internal MapObject? Members => _members;

    internal void Add(TemplateValue value) => _items.Add(value);

    // Scriban lists grow on assignment: the gap is filled with nulls.
    internal void Set(int index, TemplateValue value)
    {
        while (_items.Count <= index)
            _items.Add(TemplateValue.Null);
        _items[index] = value;
    }

    internal void SetMember(string name, TemplateValue value) => (_members ??= new MapObject()).Put(name, value);
}

/// <summary>The whole numbers between two bounds, in either direction. Never expanded unless asked for.</summary>
internal sealed class TemplateRange(long first, long last) : TemplateReference(ValueKind.List)
{
    public long First { get; } = first;

    public long Last { get; } = last;

    /// <summary>Number of members; as a decimal, because the bounds may be the two ends of a long.</summary>
    public decimal Length => Math.Abs((decimal)Last - First) + 1;

    public long At(long index) => First <= Last ? First + index : First - index;
}
