using System.Collections.Immutable;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Deployment.Isolation;

/// <summary>
/// Containers that are left out together: the replicas of one service, which say the same, or one container alone. Immutable.
/// </summary>
/// <param name="Containers">The containers, at least one.</param>
public sealed record Suspect(ImmutableArray<Container> Containers)
{
    /// <summary>Suspects in the order in which they are trusted: what was created earlier comes first, then by id.</summary>
    /// <param name="containers">The containers, in any order.</param>
    public static ImmutableArray<Suspect> InOrder(IEnumerable<Container> containers)
    {
        ArgumentNullException.ThrowIfNull(containers);
        return
        [
            .. containers.GroupBy(ServiceOf, StringComparer.Ordinal)
                .Select(static replicas => replicas.OrderBy(static container => container.Created).ThenBy(static container => container.Id.Value, StringComparer.Ordinal))
                .Select(static replicas => new Suspect([.. replicas]))
                .OrderBy(static suspect => suspect.Containers[0].Created)
                .ThenBy(static suspect => suspect.Containers[0].Id.Value, StringComparer.Ordinal),
        ];
    }

    // Names hold no line breaks; ids hold none of the words before them.
    private static string ServiceOf(Container container) => container switch
    {
        { Swarm: { } swarm } => $"swarm\n{swarm.Service}",
        { Compose: { } compose } => $"compose\n{compose.Project}\n{compose.Service}",
        _ => $"container\n{container.Id.Value}",
    };
}
