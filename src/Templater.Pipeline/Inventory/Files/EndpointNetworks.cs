using System.Collections.Immutable;

namespace Templater.Pipeline.Inventory.Files;

/// <summary>What containers' attachments tell about networks, where nobody lists the networks themselves.</summary>
internal static class EndpointNetworks
{
    /// <summary>The networks that the containers are attached to. An attachment without an id adds none to a known name.</summary>
    public static ImmutableArray<Network> Of(IEnumerable<Container> containers)
    {
        var known = containers.SelectMany(static c => c.Endpoints)
            .Select(static e => new Network(e.NetworkId, e.NetworkName, "", "", IsInternal: false, IsIngress: false, []))
            .Distinct().ToList();
        var withId = known.Where(static n => n.Id.Length > 0).Select(static n => n.Name).ToHashSet(StringComparer.Ordinal);
        return [.. known.Where(n => n.Id.Length > 0 || !withId.Contains(n.Name))
            .OrderBy(static n => n.Name, StringComparer.Ordinal).ThenBy(static n => n.Id, StringComparer.Ordinal)];
    }
}
