using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Routing.Reachability;

/// <summary>
/// Finds the container that a name stands for: its own name, or that of its compose service. Anybody may call a service or a container
/// like another project's, so those of the projects that are meant come first. Pure.
/// </summary>
/// <param name="snapshot">The snapshot.</param>
/// <param name="name">The name.</param>
internal sealed class NameLookup(Snapshot snapshot, string name)
{
    /// <summary>The one that is meant by containers of some projects: theirs, else the one that is called so.</summary>
    /// <param name="projects">The projects of those who name it.</param>
    public Container? For(IReadOnlyCollection<string> projects)
    {
        Container? called = null;
        foreach (var container in snapshot.Containers)
            if (container.Name == name)
                called = container;
        return Best(Candidates().Where(container => IsOf(container, projects))) ?? called;
    }

    /// <summary>
    /// The one that is meant by the operator: of the projects that are his, else the only one. Where several projects have one, nobody
    /// is: the wrong one would let everybody in.
    /// </summary>
    /// <param name="projects">The operator's projects.</param>
    /// <param name="container">The container; null when there is none.</param>
    /// <param name="problem">Why nobody is meant, as a clause; empty when nothing speaks against it.</param>
    /// <returns>True when there is one, or one too many.</returns>
    public bool TryOnly(IReadOnlyCollection<string> projects, out Container? container, out string problem)
    {
        var all = Candidates().ToArray();
        var own = all.Where(candidate => IsOf(candidate, projects)).ToArray();
        var meant = own.Length > 0 ? own : all;
        var isClear = meant.Length <= 1 || (meant[0].Compose?.Project is { } project && meant.All(candidate => candidate.Compose?.Project == project));
        container = isClear ? Best(meant) : null;
        problem = isClear ? "" : "containers of several projects are called so";
        return meant.Length > 0;
    }

    private IEnumerable<Container> Candidates() =>
        snapshot.Containers.Where(container => container.Name == name || container.Compose?.Service == name);

    private static bool IsOf(Container container, IReadOnlyCollection<string> projects) =>
        container.Compose is { } compose && projects.Contains(compose.Project);

    private Container? Best(IEnumerable<Container> candidates)
    {
        Container? best = null;
        foreach (var candidate in candidates)
            if (best is null || Compare(candidate, best) < 0)
                best = candidate;
        return best;
    }

    private int Compare(Container left, Container right)
    {
        var order = (right.Name == name).CompareTo(left.Name == name);
        if (order == 0)
            order = (right.State == ContainerState.Running).CompareTo(left.State == ContainerState.Running);
        if (order == 0)
            order = (left.Compose?.Number ?? 0).CompareTo(right.Compose?.Number ?? 0);
        return order != 0 ? order : string.CompareOrdinal(left.Id.Value, right.Id.Value);
    }
}
