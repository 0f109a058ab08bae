using Templater.EndToEnd.Tests.Harness;

namespace Templater.EndToEnd.Tests;

/// <summary>Mistakes that operators make in compose files and on the command line, each made for real, and what Templater says.</summary>
public sealed class MessageTests
{
    [Test, CancelAfter(120_000)]
    public async Task ASocketOfAnotherGroupIsNamedWithTheGroupToAdd()
    {
        await using var stage = await Stage.OpenAsync();
        await stage.Engine.RunAsync(
            "run", "-d", "--name", Stage.TemplaterName, "--network", "none", "-v", stage.Engine.Socket + ":/var/run/docker.sock:ro",
            "-v", "config:/config", "-e", "TEMPLATER_TEMPLATE=nginx", Images.Templater);

        await stage.WaitForLogAsync("socket-denied");

        Assert.That(await stage.SaidAsync("socket-denied"), Is.EqualTo(new[]
        {
            $"error socket-denied: cannot open /var/run/docker.sock: it belongs to group {stage.SocketGroup} (mode 0660) and Templater runs as 65532:65532. Add group_add: [\"{stage.SocketGroup}\"] to the service, or --group-add {stage.SocketGroup}.",
        }));
    }

    [Test, CancelAfter(120_000)]
    public async Task AVolumeThatBelongsToAnotherIsNamedWithItsOwner()
    {
        await using var stage = await Stage.OpenAsync();
        await stage.Engine.RunAsync("volume", "create", "foreign");
        var path = await stage.VolumePathAsync("foreign");
        await File.WriteAllTextAsync(Path.Combine(path, "default.conf"), "");
        await stage.RunTemplaterAsync("nginx", "-v", "foreign:/foreign", "-e", "TEMPLATER_OUTPUT=/foreign/nginx.conf");

        await stage.WaitForLogAsync("output-denied");

        Assert.That(await stage.SaidAsync("output-denied"), Is.EqualTo(new[]
        {
            "error output-denied: cannot write /foreign/nginx.conf: the directory belongs to 0:0 (mode 0755) and Templater runs as 65532:65532. If another image filled the volume first, mount it there with \"nocopy\" and recreate the volume; otherwise chown it, or run with user: \"0:0\". The proxy keeps its present configuration.",
        }));
    }

    [Test, CancelAfter(120_000)]
    public async Task AReloadTargetThatIsNotThereIsOwedAndGetsItsSignalWhenItComes()
    {
        await using var stage = await Stage.OpenAsync();
        await stage.StartWebAsync("other");
        await stage.RunTemplaterAsync("domains", "-e", "TEMPLATER_OUTPUT=/config/domains.txt", "-e", "TEMPLATER_RELOAD=docker:nginx", "-e", "TEMPLATER_VALIDATE=none");
        await stage.StartWebAsync("shop-nginx-1", "-l", "templater.host=shop.example.com");
        await stage.WaitForLogAsync("similar: ");
        Assert.That(await stage.SaidAsync("reload-target-missing"), Has.Exactly(1).EqualTo(
            "warning reload-target-missing: nothing matches docker:nginx; running proxies: none; similar: container \"shop-nginx-1\". The new configuration is written, the reload is owed and will be sent when it appears. Label the proxy templater.proxy=domains, or use docker:shop-nginx-1."));

        // One that is started now would read the new file by itself, so it is one that ran before.
        await stage.Engine.RunAsync("rename", "other", "nginx");

        await stage.WaitForLogAsync("hup", "nginx");
        await stage.WaitForLogAsync("reload-target-missing: resolved: ");
        Assert.That(await stage.LogsAsync("shop-nginx-1"), Does.Not.Contain("hup"));
    }

    [Test, CancelAfter(120_000)]
    public async Task AReloadTargetThatIsStartedLaterHasReadTheFileAndNeedsNoSignal()
    {
        await using var stage = await Stage.OpenAsync();
        await stage.RunTemplaterAsync("domains", "-e", "TEMPLATER_OUTPUT=/config/domains.txt", "-e", "TEMPLATER_RELOAD=docker:nginx", "-e", "TEMPLATER_VALIDATE=none");
        await stage.WaitForLogAsync("warning reload-target-missing: ");
        // Start times are compared with a margin of two seconds.
        await Task.Delay(TimeSpan.FromSeconds(2.5));

        await stage.StartWebAsync("nginx");

        await stage.WaitForLogAsync("reload-target-missing: resolved: ");
        await stage.StartWebAsync("shop", "-l", "templater.host=shop.example.com");
        await stage.WaitForLogAsync("hup", "nginx");
        Assert.That((await stage.LogsAsync("nginx")).Split("hup"), Has.Length.EqualTo(2), "for the change, not for the start");
    }

    [Test, CancelAfter(120_000)]
    public async Task AContainerWithoutASharedNetworkIsNamedWithBothSides()
    {
        await using var stage = await Stage.OpenAsync();
        await stage.StartTemplaterAsync("nginx");
        using var client = await stage.StartNginxAsync();

        await stage.StartWebOnAsync("back", "shop", "-l", "templater.host=shop.example.com");
        await stage.WaitForLogAsync("no-shared-network");

        await client.WaitForBodyAsync("good.example.com", await stage.StartWebAsync("good", "-l", "templater.host=good.example.com"));
        Assert.That(await stage.SaidAsync("no-shared-network"), Is.EqualTo(new[]
        {
            "warning no-shared-network: container \"shop\" is not routed for shop.example.com: it is on [back], the proxy \"edge\" is on [front]. Attach one of them: docker network connect front shop, or networks: [front] in compose.",
        }));
    }

    [Test, CancelAfter(120_000)]
    public async Task AConfigurationThatTheProxyRefusesIsPutBackAndSaidSo()
    {
        await using var stage = await Stage.OpenAsync();
        var templates = Directory.CreateDirectory(Path.Combine(stage.Engine.WorkDirectory, "templates")).FullName;
        var template = Path.Combine(templates, "site.nginx.scriban");
        const string good = "events { worker_connections 64; }\nhttp { server { listen 80; return 200 \"one\"; } }\n";
        await File.WriteAllTextAsync(template, good);
        await stage.StartTemplaterAsync("/templates/site.nginx.scriban", "-v", templates + ":/templates:ro", "-e", "TEMPLATER_OUTPUT=/config/nginx.conf");
        using var client = await stage.StartNginxAsync();
        await client.WaitForBodyAsync("any.example.com", "one");
        await Task.Delay(TimeSpan.FromSeconds(2));

        await File.WriteAllTextAsync(template, good.Replace("return 200", "no_such_directive 200", StringComparison.Ordinal));
        await stage.WaitForLogAsync("config-refused", limit: TimeSpan.FromSeconds(60));

        Assert.That(await stage.SaidAsync("config-refused"), Is.EqualTo(new[]
        {
            "error config-refused: edge refused generation 2: line 2 \"unknown directive \"no_such_directive\" in /config/nginx.conf:2\". Generation 1 stays live and was restored on disk.",
        }));
        Assert.That((await client.GetAsync("any.example.com")).Body, Is.EqualTo("one"));
        Assert.That(
            async () => await stage.ReadVolumeAsync("config", "nginx.conf"),
            Is.EqualTo(good).After(10_000, 100),
            "a restart of the proxy is safe too");
    }
}
