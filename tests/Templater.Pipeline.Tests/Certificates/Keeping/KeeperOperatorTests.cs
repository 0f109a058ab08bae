using Templater.Acme;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Keeping;

namespace Templater.Pipeline.Tests.Certificates.Keeping;

/// <summary>What the keeper does because an operator asks for it.</summary>
[CancelAfter(30_000)]
public sealed class KeeperOperatorTests : KeeperFixture
{
    [Test]
    public async Task WhoMendedTheCauseDoesNotWaitForThePause(CancellationToken cancellationToken)
    {
        var isBroken = true;
        Bench.Authorities.OnOrder = (_, _, _) => isBroken ? throw new AcmeException(AcmeFailure.Validation, "no answer") : Task.CompletedTask;
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => Bench.Keeper.Status.Any(static one => one is { Failed: 2, Activity: CertificateActivity.Waiting }), cancellationToken);
        var before = (Now: Bench.Time.GetUtcNow(), Orders: Bench.Authorities.Ordered.Count);
        isBroken = false;

        Bench.Keeper.Hurry("a.example");
        await Bench.UntilAsync(() => Bench.Vault.Find("a.example") is not null, cancellationToken);

        Assert.That(Bench.Time.GetUtcNow() - before.Now, Is.LessThan(TimeSpan.FromMinutes(2)), "the pause is 10 minutes");
        Assert.That(Bench.Authorities.Ordered, Has.Count.EqualTo(before.Orders + 1));
    }

    [Test]
    public async Task WhoMendedNothingCostsOneAttemptAndWaitsLonger(CancellationToken cancellationToken)
    {
        Bench.Authorities.OnOrder = (_, _, _) => throw new AcmeException(AcmeFailure.Validation, "no answer");
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => Bench.Keeper.Status.Any(static one => one is { Failed: 2, Activity: CertificateActivity.Waiting }), cancellationToken);
        var orders = Bench.Authorities.Ordered.Count;
        Bench.Keeper.Hurry("a.example");
        await Bench.UntilAsync(() => Bench.Keeper.Status.Any(static one => one is { Failed: 3, Activity: CertificateActivity.Waiting }), cancellationToken);
        Assert.That(Bench.Authorities.Ordered, Has.Count.EqualTo(orders + 1));
        Assert.That(Bench.StatusOf("a.example").NextAt, Is.GreaterThan(Bench.Time.GetUtcNow() + TimeSpan.FromMinutes(90)));
    }

    [TestCase(1, 2)]
    [TestCase(10, 2)]
    [TestCase(40, 7 * 24)]
    public void WhatAnAuthoritySaidToWaitForHoldsForWhoIsInAHurry(int times, int hours)
    {
        var now = Bench.Time.GetUtcNow();
        var (theirs, ours) = (new FailureSubject(FailureScope.Refusal, "a.example", First), new FailureSubject(FailureScope.Names, "a.example", ""));
        var other = new FailureSubject(FailureScope.Names, "b.example", "");
        var failures = Failures.None.With(theirs, "limit", now, now + TimeSpan.FromHours(hours)).With(ours, "no answer", now, null).With(other, "no answer", now, null);
        for (var i = 0; i < times; i++)
            failures = failures.Hurried("a.example", [First]).AsOf(now);
        Assert.That(failures.Of(theirs)!.RetryAt(FailureScope.Refusal, null), Is.EqualTo(now + TimeSpan.FromHours(hours)));
        Assert.That(failures.Of(ours)!.RetryAt(FailureScope.Names, null), Is.LessThanOrEqualTo(now));
        Assert.That(failures.Of(other)!.RetryAt(FailureScope.Names, null), Is.GreaterThan(now));
        Assert.That(failures.With(ours, "no answer", now, null).Of(ours)!.RetryAt(FailureScope.Names, null), Is.EqualTo(now + TimeSpan.FromMinutes(10)), "once, and the count stays");
    }

    [Test]
    public async Task WhatWasRevokedIsReplacedOnceWithAnotherKeyAlsoAfterARestart(CancellationToken cancellationToken)
    {
        Bench.Parts = Bench.Parts with { ReusesKeys = true };
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => Bench.Keeper.Status.Any(static one => one.NotAfter is not null), cancellationToken);
        var before = Bench.Vault.Find("a.example")!;
        Bench.Authorities.OnOrder = (_, _, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        await RevokedAsync(cancellationToken);
        await Bench.UntilAsync(() => Bench.Keeper.Status.Any(static one => one is { IsRevoked: true, Activity: CertificateActivity.Ordering }), cancellationToken);

        await Bench.DisposeAsync();
        Bench = Bench.Again();
        Bench.Parts = Bench.Parts with { ReusesKeys = true };
        Bench.Authorities.OnOrder = (_, _, _) => Task.CompletedTask;
        Bench.Start();
        await Bench.UntilAsync(() => Bench.Keeper.Status.Any(static one => one is { IsRevoked: false, Activity: CertificateActivity.Resting }) && !ReferenceEquals(Bench.Vault.Find("a.example"), before), cancellationToken);

        Assert.That(Bench.Vault.Find("a.example")!.Key.Public.Thumbprint, Is.Not.EqualTo(before.Key.Public.Thumbprint));
    }

    [Test]
    public async Task WhatIsRevokedWhileTheDiskIsFullIsToBeSaidAgain(CancellationToken cancellationToken)
    {
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => Bench.Keeper.Status is [{ Activity: CertificateActivity.Resting }], cancellationToken);
        Bench.Vault.OnSave = static _ => throw new IOException("No space left on device");
        Assert.That(await Bench.Keeper.RevokedAsync("a.example", Bench.Vault.Held["a.example"].Life.Id, cancellationToken), Is.False);
        Bench.Vault.OnSave = static _ => { };
        await RevokedAsync(cancellationToken);
        await Bench.UntilAsync(() => Bench.Authorities.Ordered.Count == 2, cancellationToken);
    }

    [Test]
    public async Task WhatIsAskedForIsOnTheDiskOrToBeAskedAgain(CancellationToken cancellationToken)
    {
        Bench.Vault.OnRemember = static () => throw new IOException("No space left on device");
        Bench.Keeper.RollOver(First);
        Assert.That(await Bench.Keeper.RememberAsync(cancellationToken), Is.False);
        Bench.Vault.OnRemember = static () => { };
        Bench.Keeper.RollOver(First);
        Assert.That(await Bench.Keeper.RememberAsync(cancellationToken), Is.True);
        Assert.That(Bench.Vault.Remembered.RollingOver, Is.EqualTo(new[] { First }));
    }

    [TestCase(true, ExpectedResult = true)]
    [TestCase(false, ExpectedResult = false)]
    public async Task<bool> AnOrderWithTheKeyOfWhatWasRevokedIsNotGoneOnWith(bool isThatKey, CancellationToken cancellationToken)
    {
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => Bench.Keeper.Status is [{ Activity: CertificateActivity.Resting }], cancellationToken);
        var key = isThatKey ? Bench.Vault.Find("a.example")!.Key : PrivateKey.Generate();
        Bench.Vault.SetPending("a.example", new PendingOrder(new Uri("https://first.example/dir"), new Uri("https://first.example/order/1"), [Identifier.Dns("a.example")], key));
        await RevokedAsync(cancellationToken);
        await Bench.UntilAsync(() => Bench.Authorities.Wishes.Count == 2, cancellationToken);

        return Bench.Authorities.Wishes.Last().Pending is null;
    }

    [Test]
    public async Task WhatNobodyWantsIsNotReplaced(CancellationToken cancellationToken)
    {
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => Bench.Keeper.Status.Any(static one => one.NotAfter is not null), cancellationToken);
        Assert.That(await Bench.Keeper.RevokedAsync("a.example", "another", cancellationToken), Is.True);
        Assert.That(await Bench.Keeper.RevokedAsync("b.example", "another", cancellationToken), Is.True);
        Bench.Keeper.Hurry("b.example");
        var later = Bench.Time.GetUtcNow() + TimeSpan.FromMinutes(2);
        await Bench.UntilAsync(() => Bench.Time.GetUtcNow() > later, cancellationToken);
        Assert.That(Bench.Authorities.Ordered, Has.Count.EqualTo(1));
    }

    private async Task RevokedAsync(CancellationToken cancellationToken) =>
        Assert.That(await Bench.Keeper.RevokedAsync("a.example", Bench.Vault.Held["a.example"].Life.Id, cancellationToken), Is.True);
}
