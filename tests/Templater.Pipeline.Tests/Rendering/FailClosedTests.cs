using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Labels;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>
/// Every key that decides who may reach what, with every kind of bad value, for every proxy: the container is given to nobody, neither by
/// the decision nor in the file, and where the key closes something, its replicas are not either.
/// </summary>
public sealed partial class FailClosedTests
{
    private const string Host = "shop.example.com";
    private const string Bad = "shop1";
    private const string Good = "shop2";

    private static readonly (string Kind, string Value)[] BadValues =
    [
        ("empty", ""),
        ("blank", " \t "),
        ("control character", "a\u0001b"),
        ("too long", new string('x', 5000)),
        ("wrong word", "perhaps"),
        ("list instead of a value", "[1, 2]"),
        ("object instead of a value", "{\"a\": {}}"),
        ("number instead of a value", "-99999999999999999999"),
        ("name of nobody", "nobody-here"),
        ("syntax of a proxy", "x; } server { # \"'${a}"),
    ];

    /// <summary>
    /// What is no bad value of a key: any name may be a host or a group (and of a list of hosts the good ones are served), and a pair that is
    /// not there yet is waited for, by http.
    /// </summary>
    private static readonly ImmutableDictionary<string, ImmutableArray<string>> Lawful = ImmutableDictionary<string, ImmutableArray<string>>.Empty
        .Add("host", ["wrong word", "name of nobody", "syntax of a proxy"])
        .Add("upstream.group", ["wrong word", "name of nobody", "number instead of a value"])
        .Add("tls.certificate", ["wrong word", "name of nobody", "list instead of a value", "object instead of a value", "number instead of a value", "syntax of a proxy"]);

    private static readonly Dictionary<string, OutputRenderer> Renderers = [];

    private static readonly string[] Templates = ["nginx", "haproxy", "centauri"];

    private static IEnumerable<TestCaseData> NativeCases() =>
        from template in Templates
        from key in NativeKeys.All
        where key.FailsClosed
        from shape in Enum.GetValues<Shape>()
        where shape != Shape.NamedRoute || key.Scope != KeyScope.Container
        select new TestCaseData(template, key.Name, shape).SetArgDisplayNames(template, key.Name, shape.ToString());

    /// <summary>How the bad value stands.</summary>
    public enum Shape
    {
        /// <summary>On the only route of the only container.</summary>
        Alone,
        /// <summary>On a route with a name.</summary>
        NamedRoute,
        /// <summary>On one of two replicas, the younger.</summary>
        YoungerReplica,
        /// <summary>On one of two replicas, the older, which decides.</summary>
        OlderReplica,
    }

    [TestCaseSource(nameof(NativeCases))]
    public void ABadValueOpensNothing(string template, string name, Shape shape)
    {
        var key = NativeKeys.Find(name)!;
        var prefix = shape == Shape.NamedRoute ? "templater.routes.web." : "templater.";
        using (Assert.EnterMultipleScope())
        {
            foreach (var (kind, value) in BadValues)
            {
                if (Lawful.GetValueOrDefault(key.Name, []).Contains(kind))
                    continue;
                var scenario = Shops(shape, Labels(shape, (prefix + key.Name, value)));
                AssertClosed(scenario, template, key.Restricts, $"{key.Name}: {kind}");
            }
        }
    }

    [TestCaseSource(nameof(Templates))]
    public void WithoutABadValueAllAreServed(string template)
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (var shape in Enum.GetValues<Shape>())
            {
                var text = Shops(shape, Labels(shape)).Text(template, RendererOf(template));
                Assert.That((text.Contains(AddressOf(Bad), StringComparison.Ordinal), text.Contains(AddressOf(Good), StringComparison.Ordinal)), Is.EqualTo((true, IsReplicated(shape))), $"{shape}");
            }
        }
    }

    private static void AssertClosed(Scenario scenario, string template, bool? restricts, string what)
    {
        var rendering = scenario.Render(template, RendererOf(template));
        var servers = rendering.Routing.VirtualHosts.SelectMany(host => host.Routes).SelectMany(route => route.Upstream.Servers).Select(server => server.Address).ToArray();
        var redirects = rendering.Routing.VirtualHosts.SelectMany(host => host.Routes).Count(route => route.RedirectTo is not null);
        var text = rendering.File is { } file ? System.Text.Encoding.UTF8.GetString(file.Content.Span) : "";
        Assert.That(rendering.File, Is.Not.Null, what);
        Assert.That((servers.Contains(AddressOf(Bad)), text.Contains(AddressOf(Bad) + ":", StringComparison.Ordinal), redirects), Is.EqualTo((false, false, 0)), what);
        var isReplicated = scenario.Snapshot.Containers.Any(container => container.Name == Good);
        if (isReplicated && restricts is not null)
            Assert.That((servers.Contains(AddressOf(Good)), text.Contains(AddressOf(Good) + ":", StringComparison.Ordinal)), Is.EqualTo((restricts == false, restricts == false)), what);
    }

    private static bool IsReplicated(Shape shape) => shape is Shape.YoungerReplica or Shape.OlderReplica;

    private static (string, string)[] Labels(Shape shape, params (string, string)[] labels) =>
        shape == Shape.NamedRoute ? [("templater.routes.web.priority", "1"), .. labels] : labels;

    private static Scenario Shops(Shape shape, (string Key, string Value)[] labels)
    {
        var scenario = new Scenario { Policy = new RoutingPolicy { Dialects = [Dialect.Templater, Dialect.Dotege, Dialect.NginxProxy, Dialect.Traefik] } }
            .Certificate("/certs", "haproxy/shop.pem", "haproxy/shop.pem", Host)
            .Add(Bad, [.. new[] { ("templater.host", Host) }.Concat(labels).GroupBy(label => label.Item1).Select(group => group.Last())]);
        if (IsReplicated(shape))
            scenario.Add(Good, ("templater.host", Host));
        scenario.Change(Bad, container => At(container, AddressOf(Bad), shape == Shape.OlderReplica ? 20 : 5));
        if (IsReplicated(shape))
            scenario.Change(Good, container => At(container, AddressOf(Good), 10));
        return scenario;
    }

    private static Container At(Container container, string address, int minutes) => container with
    {
        Created = Scenario.Now.AddMinutes(-minutes),
        Endpoints = [container.Endpoints[0] with { IPv4 = address }],
    };

    private static string AddressOf(string name) => name == Bad ? "172.20.77.1" : "172.20.77.2";

    private static OutputRenderer RendererOf(string template)
    {
        if (!Renderers.TryGetValue(template, out var renderer))
            Renderers[template] = renderer = new Scenario().Renderer(template);
        return renderer;
    }
}
