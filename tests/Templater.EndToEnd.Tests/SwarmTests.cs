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
    public async Task AHostLabelOnTheTasksIsNamedWithTheServiceAndServedMeanwhile(CancellationToken cancellationToken)
    {
        await using var stage = await Stage.OpenEmptyAsync(_engine);
        await _engine.RunAsync("network", "create", "-d", "overlay", "--attachable", "front");
        await stage.StartTemplaterAsync("nginx");
        (await stage.StartNginxAsync()).Dispose();
        var good = await stage.StartWebAsync("good", "-l", "templater.host=good.example.com");

        await _engine.RunAsync(
            "service", "create", "--detach", "--name", "shop", "--network", "front", "--replicas", "2",
            "--container-label", "templater.host=shop.example.com", "--container-label", "templater.upstream.group=shop", Images.Web);

        // The web image answers with its host name: any other page comes from the proxy itself.
        await AnswersAsync("shop.example.com", body => body.Length == good.Length && body != good);
        await AnswersAsync("good.example.com", body => body == good);
        await stage.WaitForLogAsync("label-on-task");
        Assert.That(await stage.SaidAsync("label-on-task"), Is.EqualTo(new[]
        {
            "warning label-on-task: service \"shop\" carries templater.host on its containers; in a Swarm put it under deploy.labels. Keep it on the containers too: this version does not read services yet.",
        }));
        await _engine.RunAsync("service", "rm", "shop");

        // An overlay network is reached from within only.
        async Task AnswersAsync(string host, Func<string, bool> wanted)
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
}
