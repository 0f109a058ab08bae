using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>Whatever signs Traefik's labels hold, the proxies read them as text.</summary>
[Platform("Linux")]
public sealed class TraefikTemplateTests
{
    private static readonly string[] Pieces = ["\"", "'", "$host", "${x}y", ";", "#", "\\", "\\n", "%41", "%[src]", "[a]", "(a)", "*", "|", "&&", "é", "~^a", "<b>", "{{ 1 }}", "a,b"];

    [TestCaseSource(nameof(Pieces))]
    public async Task NothingOfALabelIsSyntax(string piece)
    {
        using var certificates = new TempDirectory();
        Directory.CreateDirectory(certificates["haproxy"]);
        var scenario = new Scenario
        {
            Policy = new RoutingPolicy { Dialects = [Dialect.Traefik] },
            Proxy = new ProxySettings { CertsDirectory = certificates.Path },
        };
        scenario
            .Add("plain", ("traefik.http.routers.plain.rule", "Host(`victim.example.com`)"))
            .Add("path", ("traefik.http.routers.r.rule", $"Host(`victim.example.com`) && PathPrefix(`/{piece}`)"))
            .Add("strip", ("traefik.http.routers.r.rule", $"Host(`strip.example.com`) && PathPrefix(`/{piece}/x`)"), ("traefik.http.routers.r.middlewares", "m"),
                ("traefik.http.middlewares.m.stripprefix.prefixes", $"/{piece}"))
            .Add("login", ("traefik.http.routers.r.rule", "Host(`login.example.com`)"), ("traefik.http.routers.r.middlewares", "m"),
                ("traefik.http.middlewares.m.basicauth.users", "ops:$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM."), ("traefik.http.middlewares.m.basicauth.realm", piece))
            .Add("cookie", ("traefik.http.routers.r.rule", "Host(`cookie.example.com`)"), ("traefik.http.services.s.loadbalancer.sticky.cookie.name", piece))
            .Add("network", ("traefik.http.routers.r.rule", "Host(`network.example.com`)"), ("traefik.docker.network", piece))
            .Add("names", ($"traefik.http.routers.{piece}.rule", "Host(`names.example.com`)"), ($"traefik.http.routers.{piece}.service", piece), ($"traefik.http.services.{piece}.loadbalancer.server.port", "80"));
        await RealChecker.AcceptsNginx(scenario.Text("nginx"));
        await RealChecker.AcceptsHAProxy(scenario.Text("haproxy"));
        Assert.That(scenario.Text("nginx"), Does.Contain("server_name victim.example.com;"));
    }
}
