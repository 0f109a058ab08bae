using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary>A file that is replaced while the proxy does not run, with nobody beside Templater to check it.</summary>
public sealed class StoppedProxyTests
{
    private const string Host = "any.example.com";

    private const string Good = """
        {{# format: nginx #}}
        worker_processes 1;
        events { worker_connections 64; }
        http { server { listen 80; return 200 "WORD"; } }

        """;

    [Test, CancelAfter(120_000)]
    public async Task AProxyThatStartsOnABadFileGetsTheLastGoodOneBack(CancellationToken cancellationToken)
    {
        await using var stage = await Stage.OpenAsync();
        var template = await StartAsync(stage, cancellationToken);
        await stage.WaitForAnswerAsync(Stage.ProxyName, Host, "one");

        await stage.Engine.RunAsync("stop", Stage.ProxyName);
        await File.AppendAllTextAsync(template, "servr {\n", cancellationToken);
        await stage.WaitForLogAsync(") written: ");
        await stage.WaitForLogAsync("generation 2 (");
        await stage.Engine.RunAsync("start", Stage.ProxyName);

        await stage.WaitForLogAsync(" config-refused: ");
        await stage.WaitForAnswerAsync(Stage.ProxyName, Host, "one");
        Assert.That(await stage.SaidAsync("config-refused"), Is.EqualTo(new[]
        {
            "error config-refused: edge refused generation 2: line 5 \"unknown directive \"servr\" in /config/nginx.conf:5\". It ended on it. Generation 1 was restored on disk for its next start.",
        }));
        Assert.That(await stage.LogsAsync(), Does.Not.Contain("unproven"));
        Assert.That(await stage.ReadVolumeAsync("config", "nginx.conf"), Does.Not.Contain("servr"));

        await File.WriteAllTextAsync(template, Good.Replace("WORD", "two", StringComparison.Ordinal), cancellationToken);
        await stage.WaitForAnswerAsync(Stage.ProxyName, Host, "two");
        await stage.WaitForLogAsync("config-refused: resolved: ");
        Assert.That(await stage.SaidAsync("config-refused"), Has.Length.EqualTo(2), "whatever its restarts came to, it was refused once and mended once");
    }

    [Test, CancelAfter(180_000)]
    public async Task AKilledProxyIsMissedAndItsNextStartIsLive(CancellationToken cancellationToken)
    {
        await using var stage = await Stage.OpenAsync();
        var template = await StartAsync(stage, cancellationToken);
        await stage.WaitForAnswerAsync(Stage.ProxyName, Host, "one");

        await stage.Engine.RunAsync("kill", Stage.ProxyName);
        await File.WriteAllTextAsync(template, Good.Replace("WORD", "two", StringComparison.Ordinal), cancellationToken);
        await stage.WaitForLogAsync("generation 2 (");
        // One that ends is waited for during half a minute before anything is said, which is too long for the short tier.
        if (Rotation.IsFullTier)
        {
            await stage.WaitForLogAsync(" reload-target-missing: ", limit: TimeSpan.FromSeconds(60));
            Assert.That(await stage.SaidAsync("reload-target-missing"), Is.EqualTo(new[]
            {
                "warning reload-target-missing: no container that label:templater.proxy=nginx matches is running: \"edge\". The new configuration is written; a proxy that starts reads it, and one that goes on is told. Start it.",
            }));
        }

        await stage.Engine.RunAsync("start", Stage.ProxyName);
        await stage.WaitForAnswerAsync(Stage.ProxyName, Host, "two");
        await stage.WaitForLiveAsync("nginx", 2);
        if (Rotation.IsFullTier)
            await stage.WaitForLogAsync("reload-target-missing: resolved: ");
        Assert.That(await stage.SaidAsync("config-refused"), Is.Empty);
    }

    private static async Task<string> StartAsync(Stage stage, CancellationToken cancellationToken)
    {
        var templates = Directory.CreateDirectory(Path.Combine(stage.Engine.WorkDirectory, "stopped")).FullName;
        var template = Path.Combine(templates, "my.nginx.scriban");
        await File.WriteAllTextAsync(template, Good.Replace("WORD", "one", StringComparison.Ordinal), cancellationToken);
        await stage.StartTemplaterAsync("/templates/my.nginx.scriban", "-v", templates + ":/templates:ro", "-e", "TEMPLATER_OUTPUT=/config/nginx.conf");
        using var client = await stage.StartNginxAsync("-l", "templater.proxy=nginx", "--restart", "unless-stopped");
        await client.WaitForBodyAsync(Host, "one");
        await stage.WaitForLiveAsync("nginx", 1);
        return template;
    }
}
