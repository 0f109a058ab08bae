using System.Collections.Immutable;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Grouping;

/// <summary>
/// Gives names that only redirect to virtual hosts: a host that is served beats a redirect, and of several redirects
/// the one whose container decides first wins.
/// </summary>
internal static class Redirects
{
    /// <summary>Decides all of them.</summary>
    /// <param name="drafts">The virtual hosts.</param>
    /// <param name="labelPrefix">Prefix of native labels, without dot.</param>
    /// <param name="findings">Where lost names go.</param>
    /// <returns>The names by virtual host, in label order.</returns>
    public static Dictionary<string, ImmutableArray<HostPattern>> Resolve(
        IReadOnlyCollection<HostDraft> drafts, string labelPrefix, List<Finding> findings)
    {
        var won = new Dictionary<string, ImmutableArray<HostPattern>>(StringComparer.Ordinal);
        if (!drafts.Any(static draft => draft.Claims.Any(static claim => claim.Route.Host.RedirectFrom is not null)))
            return won;
        var served = new Dictionary<HostPattern, HostDraft>();
        foreach (var draft in drafts)
        {
            foreach (var pattern in draft.Patterns)
                served.TryAdd(pattern, draft);
        }

        var taken = new Dictionary<HostPattern, HostDraft>(served);
        var wishes = new List<Redirect>();
        foreach (var draft in drafts)
            if (Wish(draft, served) is { } claim)
                wishes.Add(new Redirect(draft, claim));
        foreach (var (draft, claim) in wishes.OrderBy(wish => wish.By, Comparer<Claim>.Create(Claim.Compare)).ThenBy(wish => wish.To.Name, StringComparer.Ordinal))
        {
            if (draft.Patterns[0].Match is not (HostMatch.Exact or HostMatch.Ip))
            {
                findings.Add(Nowhere(draft.Patterns[0], claim, labelPrefix));
                continue;
            }

            var names = ImmutableArray.CreateBuilder<HostPattern>();
            foreach (var name in claim.Route.Host.RedirectFrom!.Value)
            {
                if (taken.TryAdd(name, draft))
                    names.Add(name);
                else if (taken[name].Claims.All(owner => owner.Container.Id != claim.Container.Id))
                    findings.Add(Lost(name, taken[name], claim));
            }

            won[draft.Name] = names.ToImmutable();
        }

        return won;
    }

    /// <summary>
    /// The claim whose names redirect to this host. Where the names of one claim are spread over several virtual hosts
    /// only the one of its first name counts, or they would be redirected to several places.
    /// </summary>
    private static Claim? Wish(HostDraft draft, Dictionary<HostPattern, HostDraft> served) =>
        draft.Claims.FirstOrDefault(claim =>
            claim.Route.Host.RedirectFrom is not null
            && HostDecision.IsHeard(claim, draft.Claims[0], isMerged: false)
            && claim.Route.Hosts.FirstOrDefault(host => served.TryGetValue(host, out var other) && other.Claims.Any(each => ReferenceEquals(each, claim))) is { } first
            && ReferenceEquals(served[first], draft));

    private static Finding Nowhere(HostPattern primary, Claim claim, string labelPrefix) =>
        new(
            FindingSeverity.Warning,
            ReasonIds.UnsupportedOption,
            $"container \"{Untrusted.Shown(claim.Container.Name)}\": {labelPrefix}.redirect.from has no effect: names cannot be redirected to "
                + $"{Untrusted.Shown(primary.ToString())}, which stands for many. Name a plain host first in {labelPrefix}.host.")
        {
            Container = claim.Container.Name,
            Host = primary.ToString(),
            Label = $"{labelPrefix}.redirect.from",
        };

    private static Finding Lost(HostPattern name, HostDraft owner, Claim loser) =>
        new(
            FindingSeverity.Warning,
            ReasonIds.ConflictLost,
            $"{name} does not redirect to {Untrusted.Shown(loser.Route.Hosts[0].ToString())} as container \"{Untrusted.Shown(loser.Container.Name)}\" asks: "
                + $"it is in use for {Untrusted.Shown(owner.Patterns[0].ToString())} by container \"{Untrusted.Shown(owner.Claims[0].Container.Name)}\".")
        {
            Container = loser.Container.Name,
            Host = name.Text,
        };

    private sealed record Redirect(HostDraft To, Claim By);
}
