using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Tests.Deployment.Runtime;

/// <summary>A real HAProxy is told of containers that come and go while it runs, and is reloaded only where that does not do.</summary>
[Platform("Linux")]
public sealed class RuntimeTests
{
    private const int PerSecond = 200;

    private static bool IsFull => Environment.GetEnvironmentVariable("TESTS_TIER") == "full";

    private static int Changes => IsFull ? 100 : 12;

    [Test, CancelAfter(120_000)]
    public async Task ReplicasComeAndGoWithoutAReloadAndWithoutAFailedRequest()
    {
        await using var stage = await LiveStageAsync("web-1", "web-2");
        await using var requests = new Requests(stage.Port, RuntimeStage.Host, PerSecond);
        await Task.Delay(200);

        for (var i = 0; i < Changes; i++)
        {
            var name = $"more-{i % 4}";
            stage.Come(name);
            await BecomesLiveAtRunTimeAsync(stage);
            await Task.Delay(60);
            var end = stage.GoAsync(name);
            await BecomesLiveAtRunTimeAsync(stage);
            await end;
            await Task.Delay(60);
        }

        Assert.That(await requests.FinishAsync(), Is.Empty);
        Assert.That(requests.Count, Is.GreaterThan(Changes * PerSecond / 10));
        Assert.That(await stage.ReloadsAsync(), Is.Zero);
        Assert.That(await stage.StateAsync(), Is.EqualTo(await stage.FreshStateAsync()));
    }

    [Test]
    public async Task TheOnlyReplicaIsReplacedWithoutAReload()
    {
        await using var stage = await LiveStageAsync("web-1");
        await using var requests = new Requests(stage.Port, RuntimeStage.Host, PerSecond);
        await Task.Delay(100);

        stage.Come("web-2");
        await BecomesLiveAtRunTimeAsync(stage);
        var end = stage.GoAsync("web-1");
        await BecomesLiveAtRunTimeAsync(stage);
        await end;
        await Task.Delay(300);

        Assert.That(await requests.FinishAsync(), Is.Empty);
        Assert.That(await stage.ReloadsAsync(), Is.Zero);
        Assert.That(await stage.StateAsync(), Is.EqualTo(await stage.FreshStateAsync()));
    }

    [Test]
    public async Task MoreReplicasThanSlotsAreAReloadWithABiggerBlock()
    {
        await using var stage = await LiveStageAsync("web-1");
        for (var i = 2; i <= 7; i++)
            stage.Come($"web-{i}");

        await stage.BecomeLiveAsync();

        Assert.That(await stage.ReloadsAsync(), Is.EqualTo(1));
        Assert.That(stage.Deployer.Status.Current!.ReloadReason, Is.EqualTo("more than the contents of slots has changed"));
        Assert.That(await stage.StateAsync(), Does.Contain("s7 ").And.Contain("s11 ").And.Not.Contain("s12 "));
    }

    [Test]
    public async Task ASocketThatAllowsNoChangesIsAReloadThatIsProvenAndTheWayOutIsSaid()
    {
        await using var stage = await LiveStageAsync("web-1");
        await stage.StartAsync("operator");
        stage.Come("web-2");

        var outcome = await stage.BecomeLiveAsync();

        Assert.That(await stage.ReloadsAsync(), Is.EqualTo(1));
        Assert.That(stage.Deployer.Status.Current!.ReloadReason, Does.StartWith(HAProxyRuntime.Failed).And.Contain("Permission denied"));
        Assert.That(outcome.Findings.Select(finding => finding.Reason), Does.Contain(ReasonIds.RuntimeDenied));
        Assert.That(outcome.Findings.Single(finding => finding.Reason == ReasonIds.RuntimeDenied).Message, Does.Contain("level,admin"));
        Assert.That(await stage.StateAsync(), Is.EqualTo(await stage.FreshStateAsync()));
        Assert.That((await stage.DeployAsync()).Findings.Select(finding => finding.Reason), Does.Contain(ReasonIds.RuntimeDenied), "it still holds");
    }

    [Test]
    public async Task AProxyThatStartsWithAnOlderFileIsBroughtToTheNewOne()
    {
        await using var stage = await LiveStageAsync("web-1");
        var config = stage.Config;
        stage.Come("web-2");
        await BecomesLiveAtRunTimeAsync(stage);
        var before = await stage.StateAsync();
        // As if it had been killed between the swap and the first command.
        await stage.Master.SendAsync("@1 set server " + Backend(config) + "/s2 state maint", TimeSpan.FromSeconds(5), CancellationToken.None);
        await stage.Master.SendAsync("@1 set server " + Backend(config) + "/s2 addr 127.0.0.1 port 1", TimeSpan.FromSeconds(5), CancellationToken.None);
        stage.Come("web-3");

        await BecomesLiveAtRunTimeAsync(stage);

        Assert.That(await stage.ReloadsAsync(), Is.Zero);
        Assert.That(await stage.StateAsync(), Is.Not.EqualTo(before));
        Assert.That(await stage.StateAsync(), Is.EqualTo(await stage.FreshStateAsync()));
    }

    [Test]
    public async Task AChangeWhileTheProxyIsDownIsOwedAndItsStartIsEnough()
    {
        await using var stage = await LiveStageAsync("web-1");
        stage.Stop();
        stage.Come("web-2");
        Assert.That(await stage.DeployAsync(), Is.InstanceOf<DeployOutcome.Owed>());

        await stage.StartAsync();
        await stage.BecomeLiveAsync();

        Assert.That(await stage.ReloadsAsync(), Is.Zero);
        Assert.That(await stage.StateAsync(), Is.EqualTo(await stage.FreshStateAsync()));
    }

    [Test]
    public async Task WeightsAndStickyCookiesOfSlotsAreKept()
    {
        await using var stage = new RuntimeStage { Labels = [("templater.sticky", "cookie"), ("templater.weight", "7")] };
        await BeginAsync(stage, "web-1", "web-2");
        await stage.GoAsync("web-1");
        await BecomesLiveAtRunTimeAsync(stage);
        stage.Come("web-3");
        await BecomesLiveAtRunTimeAsync(stage);

        Assert.That(await stage.ReloadsAsync(), Is.Zero);
        Assert.That(stage.Config, Does.Contain("weight 7").And.Contain("cookie s5"));
        Assert.That(await stage.StateAsync(), Is.EqualTo(await stage.FreshStateAsync()));
    }

    private static string Backend(string config) => config.Split("backend " + RuntimeStage.Host)[1] is var rest ? RuntimeStage.Host + rest[..rest.IndexOf('\n', StringComparison.Ordinal)] : "";

    private static async Task BecomesLiveAtRunTimeAsync(RuntimeStage stage)
    {
        var outcome = await stage.BecomeLiveAsync();
        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Live>().With.Property("Proof").StartsWith("runtime: "), stage.Deployer.Status.Current!.ToString());
    }

    private static async Task<RuntimeStage> LiveStageAsync(params string[] replicas)
    {
        var stage = new RuntimeStage();
        await BeginAsync(stage, replicas);
        return stage;
    }

    private static async Task BeginAsync(RuntimeStage stage, params string[] replicas)
    {
        foreach (var replica in replicas)
            stage.Come(replica);
        await stage.DeployAsync();
        await stage.StartAsync();
        await stage.BecomeLiveAsync();
    }
}
