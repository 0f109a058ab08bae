using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Fixed;
using Templater.Pipeline.Routing.Streams;

namespace Templater.Testing.Hosts;

/// <summary>
/// Makes hosts by chance: every dialect, way to be on a network, state, health, identity and kind of mistake, over few host names,
/// so that containers get in each other's way.
/// </summary>
public sealed class HostGenerator
{
    /// <summary>The moment at which all of them are read.</summary>
    public static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private const int MaxContainers = 50;

    private static readonly string[] NetworkNames = ["back", "front", "shop_default", "six"];

    private readonly Choice _choice;
    private readonly LabelGenerator _labels;
    private readonly int _seed;

    // The operator's own routes: beside the containers' hosts, on one of them, on a place of theirs, and one that leads nowhere.
    private static readonly StaticRoute[] Fixed =
    [
        new("nas", LabelGenerator.Map(("host", "nas.example.com"), ("allow", LabelGenerator.Client)), [new StaticServer("192.168.1.10", 5000, IsName: false), new StaticServer("2001:db8::9", 5000, IsName: false)]),
        new("old", LabelGenerator.Map(("host", "b.example.com"), ("path", "/old"), ("redirect.to", "https://old.example.net/")), []),
        new("api", LabelGenerator.Map(("host", "a.example.com"), ("priority", "3")), [new StaticServer("api.lan", 8080, IsName: true)]),
        new("bad", LabelGenerator.Map(("host", "c.example.com"), ("allow", "everybody")), [new StaticServer("192.168.1.11", 80, IsName: false)]),
    ];

    private HostGenerator(int seed)
    {
        _seed = seed;
        _choice = new Choice(seed);
        _labels = new LabelGenerator(_choice);
    }

    /// <summary>A host.</summary>
    /// <param name="seed">Which one.</param>
    /// <param name="certificates">Pairs that lie in its certificates directory.</param>
    public static GeneratedHost Make(int seed, ImmutableArray<CertificatePair> certificates = default) =>
        new HostGenerator(seed).Make(certificates.IsDefault ? [] : certificates);

    private GeneratedHost Make(ImmutableArray<CertificatePair> certificates)
    {
        var containers = new List<Container>();
        var wishes = ImmutableDictionary.CreateBuilder<ContainerId, Wish>();
        var proxies = _choice.In100(85) ? _choice.Between(1, _choice.In100(90) ? 1 : 2) : 0;
        var networks = _choice.Some(_choice.Between(1, 2), NetworkNames);
        for (var i = 0; i < proxies; i++)
            containers.Add(Proxy(i, networks));
        for (var count = _choice.Between(1, MaxContainers - proxies); count > 0; count--)
        {
            var container = Placed(Identified(Bare(containers.Count)), containers);
            var (labels, env, wish) = _labels.Make();
            // A stream is another door to the same address: what closes the hosts does not close it.
            if (wish is null && _choice.In100(20))
                labels = labels.AddRange(_labels.Streams());
            container = container with { Labels = labels, Env = env };
            if (container.Origin is { } origin)
                container = container with { Origin = origin with { ServiceLabels = labels }, Labels = _choice.In100(80) ? Map() : labels };
            if (wish is not null)
                wishes.Add(container.Id, wish);
            containers.Add(container);
        }

        return new GeneratedHost(_seed, Read(containers, certificates), Policy(), wishes.ToImmutable());
    }

    private Snapshot Read(List<Container> containers, ImmutableArray<CertificatePair> certificates) => new()
    {
        TakenAt = Now,
        Containers = [.. containers.OrderBy(static container => container.Name, StringComparer.Ordinal).ThenBy(static container => container.Id.Value, StringComparer.Ordinal)],
        Networks =
        [
            .. NetworkNames.Select(static name => new Network("id-" + name, name, "bridge", "local", name == "back", false, ["172.20.0.0/16"])),
            new Network("id-ingress", "ingress", "overlay", "swarm", false, true, ["10.0.0.0/24"]),
        ],
        Certificates = [.. certificates.Where(_ => _choice.In100(80))],
        OperatorFiles = [new OperatorFile { Kind = OperatorFile.Passwords, Name = "staff", Path = "/auth/staff", Digest = "00ff", Text = $"ops:{LabelGenerator.Hash}\n", Problem = null }],
        Quarantined = _choice.In100(10) ? Map((_choice.Of<Container>([.. containers]).Id.Value, "template-error: division by zero")) : Map(),
        Lifecycle = _choice.In100(30) ? Moving(containers) : null,
    };

    private Lifecycle Moving(List<Container> containers)
    {
        Container[] all = [.. containers];
        return new Lifecycle
        {
            Held = _choice.Some(3, all).ToImmutableSortedDictionary(static one => one.Id.Value, _ => new HoldDown(Now.AddSeconds(_choice.Between(-5, 60)), _choice.Between(1, 9)), StringComparer.Ordinal),
            Stopping = _choice.Some(3, all).ToImmutableSortedDictionary(static one => one.Id.Value, _ => Now.AddSeconds(_choice.Between(-5, 20)), StringComparer.Ordinal),
        };
    }

    private RoutingPolicy Policy() => new()
    {
        Dialects = [Dialect.Templater, Dialect.Dotege, Dialect.NginxProxy, Dialect.Traefik],
        Conflict = _choice.In100(25) ? ConflictRule.Merge : ConflictRule.Oldest,
        PreferIPv6 = _choice.In100(25),
        Instance = _choice.In100(85) ? "" : _choice.Of("blue", "*"),
        EnableDefault = _choice.In100(95),
        DefaultPort = _choice.Of(80, 3000),
        Health = _choice.Of(HealthPolicy.Healthy, HealthPolicy.Healthy, HealthPolicy.Starting, HealthPolicy.Any),
        Https = _choice.Of(HttpsMode.Redirect, HttpsMode.Redirect, HttpsMode.Optional, HttpsMode.Off),
        Networks = _choice.In100(90) ? [] : _choice.Of<ImmutableArray<string>>(["front"], ["back", "front"], ["nowhere"]),
        StreamPorts = [.. new[] { new StreamPort(53, StreamProtocol.Udp), new StreamPort(5432, StreamProtocol.Tcp), new StreamPort(6432, StreamProtocol.Tcp), new StreamPort(7432, StreamProtocol.Tcp) }.Where(_ => _choice.In100(80))],
        Routes = _choice.In100(25) ? [.. _choice.Some(_choice.Between(1, 2), Fixed)] : [],
        Domains = _choice.In100(10) ? new DomainPolicy { Others = [new AllowedDomain("example.com", Itself: true, Below: true)], Projects = ImmutableSortedDictionary.Create<string, ImmutableArray<AllowedDomain>>(StringComparer.Ordinal).Add("blog", [new AllowedDomain("b.example.com", Itself: true, Below: false)]) } : null,
        AccessLists = ImmutableSortedDictionary.Create<string, ImmutableArray<string>>(StringComparer.Ordinal).Add("office", [LabelGenerator.Client]),
    };

    private Container Proxy(int number, string[] networks)
    {
        var container = Bare(number) with { Name = $"edge-{number}", Image = new ImageReference("", "nginx", "1.22", ""), Labels = Map(("templater.proxy", "proxy")), State = ContainerState.Running, Health = HealthStatus.None };
        return number == 0 && _choice.In100(10)
            ? container with { NetworkMode = "host", Endpoints = [new Endpoint { NetworkName = "host" }] }
            : container with { NetworkMode = networks[0], Endpoints = [.. networks.Select(network => On(network, number, isComplete: true))] };
    }

    private Container Bare(int number)
    {
        var created = Now.AddHours(-_choice.Between(1, 6));
        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{_seed}/{number}"))));
        var state = _choice.In100(88) ? ContainerState.Running : _choice.Of(ContainerState.Created, ContainerState.Paused, ContainerState.Restarting, ContainerState.Exited, ContainerState.Dead);
        return new Container
        {
            Id = new ContainerId(id),
            Name = $"{_choice.Of("api", "shop", "web", "z")}-{number}",
            Image = new ImageReference(_choice.Of("", "", "registry.example.com:5000"), _choice.Of("my/app", "my/other"), _choice.Of("1", "2"), ""),
            State = state,
            Health = _choice.In100(70) ? HealthStatus.None : _choice.Of(HealthStatus.Starting, HealthStatus.Healthy, HealthStatus.Healthy, HealthStatus.Unhealthy),
            Created = created,
            Started = state == ContainerState.Created ? null : created.AddMinutes(_choice.Of(0, 10, 30, 58, 59)),
            Ports = Ports(),
        };
    }

    private ImmutableArray<ContainerPort> Ports() =>
    [
        .. _choice.Some(_choice.Of(0, 1, 1, 1, 2, 3), new ContainerPort(53, "udp"), new ContainerPort(80, "tcp"), new ContainerPort(443, "tcp"), new ContainerPort(3000, "tcp", 3000), new ContainerPort(8080, "tcp"))
            .OrderBy(static port => port.Number),
    ];

    private Container Identified(Container container) => _choice.Between(0, 9) switch
    {
        < 4 => container,
        < 8 => container with { Compose = new ComposeIdentity(_choice.Of("blog", "shop"), _choice.Of("api", "web"), _choice.Between(1, 3)) },
        8 => container with { Swarm = new SwarmIdentity("stack_web", "stack", "t" + container.Id.ShortId) },
        _ => container with
        {
            Swarm = new SwarmIdentity("stack_api", "stack", "t" + container.Id.ShortId),
            Origin = new SwarmOrigin
            {
                Kind = OriginKind.Task,
                ServiceLabels = Map(),
                ServiceCreated = Now.AddHours(-3),
                Node = "node-1",
                IsElsewhere = _choice.In100(50),
                IsLeaving = _choice.In100(20),
                HasVirtualAddress = _choice.In100(50),
            },
        },
    };

    private Container Placed(Container container, List<Container> others)
    {
        var number = others.Count;
        switch (_choice.Between(0, 19))
        {
            case 0:
                return container with { NetworkMode = "host", Endpoints = [new Endpoint { NetworkName = "host" }] };
            case 1:
                return container with { NetworkMode = "none", Endpoints = [new Endpoint { NetworkName = "none" }] };
            case 2 when number > 0:
                var other = _choice.Of<Container>([.. others]);
                return container with { NetworkMode = "container:" + other.Id.Value, Endpoints = _choice.In100(50) ? [] : other.Endpoints };
            default:
                var names = _choice.Some(_choice.Of(1, 1, 2, 3), [.. NetworkNames, "ingress"]);
                return container with { NetworkMode = names[0], Endpoints = [.. names.Order(StringComparer.Ordinal).Select(name => On(name, number, isComplete: _choice.In100(95)))] };
        }
    }

    private Endpoint On(string network, int number, bool isComplete)
    {
        var third = Array.IndexOf(NetworkNames, network) + 20;
        return new Endpoint
        {
            NetworkName = network,
            NetworkId = isComplete ? "id-" + network : "",
            IPv4 = isComplete && network != "six" ? $"172.20.{third}.{number + 2}" : "",
            IPv6 = isComplete && (network == "six" || _choice.In100(30)) ? string.Create(CultureInfo.InvariantCulture, $"fd00:{third}::{number + 2:x}") : "",
            Gateway = network == "six" ? "" : $"172.20.{third}.1",
            GatewayPriority = _choice.In100(90) ? 0 : _choice.Between(1, 3),
            Aliases = _choice.In100(50) ? [] : [_choice.Of("web", "api")],
        };
    }

    private static ImmutableSortedDictionary<string, string> Map(params (string Key, string Value)[] items) => LabelGenerator.Map(items);
}
