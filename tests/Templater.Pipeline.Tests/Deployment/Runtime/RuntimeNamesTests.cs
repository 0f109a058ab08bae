using System.Net;
using System.Text;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Tests.Rendering;

namespace Templater.Pipeline.Tests.Deployment.Runtime;

/// <summary>A real HAProxy is told of new hosts on backends that it has, and is reloaded only where that does not do.</summary>
[Platform("Linux")]
public sealed class RuntimeNamesTests
{
    private const string New = "new.example.com";
    private const string Both = RuntimeStage.Host + "," + New;
    private const int PerSecond = 200;
    // 50 of the 200 requests a second begin with a full handshake; the rest come over connections that are kept, as browsers keep them.
    private const int FreshEvery = 4;

    [Test, CancelAfter(60_000)]
    public async Task ANewHostOnABackendThatIsThereComesAndGoesWithoutAReloadAndWithoutAFailedRequest()
    {
        await using var stage = await LiveStageAsync("web-1", "web-2");
        Assert.That(await stage.AskAsync(New), Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        await using var requests = new Requests(stage.Port, RuntimeStage.Host, PerSecond);
        await Task.Delay(100);

        stage.Name(Both, "web-1", "web-2");
        await BecomesLiveAtRunTimeAsync(stage, "runtime: 1 host name");
        Assert.That(await stage.AskAsync(New), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await stage.StateAsync(), Is.EqualTo(await stage.FreshStateAsync()).And.Contain(New));

        stage.Name(RuntimeStage.Host, "web-1", "web-2");
        await BecomesLiveAtRunTimeAsync(stage, "runtime: 1 host name");
        Assert.That(await stage.AskAsync(New), Is.EqualTo(HttpStatusCode.ServiceUnavailable));

        Assert.That(await requests.FinishAsync(), Is.Empty);
        Assert.That(await stage.ReloadsAsync(), Is.Zero);
        Assert.That(await stage.StateAsync(), Is.EqualTo(await stage.FreshStateAsync()).And.Not.Contain(New));
    }

    [Test, CancelAfter(60_000)]
    public async Task ANewHostIsServedWithTheCertificateThatCameForItWithoutAReload()
    {
        await using var stage = new RuntimeStage();
        stage.Renew();
        await BeginAsync(stage, "web-1");
        await using var requests = new Requests(stage.SecurePort, RuntimeStage.Host, PerSecond, isSecure: true, FreshEvery);
        await Task.Delay(100);

        var second = stage.Renew("", New);
        stage.Name(Both, "web-1");
        await BecomesLiveAtRunTimeAsync(stage, "runtime: 1 host name, 1 certificate");

        Assert.That(await stage.AskAsync(New), Is.EqualTo(HttpStatusCode.PermanentRedirect), "to https, as the other one");
        Assert.That(await stage.AskAsync(New, isSecure: true), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await requests.FinishAsync(), Is.Empty);
        Assert.That(await stage.ReloadsAsync(), Is.Zero);
        Assert.That(await stage.StateAsync(), Is.EqualTo(await stage.FreshStateAsync()).And.Contain(second).And.Contain(New));
    }

    [Test]
    public async Task AHostWhoseCertificateAnotherAuthorityOrdersIsAnsweredByItsAccountWithoutAReload()
    {
        await using var stage = new RuntimeStage();
        stage.Scenario.Policy = stage.Scenario.Policy with { Acme = GivenAcme.Policy };
        stage.Scenario.Acme = GivenAcme.Answers;
        await BeginAsync(stage, "web-1");
        Assert.That(await stage.ChallengeAsync("token"), Is.EqualTo("token." + GivenAcme.FirstThumbprint));

        stage.Scenario.Acme = GivenAcme.Turned(RuntimeStage.Host);
        await BecomesLiveAtRunTimeAsync(stage, "runtime: 1 host name");

        Assert.That(await stage.ChallengeAsync("token"), Is.EqualTo("token." + GivenAcme.SecondThumbprint));
        Assert.That(await stage.ReloadsAsync(), Is.Zero);
        Assert.That(await stage.StateAsync(), Is.EqualTo(await stage.FreshStateAsync()));
    }

    [Test]
    public async Task ANewHostAndANewReplicaGoTogether()
    {
        await using var stage = await LiveStageAsync("web-1");
        stage.Come("web-2");
        stage.Name(Both, "web-1", "web-2");

        await BecomesLiveAtRunTimeAsync(stage, "runtime: 1 server, 1 host name");

        Assert.That(await stage.ReloadsAsync(), Is.Zero);
        Assert.That(await stage.StateAsync(), Is.EqualTo(await stage.FreshStateAsync()));
    }

    [Test]
    public async Task ANewHostOfSomeReplicasIsAReload()
    {
        await using var stage = await LiveStageAsync("web-1", "web-2");
        stage.Name(Both, "web-2");

        await BecomesLiveByReloadAsync(stage, "more has changed than it can be told while it runs");

        Assert.That(await stage.AskAsync(New), Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task ANameThatGoesToAnotherHostIsNeverNobodys()
    {
        await using var stage = new RuntimeStage();
        stage.Come("web-1");
        stage.Come("web-2");
        stage.Name(Both, "web-1");
        stage.Name("other.example.com", "web-2");
        await GoLiveAsync(stage);
        await using var requests = new Requests(stage.Port, New, PerSecond);
        await Task.Delay(100);

        for (var i = 0; i < 4; i++)
        {
            var (from, to) = i % 2 == 0 ? ("web-1", "web-2") : ("web-2", "web-1");
            stage.Name(HostOf(from), from);
            stage.Name(HostOf(to) + "," + New, to);
            await BecomesLiveAtRunTimeAsync(stage, "runtime: 1 host name");
        }

        Assert.That(await requests.FinishAsync(), Is.Empty);
        Assert.That(await stage.ReloadsAsync(), Is.Zero);
        Assert.That(await stage.StateAsync(), Is.EqualTo(await stage.FreshStateAsync()));

        static string HostOf(string replica) => replica == "web-1" ? RuntimeStage.Host : "other.example.com";
    }

    [Test]
    public async Task MoreHostsThanALineHoldsAreAReload()
    {
        await using var stage = await LiveStageAsync("web-1");
        stage.Name(string.Join(',', Enumerable.Range(1, 32).Select(static i => $"h{i}.example.com").Prepend(RuntimeStage.Host)), "web-1");

        await BecomesLiveByReloadAsync(stage, "more has changed than it can be told while it runs");

        Assert.That(await stage.AskAsync("h32.example.com"), Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task ASocketOfLevelOperatorIsEnoughForNames()
    {
        await using var stage = await LiveStageAsync("web-1");
        await stage.StartAsync("operator");
        stage.Name(Both, "web-1");

        await BecomesLiveAtRunTimeAsync(stage, "runtime: 1 host name");

        Assert.That(await stage.ReloadsAsync(), Is.Zero);
        Assert.That(await stage.AskAsync(New), Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task WhatSomebodyElseChangedIsPutRightWithTheNextChange()
    {
        await using var stage = await LiveStageAsync("web-1");
        var list = HAProxyLists.Numbers(await SendAsync(stage, "show acl"))[HostLines.Read(Encoding.UTF8.GetBytes(stage.Config))[0].Line];
        await SendAsync(stage, $"add acl #{list} foreign.example.com");
        await SendAsync(stage, $"del acl #{list} {RuntimeStage.Host}");
        stage.Come("web-2");

        await BecomesLiveAtRunTimeAsync(stage, "runtime: 1 server, 2 host names");

        Assert.That(await stage.ReloadsAsync(), Is.Zero);
        Assert.That(await stage.StateAsync(), Is.EqualTo(await stage.FreshStateAsync()).And.Not.Contain("foreign"));
    }

    private static Task<string> SendAsync(RuntimeStage stage, string command) => stage.Master.SendAsync("@1 " + command, TimeSpan.FromSeconds(5), CancellationToken.None);

    private static async Task BecomesLiveAtRunTimeAsync(RuntimeStage stage, string how)
    {
        var outcome = await stage.BecomeLiveAsync();
        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Live>().With.Property("Proof").EqualTo(how), stage.Deployer.Status.Current!.ToString());
    }

    private static async Task BecomesLiveByReloadAsync(RuntimeStage stage, string reason)
    {
        await stage.BecomeLiveAsync();
        Assert.That(await stage.ReloadsAsync(), Is.EqualTo(1));
        Assert.That(stage.Deployer.Status.Current!.ReloadReason, Is.EqualTo(reason));
        Assert.That(await stage.StateAsync(), Is.EqualTo(await stage.FreshStateAsync()));
    }

    private static async Task<RuntimeStage> LiveStageAsync(params string[] replicas)
    {
        var stage = new RuntimeStage();
        await BeginAsync(stage, replicas);
        return stage;
    }

    private static Task BeginAsync(RuntimeStage stage, params string[] replicas)
    {
        foreach (var replica in replicas)
            stage.Come(replica);
        return GoLiveAsync(stage);
    }

    private static async Task GoLiveAsync(RuntimeStage stage)
    {
        await stage.DeployAsync();
        await stage.StartAsync();
        await stage.BecomeLiveAsync();
    }
}
