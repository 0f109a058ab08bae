using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>What holds whatever the containers say.</summary>
public sealed class RoutingPropertyTests
{
    private static readonly ImmutableArray<string> Nasty =
    [
        "", " ", ";", "{", "}", "\r\n", "\0", "\t", "\"", "'", "\\", "%", "#", "$host", "${HOME}", "~", "~(", "unix:/x", "\ud800", "ü",
        new string('x', 5000), new string('a', 253), "*", "-1", "99999999999999999999", "true", "/", "=", "~.*", "https://a/b", "a,b c",
    ];

    private static readonly ImmutableArray<string> Keys =
    [
        "host", "path", "port", "protocol", "rewrite", "network", "enable", "instance", "health", "weight", "backup", "balance", "sticky",
        "keepalive", "timeout.server", "max-body", "https", "hsts", "redirect.from", "redirect.to", "response.set.X-A", "request.delete",
        "allow", "deny", "priority", "upstream.group", "data.x", "proxy", "routes.a.host", "routes.a.path", "routes.;.host", "routes.a",
        "streams.a.listen", "check", "ready-after", "tls.certificate", "auth.basic", "", ".", "x.y.z", "response.set.\r\n",
    ];

    [Test]
    public void TheOrderOfContainersChangesNothing()
    {
        var containers = Mixed();
        var expected = Given.Dump(Given.Routed(Snapshot(containers)));
        for (var seed = 1; seed <= 50; seed++)
            Assert.That(Given.Dump(Given.Routed(Snapshot(Shuffled(containers, seed)))), Is.EqualTo(expected), $"seed {seed}");
    }

    [Test]
    public void NoValueOfAnyLabelHurtsTheOthers()
    {
        var healthy = Given.Hosted("good", "good.example.com");
        var expected = Describe(Given.Routed(healthy).Host("good.example.com"));
        foreach (var key in Keys)
        {
            foreach (var value in Nasty)
            {
                var bad = Given.Container("bad", [("templater.host", "bad.example.com"), .. key == "host" ? [] : new[] { ("templater." + key, value) }]);
                if (key == "host")
                    bad = Given.Container("bad", ("templater.host", value));
                Assert.That(Describe(Given.Routed(bad, healthy).Host("good.example.com")), Is.EqualTo(expected), $"{key}={value}");
            }
        }
    }

    [Test]
    public void NoValueOfAnyForeignKeyHurtsTheOthers()
    {
        string[] labels = ["com.chameth.vhost", "com.chameth.proxy", "com.chameth.proxytag", "com.chameth.headers", "com.chameth.auth"];
        string[] variables = ["VIRTUAL_HOST", "VIRTUAL_PORT", "VIRTUAL_PATH", "VIRTUAL_DEST", "VIRTUAL_PROTO", "HTTPS_METHOD", "HSTS", "CERT_NAME", "NETWORK_ACCESS"];
        var healthy = Given.Hosted("good", "good.example.com");
        var expected = Describe(Given.Routed(healthy).Host("good.example.com"));
        foreach (var value in Nasty)
        {
            foreach (var label in labels)
            {
                var bad = Given.Container("bad", [.. new Dictionary<string, string> { ["com.chameth.vhost"] = "bad.example.com", [label] = value }.Select(pair => (pair.Key, pair.Value))]);
                Assert.That(Describe(Given.Routed(bad, healthy).Host("good.example.com")), Is.EqualTo(expected), $"{label}={value}");
            }

            foreach (var variable in variables)
            {
                var bad = Given.Container("bad").WithEnv([.. new Dictionary<string, string> { ["VIRTUAL_HOST"] = "bad.example.com", [variable] = value }.Select(pair => (pair.Key, pair.Value))]);
                Assert.That(Describe(Given.Routed(bad, healthy).Host("good.example.com")), Is.EqualTo(expected), $"{variable}={value}");
            }
        }
    }

    [Test]
    public void AnEmptySnapshotGivesAnEmptyResult() =>
        Assert.That(Given.Routed(Given.Snapshot()).VirtualHosts, Is.Empty);

    [Test]
    public void ASecondLaterNothingIsSaidAnew()
    {
        var containers = Mixed();
        var now = Given.Routed(Snapshot(containers));
        var later = Given.Routed(Snapshot(containers) with { TakenAt = Given.Now + TimeSpan.FromSeconds(1) });
        Assert.That(later.Findings, Is.EqualTo(now.Findings));
    }

    private static Snapshot Snapshot(IEnumerable<Container> containers) =>
        Given.Snapshot() with { Containers = [Given.Proxy(), .. containers], Certificates = [Given.Pair("wild", "*.example.com")] };

    private static ImmutableArray<Container> Mixed() =>
    [
        .. Enumerable.Range(1, 5).Select(number => Given.Hosted($"api-{number}", "api.example.com", ("templater.balance", number % 2 == 0 ? "random" : "source")).In("shop", "api", number)),
        Given.Hosted("a", "a.example.com b.example.com", ("templater.redirect.from", "www.example.com")),
        Given.Hosted("b", "b.example.com", ("templater.redirect.from", "www.example.com"), ("templater.https", "off")).In("b", "web"),
        Given.Hosted("c", "a.example.com", ("templater.path", "~^/x"), ("templater.https", "only")),
        Given.Hosted("d", "*, ~^x$, *.example.com") with { State = ContainerState.Exited },
        Given.Hosted("e", "e.example.com;", ("templater.nonsense", "x")),
        Given.Hosted("f", "e.example.com").Exposing(1, 2),
        Given.Container("g", ("com.chameth.vhost", "b.example.com g.example.com")),
        Given.Container("h").WithEnv(("VIRTUAL_HOST", "g.example.com")),
        Given.Container("i"),
    ];

    private static Container[] Shuffled(ImmutableArray<Container> containers, int seed)
    {
        var random = new Random(seed);
        return [.. containers.OrderBy(_ => random.Next())];
    }

    private static string Describe(VirtualHost host) =>
        Given.Dump(new RoutingResult { Proxy = new ProxyContext { Output = "nginx", Kind = ProxyKind.Nginx }, VirtualHosts = [host] });
}
