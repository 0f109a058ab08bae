using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing;

/// <summary>Finds services of a Swarm whose hosts are named by labels of their containers instead of the service's own.</summary>
internal static class TaskLabels
{
    /// <summary>Examines what became of the containers.</summary>
    /// <param name="containers">The containers.</param>
    /// <param name="fates">Their fates, in the same order.</param>
    /// <param name="prefix">Prefix of native labels, without dot.</param>
    /// <returns>One finding for each service, however many tasks it has.</returns>
    public static IEnumerable<Finding> Examine(ImmutableArray<Container> containers, IEnumerable<ContainerFate> fates, string prefix) =>
        containers.Zip(fates, (container, fate) => container.Swarm is not null && AsksForRoute(fate) ? container : null)
            .OfType<Container>()
            .GroupBy(container => container.Swarm!.Service, container => HostLabel(container, prefix), StringComparer.Ordinal)
            .Select(service => Found(service.Key, service.Min(StringComparer.Ordinal)!));

    // Tasks that have ended stay in the list for a while with the labels they had.
    private static bool AsksForRoute(ContainerFate fate) =>
        fate.Dialect == Dialect.Templater && fate.Reason is not (ReasonIds.NotRunning or ReasonIds.Disabled or ReasonIds.OtherInstance);

    private static string HostLabel(Container container, string prefix) =>
        container.Labels.ContainsKey(prefix + ".host")
            ? prefix + ".host"
            : container.Labels.Keys.First(label => label.StartsWith(prefix + ".routes.", StringComparison.Ordinal) && label.EndsWith(".host", StringComparison.Ordinal));

    private static Finding Found(string service, string label) => new(
        FindingSeverity.Warning,
        ReasonIds.LabelOnTask,
        $"service \"{Untrusted.Shown(service)}\" carries {Untrusted.Shown(label)} on its containers; in a Swarm put it under deploy.labels. Keep it on the containers too: this version does not read services yet.")
    {
        Container = service,
        Label = label,
    };
}
