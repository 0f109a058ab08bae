using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Keeping;

namespace Templater.Pipeline.Tests.Certificates.Keeping;

/// <summary>What the keeper does because an operator asks for it.</summary>
[CancelAfter(30_000)]
public sealed class KeeperOperatorTests
{
    private KeeperBench _bench = null!;

    [SetUp]
    public void SetUp() => _bench = new KeeperBench();

    [TearDown]
    public async Task TearDown() => await _bench.DisposeAsync();

    [Test]
    public async Task WhoMendedTheCauseDoesNotWaitForThePause(CancellationToken cancellationToken)
    {
        var isBroken = true;
        _bench.Authorities.OnOrder = (_, _, _) => isBroken ? throw new AcmeException(AcmeFailure.Validation, "no answer") : Task.CompletedTask;
        _bench.Start();
        _bench.Look(KeeperBench.Wanted("a.example"));
        await _bench.UntilAsync(() => _bench.Keeper.Status.Any(static one => one is { Failed: 2, Activity: CertificateActivity.Waiting }), cancellationToken);
        var before = (Now: _bench.Time.GetUtcNow(), Orders: _bench.Authorities.Ordered.Count);
        isBroken = false;

        _bench.Keeper.Hurry("a.example");
        await _bench.UntilAsync(() => _bench.Vault.Find("a.example") is not null, cancellationToken);

        Assert.That(_bench.Time.GetUtcNow() - before.Now, Is.LessThan(TimeSpan.FromMinutes(2)), "the pause is 10 minutes");
        Assert.That(_bench.Authorities.Ordered, Has.Count.EqualTo(before.Orders + 1));
    }

    [Test]
    public async Task WhoMendedNothingCostsOneAttemptAndWaitsLonger(CancellationToken cancellationToken)
    {
        _bench.Authorities.OnOrder = (_, _, _) => throw new AcmeException(AcmeFailure.Validation, "no answer");
        _bench.Start();
        _bench.Look(KeeperBench.Wanted("a.example"));
        await _bench.UntilAsync(() => _bench.Keeper.Status.Any(static one => one is { Failed: 2, Activity: CertificateActivity.Waiting }), cancellationToken);
        var orders = _bench.Authorities.Ordered.Count;
        _bench.Keeper.Hurry("a.example");
        await _bench.UntilAsync(() => _bench.Keeper.Status.Any(static one => one is { Failed: 3, Activity: CertificateActivity.Waiting }), cancellationToken);
        Assert.That(_bench.Authorities.Ordered, Has.Count.EqualTo(orders + 1));
        Assert.That(_bench.StatusOf("a.example").NextAt, Is.GreaterThan(_bench.Time.GetUtcNow() + TimeSpan.FromMinutes(90)));
    }

    [Test]
    public void WhatAnAuthoritySaidToWaitForHoldsForWhoIsInAHurry()
    {
        var now = _bench.Time.GetUtcNow();
        var (theirs, ours) = (new FailureSubject(FailureScope.Refusal, "a.example", KeeperBench.First), new FailureSubject(FailureScope.Names, "a.example", ""));
        var other = new FailureSubject(FailureScope.Names, "b.example", "");
        var failures = Failures.None.With(theirs, "limit", now, now + TimeSpan.FromHours(2)).With(ours, "no answer", now, null).With(other, "no answer", now, null).Hurried("a.example", [KeeperBench.First]);
        Assert.That(failures.Of(theirs)!.RetryAt(FailureScope.Refusal, null), Is.EqualTo(now + TimeSpan.FromHours(2)));
        Assert.That(failures.Of(ours)!.RetryAt(FailureScope.Names, null), Is.LessThanOrEqualTo(now));
        Assert.That(failures.Of(other)!.RetryAt(FailureScope.Names, null), Is.GreaterThan(now));
    }

    [Test]
    public async Task WhatWasRevokedIsReplacedOnceWithAnotherKeyAlsoAfterARestart(CancellationToken cancellationToken)
    {
        _bench.Parts = _bench.Parts with { ReusesKeys = true };
        _bench.Start();
        _bench.Look(KeeperBench.Wanted("a.example"));
        await _bench.UntilAsync(() => _bench.Keeper.Status.Any(static one => one.NotAfter is not null), cancellationToken);
        var before = _bench.Vault.Find("a.example")!;
        _bench.Authorities.OnOrder = (_, _, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        _bench.Keeper.Revoked(_bench.Vault.Held["a.example"].Life.Id);
        await _bench.UntilAsync(() => _bench.Keeper.Status.Any(static one => one is { IsRevoked: true, Activity: CertificateActivity.Ordering }), cancellationToken);

        await _bench.DisposeAsync();
        _bench = _bench.Again();
        _bench.Parts = _bench.Parts with { ReusesKeys = true };
        _bench.Authorities.OnOrder = (_, _, _) => Task.CompletedTask;
        _bench.Start();
        await _bench.UntilAsync(() => _bench.Keeper.Status.Any(static one => one is { IsRevoked: false, Activity: CertificateActivity.Resting }) && !ReferenceEquals(_bench.Vault.Find("a.example"), before), cancellationToken);

        Assert.That(_bench.Vault.Find("a.example")!.Key.Public.Thumbprint, Is.Not.EqualTo(before.Key.Public.Thumbprint));
        await _bench.UntilAsync(() => _bench.Vault.Remembered.Revoked.IsEmpty, cancellationToken);
    }

    [Test]
    public async Task WhatNobodyWantsIsNotReplaced(CancellationToken cancellationToken)
    {
        _bench.Start();
        _bench.Look(KeeperBench.Wanted("a.example"));
        await _bench.UntilAsync(() => _bench.Keeper.Status.Any(static one => one.NotAfter is not null), cancellationToken);
        _bench.Keeper.Revoked("another");
        _bench.Keeper.Hurry("b.example");
        await _bench.UntilAsync(() => _bench.Vault.Remembered.Revoked.IsEmpty, cancellationToken);
        Assert.That(_bench.Authorities.Ordered, Has.Count.EqualTo(1));
    }
}
