using System.Text;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>Everything that the shipped templates write is taken by the proxies at hand, without a warning.</summary>
public sealed class AcceptedFixtureTests
{
    private static readonly string[] Fixtures =
        ["everything", "trusted", "proxied", "both", "streams", "empty", "one", "shop", "blue-green", "many", "traefik"];

    private static IEnumerable<TestCaseData> Cases()
    {
        foreach (var fixture in Fixtures)
        {
            yield return new TestCaseData("nginx", fixture).SetArgDisplayNames("nginx", fixture);
            yield return new TestCaseData("haproxy", fixture).SetArgDisplayNames("haproxy", fixture);
        }

        yield return new TestCaseData("nginx-http", "compat").SetArgDisplayNames("nginx-http", "compat");
    }

    [TestCaseSource(nameof(Cases))]
    public async Task TheProxyTakesIt(string template, string fixture)
    {
        using var certificates = new TempDirectory();
        Directory.CreateDirectory(certificates["haproxy"]);
        var text = (await TextAsync(template, fixture, certificates)).Replace("'/certs/", $"'{certificates.Path}/", StringComparison.Ordinal);
        if (template == "haproxy")
            await RealChecker.AcceptsHAProxy(text);
        else
            await RealChecker.AcceptsNginx(template == "nginx" ? StreamModule.Load + text : NginxProxyCompatTests.Around(text));
    }

    private static async Task<string> TextAsync(string template, string fixture, TempDirectory certificates)
    {
        var everything = fixture is "everything" or "trusted" or "proxied" or "both" ? VersionedTemplateTests.Everything(template, certificates) : null;
        switch (fixture)
        {
            case "everything":
                return Text(everything!, template, certificates);
            case "trusted":
                return Text(SampleHosts.Trusted(everything!), template, certificates);
            case "proxied":
                return Text(Proxied(everything!), template, certificates);
            case "both":
                return Text(Proxied(SampleHosts.Trusted(everything!)), template, certificates);
            case "empty":
                return Text(new Scenario(), template, certificates);
            case "one":
                return Text(new Scenario().Add("shop", ("templater.host", "shop.example.com")), template, certificates);
            case "compat":
                return Text(NginxProxyCompatTests.With(new NginxProxyCompat { Resolvers = ["127.0.0.11"] }), template, certificates);
            case "streams":
                return StreamTemplateTests.Streams(certificates.Path).Text(template);
            default:
                var policy = fixture == "traefik" ? new RoutingPolicy { Dialects = [Dialect.Traefik] } : null;
                return Encoding.UTF8.GetString((await SampleTests.RenderAsync(fixture, template, policy)).File!.Content.Span);
        }
    }

    private static string Text(Scenario scenario, string template, TempDirectory directory)
    {
        scenario.Proxy = scenario.Proxy with { ConfigDirectory = directory.Path };
        var file = scenario.File(template);
        foreach (var side in file.SideFiles)
            directory.Write(side.Name, Encoding.UTF8.GetString(side.Content.Span));
        return Encoding.UTF8.GetString(file.Content.Span);
    }

    private static Scenario Proxied(Scenario scenario)
    {
        scenario.Proxy = scenario.Proxy with { ProxyProtocol = true };
        return scenario;
    }
}
