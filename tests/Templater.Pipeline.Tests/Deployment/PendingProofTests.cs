using System.Collections.Immutable;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Checks;
using Templater.Pipeline.Deployment.Proving;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>A proof that is not there yet: what waits for it, and what does not.</summary>
[CancelAfter(30_000)]
public sealed class PendingProofTests
{
    private HeldProof _proof = null!;
    private ProxyFleet _fleet = null!;

    [SetUp]
    public async Task DeployWithoutProof()
    {
        _proof = new HeldProof();
        _fleet = new ProxyFleet(_proof, new AcceptingChecker());
        _fleet.Add("edge");
        Assert.That(await DeployAsync("one", TestContext.CurrentContext.CancellationToken), Is.InstanceOf<DeployOutcome.Owed>(), "the caller does not wait for ever");
    }

    [TearDown]
    public void RemoveFleet() => _fleet.Dispose();

    [Test]
    public async Task ANewerFileDoesNotWaitForTheProofOfAnOlderOne(CancellationToken cancellationToken)
    {
        using var ending = new CancellationTokenSource();
        var debt = _fleet.Deployer.RunDebtAsync(ending.Token);

        Assert.That(await _fleet.DeployAsync("one").WaitAsync(cancellationToken), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(_fleet.Proxies[0].Reloads, Is.EqualTo(1), "the wait goes on, the proxy is not told again");
        Assert.That(await DeployAsync("two", cancellationToken), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(File.ReadAllText(_fleet.Path), Does.StartWith("two "));
        Assert.That(_fleet.Proxies[0].Reloads, Is.EqualTo(2));
        await ending.CancelAsync();
        await Assert.ThatAsync(() => debt, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task ALookWithNothingNewDoesNotBeginTheProofAnew(CancellationToken cancellationToken)
    {
        var debt = _fleet.Deployer.SettleDebtAsync(cancellationToken);

        for (var look = 0; look < 3; look++)
            Assert.That(await _fleet.DeployAsync("one").WaitAsync(cancellationToken), Is.InstanceOf<DeployOutcome.Owed>());
        _proof.Show();

        Assert.That(await debt, Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(_proof.Starts, Is.EqualTo(2), "once for the first caller, once for the debt");
    }

    [Test]
    public async Task AFileThatSomebodyElseWroteInterruptsTheProofOfTheWantedOne(CancellationToken cancellationToken)
    {
        var debt = _fleet.Deployer.SettleDebtAsync(cancellationToken);
        File.WriteAllText(_fleet.Path, "by hand\n");

        Assert.That(await DeployAsync("one", cancellationToken), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(await debt.WaitAsync(cancellationToken), Is.Null);
        Assert.That(File.ReadAllText(_fleet.Path), Does.StartWith("one "));
    }

    [Test]
    public async Task AProxyThatAppearsWhileAProofIsPendingIsToldAfterIt(CancellationToken cancellationToken)
    {
        var second = _fleet.Add("second");
        _fleet.Deployer.OnProxyStarted();
        var debt = _fleet.Deployer.SettleDebtAsync(cancellationToken);
        _proof.Show();

        Assert.That(await debt, Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(await _fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That((_fleet.Proxies[0].Reloads, second.Reloads), Is.EqualTo((1, 1)));
        Assert.That(await _fleet.SettleLaterAsync(), Is.Null, "once is enough");
    }

    [Test]
    public async Task ATrialDoesNotWaitForAProofThatIsPending(CancellationToken cancellationToken)
    {
        var debt = _fleet.Deployer.SettleDebtAsync(cancellationToken);

        var trial = await _fleet.Deployer.TryAsync(DeployerBench.Rendered("tried", _fleet.Path), 2, cancellationToken).WaitAsync(cancellationToken);

        Assert.That(trial, Is.InstanceOf<TrialResult.Accepted>());
        Assert.That(await debt.WaitAsync(cancellationToken), Is.Null, "it made way");
        _proof.Show();
        Assert.That(await _fleet.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(_fleet.Proxies[0].Reloads, Is.EqualTo(1), "and was gone on with");
    }

    // Until the patience with the proof has ended.
    private async Task<DeployOutcome> DeployAsync(string text, CancellationToken cancellationToken)
    {
        var deployment = _fleet.DeployAsync(text);
        await _fleet.Time.AdvanceWhenWaitingAsync(Deployer.ProofPatience, cancellationToken: cancellationToken);
        return await deployment.WaitAsync(cancellationToken);
    }

    private sealed class HeldProof : IProof
    {
        private readonly TaskCompletionSource _shown = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Starts { get; private set; }

        public void Show() => _shown.SetResult();

        public bool CanProve => true;

        public Task<bool> IsLiveAsync(Pipeline.Deployment.Reloading.IReloadTarget target, JournalEntry entry, CancellationToken cancellationToken) => Task.FromResult(false);

        public Task<ProofBaseline> CaptureAsync(Pipeline.Deployment.Reloading.IReloadTarget target, CancellationToken cancellationToken) =>
            Task.FromResult(new ProofBaseline(ImmutableHashSet.Create(1)));

        public async Task<ProofResult> ProveAsync(ProofRequest request, CancellationToken cancellationToken)
        {
            Starts++;
            await _shown.Task.WaitAsync(cancellationToken);
            return new ProofResult.Proven("seen");
        }
    }

    private sealed class AcceptingChecker : IConfigChecker
    {
        public string Description => "nobody in particular";

        public Task<CheckResult> CheckAsync(string candidate, string live, CancellationToken cancellationToken) =>
            Task.FromResult<CheckResult>(new CheckResult.Accepted());
    }
}
