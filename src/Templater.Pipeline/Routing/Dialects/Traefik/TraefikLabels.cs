using System.Collections.Immutable;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Routing.Dialects.Traefik;

/// <summary>One option of a router, service or middleware.</summary>
/// <param name="Key">What follows the object's name, in lower case.</param>
/// <param name="Label">The whole label as written.</param>
/// <param name="Value">Its value.</param>
internal sealed record TraefikOption(string Key, string Label, string Value);

/// <summary>A router, service or middleware by its name.</summary>
/// <param name="Name">The name, in lower case.</param>
/// <param name="Options">Its options, by key.</param>
internal sealed record TraefikObject(string Name, ImmutableArray<TraefikOption> Options)
{
    /// <summary>The value of an option without surrounding white space; null when it is absent.</summary>
    /// <param name="key">The key in lower case.</param>
    public TraefikOption? Find(string key)
    {
        foreach (var option in Options)
            if (option.Key == key)
                return option;
        return null;
    }
}

/// <summary>
/// The <c>traefik.*</c> labels of one container, sorted by what they describe. Their keys are the same in upper and lower case, as in
/// Traefik.
/// </summary>
internal sealed class TraefikLabels
{
    /// <summary>What every label of this dialect begins with.</summary>
    public const string Prefix = "traefik.";

    private const string Http = "http.";
    private const string RoutersGroup = "routers";
    private const string ServicesGroup = "services";
    private const string MiddlewaresGroup = "middlewares";

    private readonly SortedDictionary<string, List<TraefikOption>> _routers = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, List<TraefikOption>> _services = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, List<TraefikOption>> _middlewares = new(StringComparer.Ordinal);
    private readonly List<TraefikOption> _general = [];

    /// <summary>Sorts the labels.</summary>
    /// <param name="container">The container.</param>
    public TraefikLabels(Container container)
    {
        var seen = new SortedDictionary<string, TraefikOption>(StringComparer.Ordinal);
        foreach (var (label, value) in container.Labels)
        {
            if (!label.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
                continue;
            var key = label[Prefix.Length..].ToLowerInvariant();
            var option = new TraefikOption(key, label, value.Trim());
            if (!seen.TryAdd(key, option) && seen[key].Value != option.Value)
                Doubled ??= option;
        }

        foreach (var option in seen.Values)
            Sort(option);
        Routers = Objects(_routers);
        Services = Objects(_services);
        Middlewares = Objects(_middlewares);
    }

    /// <summary>The routers by name.</summary>
    public ImmutableArray<TraefikObject> Routers { get; }

    /// <summary>The services by name.</summary>
    public ImmutableArray<TraefikObject> Services { get; }

    /// <summary>The middlewares by name.</summary>
    public ImmutableArray<TraefikObject> Middlewares { get; }

    /// <summary>What concerns the container as a whole, by key.</summary>
    public IEnumerable<TraefikOption> General => _general;

    /// <summary>A label about TCP or UDP; null when there is none.</summary>
    public TraefikOption? Stream { get; private set; }

    /// <summary>A label whose key stands there once more in other letters and with another value; null when there is none.</summary>
    public TraefikOption? Doubled { get; }

    /// <summary>What concerns the container as a whole, by its key in lower case; null when it is absent.</summary>
    public TraefikOption? Find(string key) => _general.Find(option => option.Key == key);

    private void Sort(TraefikOption option)
    {
        if (!option.Key.StartsWith(Http, StringComparison.Ordinal))
        {
            if (option.Key.StartsWith("tcp.", StringComparison.Ordinal) || option.Key.StartsWith("udp.", StringComparison.Ordinal))
                Stream ??= option;
            else
                _general.Add(option);
            return;
        }

        var parts = option.Key[Http.Length..].Split('.', 3);
        var group = parts[0] switch { RoutersGroup => _routers, ServicesGroup => _services, MiddlewaresGroup => _middlewares, _ => null };
        if (group is null || parts.Length < 2 || parts[1].Length == 0)
            return;
        if (!group.TryGetValue(parts[1], out var options))
            group.Add(parts[1], options = []);
        options.Add(option with { Key = parts.Length < 3 ? "" : parts[2] });
    }

    private static ImmutableArray<TraefikObject> Objects(SortedDictionary<string, List<TraefikOption>> groups)
    {
        var objects = ImmutableArray.CreateBuilder<TraefikObject>(groups.Count);
        foreach (var (name, options) in groups)
            objects.Add(new TraefikObject(name, [.. options]));
        return objects.MoveToImmutable();
    }
}
