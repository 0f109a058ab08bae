using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Grouping;

/// <summary>The claims that hold on one host, the deciding one first.</summary>
/// <param name="Pattern">The host.</param>
/// <param name="Claims">The claims; not empty.</param>
internal sealed record HostClaims(HostPattern Pattern, ImmutableArray<Claim> Claims);

/// <summary>A place that one claim has and another lost.</summary>
/// <param name="Host">The host.</param>
/// <param name="Path">The path.</param>
/// <param name="Winner">Who has it.</param>
/// <param name="Loser">Who wanted it.</param>
internal sealed record LostPlace(HostPattern Host, PathPattern Path, Claim Winner, Claim Loser);

/// <summary>Decides who may have a place (host and path) that several applications claim.</summary>
internal sealed class Conflicts(RoutingPolicy policy, DateTimeOffset now)
{
    private readonly List<Finding> _findings = [];
    private readonly SortedDictionary<string, Refusal> _lost = new(StringComparer.Ordinal);
    private readonly List<LostPlace> _places = [];

    /// <summary>What is to be said about it.</summary>
    public IEnumerable<Finding> Findings => _findings;

    /// <summary>Containers that lost a place, by id.</summary>
    public IReadOnlyDictionary<string, Refusal> Lost => _lost;

    /// <summary>Places that different applications claimed, with who has them.</summary>
    public IEnumerable<LostPlace> Places => _places;

    /// <summary>Sorts the claims by host and takes out those that lost.</summary>
    /// <param name="claims">All claims, in any order.</param>
    /// <returns>The hosts, ordinal order.</returns>
    public ImmutableArray<HostClaims> Resolve(IEnumerable<Claim> claims)
    {
        var hosts = new OrderedDictionary<HostPattern, List<Claim>>();
        foreach (var claim in claims)
        {
            foreach (var host in claim.Route.Hosts)
            {
                if (hosts.TryGetValue(host, out var others))
                    others.Add(claim);
                else
                    hosts.Add(host, [claim]);
            }
        }

        var kept = ImmutableArray.CreateBuilder<HostClaims>(hosts.Count);
        foreach (var host in hosts.Keys.OrderBy(static host => host.ToString(), StringComparer.Ordinal))
            kept.Add(new HostClaims(host, Winners(host, hosts[host])));
        return kept.ToImmutable();
    }

    /// <summary>Notes that a claim lost its place for another reason.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="refusal">The reason.</param>
    public void Refuse(Claim claim, Refusal refusal) => Refuse(claim.Container, refusal);

    /// <summary>Notes that a container lost its place for another reason.</summary>
    /// <param name="container">The container.</param>
    /// <param name="refusal">The reason.</param>
    public void Refuse(Container container, Refusal refusal) => _lost.TryAdd(container.Id.Value, refusal);

    /// <summary>True when different applications share a place instead of competing for it.</summary>
    /// <param name="claims">The claims on the place.</param>
    public bool IsMerged(IEnumerable<Claim> claims) =>
        policy.Conflict == ConflictRule.Merge || claims.All(claim => claim.Dialect == Dialect.NginxProxy);

    private static readonly Comparer<Claim> ByPrecedence = Comparer<Claim>.Create(Claim.Compare);

    // Hardly any host is claimed twice.
    private ImmutableArray<Claim> Winners(HostPattern host, List<Claim> claims) => claims is [var only]
        ? [only]
        :
        [
            .. claims
                .GroupBy(static claim => claim.Route.Path)
                .OrderBy(static group => group.Key.ToString(), StringComparer.Ordinal)
                .SelectMany(group => Winners(host, group.Key, [.. group.Order(ByPrecedence)]))
                .Order(ByPrecedence),
        ];

    private OrderedDictionary<string, Claim>.ValueCollection Winners(HostPattern host, PathPattern path, ImmutableArray<Claim> claims)
    {
        var winner = claims[0];
        var isMerged = IsMerged(claims);
        var reported = new HashSet<string>(StringComparer.Ordinal);
        var kept = new OrderedDictionary<string, Claim>(StringComparer.Ordinal);
        foreach (var claim in claims)
        {
            if (!isMerged && claim.Application != winner.Application)
                Lose(host, path, winner, claim, reported.Add(claim.Application));
            else if (!kept.TryAdd(claim.Container.Id.Value, claim))
                kept[claim.Container.Id.Value] = Twice(host, path, kept[claim.Container.Id.Value], claim);
        }

        return kept.Values;
    }

    private void Lose(HostPattern host, PathPattern path, Claim winner, Claim loser, bool isFirst)
    {
        if (!loser.IsContender)
            return;
        var place = Place(host, path);
        _places.Add(new LostPlace(host, path, winner, loser));
        _lost.TryAdd(loser.Container.Id.Value, new Refusal(ReasonIds.ConflictLost, $"{place} belongs to {Quoted(winner)} ({Untrusted.Shown(winner.Application)})."));
        if (!isFirst)
            return;
        string Message(Func<Claim, string> describe)
        {
            var rule = winner.Route.Priority > loser.Route.Priority ? "The one with the higher priority keeps it." : "The older one keeps it.";
            return $"{place} is claimed by {describe(winner)} and {describe(loser)} with different applications. {rule} "
                + $"Raise {policy.LabelPrefix}.priority, change the host, or stop one.";
        }

        _findings.Add(new Finding(
            FindingSeverity.Warning,
            ReasonIds.ConflictLost,
            Message(Described))
        {
            Matter = Message(Quoted),
            Container = loser.Container.Name,
            Host = host.ToString(),
        });
    }

    /// <summary>Two routes of one container at one place: the first is used, unless that would open what the other closes.</summary>
    /// <returns>The first as it may be served.</returns>
    private Claim Twice(HostPattern host, PathPattern path, Claim used, Claim other)
    {
        var both = $"its routes \"{used.Route.Name}\" and \"{other.Route.Name}\" both claim {Place(host, path)}";
        var closes = other.Route.Refusal is { Closes: not Closure.Nothing } refused ? refused.Closes
            : other.Route.Restrictions.Length > 0 && other.Route.Restrictions != used.Route.Restrictions ? Closure.Place
            : Closure.Nothing;
        var isClosed = closes != Closure.Nothing && used.Route.Refusal is null;
        _findings.Add(new Finding(
            FindingSeverity.Warning,
            ReasonIds.ConflictValue,
            isClosed
                ? $"container {Quoted(other)} is not routed for {Place(host, path)}: {both}, "
                    + $"and \"{used.Route.Name}\" would open what \"{other.Route.Name}\" closes. Give them different paths."
                : $"container {Quoted(other)}: {both}. \"{used.Route.Name}\" is used.")
        {
            Container = other.Container.Name,
            Host = host.ToString(),
        });
        if (!isClosed)
            return used;
        var refusal = new Refusal(ReasonIds.ConflictValue, $"{both}, and one closes what the other opens.") { Closes = closes };
        Refuse(used, refusal);
        return used.Refused(refusal);
    }

    private string Described(Claim claim) =>
        $"{Quoted(claim)} ({Untrusted.Shown(claim.Application)}, since {Age.Describe(now - claim.Container.Created)})";

    private static string Quoted(Claim claim) => $"\"{Untrusted.Shown(claim.Container.Name)}\"";

    /// <summary>Host and path for messages.</summary>
    /// <param name="host">The host.</param>
    /// <param name="path">The path.</param>
    public static string Place(HostPattern host, PathPattern path) =>
        Untrusted.Shown(host + (path.Match == PathMatch.Regex ? "~" + path.Text : path.Text));
}
