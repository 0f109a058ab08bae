using Templater.EndToEnd.Tests.Harness;

namespace Templater.EndToEnd.Tests;

/// <summary>HAProxy reloaded over its master socket when something is wrong with it, or with what it is given.</summary>
public sealed class MasterSocketTests
{
    private const string Template = """
        global
          maxconn 100
          set-var proc.templater_generation str({{ generation }})
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
        {{~ for host in virtual_hosts }}
        backend {{ host.name }}
          timeout queue {{ host.data["queue"] ?? "5s" | haproxy.string }}
          http-request return status 200 content-type text/plain string {{ host.name }}
        {{~ end }}

        """;

    [Test, CancelAfter(180_000)]
    public async Task ARefusedLineLeavesOutItsContainerAloneWithGetRequestsAlone()
    {
        await using var stage = await Stage.OpenAsync();
        await using var relay = stage.CreateRelay();
        relay.Start();
        var templates = Directory.CreateDirectory(Path.Combine(stage.Engine.WorkDirectory, "master-socket")).FullName;
        await File.WriteAllTextAsync(Path.Combine(templates, "site.haproxy.scriban"), Template);
        await stage.StartTemplaterAsync("/templates/site.haproxy.scriban",
        [
            .. relay.ContainerOptions, "-v", templates + ":/templates:ro", "-e", "TEMPLATER_OUTPUT=/config/haproxy.cfg",
            "-e", "TEMPLATER_RELOAD=haproxy:/run/templater/master.sock", "--group-add", "99",
        ]);
        using var client = await stage.StartHAProxyAsync();
        await stage.StartWebAsync("good", "-l", "templater.host=good.example.com");
        await client.WaitForBodyAsync("good.example.com", "good.example.com");

        await stage.StartWebAsync("bad", "-l", "templater.host=bad.example.com", "-l", "templater.data.queue=no time at all");
        await stage.WaitForLogAsync("config-refused");
        await stage.StartWebAsync("later", "-l", "templater.host=later.example.com");
        await client.WaitForBodyAsync("later.example.com", "later.example.com");

        // How the others fare is said when the refusal came within the look that caused it, and not a reload interval later.
        Assert.That(await stage.LogsAsync(), Does.Match(
            @"error config-refused: haproxy refused generation \d+: line \d+ ""unexpected character 'n' in 'timeout queue'""\. Generation \d+ stays live and was restored on disk\. The line comes from container ""bad""\. ""bad"" is left out until it changes(; the 1 other is live as generation \d+)?\.\n"));
        Assert.That((await client.GetAsync("good.example.com")).Body, Is.EqualTo("good.example.com"));
        Assert.That(relay.Requests, Is.Not.Empty.And.All.StartsWith("GET "));
    }

    [Test, CancelAfter(120_000)]
    public async Task ASocketThatMayNotBeOpenedIsNamedWithTheGroupToAdd()
    {
        await using var stage = await Stage.OpenAsync();
        await stage.StartTemplaterAsync("haproxy", "-e", "TEMPLATER_RELOAD=haproxy:/run/templater/master.sock");
        using var client = await stage.StartHAProxyAsync();

        await stage.WaitForLogAsync("reload-failed", limit: TimeSpan.FromSeconds(60));

        Assert.That(await stage.LogsAsync(), Does.Contain(
            "error reload-failed: cannot open HAProxy's master socket /run/templater/master.sock: it belongs to 99:99 (mode 0660) and Templater runs as 65532:65532. The reload stays owed and is tried again. Add group_add: [\"99\"] to the service, or --group-add 99."));
    }
}
