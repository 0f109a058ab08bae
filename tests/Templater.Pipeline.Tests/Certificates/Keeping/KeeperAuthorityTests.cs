using Templater.Acme;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Certificates.Wanted;

namespace Templater.Pipeline.Tests.Certificates.Keeping;

/// <summary>Which authority is asked, and with which key of its account.</summary>
[CancelAfter(30_000)]
public sealed class KeeperAuthorityTests : KeeperFixture
{
    [Test]
    public async Task FromADeadAuthorityItGoesToTheNextAndBackAgainWithoutAFailedValidation(CancellationToken cancellationToken)
    {
        var isDead = true;
        Bench.Authorities.OnOpen = authority =>
        {
            if (authority == First && isDead)
                throw new AcmeException(AcmeFailure.Unreachable, "first.example cannot be reached");
        };
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => Bench.Vault.Find("a.example") is not null, cancellationToken);
        Assert.That(Bench.Keeper.Answers.Turned["a.example"], Is.EqualTo(Second));
        Assert.That(Bench.StatusOf("a.example").Authority, Is.EqualTo(Second));

        isDead = false;
        Bench.Time.Advance(TimeSpan.FromMinutes(5));
        Bench.Keeper.Renew("a.example");
        await Bench.UntilAsync(() => Bench.Authorities.Ordered.Count == 2, cancellationToken);

        Assert.That(Bench.Authorities.Ordered, Is.EqualTo(new[] { "a.example at second", "a.example at first" }));
        Assert.That(Bench.Keeper.Answers.Turned, Is.Empty);
        Assert.That(Bench.Authorities.FailedValidations, Is.Empty);
        Assert.That(Bench.Authorities.Wishes.Select(wish => wish.Replaces), Is.All.Null, "the other one's certificate says nothing to it");
    }

    [TestCase(AcmeFailure.Unreachable, ExpectedResult = Second)]
    [TestCase(AcmeFailure.Account, ExpectedResult = Second)]
    [TestCase(AcmeFailure.RateLimited, ExpectedResult = Second)]
    [TestCase(AcmeFailure.Identifier, ExpectedResult = Second)]
    [TestCase(AcmeFailure.Profile, ExpectedResult = Second)]
    [TestCase(AcmeFailure.Validation, ExpectedResult = First)]
    [TestCase(AcmeFailure.Challenge, ExpectedResult = First)]
    [TestCase(AcmeFailure.Order, ExpectedResult = First)]
    [TestCase(AcmeFailure.Unfinished, ExpectedResult = First)]
    [TestCase(AcmeFailure.BadAnswer, ExpectedResult = First)]
    [TestCase(AcmeFailure.Refused, ExpectedResult = First)]
    public async Task<string> WhatAnotherAuthorityMayDoIsAskedOfIt(AcmeFailure failure, CancellationToken cancellationToken)
    {
        Bench.Authorities.OnOrder = (authority, _, _) => authority == First && Bench.Authorities.Ordered.Count == 1 ? throw new AcmeException(failure, "no") : Task.CompletedTask;
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => Bench.Authorities.Ordered.Count == 2, cancellationToken);
        return Bench.Authorities.Ordered[1].Split(' ')[2];
    }

    [Test]
    public async Task AShortRateLimitIsWaitedForAndALongOneIsNot(CancellationToken cancellationToken)
    {
        var start = Bench.Time.GetUtcNow();
        Bench.Authorities.OnOrder = (authority, wish, _) => (authority, wish.Identifiers[0].Value, Bench.Authorities.Ordered.Count) switch
        {
            (First, "short.example", 1) => throw new AcmeException(AcmeFailure.RateLimited, "soon") { RetryAt = start.AddMinutes(5) },
            (First, "long.example", _) => throw new AcmeException(AcmeFailure.RateLimited, "tomorrow") { RetryAt = start.AddDays(1) },
            _ => Task.CompletedTask,
        };
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("short.example"));
        await Bench.UntilAsync(() => Bench.Vault.Find("short.example") is not null, cancellationToken);
        Assert.That(Bench.Time.GetUtcNow() - start, Is.GreaterThan(TimeSpan.FromMinutes(5)));

        Bench.Look(KeeperBench.Wanted("short.example"), KeeperBench.Wanted("long.example"));
        await Bench.UntilAsync(() => Bench.Vault.Find("long.example") is not null, cancellationToken);
        Assert.That(Bench.Authorities.Ordered, Is.EqualTo(new[] { "short.example at first", "short.example at first", "long.example at first", "long.example at second" }));
    }

    [Test]
    public async Task AnAccountsKeyIsChangedWithoutAFailedValidation(CancellationToken cancellationToken)
    {
        var under = new TaskCompletionSource();
        var isFirst = true;
        Bench.Authorities.OnOrder = async (_, _, token) =>
        {
            if (isFirst)
                await under.Task.WaitAsync(token);
            isFirst = false;
        };
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => Bench.Authorities.Ordered.Count == 1, cancellationToken);
        Bench.Keeper.RollOver(First);
        Bench.Look(KeeperBench.Wanted("a.example"), KeeperBench.Wanted("b.example"));
        await Bench.UntilAsync(() => Bench.Keeper.Status.Length == 2, cancellationToken);
        for (var i = 0; i < 20; i++)
        {
            Bench.Look();
            await Task.Delay(1, cancellationToken);
            Bench.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(Bench.Keeper.Answers.Thumbprints[First], Is.EqualTo("print-first"), "an order of the old key is under way");
        Assert.That(Bench.StatusOf("b.example").WaitsFor, Is.EqualTo("the account at first is being given another key"));
        Assert.That(Bench.Keeper.KeyChanges, Is.EqualTo(new[] { new KeyChange(First) { WaitsFor = "1 order of the present key is under way" } }));
        under.SetResult();
        await Bench.UntilAsync(() => Bench.Vault.Held.Count == 2, cancellationToken);

        Assert.That(Bench.Keeper.Answers.Thumbprints[First], Is.EqualTo("next-first"));
        Assert.That(Bench.Authorities.FailedValidations, Is.Empty);
        Assert.That(Bench.Notices, Is.EqualTo(new[] { "the account at first has another key" }));
        Assert.That(Bench.Vault.Remembered.RollingOver, Is.Empty);
        Assert.That(Bench.Keeper.KeyChanges.Single(), Has.Property(nameof(KeyChange.EndedAt)).Not.Null.And.Property(nameof(KeyChange.Refusal)).Null);
    }

    [TestCase(AcmeFailure.Unreachable, ExpectedResult = "next-first")]
    [TestCase(AcmeFailure.Refused, ExpectedResult = "print-first")]
    public async Task<string> AKeyThatTheAuthorityDoesNotTakeAtOnceIsToldAgainOrForgotten(AcmeFailure failure, CancellationToken cancellationToken)
    {
        var calls = 0;
        Bench.Authorities.OnChange = _ =>
        {
            if (++calls == 1)
                throw new AcmeException(failure, "no");
        };
        Bench.Start();
        Bench.Keeper.RollOver(First);
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => Bench.Vault.Find("a.example") is not null, cancellationToken);

        Assert.That(Bench.Authorities.FailedValidations, Is.Empty);
        return Bench.Keeper.Answers.Thumbprints[First];
    }

    [Test]
    public async Task NoAccountGetsAnotherKeyBeforeItIsKnownWhatIsWanted(CancellationToken cancellationToken)
    {
        Bench.Vault.Remember(new KeeperMemory { RollingOver = KeeperMemory.Nothing.RollingOver.Add(First) });
        Bench.Start();
        await Bench.Time.AdvanceWhenWaitingAsync(TimeSpan.FromMinutes(2), 1, cancellationToken);
        await Bench.Time.AdvanceWhenWaitingAsync(TimeSpan.FromMinutes(2), 1, cancellationToken);
        Assert.That(Bench.Keeper.Answers.Thumbprints[First], Is.EqualTo("print-first"));
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => Bench.Vault.Find("a.example") is not null, cancellationToken);
        Assert.That((Bench.Keeper.Answers.Thumbprints[First], Bench.Authorities.FailedValidations.Count), Is.EqualTo(("next-first", 0)));
    }

    [Test]
    public async Task NoAuthorityIsToldAnotherKeyBeforeItIsKnownWhatIsWanted(CancellationToken cancellationToken)
    {
        Bench.Vault.Remember(new KeeperMemory { RollingOver = KeeperMemory.Nothing.RollingOver.Add(First) });
        await Bench.Authorities.SwitchAsync(First, cancellationToken);
        Bench.Start();
        await Bench.Time.AdvanceWhenWaitingAsync(TimeSpan.FromMinutes(2), 1, cancellationToken);
        await Bench.Time.AdvanceWhenWaitingAsync(TimeSpan.FromMinutes(2), 1, cancellationToken);
        Assert.That((Bench.Authorities.Switched.Count, Bench.Keeper.KeyChanges.Single().WaitsFor), Is.EqualTo((1, "not every output was rendered yet, so it is not known which proxies have to answer")));

        Bench.Keeper.Want([], System.Collections.Immutable.ImmutableDictionary<string, string>.Empty, isWhole: false);
        await Bench.Time.AdvanceWhenWaitingAsync(TimeSpan.FromMinutes(2), 1, cancellationToken);
        await Bench.Time.AdvanceWhenWaitingAsync(TimeSpan.FromMinutes(2), 1, cancellationToken);
        Assert.That(Bench.Authorities.Switched, Has.Count.EqualTo(1), "an output is not rendered yet");

        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => Bench.Authorities.Switched.IsEmpty && Bench.Vault.Find("a.example") is not null, cancellationToken);
        Assert.That((Bench.Keeper.Answers.Thumbprints[First], Bench.Authorities.FailedValidations.Count), Is.EqualTo(("next-first", 0)));
    }

    [Test]
    public async Task WhatMayBeWantedNeverthelessIsNotForgotten(CancellationToken cancellationToken)
    {
        Bench.Vault.Remember(new KeeperMemory { Turned = KeeperMemory.Nothing.Turned.Add("b.example", Second) });
        Bench.Start();
        Bench.Keeper.Want([], System.Collections.Immutable.ImmutableDictionary<string, string>.Empty, isWhole: false);
        await Bench.Time.AdvanceWhenWaitingAsync(TimeSpan.FromMinutes(2), 1, cancellationToken);
        await Bench.Time.AdvanceWhenWaitingAsync(TimeSpan.FromMinutes(2), 1, cancellationToken);
        Assert.That(Bench.Keeper.Answers.Turned.Keys, Is.EqualTo(new[] { "b.example" }));
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => Bench.Keeper.Answers.Turned.IsEmpty, cancellationToken);
    }

    [Test]
    public async Task AKeyThatMayBeTheAccountsIsNotForgotten(CancellationToken cancellationToken)
    {
        var isAway = true;
        Bench.Authorities.OnChange = _ =>
        {
            if (isAway)
                throw new AcmeException(AcmeFailure.Refused, "HTTP 403");
        };
        Bench.Authorities.OnAbandon = _ => throw new AcmeException(AcmeFailure.Refused, "HTTP 403");
        Bench.Start();
        Bench.Keeper.RollOver(First);
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => Bench.Keeper.Status is [{ LastError: "HTTP 403" }], cancellationToken);
        isAway = false;
        await Bench.UntilAsync(() => Bench.Authorities.Switched.IsEmpty, cancellationToken);

        Assert.That((Bench.Keeper.Answers.Thumbprints[First], Bench.Authorities.FailedValidations.Count), Is.EqualTo(("next-first", 0)));
    }

    [Test]
    public async Task WhatSpeaksAgainstOneAuthorityAloneSendsItToTheNext(CancellationToken cancellationToken)
    {
        Bench.Parts = Bench.Parts with { Preflight = new Looks(facts => facts.IssuerDomains is ["first.example"] ? new PreflightProblem("CAA records do not allow it", IsOfAuthority: true) : null) };
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("a.example"));
        await Bench.UntilAsync(() => Bench.Vault.Find("a.example") is not null, cancellationToken);
        Assert.That(Bench.Authorities.Ordered, Is.EqualTo(new[] { "a.example at second" }));
        Assert.That(Bench.Authorities.FailedValidations, Is.Empty);
    }

    [Test]
    public async Task ANameThatNoAuthorityCouldTakeIsSaidAndAsksNobody(CancellationToken cancellationToken)
    {
        Bench.Start();
        Bench.Look(KeeperBench.Wanted("under_score.example"));
        await Bench.UntilAsync(() => Bench.Keeper.Status is [{ LastError: not null }], cancellationToken);
        Assert.That(Bench.StatusOf("under_score.example").LastError, Is.EqualTo("'under_score.example' is no name for a certificate: '_' is not allowed in it"));
        Assert.That(Bench.Authorities.Ordered, Is.Empty);
    }

    private sealed class Looks(Func<AuthorityFacts, PreflightProblem?> look) : IPreflight
    {
        public Task<PreflightProblem?> ProblemAsync(WantedCertificate wanted, AuthorityFacts facts, string thumbprint, IChallengeSolver solver, CancellationToken cancellationToken) => Task.FromResult(look(facts));
    }
}
