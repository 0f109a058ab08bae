using System.Collections.Immutable;
using Templater.Acme;
using Templater.Pipeline.Certificates.Wanted;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Routing.Grouping;

/// <summary>
/// Makes virtual hosts out of hosts and their claims. Names that the same claims describe and the same certificate
/// serves become one virtual host with aliases; a name that somebody else also claims is one of its own.
/// </summary>
internal sealed class VirtualHostBuilder
{
    private readonly Snapshot _snapshot;
    private readonly ProxyKind _kind;
    private readonly bool _joinsPairs;
    private readonly RoutingPolicy _policy;
    private readonly Conflicts _conflicts;
    private readonly CertificateChoice _certificates;
    private readonly HostFileRule _files;
    private readonly List<Finding> _findings = [];

    /// <summary>Prepares the building.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="proxy">The proxy.</param>
    /// <param name="policy">The operator's settings.</param>
    /// <param name="conflicts">Who has which place.</param>
    public VirtualHostBuilder(Snapshot snapshot, ProxyContext proxy, RoutingPolicy policy, Conflicts conflicts)
    {
        (_snapshot, _kind, _joinsPairs, _policy, _conflicts) = (snapshot, proxy.Kind, proxy.JoinsPairs, policy, conflicts);
        _certificates = new CertificateChoice(snapshot, proxy.Kind);
        _files = new HostFileRule(snapshot, proxy, conflicts, _findings);
    }

    /// <summary>What is to be said about it.</summary>
    public IEnumerable<Finding> Findings => _findings;

    /// <summary>Makes the virtual hosts, ordered by name. Their servers have no slots yet.</summary>
    /// <param name="hosts">The hosts with the claims that hold.</param>
    public ImmutableArray<VirtualHost> Build(ImmutableArray<HostClaims> hosts)
    {
        var taken = hosts.Where(host => host.Pattern.Match is not (HostMatch.Regex or HostMatch.Default)).Select(host => host.Pattern.Text).ToHashSet(StringComparer.Ordinal);
        var all = hosts
            .Select(_files.Fit)
            .Select(host => new ServedHost(host, Choose(host)))
            .GroupBy(item => _files.Signature(item.Host) + Signature(item.Host, item.Chosen), StringComparer.Ordinal)
            .Select(group => Draft([.. group], taken))
            .OrderBy(draft => draft.Name, StringComparer.Ordinal)
            .ToArray();
        var drafts = new PortClash(_policy, _conflicts, _findings).Fitting(all);
        var names = new UpstreamNames(drafts.Select(draft => draft.Name)) { Compat = CompatNames.Of(drafts, _kind, _policy.NginxProxy) };
        var routes = new RouteBuilder(_policy, _kind, names, _conflicts, _findings);
        var closed = new ClosedPlaces(_conflicts, _findings);
        var redirects = Redirects.Resolve(drafts, _policy.LabelPrefix, _findings);
        return DefaultHost.Apply(
            [.. drafts.Select(draft => Finish(draft, routes, closed, redirects.GetValueOrDefault(draft.Name, [])))], _policy.NginxProxy?.DefaultHost);
    }

    private ChosenCertificate Choose(HostClaims host)
    {
        var decision = Decision(host);
        if (decision.NamedCertificate() is not var (name, claim))
            return Trusted(decision, _certificates.Best(host.Pattern));
        var chosen = _certificates.Named(host.Pattern, name);
        if (chosen is { Pair: null, Unusable: null, Elsewhere: null })
            _findings.Add(HostPairFindings.Missing(host.Pattern, claim, name, _policy.LabelPrefix));
        return chosen;
    }

    private ChosenCertificate Trusted(HostDecision decision, ChosenCertificate best) =>
        best is { Pair: null, Unusable: null } && decision.TrustsDefaultPair() && _certificates.Default() is { } pair
            ? new ChosenCertificate(pair, null, null) { IsDefault = true }
            : best;

    private HostDecision Decision(HostClaims host) =>
        new(_policy, host.Pattern.ToString(), host.Claims, _conflicts.IsMerged(host.Claims));

    private string Signature(HostClaims host, ChosenCertificate chosen)
    {
        var pair = _joinsPairs ? null : chosen.Pair;
        var served = pair is null && chosen.Unusable is null ? "\n\n" : $"{pair?.Name}\n{pair?.Fingerprint}\n{chosen.Unusable?.ChainPath}";
        return host.Claims is [{ Container.Id.Value: var id, Route.Name: var route }]
            ? string.Concat($"{served}\n{OwnName(host)}\n", id, "\n", route)
            : string.Join('\n', host.Claims.Select(claim => claim.Key).Prepend($"{served}\n{OwnName(host)}"));
    }

    private string OwnName(HostClaims host)
    {
        foreach (var claim in host.Claims)
            // nginx-proxy's users have files and upstreams for each single name.
            if (claim.Route.IsSplit || (_policy.NginxProxy is not null && claim.Dialect == Dialect.NginxProxy))
                return host.Pattern.ToString();
        return "";
    }

    private static HostDraft Draft(ImmutableArray<ServedHost> group, HashSet<string> taken) => group is [{ Host: var host, Chosen: var chosen }]
        ? new HostDraft(UpstreamNames.HostName(host.Pattern, taken), [host.Pattern], host.Claims, chosen) { Names = group }
        : Merged(group, taken);

    private static HostDraft Merged(ImmutableArray<ServedHost> group, HashSet<string> taken)
    {
        // The same claims name all these hosts, so the order of the deciding label is an order of all of them.
        var order = group[0].Host.Claims[0].Route.Hosts;
        ImmutableArray<ServedHost> names = [.. group.OrderBy(item => order.IndexOf(item.Host.Pattern))];
        ImmutableArray<HostPattern> patterns = [.. names.Select(static item => item.Host.Pattern)];
        return new HostDraft(UpstreamNames.HostName(patterns[0], taken), patterns, group[0].Host.Claims, names[0].Chosen) { Names = names };
    }

    private HttpsPolicy Https(HostDecision decision, HostDraft draft)
    {
        var (pair, unusable, _) = draft.Chosen;
        var https = decision.Https(pair, draft.Chosen.IsDefault);
        if (unusable is not null)
            https = https with { Unusable = unusable };
        if (https.Mode == HttpsMode.Off)
            return https;
        foreach (var (host, chosen) in draft.Names.DistinctBy(static item => item.Chosen.Pair))
            Note(host.Pattern, chosen, https, draft);
        return https;
    }

    private void Note(HostPattern name, ChosenCertificate chosen, HttpsPolicy https, HostDraft draft)
    {
        if (chosen.Pair is { } pair && pair.NotAfter <= _snapshot.TakenAt)
            _findings.Add(HostPairFindings.Expired(name, pair));
        if (chosen.Unusable is { } unusable)
            _findings.Add(HostPairFindings.Unusable(name, unusable, https.Mode, _policy.LabelPrefix));
        else if (chosen.Pair is null && https.WithoutPair == MissingPair.Refuse && https.IsPlainRefused)
            _findings.Add(HostPairFindings.Needed(name, draft.Claims, https.Acme is not null));
        else if (chosen.Pair is null)
            _findings.AddRange(draft.Names.Where(static item => item.Chosen.Elsewhere is not null).Select(static item => HostPairFindings.Elsewhere(item.Host.Pattern, item.Chosen.Elsewhere!)));
    }

    private static ImmutableArray<AliasHttps> AliasHttps(HostDraft draft, HttpsPolicy https) => https.Mode == HttpsMode.Off || draft.Names.Length == 1
        ? []
        :
        [
            .. draft.Names.Where(item => item.Chosen.Pair != draft.Chosen.Pair).Select(item => new AliasHttps(
                item.Host.Pattern, https with { Certificate = item.Chosen.Pair, IsDefaultPair = item.Chosen is { Pair: not null, IsDefault: true } })),
        ];

    private VirtualHost Finish(HostDraft draft, RouteBuilder routes, ClosedPlaces closed, ImmutableArray<HostPattern> redirects)
    {
        var decision = Decision(new HostClaims(draft.Patterns[0], draft.Claims));
        var https = Https(decision, draft);
        var clientAuth = decision.ClientAuth();
        foreach (var (claim, refusal) in decision.Refused)
            _conflicts.Refuse(claim, refusal);
        var host = new VirtualHost
        {
            Name = draft.Name,
            Pattern = draft.Patterns[0],
            Aliases = draft.Patterns[1..],
            HttpPort = decision.HttpPort(),
            HttpsPort = decision.HttpsPort(),
            Https = https,
            AliasHttps = AliasHttps(draft, https),
            ClientAuth = clientAuth,
            ServerTokens = decision.ServerTokens(),
            IsDebugged = _kind == ProxyKind.Nginx && decision.IsDebugged(),
            CertificateProvider = decision.Provider(),
            CertificateNames = decision.Subject(),
            RedirectFrom = redirects,
            RedirectCode = decision.RedirectCode(),
            Routes = Routes(draft.Name, closed.Close(draft.Patterns[0], Served(draft.Claims, decision)), routes),
            Data = decision.Data(),
            Containers = Containers(draft.Claims),
        };
        host = Obtaining(host, decision);
        _findings.AddRange(decision.Findings);
        return _files.Apply(host);
    }

    // Centauri obtains its certificates itself, and who serves nobody needs none.
    private VirtualHost Obtaining(VirtualHost host, HostDecision decision)
    {
        if (host.Https.Acme is not { } acme)
            return host;
        if (_kind == ProxyKind.Centauri || host.Routes.All(static route => route.IsClosed))
            return host with { Https = host.Https with { Acme = null } };
        if (acme.Challenge != ChallengeType.TlsAlpn01 || TlsChallenges.Obstacle(_kind, _policy.Acme!) is not { } obstacle)
            return host with { Https = host.Https with { Thumbprints = AcmeThumbprints.Of(host, _policy.Acme, _snapshot.Acme) } };
        decision.SayNotObtained(obstacle);
        return host with { Https = host.Https with { Acme = null } };
    }

    private static ImmutableArray<Claim> Served(ImmutableArray<Claim> claims, HostDecision decision) =>
        decision.HasRefused ? [.. claims.Select(decision.WithoutRefused)] : claims;

    // Most hosts have one claim, and there is nothing to group or to put in order.
    private static ImmutableArray<Route> Routes(string host, ImmutableArray<Claim> claims, RouteBuilder routes) => claims is [var only]
        ? [routes.Build(host, only.Route.Path, claims)]
        :
        [
            .. claims
                .GroupBy(claim => claim.Route.Path)
                .Select(group => routes.Build(host, group.Key, [.. group]))
                .Order(Comparer<Route>.Create(RouteBuilder.CompareRoutes)),
        ];

    private static ImmutableArray<ContainerId> Containers(ImmutableArray<Claim> claims) => claims is [var only]
        ? [only.Container.Id]
        :
        [
            .. claims
                .Select(claim => claim.Container)
                .DistinctBy(container => container.Id)
                .OrderBy(container => container.Name, StringComparer.Ordinal)
                .ThenBy(container => container.Id.Value, StringComparer.Ordinal)
                .Select(container => container.Id),
        ];
}

/// <summary>A host with what it is served with.</summary>
internal sealed record ServedHost(HostClaims Host, ChosenCertificate Chosen);

/// <summary>A virtual host before its routes are made.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Patterns">Primary, then aliases.</param>
/// <param name="Claims">Its claims, the deciding one first.</param>
/// <param name="Chosen">What it is served with.</param>
internal sealed record HostDraft(
    string Name, ImmutableArray<HostPattern> Patterns, ImmutableArray<Claim> Claims, ChosenCertificate Chosen)
{
    /// <summary>The same names with what each is served with, in the order of the patterns.</summary>
    public required ImmutableArray<ServedHost> Names { get; init; }
}
