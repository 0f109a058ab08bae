using Templater.Pipeline.Deployment;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Tests.Rendering;

namespace Templater.Pipeline.Tests.Deployment;

public sealed class CandidateCheckTests
{
    private static readonly ProxySettings Elsewhere = new() { CertsDirectory = "/nowhere/certs" };

    [Test]
    public async Task HAProxysFolderOfCertificatesNeedNotBeThere() =>
        Assert.That(await CheckAsync(static text => text), Is.Null);

    [Test]
    public async Task ARefusalNamesTheLineOnOneLine()
    {
        var finding = await CheckAsync(static text => text + "\nnonsense here\n");
        Assert.That(finding!.Reason, Is.EqualTo(ReasonIds.ConfigRefused));
        Assert.That(finding.Message, Does.Contain("refused out.cfg: line ").And.Contain("nonsense").And.Not.Contain("\n").And.Not.Contain("templater-check-"));
    }

    private static async Task<Finding?> CheckAsync(Func<string, string> change)
    {
        RealProxy.Require("haproxy");
        var scenario = new Scenario { Proxy = Elsewhere }.Add("shop", ("templater.host", "shop.example.com"));
        var content = System.Text.Encoding.UTF8.GetBytes(change(scenario.Text("haproxy")));
        return await new CandidateCheck(TimeProvider.System).RunAsync(
            scenario.Output("haproxy"), new ValidateSpec.Auto(), new RenderedFile { Output = "haproxy", Path = "out.cfg", Generation = "0000000000000001", Content = content }, "out.cfg", CancellationToken.None);
    }
}
