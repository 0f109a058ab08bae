using System.Text.RegularExpressions;
using Templater.EndToEnd.Tests.Harness;

namespace Templater.EndToEnd.Tests;

/// <summary>Mistakes in how the proxy's container is set up, each made for real.</summary>
public sealed partial class ProxyMistakeTests
{
    private const string Host = "shop.example.com";

    [Test, CancelAfter(120_000)]
    public async Task AProxyWithTheEnginesSocketIsNamedWithTheMount()
    {
        await using var stage = await Stage.OpenAsync();
        await stage.StartTemplaterAsync("nginx");
        using var client = await stage.StartNginxAsync("-v", stage.Engine.Socket + ":/var/run/docker.sock:ro");

        await stage.WaitForLogAsync(" proxy-has-socket: ");

        await client.WaitForBodyAsync(Host, await stage.StartWebAsync("shop", "-l", "templater.host=" + Host));
        Assert.That(await stage.SaidAsync("proxy-has-socket"), Is.EqualTo(new[]
        {
            $"warning proxy-has-socket: the proxy \"edge\" mounts {stage.Engine.Socket}. It does not need it; remove that mount.",
        }));
    }

    [Test, CancelAfter(120_000)]
    public async Task AProxyThatMountsTheFileIsNamedAndGoesOnWithWhatItHas()
    {
        await using var stage = await Stage.OpenAsync();
        await stage.StartTemplaterAsync("nginx");
        var file = Path.Combine(await stage.VolumePathAsync("config"), "nginx.conf");
        await stage.Engine.RunAsync(
            "run", "-d", "--name", Stage.ProxyName, "--network", "front", "-l", "templater.proxy=nginx", "-v", file + ":/etc/nginx/nginx.conf:ro", Images.Nginx);
        using var client = await stage.ClientOfAsync(Stage.ProxyName);

        await stage.WaitForLogAsync(" single-file-mount: ");

        var shop = await stage.StartWebAsync("shop", "-l", "templater.host=" + Host);
        await stage.WaitForLogAsync("+shop.example.com");
        Assert.That((await client.GetAsync(Host)).Status, Is.EqualTo(503), "the file of before, in which nobody claims it");
        Assert.That(await stage.SaidAsync("single-file-mount"), Is.EqualTo(new[]
        {
            "warning single-file-mount: the proxy \"edge\" mounts the single file /etc/nginx/nginx.conf; it will never see a replaced file. Mount the directory instead.",
        }));
        Assert.That(await stage.LogsAsync(), Does.Not.Match("generation 2 .*(live in|delivered to) nginx"));

        // A start within two seconds of the swap might have read the former file, so nothing is said of it.
        await Task.Delay(TimeSpan.FromSeconds(3));
        await stage.Engine.RunAsync("restart", Stage.ProxyName);
        using var restarted = await stage.ClientOfAsync(Stage.ProxyName);
        await restarted.WaitForBodyAsync(Host, shop, TimeSpan.FromSeconds(30));
        for (var attempt = 0; attempt < 100 && !LiveLine().IsMatch(await stage.LogsAsync()); attempt++)
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        Assert.That(await stage.LogsAsync(), Does.Match("generation 2 .*live in nginx"));
    }

    [GeneratedRegex("generation 2 .*live in nginx")]
    private static partial Regex LiveLine();

    [Test, CancelAfter(120_000)]
    public async Task ASingleFileInTemplatersContainerIsNamedAndWrittenInPlace()
    {
        await using var stage = await Stage.OpenAsync();
        var directory = Directory.CreateDirectory(Path.Combine(stage.Engine.WorkDirectory, "single")).FullName;
        var file = Path.Combine(directory, "nginx.conf");
        await File.WriteAllTextAsync(file, "");
        File.SetUnixFileMode(file, (UnixFileMode)0b110_110_110);
        await stage.StartTemplaterAsync("nginx", "-v", file + ":/etc/nginx/nginx.conf", "-e", "TEMPLATER_OUTPUT=/etc/nginx/nginx.conf");
        await stage.Engine.RunAsync(
            "run", "-d", "--name", Stage.ProxyName, "--network", "front", "-l", "templater.proxy=nginx", "-v", directory + ":/config:ro", Images.Nginx, "nginx", "-c", "/config/nginx.conf", "-g", "daemon off;");
        using var client = await stage.ClientOfAsync(Stage.ProxyName);

        await stage.WaitForLogAsync(" single-file-mount: ");

        await client.WaitForBodyAsync(Host, await stage.StartWebAsync("shop", "-l", "templater.host=" + Host));
        Assert.That(await stage.SaidAsync("single-file-mount"), Is.EqualTo(new[]
        {
            "warning single-file-mount: /etc/nginx/nginx.conf is mounted as a single file, so it is written in place: a crash in that moment leaves half a file. Mount the directory instead.",
        }));
    }

    [Test, CancelAfter(120_000)]
    public async Task ASocketProxyThatHidesNetworksIsNamedWithTheCall()
    {
        await using var stage = await Stage.OpenAsync();
        await using var relay = stage.CreateRelay(failStatus: 403);
        relay.FailWhenContains = "/networks";
        relay.Start();
        await stage.RunTemplaterAsync("nginx", relay.ContainerOptions);
        await stage.WaitForLogAsync(" call-forbidden: ");
        using var client = await stage.StartNginxAsync();
        await client.WaitForStatusAsync(Host, 503);
        var shop = await stage.StartWebAsync("shop", "-l", "templater.host=" + Host);
        var requests = relay.Requests.Count;
        Assert.That(() => relay.Requests.Skip(requests), Has.Some.EndsWith("/networks").After(20_000, 50), "it asks again");
        var said = await stage.SaidAsync("call-forbidden");
        Assert.That(said, Has.Length.EqualTo(1), "however often it asks");
        Assert.That(said[0], Does.StartWith("error call-forbidden: the engine at unix:///engine/docker.sock refused GET /networks (403): on purpose. Needed for: choosing networks. Allow it there"));

        relay.FailWhenContains = null;

        await client.WaitForBodyAsync(Host, shop, TimeSpan.FromSeconds(30));
        await stage.WaitForLogAsync("call-forbidden: resolved: ");
    }

    [Test, CancelAfter(120_000)]
    public async Task ASocketProxyThatRefusesSignalsIsNamedAndTheReloadIsOwedUntilItIsAllowed()
    {
        await using var stage = await Stage.OpenAsync();
        await using var relay = stage.CreateRelay(failStatus: 403);
        relay.FailWhenContains = "/kill";
        relay.Start();
        await stage.StartTemplaterAsync("nginx", relay.ContainerOptions);
        using var client = await stage.StartNginxAsync();
        var shop = await stage.StartWebAsync("shop", "-l", "templater.host=" + Host);

        await stage.WaitForLogAsync(" call-forbidden: ");
        Assert.That((await stage.SaidAsync("call-forbidden"))[0], Does.Match("^error call-forbidden: the engine at unix:///engine/docker\\.sock refused POST /containers/edge/kill \\(403\\): on purpose\\. Needed for: "));
        Assert.That((await client.GetAsync(Host)).Status, Is.EqualTo(503), "nginx goes on with what it has");

        relay.FailWhenContains = null;

        await client.WaitForBodyAsync(Host, shop, TimeSpan.FromSeconds(30));
    }
}
