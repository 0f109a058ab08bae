using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Routing;

/// <summary>
/// Folders that Templater writes to and another container mounts too. What labels and images say may be a mistake; a container
/// that reads what Templater writes is its proxy, as a rule. Pure.
/// </summary>
internal static class SharedFolders
{
    /// <summary>The mounts of a container by which it sees a folder that Templater writes to; none when Templater runs in none.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="container">The other container.</param>
    /// <returns>Templater's mount and the other's.</returns>
    public static IEnumerable<(Mount Own, Mount Theirs)> Of(Snapshot snapshot, Container container)
    {
        var own = snapshot.Containers.FirstOrDefault(candidate => candidate.Id == snapshot.Self)?.Mounts ?? [];
        return
            from mine in own
            where mine.ReadWrite && !mine.Destination.EndsWith(".sock", StringComparison.Ordinal)
            from theirs in container.Mounts
            where IsSame(mine, theirs)
            select (mine, theirs);
    }

    /// <summary>True when the container sees the folder of an output.</summary>
    public static bool Hold(Snapshot snapshot, Container container, string outputPath) =>
        Of(snapshot, container).Any(pair => PathView.Holder([pair.Own], outputPath) is not null);

    // A part of the folder is enough. Whoever mounts more of the host reads everything, as monitors and backups do.
    private static bool IsSame(Mount mine, Mount theirs) =>
        (mine.Name.Length > 0 && mine.Name == theirs.Name)
        || (mine.Source.Length > 0 && (theirs.Source + "/").StartsWith(mine.Source.TrimEnd('/') + "/", StringComparison.Ordinal));
}
