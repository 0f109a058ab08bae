using System.Collections.Immutable;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Routing;

/// <summary>How a container sees the file that Templater writes for an output. Pure.</summary>
/// <param name="Path">The path by which it knows the file; null when it does not see it, or nobody can tell.</param>
/// <param name="SingleFile">
/// Where it mounts that file alone: from its start on it sees the file that was there then, and never one that took its place.
/// Null when it sees every new one.
/// </param>
internal sealed record OutputView(string? Path, string? SingleFile)
{
    // Beside the containers the host's paths are our own.
    private static readonly ImmutableArray<Mount> Host = [new Mount("bind", "", "/", "/", ReadWrite: true)];

    /// <summary>The view of one container.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="container">The container.</param>
    /// <param name="outputPath">Where Templater writes the output, as Templater sees it.</param>
    public static OutputView Of(Snapshot snapshot, Container container, string outputPath)
    {
        if (container.Id == snapshot.Self)
            return new OutputView(outputPath, null);
        var own = Own(snapshot);
        // A file that Templater mounts alone is written in place, which others see.
        var isReplaced = !own.Any(mount => IsAt(mount, outputPath));
        return new OutputView(
            PathView.Translate(own, container.Mounts, outputPath),
            isReplaced ? SingleFiles(snapshot, container, outputPath).FirstOrDefault()?.Destination : null);
    }

    /// <summary>The mounts by which a container sees nothing of a folder but the file of an output.</summary>
    public static IEnumerable<Mount> SingleFiles(Snapshot snapshot, Container container, string outputPath)
    {
        var holder = PathView.Holder(Own(snapshot), outputPath);
        var source = holder is null ? null : holder.Source.TrimEnd('/') + outputPath[holder.Destination.TrimEnd('/').Length..];
        return container.Mounts.Where(mount => IsAt(mount, outputPath) || (mount.Type == "bind" && mount.Source == source));
    }

    /// <summary>True for the mount of a single file at that path.</summary>
    public static bool IsAt(Mount mount, string outputPath) => mount.Type == "bind" && mount.Destination == outputPath;

    private static ImmutableArray<Mount> Own(Snapshot snapshot) =>
        snapshot.Containers.FirstOrDefault(container => container.Id == snapshot.Self)?.Mounts ?? Host;
}
