using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Explaining;

/// <summary>Tells who has a place that several applications claim.</summary>
internal static class Conflicted
{
    private const int PriorityStep = 10;
    private const int MaxPriority = 1000;

    private const string Rule = "same host and path, different applications: priority, then the older one";

    /// <summary>The contested places that are asked about, by host and path.</summary>
    public static ImmutableArray<ExplainedConflict> Of(ExplainedDecision decision, Func<LostPlace, bool> isAsked) =>
    [
        .. decision.Routing.LostPlaces.Where(isAsked)
            .GroupBy(static place => (place.Host, place.Path))
            .Select(group => new ExplainedConflict(
                Untrusted.Shown(group.Key.Host.ToString()), Facts.Path(group.Key.Path), Claimant(group.First().Winner, decision),
                [.. group.Select(place => Claimant(place.Loser, decision))], Rule, [.. group.SelectMany(place => Differences(place, decision.Policy.LabelPrefix))])),
    ];

    /// <summary>What to do so that the other one has the place.</summary>
    public static string WayOut(ExplainedConflict conflict, string prefix) => string.Create(
        CultureInfo.InvariantCulture,
        $"stop {conflict.Winner.Container}, or {prefix}.priority={Math.Min(conflict.Winner.Priority + PriorityStep, MaxPriority)} on {conflict.Losers[0].Container}, or TEMPLATER_CONFLICT=merge to balance over both");

    private static IEnumerable<string> Differences(LostPlace place, string prefix)
    {
        var lost = SourceLabels.Of(place.Loser.Container, Dialect.Templater, prefix);
        foreach (var used in SourceLabels.Of(place.Winner.Container, Dialect.Templater, prefix))
            if (!SourceLabels.IsStructure(used.Key[(prefix.Length + 1)..]) && lost.FirstOrDefault(label => label.Key == used.Key) is { } other && other.Value != used.Value)
                yield return $"{used.Key} differs: {used.Value} ({used.Container}, used) / {other.Value} ({other.Container})";
    }

    private static ExplainedClaimant Claimant(Claim claim, ExplainedDecision decision) => new(
        Untrusted.Shown(claim.Container.Name), Untrusted.Shown(claim.Application), claim.Route.Priority,
        Age.Describe(decision.Snapshot.TakenAt - claim.Container.Created), Untrusted.Shown(claim.Container.Image.ToString()));
}
