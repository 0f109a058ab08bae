using System.Collections.Immutable;
using System.Text;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Streams;
using Templater.Pipeline.Tests.Certificates;
using Templater.Pipeline.Tests.Rendering;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Support;

/// <summary>What becomes of a value of a key.</summary>
internal enum Outcome
{
    /// <summary>It is done, and nobody says otherwise.</summary>
    Done,
    /// <summary>Something is done, and something is said not to be.</summary>
    Half,
    /// <summary>It is said not to be done.</summary>
    Refused,
    /// <summary>Nothing is done, and nobody says so.</summary>
    Silent,
    /// <summary>The value is none.</summary>
    Wrong,
}

/// <summary>Renders with and without a key, for one proxy in its oldest and its newest version, and tells what became of it.</summary>
internal sealed class SupportStage : IDisposable
{
    /// <summary>Stands for the output's name.</summary>
    public const string OutputPlaceholder = "(output)";

    private const string Shop = "shop";
    private const string Rival = "rival";
    private const string Edge = "edge";
    private const string HostName = "shop.example.com";
    private const string Beside = " + ";

    /// <summary>No variable of a container's, but the setting.</summary>
    private const string Compat = "COMPAT";

    /// <summary>Keys with a value that changes nothing here, because it asks for what is done anyway.</summary>
    private static readonly string[] Quiet =
    [
        "traefik.http.services.S.loadbalancer.passhostheader", "traefik.http.middlewares.M.redirectscheme.port", "traefik.http.middlewares.M.basicauth.removeheader",
    ];

    /// <summary>The same for one proxy, which does nothing else: HAProxy keeps nothing back, and Centauri answers by plain http with redirects alone.</summary>
    private static readonly (string Proxy, string Key)[] QuietIn =
    [
        ("haproxy", "templater.buffering"), ("centauri", "templater.https"), ("centauri", "HTTPS_METHOD"), ("centauri", "ENABLE_HTTP_ON_MISSING_CERT"),
    ];

    /// <summary>What may be said about a good value.</summary>
    private static readonly string[] Expected =
    [
        ReasonIds.UnsupportedOption, ReasonIds.AuthUnusable, ReasonIds.CertificateMissing, ReasonIds.ConflictLost, ReasonIds.ConflictValue, ReasonIds.NoSharedNetwork,
    ];

    private readonly TempDirectory _directory = new();
    private readonly Dictionary<(string, string?), OutputRenderer> _renderers = [];
    private readonly Dictionary<(string Proxy, string? Version, string Words), OutputRendering> _rendered = [];

    public SupportStage()
    {
        _directory.Write("staff", "ops:$2b$04$B9Vp61n4dEKT3QwFiG3M1ulN0LdqQ8zI7iDFQPKn0pZrMQszDZw6a\n");
        using var authority = new TestAuthority("own");
        _directory.Write("ca.pem", authority.Pem);
        _directory.Write("asks.example.com.ca.crt", authority.Pem);
    }

    public void Dispose() => _directory.Dispose();

    /// <summary>The versions that are looked at.</summary>
    public static string?[] Versions(string proxy) => proxy switch { "nginx" => ["1.22", "1.30"], "haproxy" => ["2.6", "3.2"], _ => [null] };

    /// <summary>What becomes of one value.</summary>
    /// <param name="key">The key as the table has it.</param>
    /// <param name="value">The value with what stands beside it.</param>
    /// <param name="proxy">The proxy's template.</param>
    /// <param name="version">Its version.</param>
    /// <param name="said">What was said about it.</param>
    public Outcome Try(string key, string value, string proxy, string? version, out string said)
    {
        var parts = value.Split(Beside);
        var beside = parts[1..].Select(Word).ToList();
        var word = (Named(key), parts[0].Replace(OutputPlaceholder, proxy, StringComparison.Ordinal));
        var (without, with) = (Render(key, proxy, version, beside), Render(key, proxy, version, [.. beside, word]));
        // What the host alone is told anyway is not about the key.
        var before = Said(without).Concat(Said(Render(DialectKey(key), proxy, version, []))).ToHashSet();
        var added = Said(with).Where(line => !before.Contains(line)).ToArray();
        said = string.Join(" | ", added);
        var isChanged = Text(with) != Text(without);
        if (added.Any(static line => Expected.All(reason => !line.StartsWith(reason, StringComparison.Ordinal))))
            return Outcome.Wrong;
        if (added.Any(IsRefusal))
            return isChanged && IsServed(with) ? Outcome.Half : Outcome.Refused;
        if (isChanged || ((Quiet.Contains(key) || QuietIn.Contains((proxy, key))) && IsServed(with) && IsServed(without)))
            return Outcome.Done;
        return before.Any(IsRefusal) ? Outcome.Refused : Outcome.Silent;
    }

    // A key of the same dialect that is no name of a host.
    private static string DialectKey(string key) => key.StartsWith("traefik.", StringComparison.Ordinal) ? "traefik.enable"
        : key.StartsWith("com.chameth.", StringComparison.Ordinal) ? "com.chameth.proxy"
        : key.StartsWith("templater.", StringComparison.Ordinal) ? "templater.port" : "VIRTUAL_PORT";

    private static bool IsRefusal(string line) => line.StartsWith(ReasonIds.UnsupportedOption, StringComparison.Ordinal) || line.StartsWith(ReasonIds.AuthUnusable, StringComparison.Ordinal);

    private static (string Name, string Value) Word(string text)
    {
        var split = text.IndexOf('=', StringComparison.Ordinal);
        return (Named(text[..split]), text[(split + 1)..]);
    }

    // What the table leaves open.
    private static string Named(string key) => key.Replace(".NAME.", ".db.", StringComparison.Ordinal).Replace(".NAME", ".X-A", StringComparison.Ordinal)
        .Replace(".STATUS", ".503", StringComparison.Ordinal).Replace("headers*", "headers.1", StringComparison.Ordinal);

    private static bool IsServed(OutputRendering rendering) => rendering.Routing.VirtualHosts.Any(static host => host.Routes.Any(static route => !route.IsClosed && (route.Upstream.Servers.Length > 0 || route.RedirectTo is not null)))
        || rendering.Routing.Streams.Length > 0;

    private static string[] Said(OutputRendering rendering) =>
        [.. rendering.Findings.Concat(rendering.Routing.Findings).Where(static finding => finding.Severity != FindingSeverity.Info).Select(static finding => $"{finding.Reason}: {finding.Message}").Distinct()];

    private static string Text(OutputRendering rendering)
    {
        Assert.That(rendering.File, Is.Not.Null, () => string.Join('\n', Said(rendering)));
        var data = rendering.Routing.VirtualHosts.SelectMany(static host => host.Routes).SelectMany(static route => route.Data).Select(static pair => $"{pair.Key}={pair.Value}");
        var sides = rendering.File!.SideFiles.Select(static side => Encoding.UTF8.GetString(side.Content.Span));
        return string.Join('\n', [Encoding.UTF8.GetString(rendering.File.Content.Span), .. data, .. sides]);
    }

    private OutputRendering Render(string key, string proxy, string? version, List<(string Name, string Value)> words)
    {
        var name = (proxy, version, key + "\n" + string.Join('\n', words));
        if (_rendered.TryGetValue(name, out var known))
            return known;
        var scenario = Scene(key, words);
        scenario.Proxy = scenario.Proxy with { Version = version is null ? null : Version.Parse(version) };
        if (!_renderers.TryGetValue((proxy, version), out var renderer))
            _renderers[(proxy, version)] = renderer = scenario.Renderer(proxy);
        return _rendered[name] = scenario.Render(proxy, renderer);
    }

    private Scenario Scene(string key, List<(string Name, string Value)> said)
    {
        List<(string Name, string Value)> words = [.. said];
        var scenario = new Scenario
        {
            Policy = new RoutingPolicy
            {
                Dialects = [Dialect.Templater, Dialect.Dotege, Dialect.NginxProxy, Dialect.Traefik],
                StreamPorts = StreamPort.ParseList("5432 53/udp")!.Value,
                ForwardAuths = ImmutableSortedDictionary<string, ForwardAuth>.Empty.Add("sso", new ForwardAuth { Name = "sso", Host = "pages", Port = 8080 }),
                NginxProxy = words.RemoveAll(static word => word.Name == Compat) > 0 ? new NginxProxyCompat() : null,
                DotegeUsers = [new GroupedUser("ann", "$2b$04$B9Vp61n4dEKT3QwFiG3M1ulN0LdqQ8zI7iDFQPKn0pZrMQszDZw6a", ["staff"])],
            },
            Files = new OperatorFileReader(_directory.Path, _directory.Path, "templater"),
            Proxy = new ProxySettings { CertsDirectory = _directory.Path },
        };
        scenario.Certificate(_directory.Path, "haproxy/shop.pem", "haproxy/shop.pem", HostName).Certificate(_directory.Path, "haproxy/mine.pem", "haproxy/mine.pem", "mine", HostName)
            .Certificate(_directory.Path, "haproxy/default.pem", "haproxy/default.pem", "default")
            .Certificate(_directory.Path, "haproxy/asks.pem", "haproxy/asks.pem", "asks.example.com");
        var isOfEdge = key is "templater.proxy" || key.EndsWith("nginx-proxy.nginx", StringComparison.Ordinal);
        var own = WithHost(key, isOfEdge ? [] : words);
        scenario.Add("pages", ("x", "")).Add(Shop, [("x", "")]).Add(Edge, ("x", ""));
        scenario.Change(Edge, edge => Said(edge, isOfEdge ? words : []) with { Endpoints = [new Endpoint { NetworkName = "back", NetworkId = "net2", IPv4 = "172.21.0.9" }] });
        scenario.Change(Shop, shop => Prepared(key, Said(shop, own)));
        if (key.EndsWith("priority", StringComparison.Ordinal) || key.EndsWith("upstream.group", StringComparison.Ordinal))
        {
            // An older application wants the same place.
            scenario.Add(Rival, ("x", ""));
            scenario.Change(Rival, rival => Said(rival, key.EndsWith("priority", StringComparison.Ordinal) ? WithHost(key, []) : own) with { Compose = new ComposeIdentity("other", "web", 1), Created = Scenario.Now.AddDays(-1) });
        }

        if (key.EndsWith("backup", StringComparison.Ordinal))
        {
            // A reserve needs somebody whom it relieves.
            scenario.Add(Rival, ("x", ""));
            scenario.Change(Rival, rival => Said(rival, [.. own.Where(word => word.Name != Named(key))]));
        }

        return scenario;
    }

    private static Container Prepared(string key, Container shop) => key switch
    {
        "templater.network" or "traefik.docker.network" or "traefik.swarm.network" => shop with
        {
            Endpoints = [.. shop.Endpoints, new Endpoint { NetworkName = "back", NetworkId = "net2", IPv4 = "172.21.0.3" }],
        },
        "templater.health" => shop with { Health = HealthStatus.Unhealthy },
        "templater.ready-after" => shop with { Started = Scenario.Now.AddSeconds(-5) },
        "templater.priority" or "templater.upstream.group" or "traefik.http.routers.R.priority" => shop with { Compose = new ComposeIdentity("shop", "web", 1) },
        _ => shop,
    };

    /// <summary>The words with a host in the same dialect, unless they name one.</summary>
    private static List<(string Name, string Value)> WithHost(string key, List<(string Name, string Value)> words)
    {
        (string Name, string Value) host = key.StartsWith("templater.", StringComparison.Ordinal) ? ("templater.host", HostName)
            : key.StartsWith("com.chameth.", StringComparison.Ordinal) ? ("com.chameth.vhost", HostName)
            : key.StartsWith("traefik.", StringComparison.Ordinal) ? ("traefik.http.routers.R.rule", $"Host(`{HostName}`)")
            : ("VIRTUAL_HOST", HostName);
        return key == host.Name || key is "VIRTUAL_HOST_MULTIPORTS" || key.StartsWith("templater.streams.", StringComparison.Ordinal) || words.Any(word => word.Name == host.Name) ? words : [host, .. words];
    }

    // Variables have no dots.
    private static Container Said(Container container, List<(string Name, string Value)> words) => container with
    {
        Labels = words.Where(static word => word.Name.Contains('.', StringComparison.Ordinal)).ToImmutableSortedDictionary(static word => word.Name, static word => word.Value, StringComparer.Ordinal),
        Env = words.Where(static word => !word.Name.Contains('.', StringComparison.Ordinal)).ToImmutableSortedDictionary(static word => word.Name, static word => word.Value, StringComparer.Ordinal),
    };
}
