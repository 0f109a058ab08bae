using System.Collections.Immutable;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects.Traefik;

/// <summary>
/// Puts the routers of one container together: those that only lead to https belong to those that answer there, and of two at one place
/// neither is served unless they do the same.
/// </summary>
internal sealed class RouterPlaces(RouterReader reader)
{
    private readonly List<RouterPlace> _places = [];
    private readonly Dictionary<HostPattern, int> _redirects = [];

    /// <summary>The places of all routers.</summary>
    public IReadOnlyList<RouterPlace> Places => _places;

    /// <summary>Status of the redirect to https on a place's hosts; null when no router says one.</summary>
    /// <param name="place">The place.</param>
    public int? RedirectCode(RouterPlace place)
    {
        foreach (var host in place.Hosts)
            if (_redirects.TryGetValue(host, out var code))
                return code;
        return null;
    }

    /// <summary>Adds all routers of a container.</summary>
    /// <param name="routers">The routers.</param>
    public void Add(ImmutableArray<TraefikRouter> routers)
    {
        foreach (var router in routers)
        {
            if (!router.OnlyRedirects || router.Refusal is not null || IsLeftAlone(router, routers))
                AddPlaces(router);
        }

        foreach (var router in routers)
            if (router is { Refusal: null, Effects.RedirectCode: { } code })
                foreach (var host in router.Terms.SelectMany(static term => term.Hosts!.Value))
                    _redirects.TryAdd(host, code);
        Merge();
        RefuseHidden();
    }

    private static bool IsLeftAlone(TraefikRouter router, ImmutableArray<TraefikRouter> routers) =>
        !router.Terms.SelectMany(static term => term.Hosts!.Value).All(host =>
            routers.Any(other => other.IsSecure && other.Terms.Any(term => term.Hosts!.Value.Contains(host))));

    private void AddPlaces(TraefikRouter router)
    {
        var paths = router.Terms.Select(static term => term.Path ?? "/").Distinct(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            var hosts = router.Terms.Where(term => (term.Path ?? "/") == path).SelectMany(static term => term.Hosts!.Value).Distinct();
            var place = new RouterPlace(router, [.. hosts], path);
            if (router is { OnlyRedirects: true, Refusal: null })
                place = Refused(place, "it leads to https, and no router of the container answers there for all its hosts");
            _places.Add(Strip(place));
        }
    }

    // The first prefix in the list that a request's path begins with is taken off; all paths of a place must agree about it.
    private RouterPlace Strip(RouterPlace place)
    {
        foreach (var prefix in place.Router.Effects.Stripped)
        {
            if (place.Path.StartsWith(prefix, StringComparison.Ordinal))
                return prefix == "/" ? place : place with { Stripped = prefix };
            if (prefix.StartsWith(place.Path, StringComparison.Ordinal))
                return Refused(place, $"stripping {Untrusted.Shown(prefix)} from some of the paths below {Untrusted.Shown(place.Path)} is not supported; its rule needs that PathPrefix");
        }

        return place;
    }

    private void Merge()
    {
        for (var first = 0; first < _places.Count; first++)
        {
            for (var second = _places.Count - 1; second > first; second--)
            {
                var (place, other) = (_places[first], _places[second]);
                if (place.Router.Name == other.Router.Name || place.Path != other.Path || !place.SharesHost(other) || place.Refusal is not null || other.Refusal is not null)
                    continue;
                if (place.Does(other) && place.HasHostsOf(other))
                {
                    _places[first] = place with { IsPlain = place.IsPlain || other.IsPlain, IsSecure = place.IsSecure || other.IsSecure };
                    _places.RemoveAt(second);
                }
                else
                {
                    _places[first] = Refused(place, Elsewise(other));
                    _places[second] = Refused(other, Elsewise(place));
                    break;
                }
            }
        }
    }

    // Here the longer path answers; a router that Traefik would hide behind a shorter one of higher priority must not appear.
    private void RefuseHidden()
    {
        for (var index = 0; index < _places.Count; index++)
        {
            var place = _places[index];
            var hiding = _places.Find(other => other.Path.Length < place.Path.Length && place.Path.StartsWith(other.Path, StringComparison.Ordinal)
                && other.SharesHost(place) && Rank(other.Router) > Rank(place.Router)
                && ((other.IsPlain && place.IsPlain) || (other.IsSecure && place.IsSecure)));
            if (hiding is not null && place.Refusal is null)
                _places[index] = Refused(place, $"the router \"{Untrusted.Shown(hiding.Router.Name)}\" for {Untrusted.Shown(hiding.Path)} comes before it; give the longer path the higher priority, or none to both");
        }
    }

    private static int Rank(TraefikRouter router) => router.Priority != 0 ? router.Priority : router.RuleLength;

    private static string Elsewise(RouterPlace other) =>
        $"the router \"{Untrusted.Shown(other.Router.Name)}\" answers at the same place in another way";

    private RouterPlace Refused(RouterPlace place, string why) => place with
    {
        Refusal = reader.Refuse(place.Router.Name, new LabelProblem(null, ReasonIds.UnsupportedOption, why)),
    };
}
