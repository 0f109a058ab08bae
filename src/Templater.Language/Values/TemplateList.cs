using System.Collections;
using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Templater.Language;

/// <summary>A list of values. Lists made by the program are read-only for templates.</summary>
/// <remarks>Not safe for changes from several threads; read-only lists are safe.</remarks>
public sealed class TemplateList : TemplateReference, IReadOnlyList<TemplateValue>
{
    // An array of its own: large models are walked through faster the fewer objects there are.
    private TemplateValue[] _items;
    private MapObject? _members;

    /// <summary>A read-only list of the given items.</summary>
    public TemplateList(IEnumerable<TemplateValue> items) : base(ValueKind.List)
    {
        _items = [.. items];
        Count = _items.Length;
        IsReadOnly = true;
    }

    /// <summary>A read-only list of the given items, which are not copied.</summary>
    public TemplateList(ImmutableArray<TemplateValue> items) : base(ValueKind.List)
    {
        // Never written to: the list is read-only.
        _items = ImmutableCollectionsMarshal.AsArray(items) ?? [];
        Count = _items.Length;
        IsReadOnly = true;
    }

    internal TemplateList(int capacity = 0) : base(ValueKind.List)
    {
        _items = capacity == 0 ? [] : new TemplateValue[capacity];
    }

    /// <summary>A list of the given items.</summary>
    /// <param name="items">They are copied.</param>
    /// <param name="isOwned">Whether it belongs to the template, which may change it then.</param>
    internal TemplateList(List<TemplateValue> items, bool isOwned) : base(ValueKind.List)
    {
        _items = [.. items];
        Count = _items.Length;
        IsReadOnly = !isOwned;
    }

    /// <summary>Number of items.</summary>
    public int Count { get; private set; }

    /// <summary>An item, from 0.</summary>
    public TemplateValue this[int index] => index < Count ? _items[index] : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>The items.</summary>
    public IReadOnlyList<TemplateValue> Items => this;

    internal bool IsReadOnly { get; }

    /// <summary>Whether it is what a function makes of another list. Scriban calls that an iterator and takes it for a range; here it has its items at once.</summary>
    internal bool IsIterator { get; init; }

    internal MapObject? Members => _members;

    /// <summary>The items, by position: a list may grow while somebody walks through it.</summary>
    public IEnumerator<TemplateValue> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
            yield return _items[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal void Add(TemplateValue value)
    {
        if (Count == _items.Length)
            Array.Resize(ref _items, Math.Max(4, Count * 2));
        _items[Count++] = value;
    }

    // Scriban lists grow on assignment: the gap is filled with nulls.
    internal void Set(int index, TemplateValue value)
    {
        while (Count <= index)
            Add(TemplateValue.Null);
        _items[index] = value;
    }

    internal void SetMember(TemplateValue name, TemplateValue value) => (_members ??= new MapObject()).Put(name, value);
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
