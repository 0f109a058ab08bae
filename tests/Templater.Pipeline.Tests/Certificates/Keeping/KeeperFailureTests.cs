using Templater.Acme;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Certificates.Wanted;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Certificates.Keeping;

/// <summary>What failures cost, and what is seen before anything is ordered.</summary>
[CancelAfter(30_000)]
public sealed class KeeperFailureTests : KeeperFixture
{
    private static IEnumerable<AcmeFailure> FailuresOfADay =>
        [AcmeFailure.Validation, .. Rotation.Of([AcmeFailure.Unreachable, AcmeFailure.Account, AcmeFailure.Identifier, AcmeFailure.BadAnswer], parts: 4)];

    /// <summary>
    /// Twenty names at an authority that finds no proof of any, or takes no order although it is reached, for 24 hours with an event each
    /// minute (each ten minutes in the short tier); Templater is started anew six times meanwhile.
    /// </summary>
    [TestCaseSource(nameof(FailuresOfADay))]
    public async Task ADayOfFailuresCostsAtMostFourOrdersOfANameAndFortyInAll(AcmeFailure failure, CancellationToken cancellationToken)
    {
        var all = Enumerable.Range(0, 20).Select(i => KeeperBench.Wanted($"{i:00}.example") with { Authorities = [First] }).ToArray();
        var isOfAuthority = failure is AcmeFailure.Unreachable or AcmeFailure.Account;
        Bench.Authorities.OnOrder = (_, wish, _) => throw new AcmeException(failure, isOfAuthority ? "no" : $"{wish.Identifiers[0]} answered 404");
        var start = Bench.Time.GetUtcNow();
        var pause = TimeSpan.FromMinutes(Rotation.IsFullTier ? 1 : 10);
        while (Bench.Time.GetUtcNow() < start.AddHours(24))
        {
            await using var run = Bench.Again();
            run.Start();
            run.Look(all);
            for (var look = 0; look * pause < TimeSpan.FromHours(4); look++)
            {
                run.Look(look % 2 == 0 ? all : [.. all.Reverse()]);
                await run.Time.AdvanceWhenWaitingAsync(pause, 1, cancellationToken);
            }

            await run.SeenAsync(() => run.Keeper.Status.All(status => status.LastError is not null) && run.Keeper.Status.All(status => status.Activity == CertificateActivity.Waiting), cancellationToken);
            Assert.That(run.Keeper.Status.Select(status => (status.Name, status.LastError)), Is.EquivalentTo(all.Select(one => (one.Name, isOfAuthority ? "no" : $"{one.Name} answered 404"))));
        }

        var ordered = Bench.Authorities.Ordered;
        // What fails for all is asked for more and more seldom, whoever's turn it is.
        Assert.That(ordered, Has.Count.InRange(isOfAuthority ? 8 : 20, 40));
        Assert.That(ordered.CountBy(name => name).Select(pair => pair.Value), Is.All.InRange(1, 4));
    }

    [TestCase(AcmeFailure.Unreachable)]
    [TestCase(AcmeFailure.Account)]
    public async Task ANameWhoseOrderAnAuthorityFailsWaitsLongerEachTimeAndSaysWhyMeanwhile(AcmeFailure failure, CancellationToken cancellationToken)
    {
        var (times, start) = (new List<double>(), Bench.Time.GetUtcNow());
        Bench.Authorities.OnOrder = (_, _, _) =>
        {
            times.Add((Bench.Time.GetUtcNow() - start).TotalMinutes);
            throw new AcmeException(failure, "no");
        };
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example") with { Authorities = [First] });
        await Bench.UntilAsync(() => times.Count == 1, cancellationToken);
        var errors = new HashSet<string?>();
        while (times.Count < 5)
        {
            var (orders, next) = (times.Count, DateTimeOffset.MinValue);
            await Bench.SeenAsync(() => Bench.StatusOf("a.example") is { Activity: CertificateActivity.Waiting, NextAt: { } at } && (next = at) > Bench.Time.GetUtcNow(), cancellationToken);
            Bench.Time.Advance(next - Bench.Time.GetUtcNow());
            while (times.Count == orders)
            {
                errors.Add(Bench.StatusOf("a.example").LastError);
                // It may have gone to sleep just after the clock was moved on.
                Bench.Keeper.Renew("a.example");
                await Task.Delay(1, cancellationToken);
            }
        }

        Assert.That(errors, Is.EqualTo(new[] { "no" }));
        Assert.That(times.Zip(times.Skip(1), static (one, next) => next - one), Is.EqualTo(new[] { 1.0, 10, 100, 24 * 60 }).Within(1));
    }

    [Test]
    public async Task AnOrderThatWasBegunBeforeEndsNoFailureOfItsAuthority(CancellationToken cancellationToken)
    {
        var (held, again) = (new TaskCompletionSource(), Bench.Time.GetUtcNow().AddHours(2));
        Bench.Authorities.OnOrder = (_, wish, token) => wish.Identifiers[0].Value switch
        {
            "a.example" => held.Task.WaitAsync(token),
            "b.example" when Bench.Time.GetUtcNow() < again => throw new AcmeException(AcmeFailure.Unreachable, "busy") { RetryAt = again },
            _ => Task.CompletedTask,
        };
        var (one, other) = (KeeperBench.Wanted("a.example") with { Authorities = [First] }, KeeperBench.Wanted("b.example") with { Authorities = [First] });
        Bench.Start();
        Bench.Look(one);
        await Bench.UntilAsync(() => Bench.Authorities.Ordered.Count == 1, cancellationToken);
        Bench.Look(one, other);
        await Bench.UntilAsync(() => Bench.Keeper.Status.Any(static status => status is { LastError: "busy", Activity: CertificateActivity.Waiting }), cancellationToken);
        held.SetResult();
        await Bench.UntilAsync(() => Bench.Vault.Find("a.example") is not null, cancellationToken);
        Bench.Look(one, other, KeeperBench.Wanted("c.example") with { Authorities = [First] });
        await Bench.UntilAsync(() => Bench.Vault.Held.Count == 3, TimeSpan.FromMinutes(1), cancellationToken);

        Assert.That(Bench.Time.GetUtcNow(), Is.GreaterThanOrEqualTo(again));
        Assert.That(Bench.Authorities.Ordered, Has.Count.EqualTo(4));
        await Bench.SeenAsync(() => Bench.Vault.Remembered.Failures.All.IsEmpty, cancellationToken);
    }

    [Test]
    public void AFailureOfAnAuthorityThatNobodyAskedSinceIsForgottenSoonButNotBeforeItMayBeAsked()
    {
        var (now, subject) = (Bench.Time.GetUtcNow(), new FailureSubject(FailureScope.Authority, "", First));
        var (ours, theirs) = (Failures.None.With(subject, "no", now, null), Failures.None.With(subject, "busy", now, now.AddDays(5)));
        Assert.That((ours.AsOf(now.AddDays(1)).All.Count, ours.AsOf(now.AddDays(3)).All.Count), Is.EqualTo((1, 0)));
        Assert.That((theirs.AsOf(now.AddDays(3)).All.Count, theirs.AsOf(now.AddDays(6)).All.Count), Is.EqualTo((1, 0)));
    }

    // Of an order that can be gone on with nothing is noted before its end.
    [Test]
    public async Task EachOrderThatAnAuthorityWasAskedForCountsOnce(CancellationToken cancellationToken)
    {
        Bench.Authorities.OnAsked = async (wish, journal, token) =>
        {
            journal.Ordered();
            journal.Ordered();
            await journal.KeepAsync(PendingAt(new("https://first.example/order/2")), token);
            if (wish.Pending is null)
                throw new AcmeException(AcmeFailure.Unfinished, "not yet");
        };
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => Bench.Vault.Remembered is { Begun.Count: 0, Failures.All.Count: 1 }, cancellationToken);
        Assert.That(Bench.Vault.Remembered.PastOf(First).Select(static past => past.IsIssued), Is.EqualTo(new[] { false }));
        await Bench.UntilAsync(() => Bench.Vault.Remembered.PastOf(First).Any(static past => past.IsIssued), cancellationToken);

        Assert.That(Bench.Vault.Remembered.PastOf(First).Select(static past => past.IsIssued), Is.EqualTo(new[] { false, false, false, true }));
    }

    [Test]
    public async Task ACertificateThatCannotBeWrittenIsNotOrderedAgainButDownloaded(CancellationToken cancellationToken)
    {
        var saves = 0;
        var order = new Uri("https://first.example/order/1");
        Bench.Vault.OnSave = _ =>
        {
            if (++saves > 1)
                return;
            Bench.Vault.SetPending("a.example", PendingAt(order));
            throw new IOException("no space left on the device");
        };
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => Bench.Vault.Find("a.example") is not null, cancellationToken);

        Assert.That(Bench.Authorities.Wishes.Select(wish => wish.Pending?.Url), Is.EqualTo(new[] { null, order }));
        await Bench.SeenAsync(() => !Bench.Vault.HasPending("a.example"), cancellationToken);
    }

    [Test]
    public async Task WhatAnotherProcessOrdersOrCannotBeStoredIsNotOrdered(CancellationToken cancellationToken)
    {
        Bench.Vault.Claimed["a.example"] = true;
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => Bench.Keeper.Status is [{ LastError: "another Templater that shares the certificates directory orders it", IsPreflight: true }], cancellationToken);
        Bench.Vault.Obstacle = "something foreign lies there";
        Bench.Vault.Claimed.Clear();
        await Bench.UntilAsync(() => Bench.Keeper.Status is [{ LastError: "something foreign lies there" }], cancellationToken);
        Assert.That(Bench.Authorities.Ordered, Is.Empty);
        Bench.Vault.Obstacle = null;
        await Bench.UntilAsync(() => Bench.Vault.Find("a.example") is not null, cancellationToken);
    }

    [Test]
    public async Task WhatAnotherProcessOrderedInTheLastMomentIsNotOrderedAgain(CancellationToken cancellationToken)
    {
        var wanted = KeeperBench.Wanted("a.example");
        Bench.Start();
        Bench.Proxy[wanted.Name] = Bench.Keeper.Answers.Thumbprints[First];
        var other = await Bench.Authorities.ObtainAsync(First, new CertificateWish([Identifier.Dns(wanted.Name)]), Bench.Parts.SolverFor(wanted), Bench.Vault.JournalOf(wanted, First), cancellationToken);
        Bench.Vault.OnClaim = () => _ = Bench.Vault.SaveAsync(wanted, First, other, cancellationToken);
        Bench.Look(wanted);
        await Bench.UntilAsync(() => Bench.Keeper.Status is [{ Activity: CertificateActivity.Resting }], cancellationToken);

        Assert.That((Bench.Authorities.Ordered.Count, Bench.StatusOf(wanted.Name).LastError), Is.EqualTo((1, (string?)null)));
    }

    [Test]
    public async Task WhatFailsAtOneAuthorityLeavesTheOrderAtAnother(CancellationToken cancellationToken)
    {
        var order = new Uri("https://first.example/order/1");
        Bench.Vault.SetPending("a.example", PendingAt(order));
        Bench.Authorities.OnOrder = (authority, _, _) => Bench.Authorities.Ordered.Count <= 2
            ? throw new AcmeException(authority == First ? AcmeFailure.Unreachable : AcmeFailure.Validation, "no")
            : Task.CompletedTask;
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => Bench.Vault.Find("a.example") is not null, cancellationToken);

        Assert.That(Bench.Authorities.Ordered, Is.EqualTo(new[] { "a.example at first", "a.example at second", "a.example at first" }));
        Assert.That(Bench.Authorities.Wishes.Select(wish => wish.Pending?.Url), Is.EqualTo(new[] { order, null, order }));
    }

    [Test]
    public async Task WhatIsSeenBeforeCostsNothingAndIsLookedAtAgainEveryTenMinutes(CancellationToken cancellationToken)
    {
        var looks = 0;
        Bench.Parts = Bench.Parts with { Preflight = new Looks(_ => ++looks < 8 ? new PreflightProblem("it resolves to nothing", IsOfAuthority: false) : null) };
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        var start = Bench.Time.GetUtcNow();
        // It is remembered after it is stored.
        await Bench.UntilAsync(() => Bench.Vault.Remembered.PastOf(First) is [_], TimeSpan.FromSeconds(10), cancellationToken);

        Assert.That(looks, Is.EqualTo(8));
        Assert.That(Bench.Time.GetUtcNow() - start, Is.InRange(TimeSpan.FromMinutes(61), TimeSpan.FromMinutes(75)));
        Assert.That((Bench.Authorities.Ordered.Count, Bench.Vault.Find("a.example") is not null), Is.EqualTo((1, true)));
    }

    [Test]
    public async Task AMistakeOfTheProgramEndsIt(CancellationToken cancellationToken)
    {
        Bench.Authorities.OnOrder = (_, _, _) => throw new InvalidOperationException("a mistake");
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Assert.ThatAsync(() => Bench.UntilAsync(() => false, cancellationToken), Throws.InvalidOperationException.With.Message.EqualTo("a mistake"));
        Bench = new KeeperBench();
    }

    private sealed class Looks(Func<AuthorityFacts, PreflightProblem?> look) : IPreflight
    {
        public Task<PreflightProblem?> ProblemAsync(WantedCertificate wanted, AuthorityFacts facts, string thumbprint, IChallengeSolver solver, CancellationToken cancellationToken) => Task.FromResult(look(facts));
    }

    private static PendingOrder PendingAt(Uri url) => new(new Uri("https://first.example/dir"), url, [Identifier.Dns("a.example")], null);
}
