using System.Text.RegularExpressions;
using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary>Two outputs that one proxy reads: what changes both is one reload of it, counted by the workers that it starts.</summary>
public sealed partial class SharedReloadTests
{
    private const string Host = "any.example.com";
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(5);

    // Each answer tells how many hosts either file knows.
    private static readonly (string File, string Text)[] Nginx =
    [
        ("nginx.conf", """
            {{# format: nginx #}}worker_processes 1;
            events { worker_connections 64; }
            http {
              include /config/hosts*.map;
              server { listen 80; return 200 "{{ virtual_hosts.size }}-$known"; }
            }

            """),
        ("hosts.map", """
            {{# format: nginx #}}map $host $known { default {{ virtual_hosts.size }}; }

            """),
    ];

    private static readonly (string File, string Text)[] HAProxy =
    [
        ("haproxy.cfg", """
            {{# format: haproxy #}}global
              maxconn 100
              set-var proc.templater_generation str({{ generation }})
            defaults
              mode http
              timeout connect 5s
              timeout client 5s
              timeout server 5s
            frontend web
              bind :80
              http-request return status 200 content-type text/plain lf-string "{{ virtual_hosts.size }}-%[str(k),map(/config/hosts.map)]"

            """),
        ("hosts.map", """
            {{# format: plain #}}k {{ virtual_hosts.size }}

            """),
    ];

    private static readonly string[] Proxies = Rotation.IsFullTier ? ["nginx", "haproxy"] : [];

    [Test, CancelAfter(120_000)]
    public async Task WhatChangesBothIsOneReload([ValueSource(nameof(Proxies))] string proxy, CancellationToken cancellationToken)
    {
        await using var stage = await Stage.OpenAsync();
        await stage.StartTemplaterAsync(null, await MountAsync(stage, proxy == "nginx" ? Nginx : HAProxy));
        using var client = proxy == "nginx" ? await stage.StartNginxAsync() : await stage.StartHAProxyAsync();
        await client.WaitForBodyAsync(Host, "0-0");
        await SettleAsync(stage, cancellationToken);
        // The one of before the reload that was owed at the start goes a moment later.
        while ((await stage.WorkersAsync()).Split(' ', StringSplitOptions.RemoveEmptyEntries).Length > 1)
            await Task.Delay(Poll, cancellationToken);

        var workers = new HashSet<string>();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = WatchWorkersAsync(stage, workers, end.Token);
        for (var sites = 1; sites <= 2; sites++)
        {
            await stage.StartWebAsync($"web{sites}", "-l", $"templater.host=web{sites}.example.com");
            await client.WaitForBodyAsync(Host, $"{sites}-{sites}");
            await SettleAsync(stage, cancellationToken);
        }

        await end.CancelAsync();
        await watching;
        Assert.That(workers, Has.Count.EqualTo(1 + 2), await stage.LogsAsync());
    }

    private static async Task<string[]> MountAsync(Stage stage, (string File, string Text)[] outputs)
    {
        var settings = Directory.CreateDirectory(Path.Combine(stage.Engine.WorkDirectory, "shared-reload")).FullName;
        foreach (var (file, text) in outputs)
            await File.WriteAllTextAsync(Path.Combine(settings, file + ".scriban"), text);
        await File.WriteAllLinesAsync(
            Path.Combine(settings, "templater.yaml"),
            ["outputs:", .. outputs.Select((output, number) => $"  out{number}: {{ template: /etc/templater/{output.File}.scriban, output: /config/{output.File}, reload: \"docker:{Stage.ProxyName}\"{(number > 0 ? ", validate: none" : "")} }}")]);
        return ["-v", settings + ":/etc/templater:ro"];
    }

    // No output owes anything any more.
    private static async Task SettleAsync(Stage stage, CancellationToken cancellationToken)
    {
        while (await stage.Engine.RunAsync("exec", Stage.TemplaterName, "templater", "status", "--json") is var status
            && (Settled().Count(status) < 2 || status.Contains("\"owed_since\":\"", StringComparison.Ordinal)))
            await Task.Delay(Poll, cancellationToken);
    }

    private static async Task WatchWorkersAsync(Stage stage, HashSet<string> workers, CancellationToken cancellationToken)
    {
        var master = await stage.Engine.RunAsync("inspect", "-f", "{{.State.Pid}}", Stage.ProxyName);
        while (!cancellationToken.IsCancellationRequested)
        {
            workers.UnionWith((await File.ReadAllTextAsync($"/proc/{master}/task/{master}/children", CancellationToken.None)).Split(' ', StringSplitOptions.RemoveEmptyEntries));
            await Task.Delay(Poll, CancellationToken.None);
        }
    }

    [GeneratedRegex("\"phase\":\"(proven|unproven|not-needed)\"")]
    private static partial Regex Settled();
}
