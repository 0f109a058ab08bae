namespace Templater.Language;

/// <summary>The layouts of the maps of one model while it is made: maps with the same names in the same order share one. Used by one thread.</summary>
internal sealed class MapLayouts
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<int, MapLayout> _layouts = [];

    /// <summary>A map with these members, which a template may change.</summary>
    public MapObject Map(IReadOnlyList<string> names, IReadOnlyList<TemplateValue> values)
    {
        if (Find(names) is { } layout)
            return new MapObject(layout, values);
        var map = new MapObject();
        for (var i = 0; i < names.Count; i++)
            map.Put(Instance(names[i]), values[i]);
        return map;
    }

    // Null when a name is there twice.
    private MapLayout? Find(IReadOnlyList<string> names)
    {
        var hash = new HashCode();
        foreach (var name in names)
            hash.Add(name, StringComparer.Ordinal);
        var key = hash.ToHashCode();
        if (_layouts.TryGetValue(key, out var layout) && layout.Has(names))
            return layout;
        layout = MapLayout.Shared([.. names.Select(Instance)]);
        if (layout is not null)
            _layouts[key] = layout;
        return layout;
    }

    // One instance of each name: places that look for it compare references first.
    private string Instance(string name)
    {
        if (_names.TryGetValue(name, out var known))
            return known;
        _names.Add(name, name);
        return name;
    }
}
