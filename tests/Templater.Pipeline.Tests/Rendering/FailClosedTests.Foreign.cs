using System.Collections.Immutable;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Rendering;

// The same in the words of other programs.
public sealed partial class FailClosedTests
{
    /// <summary>
    /// Keys of other programs: the values that are lawful there, whether replicas are closed, too (null where that depends on what is wrong),
    /// and the labels that they need beside them.
    /// </summary>
    private static readonly ForeignKey[] Foreign =
    [
        new(Dialect.NginxProxy, "VIRTUAL_PORT", Restricts: false) { Lawful = ["empty", "blank"] },
        new(Dialect.NginxProxy, "VIRTUAL_PROTO", Restricts: false) { Lawful = ["empty", "blank"] },
        new(Dialect.NginxProxy, "VIRTUAL_PATH", Restricts: false) { Lawful = ["empty", "blank"] },
        new(Dialect.NginxProxy, "HTTPS_METHOD", Restricts: true) { Lawful = ["empty", "blank"] },
        new(Dialect.NginxProxy, "NETWORK_ACCESS", Restricts: true) { Lawful = ["empty", "blank"] },
        new(Dialect.NginxProxy, "ENABLE_HTTP_ON_MISSING_CERT", Restricts: true) { Lawful = ["empty", "blank"] },
        new(Dialect.NginxProxy, "com.github.nginx-proxy.nginx-proxy.ssl_verify_client", Restricts: true) { Lawful = ["empty", "blank"] },
        // Of several names the good ones are served.
        new(Dialect.Dotege, "com.chameth.vhost", Restricts: false) { Lawful = ["wrong word", "name of nobody", "syntax of a proxy"] },
        new(Dialect.Dotege, "com.chameth.proxy", Restricts: false),
        new(Dialect.Dotege, "com.chameth.proxytag", Restricts: false) { Lawful = ["empty"] },
        new(Dialect.Dotege, "com.chameth.auth", Restricts: true),
        new(Dialect.Dotege, "com.chameth.Auth", Restricts: true),
        new(Dialect.Traefik, "traefik.enable", Restricts: true),
        new(Dialect.Traefik, "traefik.docker.network", Restricts: null),
        new(Dialect.Traefik, "traefik.constraint-label", Restricts: true),
        new(Dialect.Traefik, "traefik.http.routers.shop.rule", Restricts: false),
        new(Dialect.Traefik, "traefik.http.routers.shop.entrypoints", Restricts: true),
        new(Dialect.Traefik, "traefik.http.routers.shop.tls", Restricts: true),
        new(Dialect.Traefik, "traefik.http.routers.shop.tls.options", Restricts: true),
        new(Dialect.Traefik, "traefik.http.routers.shop.priority", Restricts: true),
        new(Dialect.Traefik, "traefik.http.routers.shop.service", Restricts: true),
        new(Dialect.Traefik, "traefik.http.routers.shop.middlewares", Restricts: true) { Lawful = ["empty", "blank"] },
        new(Dialect.Traefik, "traefik.http.routers.shop.observability", Restricts: true),
        new(Dialect.Traefik, "traefik.http.services.s.loadbalancer.server.port", Restricts: true),
        new(Dialect.Traefik, "traefik.http.services.s.loadbalancer.server.scheme", Restricts: true),
        new(Dialect.Traefik, "traefik.http.services.s.loadbalancer.passhostheader", Restricts: true),
        new(Dialect.Traefik, "traefik.http.services.s.loadbalancer.sticky.cookie", Restricts: true),
        new(Dialect.Traefik, "traefik.http.services.s.loadbalancer.sticky.cookie.name", Restricts: true) { Lawful = ["wrong word", "name of nobody", "number instead of a value"] },
        new(Dialect.Traefik, "traefik.http.services.s.loadbalancer.healthcheck.path", Restricts: true),
        new(Dialect.Traefik, "traefik.http.middlewares.m.stripprefix.prefixes", Restricts: true) { Beside = [UsesMiddleware] },
        new(Dialect.Traefik, "traefik.http.middlewares.m.redirectscheme.scheme", Restricts: true) { Beside = [UsesMiddleware] },
        new(Dialect.Traefik, "traefik.http.middlewares.m.basicauth.users", Restricts: true) { Beside = [UsesMiddleware] },
        new(Dialect.Traefik, "traefik.http.middlewares.m.basicauth.usersfile", Restricts: true) { Beside = [UsesMiddleware] },
        new(Dialect.Traefik, "traefik.http.middlewares.m.forwardauth.address", Restricts: true) { Beside = [UsesMiddleware] },
        new(Dialect.Traefik, "traefik.http.middlewares.m.ipallowlist.sourcerange", Restricts: true) { Beside = [UsesMiddleware] },
    ];

    private static (string, string) UsesMiddleware => ("traefik.http.routers.shop.middlewares", "m");

    private static IEnumerable<TestCaseData> ForeignCases() =>
        from template in Templates
        from key in Foreign
        from isReplicated in new[] { false, true }
        select new TestCaseData(template, key, isReplicated).SetArgDisplayNames(template, key.Name, isReplicated ? "replica" : "single");

    private static IEnumerable<TestCaseData> DialectCases() =>
        from template in Templates
        from dialect in new[] { Dialect.NginxProxy, Dialect.Dotege, Dialect.Traefik }
        select new TestCaseData(template, dialect);

    /// <summary>A key of another program.</summary>
    public sealed record ForeignKey(Dialect Dialect, string Name, bool? Restricts)
    {
        /// <summary>Kinds of values that mean something.</summary>
        public string[] Lawful { get; init; } = [];

        /// <summary>Labels that it needs beside it.</summary>
        public (string, string)[] Beside { get; init; } = [];
    }

    [TestCaseSource(nameof(ForeignCases))]
    public void ABadValueOfAnotherProgramOpensNothing(string template, ForeignKey key, bool isReplicated)
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (var (kind, value) in BadValues)
            {
                if (!key.Lawful.Contains(kind))
                    AssertClosed(ForeignShops(key.Dialect, isReplicated, [.. key.Beside, (key.Name, value)]), template, key.Restricts, $"{key.Name}: {kind}");
            }
        }
    }

    [TestCaseSource(nameof(DialectCases))]
    public void WithoutABadValueOfAnotherProgramAllAreServed(string template, Dialect dialect)
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (var isReplicated in new[] { false, true })
            {
                var text = ForeignShops(dialect, isReplicated, []).Text(template, RendererOf(template));
                Assert.That((text.Contains(AddressOf(Bad), StringComparison.Ordinal), text.Contains(AddressOf(Good), StringComparison.Ordinal)), Is.EqualTo((true, isReplicated)));
            }
        }
    }

    private static Scenario ForeignShops(Dialect dialect, bool isReplicated, (string Name, string Value)[] words)
    {
        var scenario = Shops(isReplicated ? Shape.YoungerReplica : Shape.Alone, []);
        foreach (var shop in isReplicated ? new[] { Bad, Good } : [Bad])
        {
            (string Name, string Value) host = dialect switch
            {
                Dialect.NginxProxy => ("VIRTUAL_HOST", Host),
                Dialect.Dotege => ("com.chameth.vhost", Host),
                _ => ("traefik.http.routers.shop.rule", $"Host(`{Host}`)"),
            };
            var said = (shop == Bad ? [host, .. words] : new[] { host }).GroupBy(word => word.Name).Select(group => group.Last()).ToArray();
            scenario.Change(shop, container => container with
            {
                Labels = said.Where(IsLabel).ToImmutableSortedDictionary(word => word.Name, word => word.Value, StringComparer.Ordinal),
                Env = said.Where(word => !IsLabel(word)).ToImmutableSortedDictionary(word => word.Name, word => word.Value, StringComparer.Ordinal),
            });
        }

        return scenario;
    }

    // Variables have no dots.
    private static bool IsLabel((string Name, string Value) word) => word.Name.Contains('.', StringComparison.Ordinal);
}
