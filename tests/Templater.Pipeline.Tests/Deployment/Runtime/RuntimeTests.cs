using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment.Runtime;

/// <summary>A real HAProxy is told of containers that come and go while it runs, and is reloaded only where that does not do.</summary>
[Platform("Linux")]
public sealed class RuntimeTests
{
    private const int PerSecond = 200;
    // 50 of the 200 requests a second begin with a full handshake; the rest come over connections that are kept, as browsers keep them.
    private const int FreshEvery = 4;

    private static int Changes => Rotation.IsFullTier ? 100 : 12;

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
        Assert.That(stage.Deployer.Status.Current!.ReloadReason, Is.EqualTo("more has changed than it can be told while it runs"));
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

    [Test, CancelAfter(60_000)]
    public async Task ARenewedCertificateIsShownWithoutAReloadAndWithoutAFailedRequest()
    {
        await using var stage = new RuntimeStage();
        var first = stage.Renew();
        await BeginAsync(stage, "web-1");
        await using var requests = new Requests(stage.SecurePort, RuntimeStage.Host, PerSecond, isSecure: true, FreshEvery);
        await Task.Delay(300);

        // What stands between the blocks would end the payload, and be taken for commands.
        var second = stage.Renew("\n\nnot a command\n\n");
        await BecomesLiveAtRunTimeAsync(stage, "runtime: 1 certificate");
        await Task.Delay(300);

        Assert.That(await requests.FinishAsync(), Is.Empty);
        Assert.That(requests.Fingerprints, Is.EquivalentTo(new[] { first, second }));
        Assert.That(await stage.ReloadsAsync(), Is.Zero);
        Assert.That(await stage.StateAsync(), Is.EqualTo(await stage.FreshStateAsync()).And.Contain(second));
        Assert.That(stage.Deployer.Status.Current!.Cause, Is.EqualTo("test"));
    }

    [Test]
    public async Task ARenewedCertificateThatMayNotBeToldIsAReload()
    {
        await using var stage = new RuntimeStage();
        stage.Renew();
        await BeginAsync(stage, "web-1");
        await stage.StartAsync("operator");
        var second = stage.Renew();

        await stage.BecomeLiveAsync();

        Assert.That(await stage.ReloadsAsync(), Is.EqualTo(1));
        Assert.That(stage.Deployer.Status.Current!.ReloadReason, Does.StartWith(HAProxyRuntime.Failed).And.Contain("Permission denied").And.Not.Contain("BEGIN"));
        Assert.That(await stage.StateAsync(), Is.EqualTo(await stage.FreshStateAsync()).And.Contain(second));
    }

    [Test]
    public async Task ACertificateTooBigForACommandIsAReload()
    {
        await using var stage = new RuntimeStage();
        stage.Renew();
        await BeginAsync(stage, "web-1");
        var second = stage.Renew();
        // HAProxy passes over blocks that it does not know.
        await File.AppendAllTextAsync(stage.CertificateFile, "-----BEGIN X-----\n" + string.Concat(Enumerable.Repeat("AAAA\n", 4000)) + "-----END X-----\n");

        await stage.BecomeLiveAsync();

        Assert.That(await stage.ReloadsAsync(), Is.EqualTo(1));
        Assert.That(stage.Deployer.Status.Current!.ReloadReason, Does.StartWith(HAProxyRuntime.Failed).And.Contain("15000 bytes"));
        Assert.That(await stage.StateAsync(), Does.Contain(second));
    }

    private static string Backend(string config) => config.Split("backend " + RuntimeStage.Host)[1] is var rest ? RuntimeStage.Host + rest[..rest.IndexOf('\n', StringComparison.Ordinal)] : "";

    private static async Task BecomesLiveAtRunTimeAsync(RuntimeStage stage, string how = "runtime: ")
    {
        var outcome = await stage.BecomeLiveAsync();
        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Live>().With.Property("Proof").StartsWith(how), stage.Deployer.Status.Current!.ToString());
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
