using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary>On the manager of a Swarm of two engines, each with a network namespace of its own and a cable between them. Full tier.</summary>
[NonParallelizable]
public sealed class TwoNodeSwarmTests
{
    private const string Host = "shop.example.com";

    private static readonly PrivateDockerEngineOptions Options = new() { OwnNetwork = true, Iptables = true };

    // One case in the full tier, none else.
    private static readonly int[] Replicas = Rotation.IsFullTier ? [4] : [];

    private PrivateDockerEngine _manager = null!;
    private PrivateDockerEngine _worker = null!;

    [SetUp]
    public async Task CreateASwarmAsync()
    {
        _manager = await SharedEngine.GetWithOwnNetworkAsync();
        _worker = await PrivateDockerEngine.StartOrSkipAsync(Options);
        await _worker.ImportWebImageAsync();
        var (here, there) = await _manager.ConnectAsync(_worker);
        await _manager.RunAsync("swarm", "init", "--advertise-addr", here);
        var token = await _manager.RunAsync("swarm", "join-token", "-q", "worker");
        await _worker.RunAsync("swarm", "join", "--advertise-addr", there, "--token", token, here + ":2377");
    }

    [TearDown]
    public async Task LeaveItAsync()
    {
        if (_worker is not null)
            await _worker.DisposeAsync();
        if (_manager is not null)
            await _manager.TryRunAsync("swarm", "leave", "--force");
    }

    [TestCaseSource(nameof(Replicas)), CancelAfter(180_000)]
    public async Task DrainingANodeLosesNoRequest(int replicas, CancellationToken cancellationToken)
    {
        await using var stage = await Stage.OpenEmptyAsync(_manager);
        await _manager.RunAsync("network", "create", "-d", "overlay", "--attachable", "front");
        await stage.StartTemplaterAsync("haproxy", "-e", "TEMPLATER_RELOAD=haproxy:/run/templater/master.sock", "--group-add", "99");
        (await stage.StartHAProxyAsync()).Dispose();
        await stage.StartWebAsync("good");
        var client = new OverlayClient(_manager, "good");
        await _manager.RunAsync(
            "service", "create", "--detach", "--name", "shop", "--network", "front", "--replicas", $"{replicas}", "--label", "templater.host=" + Host, "--label", "templater.port=8080", Images.Web);
        await Shop.WaitForServersAsync(stage, replicas, [_manager, _worker], cancellationToken);
        var before = await Shop.TasksAsync(_worker);
        Assert.That(before, Is.Not.Empty, "the worker has its part");
        await client.WaitForAsync(Host, body => before.Contains(body), cancellationToken);

        await client.StartLoadAsync(Host);
        var start = TimeProvider.System.GetTimestamp();
        var node = await _worker.RunAsync("info", "-f", "{{.Swarm.NodeID}}");
        await _manager.RunAsync("node", "update", "--availability", "drain", node);
        await Shop.WaitForServersAsync(stage, replicas, [_manager], cancellationToken);
        var time = TimeProvider.System.GetElapsedTime(start);
        var (answered, failures) = await client.EndLoadAsync(cancellationToken);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await Shop.TasksAsync(_worker), Is.Empty);
            Assert.That(await Shop.TasksAsync(_manager), Has.Length.EqualTo(replicas));
            Assert.That(answered, Is.GreaterThan(OverlayClient.LeastRate * time.TotalSeconds), "the load went on all the while");
            Assert.That(failures, Is.Empty, await stage.LogsAsync());
        }
    }
}
