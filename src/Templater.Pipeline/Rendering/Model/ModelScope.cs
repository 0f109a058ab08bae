using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Templater.Language;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Streams;

namespace Templater.Pipeline.Rendering.Model;

/// <summary>A source together with the model it is part of.</summary>
internal sealed record Scoped<T>(T Value, ModelScope Scope);

/// <summary>
/// The objects of one model that several places refer to. Each knows the containers behind it, so that an error or a line of output
/// leads back to them. For one render at a time, because the model's members are made when they are read.
/// </summary>
internal sealed class ModelScope
{
    private const int HashDigits = 8;

    private readonly Dictionary<ContainerId, TemplateValue> _containers = [];
    private readonly Dictionary<ContainerId, Container> _sources = [];
    private readonly Dictionary<object, TemplateValue> _shared = new(ReferenceEqualityComparer.Instance);

    /// <summary>What the model is made from.</summary>
    public required Snapshot Snapshot { get; init; }

    /// <summary>The proxy's view of paths.</summary>
    public required ProxyPaths Paths { get; init; }

    /// <summary>The sites of a virtual host; always the same ones.</summary>
    public required Func<VirtualHost, ImmutableArray<Site>> Sites { get; init; }

    /// <summary>Path, as Templater sees it, of the password file of a login.</summary>
    public required Func<BasicAuth, string> PasswordPath { get; init; }

    /// <summary>Path, as Templater sees it, of the list of certificates; null when there is none.</summary>
    public string? CertificateListPath { get; init; }

    /// <summary>What hosts tell about themselves; null where they tell nothing.</summary>
    public DebugAnswer? Debug { get; set; }

    /// <summary>The password file of a login, as the proxy sees it.</summary>
    public string PasswordFile(BasicAuth auth) => Paths.Of(PasswordPath(auth));

    /// <summary>The operator's parameters for the Diffie-Hellman exchange with a pair; null when there are none that can be used.</summary>
    public OperatorFile? Parameters(CertificatePair pair) => Snapshot.OperatorFiles.IsEmpty
        ? null
        : Snapshot.OperatorFiles.FirstOrDefault(file => file is { Kind: OperatorFile.Parameters, Problem: null } && file.Name == pair.Name + ".dhparam.pem");

    /// <summary>The containers behind an object that owns output; empty for any other.</summary>
    public static ImmutableArray<ContainerId> ContainersBehind(TemplateObject? owner) => owner is IContainersBehind known ? known.Containers : [];

    /// <summary>Makes room for what will be added.</summary>
    /// <param name="containers">Number of containers.</param>
    /// <param name="hosts">Number of hosts; most have one site and one route.</param>
    public void Expect(int containers, int hosts)
    {
        _containers.EnsureCapacity(containers);
        _sources.EnsureCapacity(containers);
        _shared.EnsureCapacity(3 * hosts);
    }

    /// <summary>Adds a container.</summary>
    public TemplateValue Add(ContainerSource source)
    {
        var value = TemplateValue.From(ContainerModel.Container.Of(source, [source.Container.Id]));
        _containers[source.Container.Id] = value;
        _sources[source.Container.Id] = source.Container;
        return value;
    }

    /// <summary>A container; null when there is none.</summary>
    public TemplateValue Container(ContainerId? id) => id is { } known && _containers.TryGetValue(known, out var value) ? value : TemplateValue.Null;

    /// <summary>A container as the snapshot has it; null when there is none.</summary>
    public Container? Source(ContainerId? id) => id is { } known ? _sources.GetValueOrDefault(known) : null;

    /// <summary>Containers in the given order.</summary>
    public TemplateValue Containers(IEnumerable<ContainerId> ids) =>
        ModelValues.List(ids.Where(_containers.ContainsKey).Select(id => _containers[id]));

    /// <summary>Containers in the given order; mostly it is one.</summary>
    public TemplateValue Containers(ImmutableArray<ContainerId> ids) =>
        ids is [var only] && _containers.TryGetValue(only, out var value) ? TemplateValue.From(new TemplateList(ImmutableArray.Create(value))) : Containers((IEnumerable<ContainerId>)ids);

    /// <summary>A virtual host; the same object for the same source.</summary>
    public TemplateValue Host(VirtualHost host) =>
        Shared(host, static (host, scope) => TemplateValue.From(VirtualHostModel.Host.Of(new Scoped<VirtualHost>(host, scope), host.Containers)));

    /// <summary>A site; the same object for the same source.</summary>
    public TemplateValue Site(Site site) =>
        Shared(site, static (site, scope) => TemplateValue.From(VirtualHostModel.Site.Of(new Scoped<Site>(site, scope), site.Host.Containers)));

    /// <summary>A route; the same object for the same source.</summary>
    public TemplateValue Route(Route route) =>
        Shared(route, static (route, scope) => TemplateValue.From(RouteModel.Route.Of(new Scoped<Route>(route, scope), route.Containers)));

    /// <summary>A location.</summary>
    public TemplateValue Location(Location location) =>
        TemplateValue.From(RouteModel.Location.Of(new Scoped<Location>(location, this), location.Route.Containers));

    /// <summary>A server.</summary>
    public TemplateValue Server(UpstreamServer server) =>
        TemplateValue.From(RouteModel.Server.Of(new Scoped<UpstreamServer>(server, this), server.Container is { } id ? [id] : []));

    /// <summary>A name with the site that it leads to.</summary>
    public TemplateValue Pattern(SiteName name) =>
        TemplateValue.From(VirtualHostModel.SitePattern.Of(new Scoped<SiteName>(name, this), name.Site.Host.Containers));

    /// <summary>A stream; the same object for the same source.</summary>
    public TemplateValue Stream(PortStream stream) =>
        _shared.TryGetValue(stream.Route, out var value)
            ? value
            : _shared[stream.Route] = TemplateValue.From(StreamModel.Stream.Of(new Scoped<PortStream>(stream, this), stream.Route.Containers));

    /// <summary>A name in TLS with the stream that it leads to.</summary>
    public TemplateValue StreamName(StreamName name) =>
        TemplateValue.From(StreamModel.Name.Of(new Scoped<StreamName>(name, this), name.Stream.Route.Containers));

    /// <summary>A port for streams, with the containers behind all of them.</summary>
    public TemplateValue StreamPort(StreamListener listener) =>
        TemplateValue.From(StreamModel.Port.Of(new Scoped<StreamListener>(listener, this), [.. listener.Routes.SelectMany(static route => route.Containers).Distinct()]));

    /// <summary>Eight hex digits that stand for a text where only a plain word can stand.</summary>
    public static string Id(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..HashDigits];

    private TemplateValue Shared<T>(T source, Func<T, ModelScope, TemplateValue> make)
        where T : class
    {
        if (!_shared.TryGetValue(source, out var value))
            _shared[source] = value = make(source, this);
        return value;
    }
}
