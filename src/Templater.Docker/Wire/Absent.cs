namespace Templater.Docker.Wire;

/// <summary>What the records hold where the engine sent <c>null</c>, nothing at all, or <c>null</c> inside a collection.</summary>
internal static class Absent
{
    private static readonly IReadOnlyDictionary<string, string> NoStrings = new Dictionary<string, string>();

    public static string Filled(string? value) => value ?? "";

    public static IReadOnlyList<T> Filled<T>(IReadOnlyList<T>? list)
        where T : class
    {
        if (list is null)
            return [];
        foreach (var item in list)
        {
            if (item is null)
                return [.. list.Where(candidate => candidate is not null)];
        }

        return list;
    }

    public static IReadOnlyDictionary<string, string> Filled(IReadOnlyDictionary<string, string>? map) => map ?? NoStrings;

    public static IReadOnlyDictionary<string, T> Filled<T>(IReadOnlyDictionary<string, T>? map)
        where T : class, new()
    {
        if (map is null)
            return new Dictionary<string, T>();
        foreach (var (_, value) in map)
        {
            if (value is null)
                return map.ToDictionary(entry => entry.Key, entry => entry.Value ?? new T(), StringComparer.Ordinal);
        }

        return map;
    }
}
