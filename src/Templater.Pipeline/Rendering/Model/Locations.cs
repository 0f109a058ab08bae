using System.Collections.Immutable;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Rendering.Model;

/// <summary>One place of a virtual host, in the words of proxies that know exact paths, prefixes and expressions.</summary>
/// <param name="Match">How <paramref name="Path"/> selects.</param>
/// <param name="Path">A path; a prefix ends in a slash, unless it may end within a segment.</param>
/// <param name="Route">The route that answers.</param>
/// <param name="Target">What replaces the matched path on the way to the container; null leaves it alone.</param>
internal sealed record Location(PathMatch Match, string Path, Route Route, string? Target);

/// <summary>
/// Turns routes into locations. A prefix on segment borders is two of them: <c>/app</c> exactly, and everything below
/// <c>/app/</c>. Pure.
/// </summary>
internal static class Locations
{
    /// <summary>Path that certificate challenges are answered under; no route may take it.</summary>
    public const string ChallengePrefix = "/.well-known/acme-challenge/";

    /// <summary>Path that tells the generation.</summary>
    public const string GenerationPath = "/.well-known/templater/generation";

    // All paths that are reserved begin like that.
    private const string ReservedStart = "/.well-known/";

    /// <summary>The locations of a host in the order of its routes, without doubles and without reserved paths.</summary>
    /// <param name="host">The host.</param>
    public static ImmutableArray<Location> Of(VirtualHost host)
    {
        // As nearly all hosts are, and then nothing can be there twice.
        if (host.Routes is [var only] && !IsNearReserved(only))
            return Of(only);
        var all = host.Routes.SelectMany(static route => Of(route)).Where(location => !IsReserved(location, host.Https)).DistinctBy(location => new PathPattern(location.Match, location.Path));
        return host.Routes.Any(static route => route.Path.BeatsRegex) ? BeforeRegex([.. all]) : [.. all];
    }

    /// <summary>
    /// Puts prefixes that are tried before the expressions, with all longer prefixes below them, in front, the longest first: the
    /// longest prefix answers, also where a shorter one shuts the expressions out.
    /// </summary>
    private static ImmutableArray<Location> BeforeRegex(ImmutableArray<Location> all)
    {
        var beating = all.Where(static location => location.Match == PathMatch.Prefix && location.Route.Path.BeatsRegex).ToArray();
        bool IsFirst(Location location) =>
            location.Match == PathMatch.Prefix && beating.Any(by => location.Path.StartsWith(by.Path, StringComparison.Ordinal));
        return
        [
            .. all.Where(static location => location.Match == PathMatch.Exact),
            .. all.Where(IsFirst).OrderByDescending(static location => location.Path.Length),
            .. all.Where(location => location.Match != PathMatch.Exact && !IsFirst(location)),
        ];
    }

    /// <summary>True for a route that asks for a path which the proxy needs for itself.</summary>
    /// <param name="route">The route.</param>
    /// <param name="https">HTTPS of its host.</param>
    public static bool IsReserved(Route route, HttpsPolicy https) => IsNearReserved(route) && Of(route).Any(location => IsReserved(location, https));

    private static bool IsNearReserved(Route route) => route.Path.Text.StartsWith(ReservedStart, StringComparison.Ordinal);

    private static ImmutableArray<Location> Of(Route route)
    {
        var path = route.Path.Text;
        if (route.Path.Match == PathMatch.Regex)
            return [new Location(PathMatch.Regex, path, route, null)];
        if (route.Path.IsRaw || route.Destination is not null)
            return [new Location(route.Path.Match, path, route, route.Rewrite)];
        var replacement = route.Rewrite?.TrimEnd('/');
        var exactTarget = replacement is null ? null : replacement.Length == 0 ? "/" : replacement;
        if (route.Path.Match == PathMatch.Exact)
            return [new Location(PathMatch.Exact, path, route, exactTarget)];
        var prefix = new Location(PathMatch.Prefix, path.TrimEnd('/') + "/", route, replacement is null ? null : replacement + "/");
        return path == "/" ? [prefix] : [new Location(PathMatch.Exact, path.TrimEnd('/'), route, exactTarget), prefix];
    }

    private static bool IsReserved(Location location, HttpsPolicy https) => location.Match != PathMatch.Regex
        && (((https.Challenges != ChallengeMode.Never || https.Thumbprints.Count > 0)
                && (location.Path.StartsWith(ChallengePrefix, StringComparison.Ordinal) || string.Equals(location.Path + "/", ChallengePrefix, StringComparison.Ordinal)))
            || string.Equals(location.Path, GenerationPath, StringComparison.Ordinal));
}
