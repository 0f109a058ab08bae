using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Deployment.Preflight;

/// <summary>Does the state directory outlive the container? Pure.</summary>
public static class StateCheck
{
    /// <summary>Says that it does not; null when it does, or nothing tells.</summary>
    /// <param name="directory">The state directory.</param>
    /// <param name="snapshot">The snapshot, for what the engine says of Templater's own container; null when there is none.</param>
    /// <param name="mounts">The own table of mounts (<c>/proc/self/mountinfo</c>); empty when there is none.</param>
    public static Finding? Examine(string directory, Snapshot? snapshot, string mounts)
    {
        var self = snapshot?.Containers.FirstOrDefault(container => container.Id == snapshot.Self);
        var holder = self is null ? null : PathView.Holder(self.Mounts, directory);
        var type = MountTable.TypeAt(mounts, directory);
        if (holder is { Type: "tmpfs" } || type == "tmpfs")
            return Lost($"{directory} is kept in memory");
        // The engine's word counts more: its own layers need not be an overlay.
        var isInside = self is not null ? holder is null : type is "overlay" or "fuse-overlayfs" or "aufs";
        return isInside ? Lost($"{directory} is inside the container") : null;
    }

    private static Finding Lost(string where) => new(
        FindingSeverity.Warning,
        ReasonIds.StateNotPersistent,
        $"{where}: journal, proven generations, the slots of servers and the accounts at CAs are lost when it is recreated, so the proxy is reloaded once more than needed, nothing is left to go back to, and limits of CAs are met sooner. Mount a volume at {where[..where.IndexOf(' ', StringComparison.Ordinal)]}.");
}
