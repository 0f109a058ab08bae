using System.Collections.Immutable;
using Templater.Language;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using static Templater.Pipeline.Rendering.Model.ModelValues;

namespace Templater.Pipeline.Rendering.Model;

/// <summary>Everything a model is made from.</summary>
internal sealed record RootSource(Snapshot Snapshot, RoutingResult Routing, RoutingPolicy Policy, OutputDefinition Output, string Generation, ModelScope Scope)
{
    /// <summary>All sites, by host.</summary>
    public required ImmutableArray<Site> Sites { get; init; }
}

/// <summary>What templates see: the root object and everything below it.</summary>
internal static class RootModel
{
    /// <summary>Name of the member that holds the generation id.</summary>
    public const string Generation = "generation";

    private static readonly TemplateType Later = new TemplateType.ListOf(new TemplateType.Any());

    public static readonly ModelObject<RootSource> Root = new("model",
    [
        new("virtual_hosts", new TemplateType.ListOf(VirtualHostModel.Host.Type), "What the proxy answers, by name.", source => List(source.Routing.VirtualHosts, source.Scope, static (host, scope) => scope.Host(host))),
        new("patterns", new TemplateType.ListOf(VirtualHostModel.SitePattern.Type), "All host names in the order in which they must be tried: exact and ip, wildcards from the longest, regex, default.", Patterns),
        new("streams", new TemplateType.ListOf(StreamModel.Stream.Type), "TCP and UDP routes, by port and name; proxy.stream_ports has them by port.", source =>
            List(source.Routing.Streams.SelectMany(StreamModel.Of).Select(source.Scope.Stream))),
        new("containers", new TemplateType.ListOf(ContainerModel.Container.Type), "All containers but quarantined ones, by name.", source => source.Scope.Containers(source.Snapshot.Containers.Where(container => container.Origin is not { Kind: OriginKind.Service }).Select(container => container.Id).Where(id => !source.Snapshot.Quarantined.ContainsKey(id.Value)))),
        new("services", new TemplateType.ListOf(SwarmModel.Service.Type), "Services of the Swarm that the engine manages, by name; empty without one.", source => SwarmModel.Service.ListOf(source.Snapshot.Swarm?.Services ?? [])),
        new("tasks", new TemplateType.ListOf(SwarmModel.Task.Type), "Its tasks that have not ended, by service.", source => SwarmModel.Task.ListOf(source.Snapshot.Swarm?.Tasks ?? [])),
        new("nodes", new TemplateType.ListOf(SwarmModel.Node.Type), "Its nodes, by host name.", source => SwarmModel.Node.ListOf(source.Snapshot.Swarm?.Nodes ?? [])),
        new("networks", new TemplateType.ListOf(ProxyModel.Network.Type), "All networks, by name.", source => ProxyModel.Network.ListOf(source.Snapshot.Networks)),
        new("certificates", new TemplateType.ListOf(VirtualHostModel.Certificate.Type), "Usable pairs of the certificates directory, by name.", source => VirtualHostModel.Certificate.ListOf(source.Snapshot.Certificates.Select(pair => new Scoped<CertificatePair>(pair, source.Scope)))),
        new("proxy", ProxyModel.Proxy.Type, "The proxy that reads the file, and the settings for it.", source =>
            TemplateValue.From(ProxyModel.Proxy.Of(new ProxySource(source.Routing.Proxy, source.Output, source.Sites, source.Policy, source.Scope) { Streams = source.Routing.Streams, HandsTlsOn = source.Routing.HandsTlsOn }))),
        new("engine", ProxyModel.Engine.Type.OrNull(), "The engine; null when a file was read.", source => Optional(ProxyModel.Engine, source.Snapshot.Engine)),
        new("values", new TemplateType.MapOf(Plain), "Values from the settings.", source =>
            TemplateValue.From(new MapObject(source.Output.Values.Select(value => KeyValuePair.Create(value.Key, OwnText(value.Value))), typeName: "values"))),
        new(Generation, Plain, "16 hex digits that stand for this file and the certificates it refers to.", source => OwnText(source.Generation)),
        new("now", Date, "When the containers were read.", source => Moment(source.Snapshot.TakenAt)),
    ]);

    /// <summary>Builds the model.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="routing">What was decided about it.</param>
    /// <param name="policy">The settings it was decided by.</param>
    /// <param name="output">The output.</param>
    /// <param name="generation">What <c>generation</c> is to be.</param>
    /// <param name="paths">The proxy's view of paths.</param>
    /// <param name="sites">The sites of each virtual host.</param>
    /// <param name="certificateList">Which pair HAProxy shows for which name; null = its folder does as well.</param>
    public static ShapedObject Build(
        Snapshot snapshot, RoutingResult routing, RoutingPolicy policy, OutputDefinition output, string generation, ProxyPaths paths,
        Dictionary<VirtualHost, ImmutableArray<Site>> sites, string? certificateList = null)
    {
        var scope = new ModelScope
        {
            Snapshot = snapshot,
            Paths = paths,
            Sites = host => sites[host],
            PasswordPath = auth => $"{output.Proxy.ConfigDirectory.TrimEnd('/')}/{SideFile.NameOf(output.Name, auth)}",
            CertificateListPath = certificateList is null ? null : $"{output.Proxy.ConfigDirectory.TrimEnd('/')}/{SideFile.NameOfList(output.Name, certificateList)}",
        };
        var fates = new Dictionary<ContainerId, ContainerFate>(routing.Fates.Length);
        foreach (var fate in routing.Fates)
            fates.Add(fate.Container, fate);
        scope.Expect(snapshot.Containers.Length, routing.VirtualHosts.Length);
        foreach (var container in snapshot.Containers)
        {
            var fate = fates.GetValueOrDefault(container.Id);
            scope.Add(new ContainerSource(container, fate?.Reason, fate?.Endpoint is not null && fate.Hosts.Length > 0));
        }

        var all = routing.VirtualHosts.SelectMany(host => sites[host]).ToImmutableArray();
        if (policy.NginxProxy is { } compat)
            scope.Debug = new DebugAnswer(policy, compat, new ProxySource(routing.Proxy, output, all, policy, scope));
        return Root.Of(new RootSource(snapshot, routing, policy, output, generation, scope) { Sites = all });
    }

    private static TemplateValue Patterns(RootSource source) => List(
        source.Sites
            .SelectMany(site => site.Names.Select(name => new SiteName(site, name)))
            .Order(Comparer<SiteName>.Create(Compare))
            .Select(source.Scope.Pattern));

    private static int Compare(SiteName left, SiteName right)
    {
        var match = left.Pattern.Match;
        var order = Rank(match).CompareTo(Rank(right.Pattern.Match));
        if (order == 0 && match == HostMatch.Wildcard)
            order = right.Pattern.Text.Length.CompareTo(left.Pattern.Text.Length);
        if (order == 0 && match == HostMatch.Regex)
            order = Priority(right.Site).CompareTo(Priority(left.Site));
        return order != 0 ? order : string.CompareOrdinal(left.Pattern.Text, right.Pattern.Text);
    }

    private static int Priority(Site site) => site.Host.Routes.Max(route => route.Priority);

    private static int Rank(HostMatch match) => match switch
    {
        HostMatch.Exact or HostMatch.Ip => 0,
        HostMatch.Wildcard => 1,
        HostMatch.Regex => 2,
        _ => 3,
    };
}
