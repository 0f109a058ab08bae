using System.Diagnostics;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Keeping;

namespace Templater.Pipeline.Tests.Certificates.Keeping;

/// <summary>The keeper at authorities that are played, on a clock that is moved: obtaining and renewing.</summary>
[CancelAfter(30_000)]
public sealed class CertificateKeeperTests : KeeperFixture
{
    [Test]
    public async Task WhatIsWantedIsObtainedKeptAndTold(CancellationToken cancellationToken)
    {
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example", "b.example"));
        await Bench.SeenAsync(() => Bench.Changes.Contains("the certificate for a.example"), cancellationToken);

        Assert.That(Bench.Vault.Find("a.example")!.Chain.Identifiers.Select(one => one.Value), Is.EqualTo(new[] { "a.example", "b.example" }));
        await Bench.UntilAsync(() => Bench.StatusOf("a.example").Activity == CertificateActivity.Resting, cancellationToken);
        Assert.That(Bench.Authorities.Ordered, Is.EqualTo(new[] { "a.example at first" }));
    }

    [Test]
    public async Task ItIsRenewedAgainAndAgainSayingWhichOneIsReplaced(CancellationToken cancellationToken)
    {
        Bench.Authorities.Lifetime = TimeSpan.FromSeconds(60);
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        var start = Bench.Time.GetUtcNow();
        await Bench.UntilAsync(() => Bench.Authorities.Ordered.Count == 5, cancellationToken);

        Assert.That(Bench.Time.GetUtcNow() - start, Is.InRange(TimeSpan.FromSeconds(4 * 26), TimeSpan.FromSeconds(4 * 55)));
        Assert.That(Bench.Authorities.Wishes.Select(wish => wish.Replaces), Is.EqualTo(new[] { null, "01000000", "02000000", "03000000", "04000000" }));
        Assert.That(Bench.Authorities.Wishes.Select(wish => wish.Key), Is.All.Null);
    }

    [Test]
    public async Task ARenewalKeepsTheKeyWhereThatIsWanted(CancellationToken cancellationToken)
    {
        Bench.Parts = Bench.Parts with { ReusesKeys = true };
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => Bench.Vault.Find("a.example") is not null, cancellationToken);
        var first = Bench.Vault.Find("a.example")!;
        Bench.Keeper.Renew("a.example");
        await Bench.UntilAsync(() => Bench.Vault.Find("a.example")!.Chain != first.Chain, cancellationToken);

        Assert.That(Bench.Vault.Find("a.example")!.Key, Is.SameAs(first.Key));
        await Bench.UntilAsync(() => Bench.StatusOf("a.example").Activity == CertificateActivity.Resting, cancellationToken);
        Assert.That(Bench.Authorities.Ordered, Has.Count.EqualTo(2), "once");
    }

    [Test]
    public async Task ARenewalThatIsAskedForWhileAnOrderIsUnderWayIsOrderedAfterIt(CancellationToken cancellationToken)
    {
        var signing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Bench.Authorities.OnOrder = (_, _, token) => signing.Task.WaitAsync(token);
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => Bench.Authorities.Ordered.Count == 1, cancellationToken);
        Bench.Keeper.Renew("a.example");
        await Bench.UntilAsync(() => Bench.StatusOf("a.example").Activity == CertificateActivity.Ordering, cancellationToken);
        Assert.That(Bench.Authorities.Ordered, Has.Count.EqualTo(1), "no two orders of one certificate at once");

        signing.SetResult();
        await Bench.UntilAsync(() => Bench.Authorities.Ordered.Count == 2 && Bench.StatusOf("a.example").Activity == CertificateActivity.Resting, cancellationToken);

        Assert.That(Bench.Authorities.MostInFlight, Is.EqualTo(1));
        await Bench.Time.AdvanceWhenWaitingAsync(TimeSpan.FromMinutes(1), 1, cancellationToken);
        Assert.That(Bench.Authorities.Ordered, Has.Count.EqualTo(2), "once");
    }

    [Test]
    public async Task ANameThatIsNotSignedForIsLeftOutWhereThatIsAllowedAndTriedAgainWithTheRenewal(CancellationToken cancellationToken)
    {
        Bench.Parts = Bench.Parts with { AllowsSubsets = true };
        Bench.Authorities.LeftOut = "b.example";
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example", "b.example"));
        await Bench.UntilAsync(() => Bench.Keeper.Status is [{ Activity: CertificateActivity.Resting }], cancellationToken);
        for (var minute = 0; minute < 60; minute++)
            await Bench.Time.AdvanceWhenWaitingAsync(TimeSpan.FromMinutes(1), 1, cancellationToken);

        Assert.That(Bench.Authorities.Ordered, Has.Count.EqualTo(1), "it counts as complete");
        Assert.That(Bench.StatusOf("a.example").LeftOut, Is.EqualTo(new[] { "b.example" }));
        Assert.That(Bench.Notices, Is.EqualTo(new[] { "the certificate for a.example is without b.example: it is on a list" }));
        Bench.Authorities.LeftOut = null;
        Bench.Keeper.Renew("a.example");
        await Bench.UntilAsync(() => Bench.Vault.Find("a.example")!.Identifiers.Count == 2, cancellationToken);
        await Bench.UntilAsync(() => Bench.StatusOf("a.example").LeftOut is [], cancellationToken);
    }

    [Test]
    public async Task FiveHundredThatAreDueAtOnceAreOrderedEightAtATimeAndHoldUpNoLook(CancellationToken cancellationToken)
    {
        var all = Enumerable.Range(0, 500).Select(i => KeeperBench.Wanted($"{i:000}.example")).ToArray();
        Bench.Authorities.OnOrder = (_, _, token) => Task.Delay(2, token);
        Bench.Start();
        Bench.Look(all);
        var longest = TimeSpan.Zero;
        while (Bench.Vault.Held.Count < 500)
        {
            var start = Stopwatch.GetTimestamp();
            Bench.Look();
            longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, Stopwatch.GetElapsedTime(start).Ticks));
            await Task.Delay(1, cancellationToken);
        }

        Assert.That(Bench.Authorities.MostInFlight, Is.InRange(2, KeeperPlanner.MaxOrders));
        Assert.That(Bench.Authorities.Ordered, Has.Count.EqualTo(500).And.Unique);
        Assert.That(longest, Is.LessThan(TimeSpan.FromSeconds(1)), "a look waits for no order");
    }

    [Test]
    public async Task AWindowThatEndedRenewsAtOnceAndTheAuthorityIsAskedAgainWhenItSays(CancellationToken cancellationToken)
    {
        var asked = new List<(string Id, DateTimeOffset At)>();
        var now = Bench.Time.GetUtcNow();
        Bench.Authorities.OnRenewalInfo = id =>
        {
            lock (asked)
                asked.Add((id, Bench.Time.GetUtcNow()));
            return id == "01000000"
                ? new RenewalInfo { SuggestedWindow = new(now.AddHours(-2), now.AddHours(-1)), ExplanationUrl = "https://first.example/why", RetryAt = Bench.Time.GetUtcNow().AddMinutes(10) }
                : new RenewalInfo { SuggestedWindow = new(now.AddDays(50), now.AddDays(51)), RetryAt = Bench.Time.GetUtcNow().AddMinutes(10) };
        };
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => asked.Count == 3, cancellationToken);

        Assert.That(Bench.Authorities.Ordered, Has.Count.EqualTo(2));
        Assert.That(asked.Select(one => one.Id), Is.EqualTo(new[] { "01000000", "02000000", "02000000" }));
        Assert.That(asked[2].At - asked[1].At, Is.InRange(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(12)));
        Assert.That(Bench.Notices.Single(), Is.EqualTo("first wants the certificate for a.example to be renewed now; see https://first.example/why"));
        Assert.That(Bench.StatusOf("a.example").IsSuggested);
    }

    [Test]
    public async Task WhatAnAuthoritySaysInEachAnswerIsToldOnceForACertificate(CancellationToken cancellationToken)
    {
        var (asked, now) = (0, Bench.Time.GetUtcNow());
        Bench.Authorities.OnRenewalInfo = _ =>
        {
            Interlocked.Increment(ref asked);
            return new RenewalInfo { SuggestedWindow = new(now.AddHours(-2), now.AddHours(-1)), ExplanationUrl = "https://first.example/why", RetryAt = Bench.Time.GetUtcNow().AddMinutes(1) };
        };
        // It is never renewed.
        Bench.Authorities.OnOrder = (_, _, _) => Bench.Vault.Find("a.example") is null ? Task.CompletedTask : throw new AcmeException(AcmeFailure.Validation, "no answer");
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => Volatile.Read(ref asked) >= 4, cancellationToken);
        Assert.That(Bench.Notices, Has.Count.EqualTo(1));
    }
}
