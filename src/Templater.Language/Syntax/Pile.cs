using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Templater.Language;

/// <summary>Makes lists inside each other, such as the statements of nested blocks, with no more memory for each than it has items.</summary>
/// <remarks>The inner list is taken before the outer one goes on. Used by one thread.</remarks>
internal sealed class Pile<T>
{
    private readonly List<T> _items = [];

    /// <summary>Begins a list.</summary>
    /// <returns>Where it begins, for <see cref="Take"/>.</returns>
    public int Begin() => _items.Count;

    /// <summary>Adds to the list that was begun last.</summary>
    public void Add(T item) => _items.Add(item);

    /// <summary>Ends the list that was begun last.</summary>
    public ImmutableArray<T> Take(int begin) => ImmutableCollectionsMarshal.AsImmutableArray(TakeArray(begin));

    /// <summary>The same as an array.</summary>
    public T[] TakeArray(int begin)
    {
        if (begin == _items.Count)
            return [];
        var taken = CollectionsMarshal.AsSpan(_items)[begin..].ToArray();
        CollectionsMarshal.SetCount(_items, begin);
        return taken;
    }
}
