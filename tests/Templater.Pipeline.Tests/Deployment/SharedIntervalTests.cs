using Templater.Pipeline.Deployment;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>Two outputs that one proxy reads, of which one wants an hour between two reloads.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(30_000)]
[Platform("Linux")]
public sealed class SharedIntervalTests : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private readonly FakeTimeProvider _time = new();
    private readonly ProxyReloads _reloads;
    private readonly DeployerBench _config;
    private readonly DeployerBench _map;

    public SharedIntervalTests()
    {
        _reloads = new ProxyReloads(_time);
        _config = new DeployerBench(_time, "config", _reloads);
        _map = new DeployerBench(_time, "map", _reloads, Longest);
    }

    [Test]
    public async Task WhatIsGoneWaitsForTheOwnIntervalOnlyAndTakesTheOthersAlong(CancellationToken cancellationToken)
    {
        await Task.WhenAll(DeployAsync(_config, "one"), DeployAsync(_map, "one"));
        _time.Advance(TimeSpan.FromSeconds(10));
        foreach (var bench in (DeployerBench[])[_config, _map])
            Assert.That(await DeployAsync(bench, "more", mayWait: true), Is.InstanceOf<DeployOutcome.Owed>());
        var reloads = Reloads;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var debt = _map.Deployer.RunDebtAsync(end.Token);

        Assert.That(await DeployAsync(_config, "less").WaitAsync(cancellationToken), Is.InstanceOf<DeployOutcome.Live>());
        while (_map.Deployer.Status.Current!.IsOwed)
            await Task.Delay(1, cancellationToken);
        Assert.That(Reloads - reloads, Is.EqualTo(1));
        await end.CancelAsync();
        await Assert.ThatAsync(() => debt, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task WhoComesTooLateToGoAlongDoesNotTryAgainAtOnce(CancellationToken cancellationToken)
    {
        await DeployAsync(_map, "one");
        _time.Advance(TimeSpan.FromSeconds(10));
        await DeployAsync(_map, "more", mayWait: true);
        _reloads.BeginTelling("other", mayWait: false);

        var settling = _map.Deployer.SettleDebtAsync(cancellationToken);
        await _time.AdvanceWhenWaitingAsync(ProxyReloads.Patience, cancellationToken: cancellationToken);
        Assert.That(await settling, Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(await _map.Deployer.SettleDebtAsync(cancellationToken), Is.Null);
        Assert.That(Reloads, Is.EqualTo(1));
    }

    [Test]
    public async Task AnotherOutputsIntervalHoldsAfterAStartToo()
    {
        await DeployAsync(_config, "one");
        _config.Reopen();

        Assert.That(await DeployAsync(_config, "more", mayWait: true), Is.InstanceOf<DeployOutcome.Owed>());
        _time.Advance(Longest);
        Assert.That(await _config.Deployer.SettleDebtAsync(CancellationToken.None), Is.InstanceOf<DeployOutcome.Live>());
    }

    public void Dispose()
    {
        _config.Dispose();
        _map.Dispose();
    }

    private int Reloads => _config.Proxy.Reloads + _map.Proxy.Reloads;

    private static Task<DeployOutcome> DeployAsync(DeployerBench bench, string text, bool mayWait = false) =>
        bench.Deployer.DeployAsync(bench.FileOf(text) with { MayWait = mayWait }, "test", CancellationToken.None);
}
