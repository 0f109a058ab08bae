using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing;

/// <summary>Finds services of a Swarm whose hosts or streams are named by labels of their containers instead of the service's own.</summary>
internal static class TaskLabels
{
    /// <summary>Examines what became of the containers.</summary>
    /// <param name="containers">The containers.</param>
    /// <param name="fates">Their fates, in the same order.</param>
    /// <param name="prefix">Prefix of native labels, without dot.</param>
    /// <returns>One finding for each service, however many tasks it has.</returns>
    public static IEnumerable<Finding> Examine(ImmutableArray<Container> containers, IEnumerable<ContainerFate> fates, string prefix) =>
        containers.Zip(fates, (container, fate) => container.Swarm is not null && IsMeant(container, fate, prefix) ? container : null)
            .OfType<Container>()
            .GroupBy(container => container.Swarm!.Service, StringComparer.Ordinal)
            .Select(service => Found(
                service.Key,
                service.Select(container => AskingLabel(container.Labels, prefix)).OfType<string>().Min(StringComparer.Ordinal)!,
                isServed: service.All(container => container.Origin is null)));

    private static bool IsMeant(Container container, ContainerFate fate, string prefix) =>
        container.Origin is { } origin ? IsUnheard(container, origin, prefix) : AsksForRoute(fate);

    // Tasks that have ended stay in the list for a while with the labels they had.
    private static bool AsksForRoute(ContainerFate fate) =>
        fate.Dialect == Dialect.Templater && fate.Reason is not (ReasonIds.NotRunning or ReasonIds.Disabled or ReasonIds.OtherInstance);

    private static bool IsUnheard(Container container, SwarmOrigin origin, string prefix) =>
        !origin.IsLeaving && container.State == ContainerState.Running
        && AskingLabel(container.Labels, prefix) is not null && AskingLabel(origin.ServiceLabels, prefix) is null;

    // The label that asks for traffic: a host, or the port of a stream.
    private static string? AskingLabel(ImmutableSortedDictionary<string, string> labels, string prefix) =>
        labels.ContainsKey(prefix + ".host")
            ? prefix + ".host"
            : labels.Keys.FirstOrDefault(label => IsMember(label, prefix + ".routes.", ".host")) ?? labels.Keys.FirstOrDefault(label => IsMember(label, prefix + ".streams.", ".listen"));

    private static bool IsMember(string label, string start, string end) =>
        label.StartsWith(start, StringComparison.Ordinal) && label.EndsWith(end, StringComparison.Ordinal);

    private static Finding Found(string service, string label, bool isServed) => new(
        FindingSeverity.Warning,
        ReasonIds.LabelOnTask,
        $"service \"{Untrusted.Shown(service)}\" carries {Untrusted.Shown(label)} on its containers; in a Swarm put it under deploy.labels. "
            + (isServed ? "It is served meanwhile, because services are not read from this engine." : "There it has no effect."))
    {
        Container = service,
        Label = label,
    };
}
