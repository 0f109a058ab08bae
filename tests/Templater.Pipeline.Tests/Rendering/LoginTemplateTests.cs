using Templater.Pipeline.Rendering;
using Templater.Pipeline.Rendering.Templates;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>A login is only worth something in a template that looks at it.</summary>
public sealed class LoginTemplateTests
{
    private const string User = "ops:$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM.";

    [TestCase("{{ route.path | nginx.path }}", 0)]
    [TestCase("{{ if route.auth }}{{ route.auth.file | nginx.literal }}{{ end }}", 1)]
    public void AnOwnTemplateThatNeverLooksAtLoginsGetsNoRouteThatAsksForOne(string line, int served)
    {
        using var directory = new TempDirectory();
        var template = directory.Write("own.nginx.scriban", $"{{{{ for host in virtual_hosts; for route in host.routes }}}}{line}{{{{ end; end }}}}");
        var output = new OutputDefinition { Name = "own", Kind = ProxyKind.Nginx, Template = template, Path = "/config/own.conf" };
        var renderer = OutputRenderer.Load(output, new DiskTemplateFiles()).Renderer!;
        var snapshot = new Scenario().Add("shop", ("templater.host", "shop.example.com"), ("templater.auth.basic", User)).Snapshot;

        var rendering = renderer.Render(snapshot, new RoutingPolicy(), new ProxyHint.None(), CancellationToken.None);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(rendering.Routing.VirtualHosts.Single().Routes.Single().Upstream.Servers, Has.Length.EqualTo(served));
            Assert.That(rendering.File!.SideFiles.Select(side => side.Name), Is.EqualTo(served == 0 ? [] : new[] { rendering.File.SideFiles[0].Name }));
            Assert.That(rendering.Findings.Any(finding => finding.Message.Contains("never looks at the auth of a route", StringComparison.Ordinal)), Is.EqualTo(served == 0));
        }
    }
}
