using Templater.EndToEnd.Tests.Harness;

namespace Templater.EndToEnd.Tests;

/// <summary>Containers labelled for Dotege and centauri-docker-confd, unchanged, behind HAProxy and Centauri.</summary>
public sealed class DotegeLabelTests
{
    [Test, CancelAfter(180_000)]
    public async Task AreServedByHAProxy()
    {
        await using var stage = await Stage.OpenAsync();
        await stage.StartTemplaterAsync("haproxy", "-e", "TEMPLATER_RELOAD=haproxy:/run/templater/master.sock", "--group-add", "99");
        using var client = await stage.StartHAProxyAsync();

        var shop = await stage.StartWebAsync("shop", "-l", "com.chameth.vhost=shop.example.com www.shop.example.com", "-l", "com.chameth.proxy=8080");

        await client.WaitForBodyAsync("shop.example.com", shop);
        await client.WaitForBodyAsync("www.shop.example.com", shop);
    }

    [Test, CancelAfter(180_000)]
    public async Task AreWrittenForCentauriWhichGetsASignal()
    {
        await using var stage = await Stage.OpenAsync();
        await stage.StartTemplaterAsync("centauri");
        // Stands in for Centauri: it writes "hup" to its log when it gets the signal.
        await stage.StartWebAsync(Stage.ProxyName, "-l", "templater.proxy=centauri", "-v", "config:/config:ro");

        await stage.StartWebAsync("shop", "-l", "com.chameth.vhost=shop.example.com www.shop.example.com", "-l", "com.chameth.proxy=8080");

        await stage.WaitForLogAsync("hup", Stage.ProxyName);
        var address = await stage.AddressOfAsync("shop");
        Assert.That(
            async () => await stage.ReadVolumeAsync("config", "centauri.conf"),
            Does.Contain("route shop.example.com www.shop.example.com").And.Contain($"upstream {address}:8080").After(10_000, 100));
    }

    [Test, CancelAfter(180_000)]
    public async Task OfTheComposeExampleReachCentauri()
    {
        await using var stage = await Stage.OpenAsync();
        await stage.Engine.RunAsync("tag", Images.Web, "ghcr.io/csmith/centauri:2");
        using var project = new ComposeProject(stage, "centauri", stage.Engine.Socket);

        await project.UpAsync();

        await stage.WaitForLogAsync("serving", await project.ContainerOfAsync("centauri"));
        Assert.That(
            async () => await stage.ReadVolumeAsync(project.Volume("config"), "centauri.conf"),
            Does.Contain("route app.example.com www.app.example.com").After(10_000, 100));
    }
}
