using System.Globalization;
using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary>On the manager of a real Swarm.</summary>
public sealed class SwarmTests
{
    private PrivateDockerEngine _engine = null!;

    [SetUp]
    public async Task CreateASwarmAsync()
    {
        _engine = await SharedEngine.GetWithOwnNetworkAsync();
        await _engine.RunAsync("swarm", "init", "--advertise-addr", "127.0.0.1");
    }

    [TearDown]
    public async Task LeaveItAsync() => await _engine.RunAsync("swarm", "leave", "--force");

    [Test, CancelAfter(180_000)]
    public async Task AHostLabelOnTheTasksAloneIsReportedOnce(CancellationToken cancellationToken)
    {
        await using var stage = await OpenAsync("nginx");
        (await stage.StartNginxAsync()).Dispose();
        var good = await stage.StartWebAsync("good", "-l", "templater.host=good.example.com");
        await CreateServiceAsync("shop", "--replicas", "2", "--container-label", "templater.host=shop.example.com");

        await stage.WaitForLogAsync("label-on-task");
        await AnswersAsync("good.example.com", body => body == good, cancellationToken);
        Assert.That(await stage.SaidAsync("label-on-task"), Is.EqualTo(new[]
        {
            "warning label-on-task: service \"shop\" carries templater.host on its containers; in a Swarm put it under deploy.labels. There it has no effect.",
        }));
        Assert.That(await stage.ReadVolumeAsync("config", "nginx.conf"), Does.Not.Contain("shop.example.com"));

        await _engine.RunAsync("service", "update", "--detach", "--label-add", "templater.host=shop.example.com", "shop");
        await AnswersAsync("shop.example.com", body => body.Length == good.Length && body != good, cancellationToken);
        await _engine.RunAsync("service", "update", "--detach", "--label-add", "templater.host=moved.example.com", "shop");
        await AnswersAsync("moved.example.com", body => body.Length == good.Length && body != good, cancellationToken);
        await AnswersAsync("shop.example.com", body => body.Length != good.Length, cancellationToken);
    }

    [Test, CancelAfter(300_000)]
    public async Task ScalingAndARollingUpdateLoseNoRequest(CancellationToken cancellationToken)
    {
        await using var stage = await OpenAsync("haproxy", "-e", "TEMPLATER_RELOAD=haproxy:/run/templater/master.sock", "--group-add", "99");
        (await stage.StartHAProxyAsync()).Dispose();
        var client = await stage.StartWebAsync("good", "-l", "templater.host=good.example.com");
        await CreateServiceAsync("shop", "--replicas", "1", "--label", "templater.host=shop.example.com");
        await AnswersAsync("shop.example.com", body => body.Length == client.Length && body != client, cancellationToken);

        await _engine.RunAsync("exec", "-d", "good", "sh", "-c", Load);
        await ScaleAsync(stage, 5, cancellationToken);
        await ScaleAsync(stage, 2, cancellationToken);
        var before = await TasksAsync();
        await _engine.RunAsync("service", "update", "--env-add", "VERSION=2", "--update-parallelism", "1", "--update-delay", "1s", "--update-order", "start-first", "shop");
        await ServersAsync(stage, 2, cancellationToken);
        Assert.That((await TasksAsync()).Intersect(before), Is.Empty, "every task was replaced");
        await _engine.RunAsync("exec", "good", "touch", "/tmp/stop");
        await Task.Delay(TimeSpan.FromSeconds(6), cancellationToken);

        Assert.That(await CountAsync("/tmp/ok"), Is.GreaterThan(500));
        Assert.That((await _engine.TryRunAsync("exec", "good", "cat", "/tmp/failed")).Output, Is.Empty, await stage.LogsAsync());
    }

    // Fifty requests a second, each on its own, whether or not earlier ones were answered.
    private const string Load =
        "i=0; while [ ! -e /tmp/stop ] && [ $i -lt 6000 ]; do i=$((i+1)); "
        + "( wget -q -O /dev/null --header 'Host: shop.example.com' http://edge/ 2>/tmp/e$i && echo ok >>/tmp/ok || { date; cat /tmp/e$i; } >>/tmp/failed; rm -f /tmp/e$i ) & "
        + "sleep 0.02; done";

    private async Task<Stage> OpenAsync(string template, params string[] options)
    {
        var stage = await Stage.OpenEmptyAsync(_engine);
        await _engine.RunAsync("network", "create", "-d", "overlay", "--attachable", "front");
        await stage.StartTemplaterAsync(template, options);
        return stage;
    }

    private Task<string> CreateServiceAsync(string name, params string[] options) =>
        _engine.RunAsync(["service", "create", "--detach", "--name", name, "--network", "front", .. options, Images.Web]);

    private async Task ScaleAsync(Stage stage, int replicas, CancellationToken cancellationToken)
    {
        await _engine.RunAsync("service", "scale", "--detach", "shop=" + replicas.ToString(CultureInfo.InvariantCulture));
        await ServersAsync(stage, replicas, cancellationToken);
    }

    // Until exactly so many servers take requests; and what is being stopped has stopped.
    private async Task ServersAsync(Stage stage, int count, CancellationToken cancellationToken)
    {
        var servers = Array.Empty<string>();
        for (var attempt = 0; attempt < 600 && !(servers.Length == count && (await TasksAsync()).Length == count); attempt++)
        {
            await Task.Delay(50, cancellationToken);
            servers = [.. (await stage.ReadVolumeAsync("config", "haproxy.cfg")).Split('\n').Where(line => line.Contains(" # shop.", StringComparison.Ordinal) && !line.Contains("weight 0", StringComparison.Ordinal))];
        }

        Assert.That(servers, Has.Length.EqualTo(count), await stage.LogsAsync());
    }

    private async Task<string[]> TasksAsync() =>
        (await _engine.RunAsync("ps", "-q", "--filter", "label=com.docker.swarm.service.name=shop")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private async Task<int> CountAsync(string file) =>
        (await _engine.TryRunAsync("exec", "good", "cat", file)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;

    // An overlay network is reached from within only. The web image answers with its host name: any other page comes from the proxy itself.
    private async Task AnswersAsync(string host, Func<string, bool> wanted, CancellationToken cancellationToken)
    {
        var body = "";
        for (var attempt = 0; attempt < 200 && !wanted(body); attempt++)
        {
            await Task.Delay(50, cancellationToken);
            body = (await _engine.TryRunAsync("exec", "good", "wget", "-q", "-O", "-", "--header", "Host: " + host, $"http://{Stage.ProxyName}/")).Output.Trim();
        }

        Assert.That(wanted(body), Is.True, $"{host}: {body}");
    }
}
