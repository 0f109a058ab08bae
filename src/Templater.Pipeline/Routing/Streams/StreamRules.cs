using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Streams;

/// <summary>A place that streams have: a port, and a name in TLS or none.</summary>
/// <param name="Port">The port.</param>
/// <param name="Host">The name; null = whatever no other stream of the port takes.</param>
/// <param name="Claims">Who has it, the deciding one first; not empty.</param>
internal sealed record StreamPlaceClaims(StreamPort Port, HostPattern? Host, ImmutableArray<StreamClaim> Claims);

/// <summary>Decides who may have a port, and a name on it. The order of the claims does not matter.</summary>
internal sealed class StreamRules(RoutingPolicy policy, Conflicts conflicts, List<Finding> findings)
{
    private static readonly Comparer<StreamClaim> ByPrecedence = Comparer<StreamClaim>.Create(StreamClaim.Compare);

    /// <summary>The places of one port, by name; the one without a name, if there is one, last.</summary>
    /// <param name="port">The port.</param>
    /// <param name="claims">All claims on it.</param>
    public IEnumerable<StreamPlaceClaims> Resolve(StreamPort port, IEnumerable<StreamClaim> claims)
    {
        var ordered = claims.Order(ByPrecedence).ToImmutableArray();
        var places = new SortedDictionary<string, List<StreamClaim>>(StringComparer.Ordinal);
        var hosts = new Dictionary<string, HostPattern?>(StringComparer.Ordinal);
        foreach (var claim in Alike(port, ordered))
            foreach (var host in claim.Settings.Route.Hosts.IsEmpty ? [null] : claim.Settings.Route.Hosts.Cast<HostPattern?>())
            {
                // No name begins with a character above all letters.
                var key = host?.ToString() ?? "~";
                hosts[key] = host;
                if (places.TryGetValue(key, out var others))
                    others.Add(claim);
                else
                    places.Add(key, [claim]);
            }

        foreach (var (key, candidates) in places)
            yield return new StreamPlaceClaims(port, hosts[key], Closed(port, hosts[key], Winners(port, hosts[key], candidates)));
    }

    /// <summary>A port speaks one way: those who want another one lose it.</summary>
    private IEnumerable<StreamClaim> Alike(StreamPort port, ImmutableArray<StreamClaim> claims)
    {
        var first = claims[0];
        foreach (var claim in claims)
        {
            // What is refused gets nothing, and may still close a place.
            if (claim.Claim.Route.Refusal is null && claim.Settings.Tls != first.Settings.Tls)
                Lose(first, claim, $"port {port}", $" with tls={RouteSettings.Word(first.Settings.Tls)} and tls={RouteSettings.Word(claim.Settings.Tls)}, and a port speaks one way", "choose another port");
            else
                yield return claim;
        }
    }

    private ImmutableArray<StreamClaim> Winners(StreamPort port, HostPattern? host, List<StreamClaim> claims)
    {
        var winner = claims[0];
        var isMerged = conflicts.IsMerged(claims.Select(static claim => claim.Claim));
        var kept = new OrderedDictionary<string, StreamClaim>(StringComparer.Ordinal);
        foreach (var claim in claims)
        {
            if (!isMerged && claim.Claim.Application != winner.Claim.Application)
                Lose(winner, claim, Place(port, host), " with different applications", "change the port or the name, or stop one");
            else if (!kept.TryAdd(claim.Container.Id.Value, claim))
                kept[claim.Container.Id.Value] = Twice(port, host, kept[claim.Container.Id.Value], claim);
        }

        return [.. kept.Values];
    }

    private void Lose(StreamClaim winner, StreamClaim loser, string place, string how, string wayOut)
    {
        if (!loser.Claim.IsContender)
            return;
        conflicts.Refuse(loser.Claim, new Refusal(ReasonIds.ConflictLost, $"{place} belongs to {Quoted(winner)} ({Untrusted.Shown(winner.Claim.Application)})."));
        findings.Add(new Finding(
            FindingSeverity.Warning, ReasonIds.ConflictLost,
            $"{place} is claimed by {Quoted(winner)} and {Quoted(loser)}{how}. The older one keeps it; {wayOut}.")
        {
            Container = loser.Container.Name,
            Label = $"{policy.LabelPrefix}.{loser.Settings.Route.Name}.listen",
        });
    }

    /// <summary>Two streams of one container at one place: the first is used, unless that would open what the other closes.</summary>
    private StreamClaim Twice(StreamPort port, HostPattern? host, StreamClaim used, StreamClaim other)
    {
        var both = $"its streams \"{used.Settings.Name}\" and \"{other.Settings.Name}\" both claim {Place(port, host)}";
        var closes = other.Claim.Route.Refusal is { Closes: not Closure.Nothing }
            || (other.Claim.Route.Restrictions.Length > 0 && other.Claim.Route.Restrictions != used.Claim.Route.Restrictions);
        var isClosed = closes && used.Claim.Route.Refusal is null;
        findings.Add(new Finding(
            FindingSeverity.Warning, ReasonIds.ConflictValue,
            $"container {Quoted(other)}: {both}. "
                + (isClosed ? $"Neither is served, because \"{used.Settings.Name}\" would open what \"{other.Settings.Name}\" closes." : $"\"{used.Settings.Name}\" is used."))
        {
            Container = other.Container.Name,
        });
        if (!isClosed)
            return used;
        var refusal = new Refusal(ReasonIds.ConflictValue, $"{both}, and one closes what the other opens.") { Closes = Closure.Place };
        conflicts.Refuse(used.Claim, refusal);
        return used.Refused(refusal);
    }

    /// <summary>Who wants a place closed in a way that cannot be honoured closes it for its fellows, who would open it.</summary>
    private ImmutableArray<StreamClaim> Closed(StreamPort port, HostPattern? host, ImmutableArray<StreamClaim> claims)
    {
        if (claims.FirstOrDefault(static claim => claim.Claim is { IsAlive: true, Route.Refusal.Closes: not Closure.Nothing }) is not { } closing)
            return claims;
        var cause = closing.Claim.Route.Refusal!;
        return [.. claims.Select(claim => claim.Claim.Route.Refusal is null ? Close(claim) : claim)];

        StreamClaim Close(StreamClaim claim)
        {
            var refusal = new Refusal(cause.Reason, $"{Quoted(closing)} closes {Place(port, host)} in a way that cannot be honoured.") { Closes = Closure.Place };
            findings.Add(new Finding(
                FindingSeverity.Warning, cause.Reason,
                $"container {Quoted(claim)} is not routed for {Place(port, host)}: its fellow {Quoted(closing)} wants it closed in a way that cannot be honoured "
                    + $"({cause.Detail.TrimEnd('.')}), and {Quoted(claim)} would open it to everyone. Correct {Quoted(closing)}, or stop it.")
            {
                Container = claim.Container.Name,
            });
            conflicts.Refuse(claim.Claim, refusal);
            return claim.Refused(refusal);
        }
    }

    /// <summary>A place for messages.</summary>
    public static string Place(StreamPort port, HostPattern? host) =>
        host is null ? string.Create(CultureInfo.InvariantCulture, $"port {port}") : $"{host} on port {port}";

    private static string Quoted(StreamClaim claim) => $"\"{Untrusted.Shown(claim.Container.Name)}\"";
}
