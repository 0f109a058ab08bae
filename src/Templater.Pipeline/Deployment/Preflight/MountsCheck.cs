using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Deployment.Preflight;

/// <summary>Do the proxies see what Templater writes? Pure.</summary>
public static class MountsCheck
{
    /// <summary>One finding for each proxy that does not see the file of an output.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="proxies">The proxies.</param>
    /// <param name="outputPath">Where Templater writes the output, as Templater sees it.</param>
    public static ImmutableArray<Finding> Examine(Snapshot snapshot, IEnumerable<Container> proxies, string outputPath)
    {
        var self = snapshot.Containers.FirstOrDefault(container => container.Id == snapshot.Self);
        // Outside of containers the file may lie on another host than the engine's; what it would be mounted as is not known.
        if (self is null)
            return [];
        return
        [
            .. proxies.Where(proxy => proxy.Id != self.Id && OutputView.Of(snapshot, proxy, outputPath) is { Path: null, SingleFile: null })
                .Select(proxy => Unseen(snapshot, self, proxy, outputPath)),
        ];
    }

    private static Finding Unseen(Snapshot snapshot, Container self, Container proxy, string path)
    {
        var place = PathView.Holder(self.Mounts, path) switch
        {
            null => "it lies in that container alone",
            { Name.Length: > 0 } volume => $"it lies in the volume \"{Untrusted.Shown(volume.Name)}\", mounted at {Untrusted.Shown(volume.Destination)}",
            var directory => $"it lies in {Untrusted.Shown(directory.Source)} of the host, mounted at {Untrusted.Shown(directory.Destination)}",
        };
        var other = SharedFolders.Of(snapshot, proxy).Select(static pair => pair.Theirs.Destination).Order(StringComparer.Ordinal).FirstOrDefault();
        var shared = other is null ? "they share no folder" : $"they share {Untrusted.Shown(other)} only";
        return new Finding(
            FindingSeverity.Error,
            ReasonIds.PathNotShared,
            $"the proxy \"{Untrusted.Shown(proxy.Name)}\" does not see {path} of container \"{Untrusted.Shown(self.Name)}\": {place}, and {shared}. Mount the same volume at the same path in both containers.")
        {
            Container = proxy.Name,
            Value = path,
        };
    }
}
