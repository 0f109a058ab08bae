using System.Net;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Pipeline.Tests.Certificates;

namespace Templater.Pipeline.Tests.Deployment.Runtime;

/// <summary>A real HAProxy is told of pairs that come and go, and is reloaded only where that does not do.</summary>
[Platform("Linux")]
public sealed class RuntimePairsTests
{
    private const string New = "new.example.com";
    private const string Both = RuntimeStage.Host + "," + New;
    private const string OnePair = "runtime: 1 certificate";
    private const int PerSecond = 200;
    // 50 of the 200 requests a second begin with a full handshake; the rest come over connections that are kept, as browsers keep them.
    private const int FreshEvery = 4;

    [Test, CancelAfter(120_000)]
    public async Task APairComesIsRenewedAndGoesWithoutAReloadAndWithoutAFailedHandshake()
    {
        await using var stage = await LiveStageAsync();
        await using var requests = new Requests(stage.SecurePort, RuntimeStage.Host, PerSecond, isSecure: true, FreshEvery);
        await Task.Delay(100);

        var first = stage.Certify(New);
        await BecomesLiveAtRunTimeAsync(stage, OnePair);
        Assert.That(await stage.AskAsync(New, isSecure: true), Is.EqualTo(HttpStatusCode.ServiceUnavailable), "nobody has the name, and the handshake succeeds");
        Assert.That(await stage.StateAsync(), Is.EqualTo(await stage.FreshStateAsync()).And.Contain(first));
        Assert.That(await ListAsync(stage), Is.EquivalentTo(new[] { stage.CertificateFile, stage.CertificateFileOf(New) }));

        var second = stage.Certify(New);
        await BecomesLiveAtRunTimeAsync(stage, OnePair);
        Assert.That(await stage.StateAsync(), Is.EqualTo(await stage.FreshStateAsync()).And.Contain(second).And.Not.Contain(first));

        File.Delete(stage.CertificateFileOf(New));
        await BecomesLiveAtRunTimeAsync(stage, OnePair);
        await Assert.ThatAsync(() => stage.AskAsync(New, isSecure: true), Throws.InstanceOf<HttpRequestException>(), "the handshake is refused");

        Assert.That(await requests.FinishAsync(), Is.Empty);
        Assert.That(await stage.ReloadsAsync(), Is.Zero);
        Assert.That(await ListAsync(stage), Is.EqualTo(new[] { stage.CertificateFile }));
        Assert.That(await stage.StateAsync(), Is.EqualTo(await stage.FreshStateAsync()).And.Not.Contain(New));
    }

    [Test, CancelAfter(120_000)]
    public async Task AHostWithAPairOfItsOwnComesAndGoesWithoutAReloadAndWithoutAFailedHandshake()
    {
        await using var stage = await LiveStageAsync();
        await using var requests = new Requests(stage.SecurePort, RuntimeStage.Host, PerSecond, isSecure: true, FreshEvery);
        await Task.Delay(100);

        var shown = stage.Certify(New);
        stage.Name(Both, "web-1");
        await BecomesLiveAtRunTimeAsync(stage, "runtime: 1 host name, 1 certificate");
        Assert.That(await stage.AskAsync(New), Is.EqualTo(HttpStatusCode.PermanentRedirect), "to https, as the other one");
        Assert.That(await stage.AskAsync(New, isSecure: true), Is.EqualTo(HttpStatusCode.OK), "with a pair that has the name");
        Assert.That(await stage.StateAsync(), Is.EqualTo(await stage.FreshStateAsync()).And.Contain(shown));

        File.Delete(stage.CertificateFileOf(New));
        stage.Name(RuntimeStage.Host, "web-1");
        await BecomesLiveAtRunTimeAsync(stage, "runtime: 1 host name, 1 certificate");
        await Assert.ThatAsync(() => stage.AskAsync(New, isSecure: true), Throws.InstanceOf<HttpRequestException>(), "the handshake is refused");

        Assert.That(await requests.FinishAsync(), Is.Empty);
        Assert.That(await stage.ReloadsAsync(), Is.Zero);
        Assert.That(await stage.StateAsync(), Is.EqualTo(await stage.FreshStateAsync()).And.Not.Contain(New));
    }

    [Test]
    public async Task APairThatHAProxyLoadedAndTemplaterNeverSawIsNotTakenAway()
    {
        await using var stage = new RuntimeStage();
        stage.Certify(RuntimeStage.Host);
        stage.Certify(New);
        stage.Come("web-1");
        await stage.DeployAsync();
        await stage.StartAsync();
        File.Delete(stage.CertificateFileOf(New));

        await BecomesLiveByReloadAsync(stage, "not known whether it is gone");
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public async Task WhatWasInterruptedIsFinished(int commands)
    {
        await using var stage = await LiveStageAsync();
        stage.Certify(New);
        var file = stage.CertificateFileOf(New);
        var pair = string.Concat((await File.ReadAllLinesAsync(file)).Where(static line => line.Length > 0).Select(static line => line + "\n"));
        foreach (var command in new[] { $"new ssl cert {file}", $"set ssl cert {file} <<\n{pair}", $"commit ssl cert {file}" }.Take(commands))
            await SendAsync(stage, command);

        await BecomesLiveAtRunTimeAsync(stage, OnePair);

        Assert.That(await stage.ReloadsAsync(), Is.Zero);
        Assert.That(await stage.StateAsync(), Is.EqualTo(await stage.FreshStateAsync()));
    }

    [Test]
    public async Task NewIssuersAreShownWithoutAReload()
    {
        await using var stage = await LiveStageAsync();
        await File.AppendAllTextAsync(stage.CertificateFile, TestCertificates.Make("issuer-1").Chain);
        await BecomesLiveAtRunTimeAsync(stage, OnePair);
        Assert.That(await stage.StateAsync(), Is.EqualTo(await stage.FreshStateAsync()).And.Contain("issuer-1"));

        var text = await File.ReadAllTextAsync(stage.CertificateFile);
        await File.WriteAllTextAsync(stage.CertificateFile, text[..text.LastIndexOf("-----BEGIN", StringComparison.Ordinal)] + TestCertificates.Make("issuer-2").Chain);
        await BecomesLiveAtRunTimeAsync(stage, OnePair);

        Assert.That(await stage.ReloadsAsync(), Is.Zero);
        Assert.That(await stage.StateAsync(), Is.EqualTo(await stage.FreshStateAsync()).And.Contain("issuer-2").And.Not.Contain("issuer-1"));
    }

    [Test]
    public async Task APairTooBigForACommandIsAReload()
    {
        await using var stage = await LiveStageAsync();
        // HAProxy passes over blocks that it does not know.
        stage.Certify(New, "-----BEGIN X-----\n" + string.Concat(Enumerable.Repeat("AAAA\n", 4000)) + "-----END X-----\n");

        await BecomesLiveByReloadAsync(stage, "15000 bytes");

        Assert.That(await stage.AskAsync(New, isSecure: true), Is.EqualTo(HttpStatusCode.ServiceUnavailable));
    }

    [Test]
    public async Task APairThatMayNotBeToldIsAReload()
    {
        await using var stage = await LiveStageAsync();
        await stage.StartAsync("operator");
        stage.Certify(New);

        await BecomesLiveByReloadAsync(stage, "Permission denied");

        Assert.That(await stage.AskAsync(New, isSecure: true), Is.EqualTo(HttpStatusCode.ServiceUnavailable));
    }

    private static async Task<IEnumerable<string>> ListAsync(RuntimeStage stage) =>
        HAProxyCertificates.Listed(await SendAsync(stage, $"show ssl crt-list {stage.CertificateFolder}"), stage.CertificateFolder)!;

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
        Assert.That(stage.Deployer.Status.Current!.ReloadReason, Does.StartWith(HAProxyRuntime.Failed).And.Contain(reason).And.Not.Contain("BEGIN"));
        Assert.That(await stage.StateAsync(), Is.EqualTo(await stage.FreshStateAsync()));
    }

    private static async Task<RuntimeStage> LiveStageAsync()
    {
        var stage = new RuntimeStage();
        stage.Certify(RuntimeStage.Host);
        stage.Come("web-1");
        await stage.DeployAsync();
        await stage.StartAsync();
        await stage.BecomeLiveAsync();
        return stage;
    }
}
