using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;
using Templater.Pipeline.Routing.Reachability;

namespace Templater.Pipeline.Routing.Dialects.Traefik;

/// <summary>
/// A subset of Traefik's labels, read only where the operator asks for it. A router with anything that cannot be honoured is
/// refused: without its middlewares it would be open to more clients than its author wanted.
/// </summary>
internal static class TraefikDialect
{
    /// <summary>What stands for the hosts in messages.</summary>
    public const string RuleLabel = "traefik.http.routers.NAME.rule";

    /// <summary>The end of labels by which a service is addressed as a whole.</summary>
    public const string WholeKey = ".lbswarm";

    private const int MaxRouters = 50;
    private const string Enable = "enable";

    /// <summary>Traefik sends no HSTS by itself.</summary>
    private static readonly HostSettings Defaults = new() { HttpsCode = 308, Hsts = "" };

    /// <summary>Reads the claims; null when no label of Traefik asks for anything.</summary>
    /// <param name="container">The container.</param>
    /// <param name="policy">The operator's settings.</param>
    /// <param name="findings">Where complaints go.</param>
    public static ContainerClaims? Read(Container container, RoutingPolicy policy, ContainerFindings findings)
    {
        var labels = new TraefikLabels(container);
        var enable = labels.Find(Enable);
        if (labels.Routers.Length == 0 && enable is null && labels.Stream is null)
            return null;
        var claims = new ContainerClaims
        {
            Dialect = Dialect.Traefik,
            PortKey = $"{TraefikLabels.Prefix}http.services.NAME.loadbalancer.server.port",
            EnableKey = enable?.Label ?? TraefikLabels.Prefix + Enable,
        };
        var isEnabled = policy.EnableDefault;
        var isTruth = enable is null || TraefikWords.TryTruth(enable.Value, out isEnabled);
        if (isTruth && !isEnabled)
            return claims with { Refusal = new Refusal(ReasonIds.Disabled, enable is null ? "traefik.enable is not set." : $"{Untrusted.Shown(enable.Label)} is false.") };
        if (labels.Stream is { } stream)
            findings.Warn(ReasonIds.UnsupportedOption, $"container {findings.Name}: {Untrusted.Shown(stream.Label)}: routers for TCP and UDP are not read. It has no effect.", stream.Label);
        if (labels.Routers.Length == 0)
            return claims with { Refusal = new Refusal(ReasonIds.NoHost, "no router has a rule, and Traefik's default rule is not known here.") };
        return Read(container, labels, claims, policy, findings);
    }

    /// <summary>Labels of this dialect that close something when another one names the hosts.</summary>
    /// <param name="container">The container.</param>
    public static IEnumerable<string> RestrictingLabels(Container container)
    {
        var labels = new TraefikLabels(container);
        foreach (var router in labels.Routers)
        {
            if (router.Options.FirstOrDefault(static option => option.Key.StartsWith(RouterReader.TlsOptions, StringComparison.Ordinal)) is { } options)
                yield return options.Label;
            if (router.Find(RouterReader.Middlewares) is { } names && ValueList.Split(names.Value).Any(reference => !IsHarmless(labels, reference)))
                yield return names.Label;
        }
    }

    /// <summary>True when a service asks to be addressed as a whole.</summary>
    /// <param name="container">The container.</param>
    public static bool AsksForAddress(Container container) =>
        Option(new TraefikLabels(container), WholeKey[1..]) is { } option && TraefikWords.TryTruth(option.Value, out var isWhole) && isWhole;

    private static bool IsHarmless(TraefikLabels labels, string reference) =>
        TraefikWords.LocalName(reference) is { } name
        && labels.Middlewares.FirstOrDefault(middleware => middleware.Name == name) is { } found && MiddlewareReader.IsHarmless(MiddlewareReader.KindOf(found));

    private static ContainerClaims Read(Container container, TraefikLabels labels, ContainerClaims claims, RoutingPolicy policy, ContainerFindings findings)
    {
        var reader = new RouterReader(labels, policy.Acme is not null, findings);
        var general = General(labels);
        claims = claims with { IsEnabled = labels.Find(Enable) is not null };
        if (labels.Routers.Length > MaxRouters)
            return claims with { Refusal = reader.Refuse(labels.Routers[MaxRouters].Name, new LabelProblem(null, ReasonIds.InvalidValue, $"a container has at most {MaxRouters} routers, and none of more is read")) };
        var routers = labels.Routers.Select(router => reader.Read(router, general)).ToImmutableArray();
        var places = new RouterPlaces(reader);
        places.Add(routers);
        // Requests for a router that has no place would be answered by the others, without its middlewares.
        var unplaced = routers.Where(static router => router.Terms.Length == 0 && router.HasMiddlewares).Select(static router => router.Refusal).FirstOrDefault();
        var network = Option(labels, "network");
        claims = claims with
        {
            Requested = [.. places.Places.SelectMany(static place => place.Hosts).Select(static host => host.ToString()).Distinct(StringComparer.Ordinal)],
            Networks = network is null ? [] : [network.Value],
            NetworkKey = network?.Label,
        };
        if (places.Places.Count == 0)
            return claims with { Refusal = routers.Select(static router => router.Refusal).FirstOrDefault(static refusal => refusal is not null) };
        return claims with { Routes = Claims(container, places, unplaced, policy) };
    }

    private static ImmutableArray<RouteClaim> Claims(Container container, RouterPlaces places, Refusal? unplaced, RoutingPolicy policy)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var claims = ImmutableArray.CreateBuilder<RouteClaim>();
        var ports = PortRule.Exposed(container);
        foreach (var place in places.Places)
        {
            foreach (var path in place.Patterns())
            {
                claims.Add(new RouteClaim
                {
                    Name = Unique(place.Router.Name, names),
                    Hosts = place.Hosts,
                    Path = path,
                    Priority = place.Router.Priority,
                    // Of several ports Traefik takes the lowest.
                    Port = place.Router.Service.Port ?? (ports.Length > 0 ? ports[0] : null),
                    IsPortFound = place.Router.Service.Port is null,
                    Settings = place.Settings(policy),
                    Host = HostOf(place, places) with { Acme = place.Router.Resolver is { } resolver ? Obtaining(resolver, policy.Acme) : null },
                    Refusal = Refusal.Graver(place.Refusal, unplaced),
                });
            }
        }

        return claims.ToImmutable();
    }

    // Traefik's own configuration says what a resolver is. A CA of the settings that has its name is that one, and else the usual ones are.
    private static AcmeSettings? Obtaining(TraefikOption resolver, AcmePolicy? policy) => policy is null ? null : new AcmeSettings
    {
        IsWanted = true,
        Authorities = policy.Authorities.Keys.FirstOrDefault(name => name.Equals(resolver.Value, StringComparison.OrdinalIgnoreCase)),
    };

    // What answers only https keeps the whole host from plain http, which redirects.
    private static HostSettings HostOf(RouterPlace place, RouterPlaces places)
    {
        if (place.Refusal is not null)
            return new HostSettings { Defaults = Defaults };
        var (isSecureOnly, isSecure) = (false, false);
        foreach (var other in places.Places)
        {
            if (other.Refusal is not null || !other.SharesHost(place))
                continue;
            isSecureOnly |= other.IsSecureOnly;
            isSecure |= other.IsSecure;
        }

        var code = places.RedirectCode(place);
        return isSecureOnly || (isSecure && code is not null)
            ? new HostSettings { Https = HttpsMode.Redirect, WithoutPair = MissingPair.Refuse, HttpsCode = code, Defaults = Defaults }
            : new HostSettings { Https = isSecure ? HttpsMode.Optional : HttpsMode.Off, Defaults = Defaults };
    }

    private static LabelProblem? General(TraefikLabels labels)
    {
        if (labels.Doubled is { } doubled)
            return new LabelProblem(doubled, ReasonIds.InvalidValue, "the same key stands there in other letters, with another value");
        foreach (var option in labels.General)
        {
            var problem = LabelProblem.Unreadable(option) ?? option.Key switch
            {
                Enable => TraefikWords.TryTruth(option.Value, out _) ? null : LabelProblem.Expected(option, TraefikWords.LegalTruth),
                "docker.network" or "swarm.network" => option.Value.Length > 0 ? null : LabelProblem.Expected(option, "the name of a network"),
                "docker.lbswarm" or "swarm.lbswarm" => TraefikWords.TryTruth(option.Value, out _) ? null : LabelProblem.Expected(option, TraefikWords.LegalTruth),
                _ => LabelProblem.Unsupported(option, "this label is not supported"),
            };
            if (problem is not null)
                return problem;
        }

        return null;
    }

    private static TraefikOption? Option(TraefikLabels labels, string key) => labels.Find("swarm." + key) ?? labels.Find("docker." + key);

    private static string Unique(string name, HashSet<string> names)
    {
        var unique = name;
        for (var number = 2; !names.Add(unique); number++)
            unique = string.Create(CultureInfo.InvariantCulture, $"{name}-{number}");
        return unique;
    }
}
