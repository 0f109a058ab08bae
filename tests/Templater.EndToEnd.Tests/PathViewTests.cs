using Templater.EndToEnd.Tests.Harness;

namespace Templater.EndToEnd.Tests;

/// <summary>A proxy that mounts Templater's volumes under names of its own.</summary>
public sealed class PathViewTests
{
    [Test, CancelAfter(120_000)]
    public async Task TheConfigurationNamesPathsAsTheProxySeesThem()
    {
        await using var stage = await Stage.OpenAsync();
        await stage.StartTemplaterAsync("nginx");
        var own = Directory.CreateDirectory(Path.Combine(await stage.VolumePathAsync("config"), "http.d")).FullName;
        await File.WriteAllTextAsync(Path.Combine(own, "own.conf"), "server { listen 8081; return 200 own; }\n");
        await stage.Engine.RunAsync(
            "run", "-d", "--name", Stage.ProxyName, "--network", "front", "-l", "templater.proxy=nginx", "-v", "config:/etc/site:ro",
            Images.Nginx, "nginx", "-c", "/etc/site/nginx.conf", "-g", "daemon off;");
        using var client = await stage.ClientOfAsync(Stage.ProxyName);

        await client.WaitForBodyAsync("shop.example.com", await stage.StartWebAsync("shop", "-l", "templater.host=shop.example.com"));

        Assert.That(await stage.ReadVolumeAsync("config", "nginx.conf"), Does.Contain("include \"/etc/site/http.d/*.conf\";").And.Not.Contain("/config/"));
        using var answer = new HttpClient();
        Assert.That(await answer.GetStringAsync(new Uri($"http://{await stage.AddressOfAsync(Stage.ProxyName)}:8081/")), Is.EqualTo("own"));
        Assert.That(await stage.LogsAsync(), Does.Not.Contain("path-not-shared"));
    }
}
