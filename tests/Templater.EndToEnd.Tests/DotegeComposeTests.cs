using Templater.EndToEnd.Tests.Harness;

namespace Templater.EndToEnd.Tests;

/// <summary>Dotege's own example with nothing changed but the image, and with a volume for certificates.</summary>
public sealed class DotegeComposeTests
{
    private const string Host = "shop.example.com";

    [Test, CancelAfter(180_000)]
    public async Task ItsVariablesPathsAndSignalServeOverTls()
    {
        await using var stage = await Stage.OpenAsync();
        await stage.StartTemplaterAsync(
            null,
            "-v", "config:/data/output", "-v", "state:/data/config",
            "-e", "DOTEGE_SIGNAL_CONTAINER=" + Stage.ProxyName, "-e", "DOTEGE_SIGNAL_TYPE=USR2",
            "-e", "DOTEGE_TEMPLATE_SOURCE=./templates/haproxy.cfg.tpl", "-e", "DOTEGE_TEMPLATE_DESTINATION=/data/output/haproxy.cfg");
        var pairs = Directory.CreateDirectory(Path.Combine(await stage.VolumePathAsync("certs"), "haproxy")).FullName;
        using var certificate = TestCertificates.WriteCombined(pairs, Host);
        await stage.Engine.RunAsync(
            "run", "-d", "--name", Stage.ProxyName, "--network", "front", "-v", "config:/usr/local/etc/haproxy:ro", "-v", "certs:/certs:ro",
            Images.HAProxy, "haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg");
        using var client = await stage.ClientOfAsync(Stage.ProxyName, trusted: certificate);

        var shop = await stage.StartWebAsync("shop", "-l", "com.chameth.vhost=" + Host, "-l", "com.chameth.proxy=8080");

        await client.WaitForAsync(Host, answer => answer.Body == shop, TimeSpan.FromSeconds(60), scheme: "https");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((await client.GetAsync(Host)).Status, Is.EqualTo(301));
            Assert.That((await client.GetAsync("unknown.example.com", scheme: "https")).Body, Does.Contain("unrecognized name").Or.Contain("alert"));
            Assert.That(await stage.LogsAsync(Stage.TemplaterName), Does.Contain("foreign-settings"));
        }
    }
}
