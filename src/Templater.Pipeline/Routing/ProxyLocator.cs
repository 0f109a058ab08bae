using System.Collections.Immutable;
using System.Diagnostics;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Dialects;
using Templater.Pipeline.Routing.Dialects.NginxProxy;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing;

/// <summary>Finds the proxy of an output among the containers. Pure and thread-safe.</summary>
public static class ProxyLocator
{
    private const int LeastIdLength = 12;

    /// <summary>
    /// The containers labelled <c>templater.proxy=OUTPUT</c> (where Templater's own compose project has some, only those),
    /// else those that the reload setting names, which is the one that Templater runs in where it reaches processes there,
    /// else nobody: then every network counts as reachable. A proxy that nobody names is never taken to be Templater's own
    /// container: that one is seldom on the networks of the real proxy, which may not be created yet.
    /// </summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="output">Name of the output.</param>
    /// <param name="kind">Kind of proxy.</param>
    /// <param name="hint">What the reload setting tells.</param>
    /// <param name="labelPrefix">Prefix of native labels, without dot.</param>
    /// <param name="version">The version that the operator says it has; null = what the snapshot tells.</param>
    public static ProxyContext Locate(
        Snapshot snapshot, string output, ProxyKind kind, ProxyHint hint, string labelPrefix = "templater", Version? version = null)
    {
        var found = Living(Candidates(snapshot, output, hint, labelPrefix));
        // nginx-proxy's own mark counts where nothing of Templater's says which one it is.
        if (found.Length == 0 && kind == ProxyKind.Nginx)
            found = Living(snapshot.Containers.Where(static container => container.Labels.ContainsKey(ProxyLabels.Proxy)));
        var image = OldestFirst(found).Select(container => ProxyVersions.Of(container, kind)).FirstOrDefault(static told => told is not null);
        var told = snapshot.ProxyVersions?.GetValueOrDefault(output) ?? new ProxyVersion(null, null);
        var chosen = ProxyVersions.Choose(kind, version is null ? told : told with { Setting = version }, image);
        return new ProxyContext
        {
            Output = output,
            Kind = kind,
            Containers = [.. found.Select(container => container.Id)],
            IsKnown = found.Length > 0,
            Version = chosen.Version,
            VersionSource = chosen.Source,
            ImageVersion = image,
        };
    }

    /// <summary>All that <see cref="Locate"/> chooses from: beside the proxies that live those that have ended.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="output">Name of the output.</param>
    /// <param name="hint">What the reload setting tells.</param>
    /// <param name="labelPrefix">Prefix of native labels, without dot.</param>
    /// <returns>The containers, in the snapshot's order.</returns>
    public static ImmutableArray<Container> Candidates(Snapshot snapshot, string output, ProxyHint hint, string labelPrefix = "templater")
    {
        var labelled = Labelled(snapshot, output, labelPrefix);
        return labelled.Length > 0 ? labelled : [.. Hinted(snapshot, hint)];
    }

    /// <summary>
    /// The containers that a name stands for: the one of that name or id, else the one whose id begins like that, else the
    /// compose service of that name in Templater's own project. Whoever is signalled by it is also whose networks count.
    /// </summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="name">Name, full id, or at least twelve digits of an id.</param>
    /// <returns>The containers, in the snapshot's order.</returns>
    public static ImmutableArray<Container> Named(Snapshot snapshot, string name)
    {
        var exact = Here(snapshot).Where(container => container.Name == name || container.Id.Value == name).ToImmutableArray();
        if (exact.Length > 0)
            return exact;
        // Fewer digits may be the beginning of any container's id, and of a service's name.
        var byId = name.Length < LeastIdLength
            ? []
            : Here(snapshot).Where(container => container.Id.Value.StartsWith(name, StringComparison.Ordinal)).ToImmutableArray();
        if (byId.Length > 0)
            return byId;
        var project = OwnProject(snapshot);
        return project is null
            ? []
            : [.. snapshot.Containers.Where(container => container.Compose is { } compose && compose.Project == project && compose.Service == name)];
    }

    /// <summary>
    /// The containers labelled as proxy of an output. Two copies of one compose file on a host label two proxies alike,
    /// and neither is the other's business: of several, those of Templater's own compose project are meant if there are any.
    /// And of those an application that carries the label by mistake is not meant, where there is another: one that asks for a
    /// host itself and reads nothing of what Templater writes. Its networks may be others, and a signal may end it.
    /// </summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="output">Name of the output.</param>
    /// <param name="labelPrefix">Prefix of native labels, without dot.</param>
    /// <returns>The containers, dead ones too, in the snapshot's order.</returns>
    internal static ImmutableArray<Container> Labelled(Snapshot snapshot, string output, string labelPrefix) =>
        Proper(snapshot, OfOurs(snapshot, output, labelPrefix), labelPrefix);

    private static ImmutableArray<Container> Proper(Snapshot snapshot, ImmutableArray<Container> all, string labelPrefix)
    {
        var proper = all.Where(container => !AsksForHost(container, labelPrefix) || SharedFolders.Of(snapshot, container).Any()).ToImmutableArray();
        return proper.Any(container => IsLiving(container) || container.State == ContainerState.Created) ? proper : all;
    }

    /// <summary>Says which containers carry the label of a proxy and are none.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="output">Name of the output.</param>
    /// <param name="labelPrefix">Prefix of native labels, without dot.</param>
    internal static IEnumerable<Finding> Mislabelled(Snapshot snapshot, string output, string labelPrefix)
    {
        var all = OfOurs(snapshot, output, labelPrefix);
        var proper = Proper(snapshot, all, labelPrefix);
        return all.Except(proper).Select(container => new Finding(
            FindingSeverity.Warning,
            ReasonIds.IsProxy,
            $"container \"{Untrusted.Shown(container.Name)}\": {labelPrefix}.proxy={Untrusted.Shown(output)} has no effect, because the container asks for a host itself and mounts no folder that Templater writes to, and {string.Join(", ", proper.Select(proxy => $"\"{Untrusted.Shown(proxy.Name)}\""))} does not ask for one. It is neither reloaded nor do its networks count. Remove the label.")
        {
            Container = container.Name,
            Label = $"{labelPrefix}.proxy",
        });
    }

    /// <summary>Containers by age: what one that is older does must not change because a newer one appears.</summary>
    /// <param name="containers">The containers.</param>
    internal static IOrderedEnumerable<Container> OldestFirst(IEnumerable<Container> containers) =>
        containers.Order(ByAge);

    private static readonly Comparer<Container> ByAge = Comparer<Container>.Create(static (left, right) =>
        left.Created.CompareTo(right.Created) is not 0 and var order ? order : string.CompareOrdinal(left.Id.Value, right.Id.Value));

    private static ImmutableArray<Container> OfOurs(Snapshot snapshot, string output, string labelPrefix)
    {
        // Asked of every container at every look: one text, not a thousand.
        var label = $"{labelPrefix}.proxy";
        var all = Here(snapshot)
            .Where(container => container.Labels.TryGetValue(label, out var value) && value.Trim() == output)
            .ToImmutableArray();
        var project = OwnProject(snapshot);
        var own = project is null ? [] : all.Where(container => container.Compose?.Project == project).ToImmutableArray();
        return own.Length > 0 ? own : all;
    }

    private static bool AsksForHost(Container container, string labelPrefix) =>
        ServiceView.Of(container) is var asked && (asked.Labels.ContainsKey($"{labelPrefix}.host")
        || asked.Labels.Keys.Any(key => key.StartsWith($"{labelPrefix}.routes.", StringComparison.Ordinal) && key.EndsWith(".host", StringComparison.Ordinal))
        || asked.Labels.ContainsKey(DotegeDialect.HostLabel)
        || asked.Env.ContainsKey(NginxProxyDialect.Host)
        || asked.Env.ContainsKey(MultiPorts.Variable));

    // Whom nobody can reload from here is no proxy of ours: several edge nodes have a Templater each.
    private static IEnumerable<Container> Here(Snapshot snapshot) =>
        snapshot.Containers.Where(container => container.Origin is not { IsElsewhere: true } and not { Kind: OriginKind.Service });

    /// <summary>The compose project that Templater runs in; null when it runs in none.</summary>
    internal static string? OwnProject(Snapshot snapshot) =>
        snapshot.Self is { } self ? snapshot.Containers.FirstOrDefault(container => container.Id == self)?.Compose?.Project : null;

    private static IEnumerable<Container> Hinted(Snapshot snapshot, ProxyHint hint) => hint switch
    {
        ProxyHint.None => [],
        ProxyHint.Own => snapshot.Containers.Where(container => container.Id == snapshot.Self),
        ProxyHint.Named named => Named(snapshot, named.Name),
        ProxyHint.Marked marked => Here(snapshot).Where(container => container.Labels.ContainsKey(marked.Key)),
        ProxyHint.Labelled labelled => Here(snapshot).Where(container =>
            container.Labels.TryGetValue(labelled.Key, out var value) && value == labelled.Value),
        _ => throw new UnreachableException($"unknown hint {hint}"),
    };

    /// <summary>The dead ones count only when there are no others: a proxy may be created before it is started.</summary>
    private static ImmutableArray<Container> Living(IEnumerable<Container> containers)
    {
        var all = containers
            .OrderBy(container => container.Name, StringComparer.Ordinal)
            .ThenBy(container => container.Id.Value, StringComparer.Ordinal)
            .ToImmutableArray();
        var living = all.Where(IsLiving).ToImmutableArray();
        if (living.Length == 0)
            living = [.. all.Where(container => container.State == ContainerState.Created)];
        return living.Length > 0 ? living : all;
    }

    private static bool IsLiving(Container container) => container.State is ContainerState.Running or ContainerState.Paused or ContainerState.Restarting;
}
