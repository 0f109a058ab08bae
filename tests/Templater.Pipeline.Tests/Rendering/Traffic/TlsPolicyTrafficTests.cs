using System.Security.Authentication;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Tests.Deployment;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>Which versions of TLS the settings let in, by real handshakes.</summary>
[TestFixture(Stage.NginxName)]
[TestFixture(Stage.HAProxyName)]
[Platform("Linux")]
public sealed class TlsPolicyTrafficTests(string proxy)
{
    private const string Plain = "a.example.com";
    private const string Modern = "modern.example.com";

    [TestCase(TlsPolicy.Modern, "-tls1_2", false)]
    [TestCase(TlsPolicy.Modern, "-tls1_3", true)]
    [TestCase(TlsPolicy.Intermediate, "-tls1_1", false)]
    [TestCase(TlsPolicy.Intermediate, "-tls1_2", true)]
    [TestCase(TlsPolicy.Intermediate, "-tls1_3", true)]
    [TestCase(TlsPolicy.Old, "-tls1", true)]
    [TestCase(TlsPolicy.Old, "-tls1_1", true)]
    [TestCase(TlsPolicy.Old, "-tls1_3", true)]
    public async Task TheOperatorsPolicyDecidesTheVersions(TlsPolicy policy, string version, bool isAccepted)
    {
        await using var stage = await StartAsync(policy);

        Assert.That(await ShakesHandsAsync(stage, Plain, version), Is.EqualTo(isAccepted));
    }

    [Test]
    public async Task TheHostsOfOnePortHaveTheSameVersionsInNginxAlone()
    {
        await using var stage = await StartAsync(TlsPolicy.Intermediate);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await ShakesHandsAsync(stage, Modern, "-tls1_2"), Is.EqualTo(stage.IsNginx), "what the finding says");
            Assert.That(await ShakesHandsAsync(stage, Modern, "-tls1_3"), Is.True);
            Assert.That(await ShakesHandsAsync(stage, Plain, "-tls1_2"), Is.True);
            Assert.That(stage.Scenario.Render(stage.ProxyName).Findings.Select(finding => finding.Reason), Is.EqualTo(stage.IsNginx ? new[] { ReasonIds.UnsupportedOption } : []));
        }

        await Assert.ThatAsync(
            () => RawConnection.OpenAsync(stage.HttpsPort, serverName: "unknown.example.com"),
            Throws.InstanceOf<AuthenticationException>().Or.InstanceOf<IOException>());
    }

    private async Task<Stage> StartAsync(TlsPolicy policy)
    {
        var stage = new Stage(proxy);
        stage.Scenario.Policy = stage.Scenario.Policy with { TlsPolicy = policy };
        stage.Certificate(Plain).Certificate(Modern)
            .Add("web", ("templater.host", Plain))
            .Add("modern", ("templater.host", Modern), ("templater.tls.policy", "modern"));
        return await stage.StartAsync();
    }

    // .NET leaves what OpenSSL of the machine forbids by default, among it the oldest versions.
    private static async Task<bool> ShakesHandsAsync(Stage stage, string name, string version)
    {
        var result = await ChildProcess.RunAsync(
            RealProxy.Require("openssl"),
            ["s_client", "-connect", $"127.0.0.1:{stage.HttpsPort}", "-servername", name, version, "-cipher", "ALL:@SECLEVEL=0"]);
        return result.ExitCode == 0 && result.Output.Contains("Cipher is ", StringComparison.Ordinal) && !result.Output.Contains("Cipher is (NONE)", StringComparison.Ordinal);
    }
}
