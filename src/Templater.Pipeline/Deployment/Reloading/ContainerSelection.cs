using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>Which containers of a snapshot a reload spec means. Pure.</summary>
internal static class ContainerSelection
{
    /// <summary>The containers that a name stands for, by the same rule as for the proxy's networks.</summary>
    public static ImmutableArray<Container> ByName(Snapshot snapshot, string name) => ProxyLocator.Named(snapshot, name);

    public static ImmutableArray<Container> ByLabel(Snapshot snapshot, string key, string value) =>
        [.. snapshot.Containers.Where(container => container.Labels.TryGetValue(key, out var actual) && actual == value)];

    /// <summary>The proxies of an output by their label, by the same rule as for its networks.</summary>
    public static ImmutableArray<Container> Proxies(Snapshot snapshot, string output, string labelPrefix, string? mark = null) =>
        mark is null ? ProxyLocator.Labelled(snapshot, output, labelPrefix)
            : ProxyLocator.Candidates(snapshot, output, new ProxyHint.Marked(mark), labelPrefix);
}
