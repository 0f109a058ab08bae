using Templater.Pipeline.Certificates.Keeping;

namespace Templater.Pipeline.Tests.Certificates.Keeping;

/// <summary>What is remembered, and what happens where that cannot be done.</summary>
[CancelAfter(30_000)]
public sealed class KeeperRestartTests : KeeperFixture
{
    [Test]
    public async Task ItIsToldOnceThatItIsKnownWhatIsWanted(CancellationToken cancellationToken)
    {
        Bench.Authorities.OnOrder = static (_, _, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.SeenAsync(() => Bench.Changes.Contains(""), cancellationToken);
        Assert.That(Bench.Keeper.IsStatusKnown, Is.True);
        await Bench.UntilAsync(() => Bench.Authorities.Ordered.Count == 1, cancellationToken);
        Assert.That(Bench.Changes.Count(static cause => cause.Length == 0), Is.EqualTo(1));
    }

    [Test]
    public async Task NothingIsWrittenWhileNothingChanges(CancellationToken cancellationToken)
    {
        var writes = 0;
        Bench.Vault.OnRemember = () => writes++;
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => Bench.Keeper.Status is [{ Activity: CertificateActivity.Resting }], cancellationToken);
        await Bench.SeenAsync(() => Bench.Vault.Remembered.Renewals.Count == 1, cancellationToken);
        var before = writes;
        for (var minute = 0; minute < 60; minute++)
            await Bench.Time.AdvanceWhenWaitingAsync(TimeSpan.FromMinutes(1), 1, cancellationToken);
        Assert.That(writes - before, Is.Zero);
    }

    [Test]
    public async Task WhatNobodyWantsAnyMoreIsForgotten(CancellationToken cancellationToken)
    {
        Bench.Vault.Remember(new KeeperMemory { Turned = KeeperMemory.Nothing.Turned.Add("gone.example", Second).Add("a.example", Second) });
        Bench.Start();
        await Bench.Time.AdvanceWhenWaitingAsync(TimeSpan.FromMinutes(2), 1, cancellationToken);
        Assert.That(Bench.Keeper.Answers.Turned.Keys, Is.EqualTo(new[] { "a.example", "gone.example" }), "nobody has said yet what is wanted");
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => !Bench.Keeper.Answers.Turned.ContainsKey("gone.example"), cancellationToken);
    }

    [Test]
    public async Task AClockThatIsPutBackByYearsBetweenTwoThoughtsEndsNothing(CancellationToken cancellationToken)
    {
        var isPutBack = false;
        Bench.Vault.OnRemember = () =>
        {
            if (isPutBack)
                return;
            isPutBack = true;
            Bench.Time.SetBack(TimeSpan.FromDays(365 * 50));
        };
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => Bench.Vault.Find("a.example") is not null, cancellationToken);
        Assert.That(isPutBack, Is.True);
    }

    [Test]
    public async Task NothingIsOrderedThatCouldNotBeRemembered(CancellationToken cancellationToken)
    {
        var isFull = true;
        Bench.Vault.OnRemember = () =>
        {
            if (isFull)
                throw new IOException("no space left on the device");
        };
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.SeenAsync(() => !Bench.Keeper.Obstacles.IsEmpty, cancellationToken);
        for (var i = 0; i < 120; i++)
        {
            await Task.Delay(1, cancellationToken);
            Bench.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(Bench.Authorities.Ordered, Is.Empty);
        Assert.That(Bench.Keeper.Obstacles, Is.EqualTo(new[] { "what becomes of an order cannot be remembered: no space left on the device" }));
        Assert.That(Bench.Changes.Count(static cause => cause.Length == 0), Is.EqualTo(2), "looks are worth while: it is known what is wanted, and that nothing can be remembered");
        isFull = false;
        await Bench.UntilAsync(() => Bench.Vault.Find("a.example") is not null, cancellationToken);
        Assert.That((Bench.Keeper.Obstacles.Length, Bench.Changes.Count(static cause => cause.Length == 0)), Is.EqualTo((0, 3)));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task AStoreThatCannotBeReadEndsNothing(bool isDenied, CancellationToken cancellationToken)
    {
        const string Trouble = "the archive cannot be read";
        var isBroken = true;
        Bench.Vault.OnRead = () =>
        {
            if (isBroken)
                throw isDenied ? new UnauthorizedAccessException(Trouble) : new IOException(Trouble);
        };
        Bench.Start();
        // A look that has news asks for another attempt.
        for (var i = 0; i < 3; i++)
        {
            Bench.Look([.. Enumerable.Range(0, i + 1).Select(static number => KeeperBench.Wanted($"{(char)('a' + number)}.example"))]);
            await Bench.SeenAsync(() => !Bench.Keeper.Obstacles.IsEmpty, cancellationToken);
            Assert.That(Bench.Keeper.IsStatusKnown, Is.False);
        }

        Assert.That(Bench.Keeper.Obstacles, Is.EqualTo(new[] { $"it cannot be read which are there: {Trouble}" }));

        isBroken = false;
        await Bench.UntilAsync(() => Bench.Vault.Find("a.example") is not null, cancellationToken);
        Assert.That((Bench.Keeper.Obstacles.Length, Bench.Keeper.IsStatusKnown), Is.EqualTo((0, true)));
    }

    [Test]
    public async Task AnOrderThatEndedBeforeThatWasNotedIsNotGoneOnWith(CancellationToken cancellationToken)
    {
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => Bench.Vault.Remembered.PastOf(First) is [_], cancellationToken);
        await Bench.DisposeAsync();
        // As after a kill between storing it and forgetting its order.
        Bench.Vault.SetPending("a.example", new(new("https://first.example/dir"), new("https://first.example/order/1"), [], null));
        Bench.Vault.Remember(KeeperMemory.Nothing with { Begun = KeeperMemory.Nothing.Begun.Add("a.example", new(Bench.Vault.Held["a.example"].StoredAt!.Value, "a.example", First)) });

        Bench = Bench.Again();
        Bench.Start();
        Bench.Look();
        await Bench.UntilAsync(() => Bench.Vault.Remembered is { Begun.Count: 0 } memory && memory.PastOf(First) is [{ IsIssued: true }], cancellationToken);
        Assert.That(Bench.Vault.HasPending("a.example"), Is.False);
    }

    [Test]
    public async Task WhatIsUnderWayAtTheEndIsBrokenOffAndCostsNoAttempt(CancellationToken cancellationToken)
    {
        Bench.Authorities.OnOrder = (_, _, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => Bench.Authorities.Ordered.Count == 1, cancellationToken);
        Assert.That(Bench.Vault.Remembered.Begun.Keys, Is.EqualTo(new[] { "a.example" }), "it is remembered before it begins");

        await Bench.DisposeAsync();

        Assert.That((Bench.Vault.Remembered.Begun.Count, Bench.Vault.Remembered.Failures.All.Count), Is.EqualTo((0, 0)));
        Bench = Bench.Again();
        Bench.Authorities.OnOrder = (_, _, _) => Task.CompletedTask;
        Bench.Start();
        await Bench.UntilAsync(() => Bench.Vault.Find("a.example") is not null, cancellationToken);
    }
}
