using System.Globalization;
using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary>On the manager of a real Swarm.</summary>
[NonParallelizable]
public sealed class SwarmTests
{
    private static readonly string[] HAProxyOptions = ["-e", "TEMPLATER_RELOAD=haproxy:/run/templater/master.sock", "--group-add", "99"];

    // In the full tier only.
    private static readonly string[] Proxies = Rotation.IsFullTier ? ["nginx", "haproxy"] : [];
    private static readonly string[] Samples = Rotation.IsFullTier ? ["swarm"] : [];

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
        var client = new OverlayClient(_engine, "good");
        await CreateServiceAsync("shop", "--replicas", "2", "--container-label", "templater.host=shop.example.com");

        await stage.WaitForLogAsync("label-on-task");
        await client.WaitForAsync("good.example.com", body => body == good, cancellationToken);
        Assert.That(await stage.SaidAsync("label-on-task"), Is.EqualTo(new[]
        {
            "warning label-on-task: service \"shop\" carries templater.host on its containers; in a Swarm put it under deploy.labels. There it has no effect.",
        }));
        Assert.That(await stage.ReadVolumeAsync("config", "nginx.conf"), Does.Not.Contain("shop.example.com"));

        await _engine.RunAsync("service", "update", "--detach", "--label-add", "templater.host=shop.example.com", "shop");
        await client.WaitForAsync("shop.example.com", body => body.Length == good.Length && body != good, cancellationToken);
        await _engine.RunAsync("service", "update", "--detach", "--label-add", "templater.host=moved.example.com", "shop");
        await client.WaitForAsync("moved.example.com", body => body.Length == good.Length && body != good, cancellationToken);
        await client.WaitForAsync("shop.example.com", body => body.Length != good.Length, cancellationToken);
    }

    [TestCaseSource(nameof(Samples)), CancelAfter(180_000)]
    public async Task TheSampleAnswersAsAStack(string sample, CancellationToken cancellationToken)
    {
        await using var stage = await Stage.OpenEmptyAsync(_engine);
        await _engine.RunAsync("node", "update", "--label-add", "edge=true", await _engine.RunAsync("info", "-f", "{{.Swarm.NodeID}}"));
        var file = Path.Combine(_engine.WorkDirectory, "stack.yaml");
        var text = Images.Rename(await File.ReadAllTextAsync(Repository.PathOf("samples", "compose", sample, "compose.yaml"), cancellationToken));
        // This engine's socket is elsewhere.
        await File.WriteAllTextAsync(file, text.Replace("/var/run/docker.sock:/", _engine.Socket + ":/", StringComparison.Ordinal), cancellationToken);
        await _engine.RunAsync("stack", "deploy", "-c", file, "edge");

        var answers = new HashSet<string>(StringComparer.Ordinal);
        for (var attempt = 0; attempt < 600 && answers.Count < 5; attempt++)
        {
            await Task.Delay(50, cancellationToken);
            // Published on the host, which is the engine's network here.
            var answer = await _engine.RunInNetworkAsync("busybox", "wget", "-q", "-O", "-", "--header", "Host: shop.example.com", "http://127.0.0.1/");
            if (answer.ExitCode == 0)
                answers.Add(answer.Output.Trim());
        }

        Assert.That(answers, Is.SupersetOf((await _engine.RunAsync("ps", "-q", "--filter", "label=com.docker.swarm.service.name=edge_shop")).Split('\n')));
    }

    [TestCaseSource(nameof(Proxies)), CancelAfter(180_000)]
    public async Task AServiceThatIsLookedUpIsFollowedWithoutANewFile(string proxy, CancellationToken cancellationToken)
    {
        await using var stage = await OpenAsync(proxy, proxy == "nginx" ? [] : HAProxyOptions);
        (proxy == "nginx" ? await stage.StartNginxAsync() : await stage.StartHAProxyAsync()).Dispose();
        var good = await stage.StartWebAsync("good");
        var client = new OverlayClient(_engine, "good");
        await CreateServiceAsync("shop", "--endpoint-mode", "dnsrr", "--label", "templater.host=shop.example.com", "--label", "templater.endpoints=dns");
        await client.WaitForAsync("shop.example.com", body => body.Length == good.Length && body != good, cancellationToken);
        var file = proxy == "nginx" ? "nginx.conf" : "haproxy.cfg";
        var before = await stage.ReadVolumeAsync("config", file);
        Assert.That(before, Does.Contain("tasks.shop:8080"));

        await _engine.RunAsync("service", "scale", "--detach", "shop=3");
        var answers = new HashSet<string>(StringComparer.Ordinal);
        for (var attempt = 0; attempt < 400 && answers.Count < 3; attempt++)
        {
            await Task.Delay(50, cancellationToken);
            if (await client.AskAsync("shop.example.com") is { Length: > 0 } body)
                answers.Add(body);
        }

        Assert.That(answers, Is.EquivalentTo(await Shop.TasksAsync(_engine)));
        Assert.That(await stage.ReadVolumeAsync("config", file), Is.EqualTo(before));
    }

    [Test, CancelAfter(300_000)]
    public async Task ScalingAndARollingUpdateLoseNoRequest(CancellationToken cancellationToken)
    {
        await using var stage = await OpenAsync("haproxy", HAProxyOptions);
        (await stage.StartHAProxyAsync()).Dispose();
        var good = await stage.StartWebAsync("good", "-l", "templater.host=good.example.com");
        var client = new OverlayClient(_engine, "good");
        await CreateServiceAsync("shop", "--replicas", "1", "--label", "templater.host=shop.example.com");
        await client.WaitForAsync("shop.example.com", body => body.Length == good.Length && body != good, cancellationToken);

        await client.StartLoadAsync("shop.example.com");
        var start = TimeProvider.System.GetTimestamp();
        await ScaleAsync(stage, 5, cancellationToken);
        await ScaleAsync(stage, 2, cancellationToken);
        var before = await Shop.TasksAsync(_engine);
        await _engine.RunAsync("service", "update", "--env-add", "VERSION=2", "--update-parallelism", "1", "--update-delay", "1s", "--update-order", "start-first", "shop");
        await Shop.WaitForServersAsync(stage, 2, [_engine], cancellationToken);
        Assert.That((await Shop.TasksAsync(_engine)).Intersect(before), Is.Empty, "every task was replaced");
        var time = TimeProvider.System.GetElapsedTime(start);
        var (answered, failures) = await client.EndLoadAsync(cancellationToken);
        Assert.That(answered, Is.GreaterThan(OverlayClient.LeastRate * time.TotalSeconds), "the load went on all the while");
        Assert.That(failures, Is.Empty, await stage.LogsAsync());
    }

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
        await Shop.WaitForServersAsync(stage, replicas, [_engine], cancellationToken);
    }
}
