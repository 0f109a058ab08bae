using System.Collections.Immutable;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing;

/// <summary>Looks for mistakes in how the proxy's container is set up. Pure and thread-safe.</summary>
public static class ProxyPreflight
{
    private static readonly ImmutableArray<string> Sockets = ["docker.sock", "podman.sock"];

    /// <summary>Examines the proxy and, for its mounts, the container that Templater runs in.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="proxy">The proxy.</param>
    /// <param name="outputPath">Where Templater writes the output, as Templater sees it; <c>-</c> for standard output.</param>
    /// <returns>The findings, ordered by container and reason.</returns>
    public static ImmutableArray<Finding> Examine(Snapshot snapshot, ProxyContext proxy, string outputPath)
    {
        var findings = new List<Finding>();
        var self = snapshot.Containers.FirstOrDefault(container => container.Id == snapshot.Self);
        // Where the proxy and Templater are one container it needs the socket, and sees what is written.
        foreach (var container in snapshot.Containers.Where(container => container.Id != snapshot.Self && proxy.Containers.Contains(container.Id)))
        {
            findings.AddRange(container.Mounts.Where(IsSocket).Select(mount => HasSocket(container, mount)));
            findings.AddRange(OutputView.SingleFiles(snapshot, container, outputPath).Select(mount => SingleFile(container, mount)));
        }

        if (proxy.Version is { } version && version < ProxyVersions.Oldest(proxy.Kind))
            findings.Add(TooOld(proxy.Kind, version));
        // What a write says too, so that it is said at the start and once.
        if (self?.Mounts.Any(mount => OutputView.IsAt(mount, outputPath)) is true)
            findings.Add(OutputProblem.WrittenInPlace(outputPath));
        return
        [
            .. findings.Distinct()
                .OrderBy(finding => finding.Container, StringComparer.Ordinal)
                .ThenBy(finding => finding.Reason, StringComparer.Ordinal)
                .ThenBy(finding => finding.Message, StringComparer.Ordinal),
        ];
    }

    private static Finding TooOld(ProxyKind kind, Version version) =>
        new(
            FindingSeverity.Warning,
            ReasonIds.ProxyVersion,
            $"the proxy is version {version}; the shipped templates are written for {(kind == ProxyKind.Nginx ? "nginx" : "HAProxy")} {ProxyVersions.Oldest(kind)} and newer, so it may refuse them. Use a newer one, or a template of your own.");

    private static bool IsSocket(Mount mount) =>
        Sockets.Any(socket => mount.Source.EndsWith("/" + socket, StringComparison.Ordinal) || mount.Destination.EndsWith("/" + socket, StringComparison.Ordinal));

    private static Finding HasSocket(Container container, Mount mount) =>
        new(
            FindingSeverity.Warning,
            ReasonIds.ProxyHasSocket,
            $"the proxy \"{Untrusted.Shown(container.Name)}\" mounts {Untrusted.Shown(mount.Source)}. It does not need it; remove that mount.")
        {
            Container = container.Name,
        };

    private static Finding SingleFile(Container container, Mount mount) =>
        new(
            FindingSeverity.Warning,
            ReasonIds.SingleFileMount,
            $"the proxy \"{Untrusted.Shown(container.Name)}\" mounts the single file {Untrusted.Shown(mount.Destination)}; it will never see a replaced file. Mount the directory instead.")
        {
            Container = container.Name,
        };
}
