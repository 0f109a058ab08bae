using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>Which containers of a snapshot a reload spec means. Pure.</summary>
internal static class ContainerSelection
{
    private const int ShortestId = 4;

    /// <summary>The label by which a proxy container says whose configuration it reads.</summary>
    public const string ProxyLabel = "templater.proxy";

    /// <summary>
    /// A container of that name or id; else those of the compose service of that name, in Templater's own project if that
    /// is known.
    /// </summary>
    public static ImmutableArray<Container> ByName(Snapshot snapshot, string name)
    {
        var exact = snapshot.Containers.Where(container => container.Name == name || container.Id.Value == name).ToImmutableArray();
        if (exact.Length > 0)
            return exact;
        var byId = name.Length >= ShortestId
            ? snapshot.Containers.Where(container => container.Id.Value.StartsWith(name, StringComparison.Ordinal)).ToImmutableArray()
            : [];
        if (byId.Length == 1)
            return byId;
        var own = OwnProject(snapshot);
        return own is null
            ? []
            : [.. snapshot.Containers.Where(container => container.Compose is { } compose && compose.Service == name && compose.Project == own)];
    }

    public static ImmutableArray<Container> ByLabel(Snapshot snapshot, string key, string value) =>
        [.. snapshot.Containers.Where(container => container.Labels.TryGetValue(key, out var actual) && actual == value)];

    /// <summary>The proxies of an output by their label, by the same rule as for its networks.</summary>
    public static ImmutableArray<Container> Proxies(Snapshot snapshot, string output) =>
        ProxyLocator.Labelled(snapshot, output, ProxyLabel[..ProxyLabel.IndexOf('.', StringComparison.Ordinal)]);

    private static string? OwnProject(Snapshot snapshot) =>
        snapshot.Containers.FirstOrDefault(container => container.Id == snapshot.Self)?.Compose?.Project;
}
