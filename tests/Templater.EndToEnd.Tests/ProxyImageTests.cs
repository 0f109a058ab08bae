using Templater.EndToEnd.Tests.Harness;

namespace Templater.EndToEnd.Tests;

/// <summary>The image built on the proxy's own image, which checks with the very program that will read the file.</summary>
public sealed class ProxyImageTests
{
    [Test, CancelAfter(180_000)]
    public async Task ChecksACandidateBeforeItIsSwapped()
    {
        await using var stage = await Stage.OpenAsync();
        await Images.BuildTemplaterAsync(stage.Engine, "templater:1-nginx", Images.Nginx);
        await stage.Engine.RunAsync(
            "run", "-d", "--name", Stage.TemplaterName, "--network", "none", "--group-add", stage.SocketGroup, "--read-only", "--cap-drop", "ALL",
            "--health-interval", "300ms", "-v", stage.Engine.Socket + ":/var/run/docker.sock:ro", "-v", "config:/config", "-v", "certs:/certs", "-v", "state:/state",
            "-e", "TEMPLATER_TEMPLATE=nginx", "templater:1-nginx");
        await stage.WaitForHealthyAsync(Stage.TemplaterName);
        using var client = await stage.StartNginxAsync();

        await client.WaitForBodyAsync("shop.example.com", await stage.StartWebAsync("shop", "-l", "templater.host=shop.example.com"));

        Assert.That(await stage.LogsAsync(), Does.Contain("nginx -t"));
    }
}
