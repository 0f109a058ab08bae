using System.Collections.Immutable;

namespace Templater.Pipeline.Watching;

/// <summary>
/// Doubts a list that lost every route, or more than half of at least four, when no event explains it: an engine that has
/// just restarted may answer before it knows its containers. A second list has to agree. Pure.
/// </summary>
internal static class ShrinkGuard
{
    /// <summary>Time after which the list is asked for again.</summary>
    public static readonly TimeSpan ConfirmAfter = TimeSpan.FromSeconds(2);

    /// <summary>Nothing is doubted for longer than this.</summary>
    public static readonly TimeSpan LongestDoubt = TimeSpan.FromSeconds(10);

    private const int FewRoutes = 4;

    /// <summary>A list that is being doubted.</summary>
    /// <param name="Since">When the doubt began.</param>
    /// <param name="Seen">When the list that has to be confirmed was read.</param>
    /// <param name="Routes">Its routes.</param>
    public sealed record Doubt(TimeSpan Since, TimeSpan Seen, ImmutableArray<RouteClaim> Routes);

    /// <summary>Decides about a list.</summary>
    /// <param name="before">Routes of the last snapshot that was applied.</param>
    /// <param name="after">Routes of the new one.</param>
    /// <param name="explanation">What was seen to happen since.</param>
    /// <param name="doubt">The list that is being doubted already, if any.</param>
    /// <param name="now">The time, since any fixed moment.</param>
    /// <returns>Null to go on; else what to wait for.</returns>
    public static Doubt? Judge(
        ImmutableArray<RouteClaim> before, ImmutableArray<RouteClaim> after, Explanation explanation, Doubt? doubt, TimeSpan now)
    {
        if (!LosesTooMuch(before, after, explanation))
            return null;
        if (doubt is null)
            return new Doubt(now, now, after);
        if (now - doubt.Since >= LongestDoubt)
            return null;
        if (!Keys(after).SetEquals(Keys(doubt.Routes)))
            return doubt with { Seen = now, Routes = after };
        return now - doubt.Seen >= ConfirmAfter ? null : doubt;
    }

    /// <summary>How long to wait before the list is asked for again.</summary>
    public static TimeSpan WaitFor(Doubt doubt, TimeSpan now)
    {
        var due = doubt.Seen + ConfirmAfter < doubt.Since + LongestDoubt ? doubt.Seen + ConfirmAfter : doubt.Since + LongestDoubt;
        return due > now ? due - now : TimeSpan.Zero;
    }

    private static bool LosesTooMuch(ImmutableArray<RouteClaim> before, ImmutableArray<RouteClaim> after, Explanation explanation)
    {
        if (before.IsEmpty || explanation.Everything)
            return false;
        var kept = Keys(after);
        var lost = before.Count(route => !kept.Contains((route.Host, route.Path))
            && !route.Containers.Any(explanation.Containers.Contains));
        return lost == before.Length || (before.Length >= FewRoutes && lost * 2 > before.Length);
    }

    private static HashSet<(string Host, string Path)> Keys(ImmutableArray<RouteClaim> routes) =>
        [.. routes.Select(static route => (route.Host, route.Path))];
}
