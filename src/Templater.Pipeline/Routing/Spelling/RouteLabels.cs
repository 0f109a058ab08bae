using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Routing.Grouping;

namespace Templater.Pipeline.Routing.Spelling;

/// <summary>
/// The labels of all routes of a container. One route needs no name; of several, what all say alike stands once, without a name.
/// </summary>
internal static class RouteLabels
{
    private const int MaxNameLength = 40;

    /// <summary>The routes with names that labels allow: those of native labels stay, a single other one has none.</summary>
    /// <param name="routes">The routes.</param>
    /// <param name="isNative">They were read from native labels.</param>
    public static ImmutableArray<RouteClaim> Named(ImmutableArray<RouteClaim> routes, bool isNative)
    {
        if (isNative)
            return routes;
        if (routes.Length == 1)
            return [routes[0] with { Name = "" }];
        var names = new HashSet<string>(StringComparer.Ordinal);
        return [.. routes.Select(route => route with { Name = NameOf(route.Name, names) })];
    }

    /// <summary>The labels without the prefix.</summary>
    /// <param name="routes">What <see cref="Named"/> gave; not empty.</param>
    /// <param name="policy">The operator's settings.</param>
    public static ImmutableArray<SpelledLabel> Of(ImmutableArray<RouteClaim> routes, RoutingPolicy policy)
    {
        if (routes is [{ Name: "" } only])
            return RouteSpelling.Of(only, policy);
        var spelled = routes.Select(route => RouteSpelling.Of(route, policy)).ToImmutableArray();
        var shared = spelled[0].Where(label => routes.Length > 1 && spelled.All(other => other.Contains(label))).ToImmutableArray();
        var labels = ImmutableArray.CreateBuilder<SpelledLabel>();
        labels.AddRange(shared);
        for (var index = 0; index < routes.Length; index++)
        {
            var own = spelled[index].Where(label => !shared.Contains(label)).ToImmutableArray();
            // A route is there when a key of its own is.
            if (own.Length == 0)
                own = [new SpelledLabel("path", RouteSpelling.Path(routes[index].Path))];
            foreach (var label in own)
                labels.Add(label with { Key = $"routes.{routes[index].Name}.{label.Key}" });
        }

        return labels.ToImmutable();
    }

    /// <summary>The name in the signs that native labels allow, once each.</summary>
    private static string NameOf(string name, HashSet<string> names)
    {
        var text = new string([.. name.Take(MaxNameLength).Select(static character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) ? character : '-')]);
        text = text.Trim('-');
        var start = text.Length == 0 ? "route" : text;
        var unique = start;
        for (var number = 2; !names.Add(unique); number++)
        {
            var tail = string.Create(CultureInfo.InvariantCulture, $"-{number}");
            unique = start[..Math.Min(start.Length, MaxNameLength - tail.Length)] + tail;
        }

        return unique;
    }
}
