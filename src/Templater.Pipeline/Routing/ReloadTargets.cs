using System.Collections.Immutable;
using Templater.Language;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing;

/// <summary>Helps with reload settings that match nothing. Pure and thread-safe.</summary>
public static class ReloadTargets
{
    /// <summary>Most similar containers that a message names.</summary>
    private const int MostNamed = 3;

    /// <summary>Most matches that a message names.</summary>
    private const int MostMatches = 5;

    /// <summary>Says that a target matches no container, and what was probably meant.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="specification">The setting as written, for example <c>docker:nginx</c>.</param>
    /// <param name="name">The name in it; empty when it names none.</param>
    /// <param name="output">Name of the output.</param>
    /// <param name="labelPrefix">Prefix of native labels, without dot.</param>
    public static Finding Missing(
        Snapshot snapshot, string specification, string name, string output, string labelPrefix = "templater")
    {
        var running = snapshot.Containers
            .Where(container => container.State == ContainerState.Running && container.Labels.ContainsKey($"{labelPrefix}.proxy"))
            .Select(container => $"\"{Untrusted.Shown(container.Name)}\"")
            .ToArray();
        var similar = Similar(snapshot, name);
        var named = similar.Length == 0 ? "" : $"; similar: {string.Join(", ", similar.Select(Describe))}";
        var instead = similar.Length == 0 ? "" : $", or use docker:{Untrusted.Shown(similar[0].Name)}";
        return new Finding(
            FindingSeverity.Warning,
            ReasonIds.ReloadTargetMissing,
            $"nothing matches {specification}; running proxies: {(running.Length == 0 ? "none" : string.Join(", ", running))}{named}. The new configuration is written, the reload is owed and will be sent when it appears. Label the proxy {labelPrefix}.proxy={output}{instead}.");
    }

    /// <summary>Says that a target matches more than one container.</summary>
    /// <param name="matches">The running ones.</param>
    /// <param name="specification">The setting as written, for example <c>docker:nginx</c>.</param>
    public static Finding Several(ImmutableArray<Container> matches, string specification) => new(
        FindingSeverity.Info,
        ReasonIds.ReloadTargets,
        $"{specification} matches {matches.Length} running containers: {Names(matches)}. Each of them is told to reload.");

    /// <summary>Says that of the containers that a target matches none runs.</summary>
    /// <param name="matches">The containers.</param>
    /// <param name="specification">The setting as written, for example <c>docker:nginx</c>.</param>
    public static Finding NotRunning(ImmutableArray<Container> matches, string specification) => new(
        FindingSeverity.Warning,
        ReasonIds.ReloadTargetMissing,
        $"no container that {specification} matches is running: {Names(matches)}. The new configuration is written; a proxy that starts reads it, and one that goes on is told. Start it.");

    /// <summary>Containers whose name, compose service or image resembles a name, best first, at most three.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="name">The name.</param>
    public static ImmutableArray<Container> Similar(Snapshot snapshot, string name) =>
        name.Length == 0
            ? []
            :
            [
                .. snapshot.Containers
                    .Select(container => (Container: container, Rank: Rank(container, name)))
                    .Where(pair => pair.Rank > 0)
                    .OrderByDescending(pair => pair.Rank)
                    .ThenByDescending(pair => pair.Container.State == ContainerState.Running)
                    .ThenBy(pair => pair.Container.Name, StringComparer.Ordinal)
                    .Select(pair => pair.Container)
                    .Take(MostNamed),
            ];

    private static string Names(ImmutableArray<Container> matches) =>
        string.Join(", ", matches.Take(MostMatches).Select(container => $"\"{Untrusted.Shown(container.Name)}\""))
        + (matches.Length > MostMatches ? $" and {matches.Length - MostMatches} more" : "");

    private static int Rank(Container container, string name)
    {
        if (container.Compose?.Service == name)
            return 4;
        if (container.Name.Contains(name, StringComparison.OrdinalIgnoreCase))
            return 3;
        if (NearestName.Find(name, [container.Name, container.Compose?.Service ?? container.Name]) is not null)
            return 2;
        return container.Image.Repository.EndsWith(name, StringComparison.OrdinalIgnoreCase) ? 1 : 0;
    }

    private static string Describe(Container container)
    {
        var identity = container.Compose is { } compose
            ? $" (compose service \"{Untrusted.Shown(compose.Service)}\", project \"{Untrusted.Shown(compose.Project)}\")"
            : "";
        return $"container \"{Untrusted.Shown(container.Name)}\"{identity}";
    }
}
