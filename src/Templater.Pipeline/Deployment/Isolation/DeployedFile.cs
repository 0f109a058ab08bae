using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Deployment.Isolation;

/// <summary>A file with what it was rendered from, to find out whom a refusal is about. Immutable.</summary>
/// <param name="Snapshot">What was rendered.</param>
/// <param name="File">The file.</param>
/// <param name="Routing">What was routed.</param>
/// <param name="Edits">How often the template had been edited.</param>
public sealed record DeployedFile(Snapshot Snapshot, RenderedFile File, RoutingResult Routing, int Edits)
{
    /// <summary>The containers that are in the file: what is routed, and what a template wrote lines of.</summary>
    public IEnumerable<Container> Present
    {
        get
        {
            var present = File.Provenance.SelectMany(static owner => owner.Containers).ToHashSet();
            present.UnionWith(Routing.Fates.Where(IsRouted).Select(static fate => fate.Container));
            return Snapshot.Containers.Where(container => present.Contains(container.Id));
        }
    }

    /// <summary>The containers behind a line.</summary>
    /// <param name="line">The line, from 1.</param>
    public IEnumerable<Container> BehindLine(int line)
    {
        var ids = File.Provenance.Where(owner => owner.FirstLine <= line && line <= owner.LastLine).SelectMany(static owner => owner.Containers).ToHashSet();
        return Snapshot.Containers.Where(container => ids.Contains(container.Id));
    }

    /// <summary>True for the fate of a container that is routed.</summary>
    /// <param name="fate">The fate.</param>
    public static bool IsRouted(ContainerFate fate) => fate is not null && fate.Reason is null && fate.Hosts.Length > 0;
}
