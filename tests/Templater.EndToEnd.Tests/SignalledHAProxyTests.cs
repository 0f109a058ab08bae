using Templater.EndToEnd.Tests.Harness;

namespace Templater.EndToEnd.Tests;

/// <summary>HAProxy without a master socket, told by a signal: its processes and its log alone say what became of a file.</summary>
public sealed class SignalledHAProxyTests
{
    // The second server never answers, so that every worker reports a backend without servers.
    private const string Template = """
        global
          maxconn 100
        defaults
          mode http
          timeout connect 5s
          timeout client 5s
          timeout server 5s
        frontend web
          bind :80
        {{~ for host in virtual_hosts }}
          use_backend {{ host.name }} if { hdr(host) -i {{ host.name }} }
        {{~ end }}
        backend nobody
          server nobody 127.0.0.1:1 check inter 100ms fall 1
        {{~ for host in virtual_hosts }}
        backend {{ host.name }}
          timeout queue {{ host.data["queue"] ?? "5s" | haproxy.string }}
          http-request return status 200 content-type text/plain string {{ host.name }}
        {{~ end }}

        """;

    [Test, CancelAfter(180_000)]
    public async Task AnAlertOfAWorkerRefusesNothingAndARefusedLineLeavesOutItsContainerAlone()
    {
        await using var stage = await Stage.OpenAsync();
        var templates = Directory.CreateDirectory(Path.Combine(stage.Engine.WorkDirectory, "signalled-haproxy")).FullName;
        await File.WriteAllTextAsync(Path.Combine(templates, "site.haproxy.scriban"), Template);
        await stage.StartTemplaterAsync("/templates/site.haproxy.scriban", "-v", templates + ":/templates:ro", "-e", "TEMPLATER_OUTPUT=/config/haproxy.cfg");
        await stage.Engine.RunAsync(
            "run", "-d", "--name", Stage.ProxyName, "--network", "front", "-l", "templater.proxy=haproxy", "-v", "config:/config:ro",
            Images.HAProxy, "haproxy", "-W", "-db", "-f", "/config/haproxy.cfg");
        using var client = await stage.ClientOfAsync(Stage.ProxyName);
        await stage.WaitForLogAsync("[ALERT]", Stage.ProxyName);

        foreach (var name in new[] { "one", "two", "three" })
        {
            await stage.StartWebAsync(name, "-l", $"templater.host={name}.example.com");
            await client.WaitForBodyAsync($"{name}.example.com", $"{name}.example.com");
        }

        await stage.StartWebAsync("bad", "-l", "templater.host=bad.example.com", "-l", "templater.data.queue=no time at all");
        await stage.WaitForLogAsync("config-refused");
        await stage.StartWebAsync("later", "-l", "templater.host=later.example.com");
        await client.WaitForBodyAsync("later.example.com", "later.example.com");

        Assert.That((await stage.LogsAsync(Stage.ProxyName)).Split("has no server available!"), Has.Length.GreaterThan(3), "or this tests nothing");
        Assert.That((await stage.SaidAsync("config-refused")).Where(static line => line.StartsWith("error", StringComparison.Ordinal)), Is.Not.Empty.And.All.Match(
            "unexpected character 'n' in 'timeout queue'.*was restored on disk\\. The line comes from container \"bad\"\\. \"bad\" is left out until it changes"));
        Assert.That(await stage.SaidAsync("reload-unproven"), Is.Empty);
        Assert.That((await client.GetAsync("one.example.com")).Body, Is.EqualTo("one.example.com"));
    }
}
