using System.Text;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Rendering.Templates;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>The samples that the documentation points at, each rendered and checked.</summary>
public sealed class SampleTests
{
    private static readonly string Samples = Find("samples");

    [TestCase("shop")]
    [TestCase("blue-green")]
    [TestCase("many")]
    public async Task TheSampleContainersGiveAnNginxConfiguration(string name)
    {
        var rendering = await RenderAsync(name, "nginx");
        var text = Encoding.UTF8.GetString(rendering.File!.Content.Span);
        Golden.Verify(text, $"sample-{name}.nginx.conf");
        Golden.Verify(string.Concat(rendering.Findings.Select(finding => finding + "\n")), $"sample-{name}.findings.txt");
        await RealChecker.AcceptsNginx(text);
    }

    [Test]
    public async Task TheSampleOfTraefikGivesBothConfigurations()
    {
        var policy = new RoutingPolicy { Dialects = [Dialect.Traefik] };
        var nginx = await RenderAsync("traefik", "nginx", policy);
        var haproxy = await RenderAsync("traefik", "haproxy", policy);
        Golden.Verify(Encoding.UTF8.GetString(nginx.File!.Content.Span), "sample-traefik.nginx.conf");
        Golden.Verify(Encoding.UTF8.GetString(haproxy.File!.Content.Span), "sample-traefik.haproxy.cfg");
        Golden.Verify(string.Concat(nginx.Findings.Select(finding => finding + "\n")), "sample-traefik.findings.txt");
        await RealChecker.AcceptsNginx(Encoding.UTF8.GetString(nginx.File.Content.Span));
        using var certificates = new TempDirectory();
        Directory.CreateDirectory(certificates["haproxy"]);
        await RealChecker.AcceptsHAProxy(Encoding.UTF8.GetString(haproxy.File.Content.Span).Replace("/certs", certificates.Path, StringComparison.Ordinal));
    }

    [TestCase("shop", "hosts.scriban")]
    [TestCase("many", "teams.nginx.scriban")]
    [TestCase("shop", "inventory.scriban")]
    public async Task TheSampleTemplatesRender(string containers, string template) =>
        Golden.Verify(Encoding.UTF8.GetString((await RenderAsync(containers, Path.Combine(Samples, "templates", template))).File!.Content.Span), $"sample-{template}.txt");

    [Test]
    public void EverySampleIsExercised()
    {
        Assert.That(Directory.GetFiles(Path.Combine(Samples, "containers")).Select(Path.GetFileName), Is.EquivalentTo(new[] { "shop.json", "blue-green.json", "many.json", "traefik.json" }));
        Assert.That(Directory.GetFiles(Path.Combine(Samples, "templates")).Select(Path.GetFileName), Is.EquivalentTo(new[] { "hosts.scriban", "teams.nginx.scriban", "inventory.scriban" }));
    }

    internal static async Task<OutputRendering> RenderAsync(string containers, string template, RoutingPolicy? policy = null)
    {
        var load = OutputRenderer.Load(new Scenario().Output(template), new DiskTemplateFiles());
        Assert.That(load.Renderer, Is.Not.Null, () => string.Join('\n', load.Findings));
        var rendering = load.Renderer!.Render(await ReadAsync(containers), policy ?? new RoutingPolicy(), new ProxyHint.None(), CancellationToken.None);
        Assert.That(rendering.File, Is.Not.Null, () => string.Join('\n', rendering.Findings));
        return rendering;
    }

    private static async Task<Snapshot> ReadAsync(string containers)
    {
        var source = new FileSnapshotSource(Path.Combine(Samples, "containers", containers + ".json"), EnvFilter.Default, SnapshotAssembler.Nothing, TimeProvider.System);
        return await source.ReadAsync(CancellationToken.None);
    }

    private static string Find(string folder)
    {
        var directory = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
        while (!Directory.Exists(Path.Combine(directory!.FullName, folder, "containers")))
            directory = directory.Parent;
        return Path.Combine(directory.FullName, folder);
    }
}
