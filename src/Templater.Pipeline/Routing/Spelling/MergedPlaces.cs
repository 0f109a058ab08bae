using Templater.Pipeline.Routing.Grouping;

namespace Templater.Pipeline.Routing.Spelling;

/// <summary>
/// Different applications at one place share it among nginx-proxy's users; with native labels the older one would have it alone, unless
/// both name one group.
/// </summary>
internal sealed class MergedPlaces
{
    private const int MaxNameLength = 40;

    private readonly Dictionary<(HostPattern Host, PathPattern Path), string> _groups = [];

    /// <summary>Finds the places that are shared.</summary>
    /// <param name="claims">The claims of all containers.</param>
    /// <param name="policy">The operator's settings.</param>
    public static MergedPlaces Of(IEnumerable<Claim> claims, RoutingPolicy policy)
    {
        var places = new MergedPlaces();
        if (policy.Conflict == ConflictRule.Merge)
            return places;
        var found = new Dictionary<(HostPattern Host, PathPattern Path), List<Claim>>();
        foreach (var claim in claims)
        {
            foreach (var host in claim.Route.Hosts)
            {
                if (!found.TryGetValue((host, claim.Route.Path), out var list))
                    found.Add((host, claim.Route.Path), list = []);
                list.Add(claim);
            }
        }

        foreach (var (place, list) in found)
            if (list.TrueForAll(static claim => claim.Dialect == Dialect.NginxProxy) && list.Exists(claim => claim.Application != list[0].Application))
                places._groups.Add(place, Name(place.Host));
        return places;
    }

    /// <summary>The group that a claim needs; null when it needs none.</summary>
    /// <param name="claim">The claim.</param>
    public string? GroupOf(Claim claim)
    {
        string? first = null;
        foreach (var host in claim.Route.Hosts)
            if (_groups.TryGetValue((host, claim.Route.Path), out var group) && (first is null || string.CompareOrdinal(group, first) < 0))
                first = group;
        return first;
    }

    private static string Name(HostPattern host) =>
        new([.. host.ToString().Take(MaxNameLength).Select(static character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) ? character : '-')]);
}
