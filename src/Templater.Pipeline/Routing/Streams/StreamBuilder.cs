using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Streams;

/// <summary>Makes listeners out of what containers claim. Pure: the order of the claims does not matter.</summary>
internal sealed class StreamBuilder(Snapshot snapshot, ProxyKind kind, RoutingPolicy policy, Conflicts conflicts)
{
    private const int MaxNamedHost = 80;

    private readonly CertificateChoice _certificates = new(snapshot, kind);
    private readonly List<Finding> _findings = [];

    /// <summary>What is to be said about it.</summary>
    public IEnumerable<Finding> Findings => _findings;

    /// <summary>The listeners by port. Their servers have no slots yet.</summary>
    /// <param name="claims">All claims, in any order.</param>
    public ImmutableArray<StreamListener> Build(IEnumerable<StreamClaim> claims)
    {
        var ports = new SortedDictionary<StreamPort, List<StreamClaim>>(StreamPort.Ascending);
        foreach (var claim in claims)
        {
            if (!ports.TryGetValue(claim.Port, out var others))
                ports.Add(claim.Port, others = []);
            others.Add(claim);
        }

        var rules = new StreamRules(policy, conflicts, _findings);
        return [.. ports.Select(port => Listener(port.Key, [.. rules.Resolve(port.Key, port.Value)]))];
    }

    private StreamListener Listener(StreamPort port, ImmutableArray<StreamPlaceClaims> places)
    {
        var merge = new StreamMerge(policy, _findings);
        var tls = places.SelectMany(static place => place.Claims).Where(static claim => claim.Claim.Route.Refusal is null).Order(Comparer<StreamClaim>.Create(StreamClaim.Compare)).FirstOrDefault()?.Settings.Tls
            ?? StreamTls.Off;
        // Names that the same claims describe and the same certificate serves are one stream.
        var drafts = places
            .Select(place => new PairedPlace(place, tls == StreamTls.Terminate ? Pair(place) : null))
            .GroupBy(static item => string.Join('\n', item.Place.Claims.Select(static claim => claim.Claim.Key).Append(item.Pair?.Fingerprint ?? "")) + (item.Place.Host is null ? "\n*" : ""), StringComparer.Ordinal)
            .Select(group => Draft(port, tls, group.First().Pair, [.. group.Select(static item => item.Place)], merge))
            .Order(Comparer<StreamDraft>.Create(static (left, right) => StreamClaim.Compare(left.Deciding, right.Deciding)))
            .ToImmutableArray();
        return kind == ProxyKind.Nginx ? new NginxStreamRules(conflicts, _findings).Fit(port, tls, drafts) : Listener(port, tls, drafts, null, null);
    }

    /// <summary>Puts a listener together.</summary>
    public static StreamListener Listener(StreamPort port, StreamTls tls, ImmutableArray<StreamDraft> drafts, CertificatePair? pair, ProxyHeader? header)
    {
        var usable = drafts.Where(static draft => draft.Route.Upstream.Servers.Length > 0).DefaultIfEmpty(drafts[0]).ToArray();
        return new StreamListener
        {
            Port = port,
            Tls = tls,
            Certificate = pair ?? drafts.Select(static draft => draft.Route).FirstOrDefault(static route => route.Hosts.IsEmpty)?.Certificate,
            ProxyHeader = header ?? drafts[0].Route.ProxyHeader,
            Connect = usable.Max(static draft => draft.Route.Connect),
            Tunnel = usable.Max(static draft => draft.Route.Tunnel),
            Routes = [.. drafts.Select(static draft => draft.Route).OrderBy(static route => route.Hosts.IsEmpty).ThenBy(static route => route.Key, StringComparer.Ordinal)],
        };
    }

    private static StreamDraft Draft(StreamPort port, StreamTls tls, CertificatePair? pair, ImmutableArray<StreamPlaceClaims> places, StreamMerge merge)
    {
        ImmutableArray<HostPattern> hosts = [.. places.Select(static place => place.Host).OfType<HostPattern>().OrderBy(static host => host.Text, StringComparer.Ordinal)];
        var route = merge.Build(StreamPlace.Text(port, hosts), Name(port, hosts), places[0].Claims) with { Hosts = hosts, Certificate = pair };
        if (tls == StreamTls.Terminate && pair is null)
            route = route with { IsClosed = true, Upstream = route.Upstream with { Servers = [] } };
        return new StreamDraft(route, places[0].Claims);
    }

    // No route's upstream has a colon in its name.
    private static string Name(StreamPort port, ImmutableArray<HostPattern> hosts)
    {
        var start = string.Create(CultureInfo.InvariantCulture, $"stream:{port.Number}{(port.Protocol == StreamProtocol.Udp ? ":udp" : "")}");
        return hosts.IsEmpty ? start
            : hosts[0] is { Match: HostMatch.Exact, Text.Length: <= MaxNamedHost } host ? $"{start}:{host.Text}"
            : $"{start}:{UpstreamNames.Hash(hosts[0].ToString())}";
    }

    private CertificatePair? Pair(StreamPlaceClaims place)
    {
        var chosen = place.Host is { } host ? _certificates.Best(host) : new ChosenCertificate(_certificates.Default(), null, null);
        if (chosen.Pair is not null)
            return chosen.Pair;
        var what = place.Host is null ? "there is no usable certificate called \"default\", and without host no other one can be chosen" : $"no usable certificate covers {place.Host}";
        var why = chosen.Unusable is { } unusable ? $" ({unusable.Problem.TrimEnd('.')})" : "";
        foreach (var claim in place.Claims.Where(static claim => claim.Claim.IsContender))
        {
            conflicts.Refuse(claim.Claim, new Refusal(ReasonIds.CertificateMissing, $"{what}{why}."));
            _findings.Add(new Finding(
                FindingSeverity.Warning, ReasonIds.CertificateMissing,
                $"container \"{Untrusted.Shown(claim.Container.Name)}\" is not routed for {StreamRules.Place(place.Port, place.Host)}: tls=terminate needs a certificate, and {what}{why}. Put one into the certificates directory.")
            {
                Container = claim.Container.Name,
            });
        }

        return null;
    }
}

/// <summary>A place with the pair that covers its name.</summary>
internal sealed record PairedPlace(StreamPlaceClaims Place, CertificatePair? Pair);

/// <summary>A stream with the claims behind it.</summary>
/// <param name="Route">The stream.</param>
/// <param name="Claims">The claims, the deciding one first.</param>
internal sealed record StreamDraft(StreamRoute Route, ImmutableArray<StreamClaim> Claims)
{
    /// <summary>Who decides.</summary>
    public StreamClaim Deciding => Claims[0];
}
