namespace Templater.Language;

/// <summary>A name that one place of a template looks up in objects, with what was learnt about it there.</summary>
/// <remarks>
/// Renders in parallel share it. Each field is read and written as a whole, every combination of them is right, and what is remembered
/// is only where to look first.
/// </remarks>
internal sealed class MemberSite
{
    private ShapeCache? _shape;

    public MemberSite(string name)
    {
        Name = name;
        KnownName = name;
        Hash = MapLayout.HashOf(name);
    }

    public string Name { get; }

    public int Hash { get; }

    /// <summary>The same text as <see cref="Name"/>, but the instance that a map had: maps of one model mostly share their keys.</summary>
    public string KnownName { get; private set; }

    /// <summary>Where a map had it last.</summary>
    public int Index { get; private set; }

    public void Remember(string knownName, int index)
    {
        KnownName = knownName;
        Index = index;
    }

    /// <summary>Finds the member.</summary>
    public bool TryGet(TemplateObject target, out TemplateValue value)
    {
        if (target is MapObject map)
            return map.TryGet(this, out value);
        return target is ShapedObject shaped ? TryGet(shaped, out value) : target.TryGet(Name, out value);
    }

    private bool TryGet(ShapedObject target, out TemplateValue value)
    {
        var cache = _shape;
        if (cache is null || !ReferenceEquals(cache.Shape, target.Shape))
            _shape = cache = new ShapeCache(target.Shape, target.Shape.IndexOf(Name));
        value = cache.Index >= 0 ? target.At(cache.Index) : default;
        return cache.Index >= 0;
    }
}

/// <summary>Remembers where a shape has a member. Replaced as a whole, so renders in parallel never see half of it.</summary>
internal sealed record ShapeCache(Shape Shape, int Index);
