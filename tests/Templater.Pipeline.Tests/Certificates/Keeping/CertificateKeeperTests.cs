using System.Diagnostics;
using Templater.Acme;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Certificates.Wanted;

namespace Templater.Pipeline.Tests.Certificates.Keeping;

/// <summary>The keeper at authorities that are played, on a clock that is moved.</summary>
[CancelAfter(30_000)]
public sealed class CertificateKeeperTests
{
    private const string First = KeeperBench.First;
    private const string Second = KeeperBench.Second;

    private KeeperBench _bench = null!;

    [SetUp]
    public void SetUp() => _bench = new KeeperBench();

    [TearDown]
    public async Task TearDown() => await _bench.DisposeAsync();

    [Test]
    public async Task WhatIsWantedIsObtainedKeptAndTold(CancellationToken cancellationToken)
    {
        _bench.Start();
        _bench.Look(KeeperBench.Wanted("a.example", "b.example"));
        await _bench.SeenAsync(() => _bench.Changes.Contains("the certificate for a.example"), cancellationToken);

        Assert.That(_bench.Vault.Find("a.example")!.Chain.Identifiers.Select(one => one.Value), Is.EqualTo(new[] { "a.example", "b.example" }));
        await _bench.UntilAsync(() => _bench.StatusOf("a.example").Activity == CertificateActivity.Resting, cancellationToken);
        Assert.That(_bench.Authorities.Ordered, Is.EqualTo(new[] { "a.example at first" }));
    }

    [Test]
    public async Task ItIsRenewedAgainAndAgainSayingWhichOneIsReplaced(CancellationToken cancellationToken)
    {
        _bench.Authorities.Lifetime = TimeSpan.FromSeconds(60);
        _bench.Start();
        _bench.Look(KeeperBench.Wanted("a.example"));
        var start = _bench.Time.GetUtcNow();
        await _bench.UntilAsync(() => _bench.Authorities.Ordered.Count == 5, cancellationToken);

        Assert.That(_bench.Time.GetUtcNow() - start, Is.InRange(TimeSpan.FromSeconds(4 * 26), TimeSpan.FromSeconds(4 * 40)));
        Assert.That(_bench.Authorities.Wishes.Select(wish => wish.Replaces), Is.EqualTo(new[] { null, "01000000", "02000000", "03000000", "04000000" }));
        Assert.That(_bench.Authorities.Wishes.Select(wish => wish.Key), Is.All.Null);
    }

    [Test]
    public async Task ARenewalKeepsTheKeyWhereThatIsWanted(CancellationToken cancellationToken)
    {
        _bench.Parts = _bench.Parts with { ReusesKeys = true };
        _bench.Start();
        _bench.Look(KeeperBench.Wanted("a.example"));
        await _bench.UntilAsync(() => _bench.Vault.Find("a.example") is not null, cancellationToken);
        var first = _bench.Vault.Find("a.example")!;
        _bench.Keeper.Renew("a.example");
        await _bench.UntilAsync(() => _bench.Vault.Find("a.example")!.Chain != first.Chain, cancellationToken);

        Assert.That(_bench.Vault.Find("a.example")!.Key, Is.SameAs(first.Key));
        await _bench.UntilAsync(() => _bench.StatusOf("a.example").Activity == CertificateActivity.Resting, cancellationToken);
        Assert.That(_bench.Authorities.Ordered, Has.Count.EqualTo(2), "once");
    }

    [Test]
    public async Task ARenewalThatIsAskedForWhileAnOrderIsUnderWayIsOrderedAfterIt(CancellationToken cancellationToken)
    {
        var signing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _bench.Authorities.OnOrder = (_, _, token) => signing.Task.WaitAsync(token);
        _bench.Start();
        _bench.Look(KeeperBench.Wanted("a.example"));
        await _bench.UntilAsync(() => _bench.Authorities.Ordered.Count == 1, cancellationToken);
        _bench.Keeper.Renew("a.example");
        await _bench.UntilAsync(() => _bench.StatusOf("a.example").Activity == CertificateActivity.Ordering, cancellationToken);
        Assert.That(_bench.Authorities.Ordered, Has.Count.EqualTo(1), "no two orders of one certificate at once");

        signing.SetResult();
        await _bench.UntilAsync(() => _bench.Authorities.Ordered.Count == 2 && _bench.StatusOf("a.example").Activity == CertificateActivity.Resting, cancellationToken);

        Assert.That(_bench.Authorities.MostInFlight, Is.EqualTo(1));
        await _bench.Time.AdvanceWhenWaitingAsync(TimeSpan.FromMinutes(1), 1, cancellationToken);
        Assert.That(_bench.Authorities.Ordered, Has.Count.EqualTo(2), "once");
    }

    [Test]
    public async Task ANameThatIsNotSignedForIsLeftOutWhereThatIsAllowedAndTriedAgainWithTheRenewal(CancellationToken cancellationToken)
    {
        _bench.Parts = _bench.Parts with { AllowsSubsets = true };
        _bench.Authorities.LeftOut = "b.example";
        _bench.Start();
        _bench.Look(KeeperBench.Wanted("a.example", "b.example"));
        await _bench.UntilAsync(() => _bench.Keeper.Status is [{ Activity: CertificateActivity.Resting }], cancellationToken);
        for (var minute = 0; minute < 60; minute++)
            await _bench.Time.AdvanceWhenWaitingAsync(TimeSpan.FromMinutes(1), 1, cancellationToken);

        Assert.That(_bench.Authorities.Ordered, Has.Count.EqualTo(1), "it counts as complete");
        Assert.That(_bench.StatusOf("a.example").LeftOut, Is.EqualTo(new[] { "b.example" }));
        Assert.That(_bench.Notices, Is.EqualTo(new[] { "the certificate for a.example is without b.example: it is on a list" }));
        _bench.Authorities.LeftOut = null;
        _bench.Keeper.Renew("a.example");
        await _bench.UntilAsync(() => _bench.Vault.Find("a.example")!.Identifiers.Count == 2, cancellationToken);
        await _bench.UntilAsync(() => _bench.StatusOf("a.example").LeftOut is [], cancellationToken);
    }

    [Test]
    public async Task FiveHundredThatAreDueAtOnceAreOrderedEightAtATimeAndHoldUpNoLook(CancellationToken cancellationToken)
    {
        var all = Enumerable.Range(0, 500).Select(i => KeeperBench.Wanted($"{i:000}.example")).ToArray();
        _bench.Authorities.OnOrder = (_, _, token) => Task.Delay(2, token);
        _bench.Start();
        _bench.Look(all);
        var longest = TimeSpan.Zero;
        while (_bench.Vault.Held.Count < 500)
        {
            var start = Stopwatch.GetTimestamp();
            _bench.Look();
            longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, Stopwatch.GetElapsedTime(start).Ticks));
            await Task.Delay(1, cancellationToken);
        }

        Assert.That(_bench.Authorities.MostInFlight, Is.InRange(2, KeeperPlanner.MaxOrders));
        Assert.That(_bench.Authorities.Ordered, Has.Count.EqualTo(500).And.Unique);
        Assert.That(longest, Is.LessThan(TimeSpan.FromSeconds(1)), "a look waits for no order");
    }

    [Test]
    public async Task FromADeadAuthorityItGoesToTheNextAndBackAgainWithoutAFailedValidation(CancellationToken cancellationToken)
    {
        var isDead = true;
        _bench.Authorities.OnOpen = authority =>
        {
            if (authority == First && isDead)
                throw new AcmeException(AcmeFailure.Unreachable, "first.example cannot be reached");
        };
        _bench.Start();
        _bench.Look(KeeperBench.Wanted("a.example"));
        await _bench.UntilAsync(() => _bench.Vault.Find("a.example") is not null, cancellationToken);
        Assert.That(_bench.Keeper.Answers.Turned["a.example"], Is.EqualTo(Second));
        Assert.That(_bench.StatusOf("a.example").Authority, Is.EqualTo(Second));

        isDead = false;
        _bench.Time.Advance(TimeSpan.FromMinutes(5));
        _bench.Keeper.Renew("a.example");
        await _bench.UntilAsync(() => _bench.Authorities.Ordered.Count == 2, cancellationToken);

        Assert.That(_bench.Authorities.Ordered, Is.EqualTo(new[] { "a.example at second", "a.example at first" }));
        Assert.That(_bench.Keeper.Answers.Turned, Is.Empty);
        Assert.That(_bench.Authorities.FailedValidations, Is.Empty);
        Assert.That(_bench.Authorities.Wishes.Select(wish => wish.Replaces), Is.All.Null, "the other one's certificate says nothing to it");
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
        _bench.Authorities.OnOrder = (authority, _, _) => authority == First && _bench.Authorities.Ordered.Count == 1 ? throw new AcmeException(failure, "no") : Task.CompletedTask;
        _bench.Start();
        _bench.Look(KeeperBench.Wanted("a.example"));
        await _bench.UntilAsync(() => _bench.Authorities.Ordered.Count == 2, cancellationToken);
        return _bench.Authorities.Ordered[1].Split(' ')[2];
    }

    [Test]
    public async Task AShortRateLimitIsWaitedForAndALongOneIsNot(CancellationToken cancellationToken)
    {
        var start = _bench.Time.GetUtcNow();
        _bench.Authorities.OnOrder = (authority, wish, _) => (authority, wish.Identifiers[0].Value, _bench.Authorities.Ordered.Count) switch
        {
            (First, "short.example", 1) => throw new AcmeException(AcmeFailure.RateLimited, "soon") { RetryAt = start.AddMinutes(5) },
            (First, "long.example", _) => throw new AcmeException(AcmeFailure.RateLimited, "tomorrow") { RetryAt = start.AddDays(1) },
            _ => Task.CompletedTask,
        };
        _bench.Start();
        _bench.Look(KeeperBench.Wanted("short.example"));
        await _bench.UntilAsync(() => _bench.Vault.Find("short.example") is not null, cancellationToken);
        Assert.That(_bench.Time.GetUtcNow() - start, Is.GreaterThan(TimeSpan.FromMinutes(5)));

        _bench.Look(KeeperBench.Wanted("short.example"), KeeperBench.Wanted("long.example"));
        await _bench.UntilAsync(() => _bench.Vault.Find("long.example") is not null, cancellationToken);
        Assert.That(_bench.Authorities.Ordered, Is.EqualTo(new[] { "short.example at first", "short.example at first", "long.example at first", "long.example at second" }));
    }

    [Test]
    public async Task AnAccountsKeyIsChangedWithoutAFailedValidation(CancellationToken cancellationToken)
    {
        var under = new TaskCompletionSource();
        var isFirst = true;
        _bench.Authorities.OnOrder = async (_, _, token) =>
        {
            if (isFirst)
                await under.Task.WaitAsync(token);
            isFirst = false;
        };
        _bench.Start();
        _bench.Look(KeeperBench.Wanted("a.example"));
        await _bench.UntilAsync(() => _bench.Authorities.Ordered.Count == 1, cancellationToken);
        _bench.Keeper.RollOver(First);
        _bench.Look(KeeperBench.Wanted("a.example"), KeeperBench.Wanted("b.example"));
        await _bench.UntilAsync(() => _bench.Keeper.Status.Length == 2, cancellationToken);
        for (var i = 0; i < 20; i++)
        {
            _bench.Look();
            await Task.Delay(1, cancellationToken);
            _bench.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(_bench.Keeper.Answers.Thumbprints[First], Is.EqualTo("print-first"), "an order of the old key is under way");
        Assert.That(_bench.StatusOf("b.example").WaitsFor, Is.EqualTo("the account at first is being given another key"));
        under.SetResult();
        await _bench.UntilAsync(() => _bench.Vault.Held.Count == 2, cancellationToken);

        Assert.That(_bench.Keeper.Answers.Thumbprints[First], Is.EqualTo("next-first"));
        Assert.That(_bench.Authorities.FailedValidations, Is.Empty);
        Assert.That(_bench.Notices, Is.EqualTo(new[] { "the account at first has another key" }));
        Assert.That(_bench.Vault.Remembered.RollingOver, Is.Empty);
    }

    [TestCase(AcmeFailure.Unreachable, ExpectedResult = "next-first")]
    [TestCase(AcmeFailure.Refused, ExpectedResult = "print-first")]
    public async Task<string> AKeyThatTheAuthorityDoesNotTakeAtOnceIsToldAgainOrForgotten(AcmeFailure failure, CancellationToken cancellationToken)
    {
        var calls = 0;
        _bench.Authorities.OnChange = _ =>
        {
            if (++calls == 1)
                throw new AcmeException(failure, "no");
        };
        _bench.Start();
        _bench.Keeper.RollOver(First);
        _bench.Look(KeeperBench.Wanted("a.example"));
        await _bench.UntilAsync(() => _bench.Vault.Find("a.example") is not null, cancellationToken);

        Assert.That(_bench.Authorities.FailedValidations, Is.Empty);
        return _bench.Keeper.Answers.Thumbprints[First];
    }

    /// <summary>
    /// Twenty names at an authority that finds no proof of any, for 24 hours with an event each minute (each ten minutes in the short
    /// tier); Templater is started anew six times meanwhile.
    /// </summary>
    [Test]
    public async Task ADayOfFailuresCostsAtMostFourOrdersOfANameAndFortyInAll(CancellationToken cancellationToken)
    {
        var all = Enumerable.Range(0, 20).Select(i => KeeperBench.Wanted($"{i:00}.example")).ToArray();
        _bench.Authorities.OnOrder = (_, wish, _) => throw new AcmeException(AcmeFailure.Validation, $"{wish.Identifiers[0]} answered 404");
        var start = _bench.Time.GetUtcNow();
        var pause = TimeSpan.FromMinutes(Environment.GetEnvironmentVariable("TESTS_TIER") == "full" ? 1 : 10);
        while (_bench.Time.GetUtcNow() < start.AddHours(24))
        {
            await using var run = _bench.Again();
            run.Start();
            run.Look(all);
            for (var look = 0; look * pause < TimeSpan.FromHours(4); look++)
            {
                run.Look(look % 2 == 0 ? all : [.. all.Reverse()]);
                await run.Time.AdvanceWhenWaitingAsync(pause, 1, cancellationToken);
            }

            await run.SeenAsync(() => run.Keeper.Status.All(status => status.LastError is not null) && run.Keeper.Status.All(status => status.Activity == CertificateActivity.Waiting), cancellationToken);
            Assert.That(run.Keeper.Status.Select(status => (status.Name, status.LastError)), Is.EquivalentTo(all.Select(one => (one.Name, $"{one.Name} answered 404"))));
        }

        var ordered = _bench.Authorities.Ordered;
        Assert.That(ordered, Has.Count.InRange(20, 40));
        Assert.That(ordered.CountBy(name => name).Select(pair => pair.Value), Is.All.InRange(1, 4));
    }

    [Test]
    public async Task ACertificateThatCannotBeWrittenIsNotOrderedAgainButDownloaded(CancellationToken cancellationToken)
    {
        var saves = 0;
        var order = new Uri("https://first.example/order/1");
        _bench.Vault.OnSave = _ =>
        {
            if (++saves > 1)
                return;
            _bench.Vault.SetPending("a.example", PendingAt(order));
            throw new IOException("no space left on the device");
        };
        _bench.Start();
        _bench.Look(KeeperBench.Wanted("a.example"));
        await _bench.UntilAsync(() => _bench.Vault.Find("a.example") is not null, cancellationToken);

        Assert.That(_bench.Authorities.Wishes.Select(wish => wish.Pending?.Url), Is.EqualTo(new[] { null, order }));
        await _bench.SeenAsync(() => !_bench.Vault.HasPending("a.example"), cancellationToken);
    }

    [Test]
    public async Task WhatAnotherProcessOrdersOrCannotBeStoredIsNotOrdered(CancellationToken cancellationToken)
    {
        _bench.Vault.Claimed["a.example"] = true;
        _bench.Start();
        _bench.Look(KeeperBench.Wanted("a.example"));
        await _bench.UntilAsync(() => _bench.Keeper.Status is [{ LastError: "another Templater that shares the certificates directory orders it", IsPreflight: true }], cancellationToken);
        _bench.Vault.Obstacle = "something foreign lies there";
        _bench.Vault.Claimed.Clear();
        await _bench.UntilAsync(() => _bench.Keeper.Status is [{ LastError: "something foreign lies there" }], cancellationToken);
        Assert.That(_bench.Authorities.Ordered, Is.Empty);
        _bench.Vault.Obstacle = null;
        await _bench.UntilAsync(() => _bench.Vault.Find("a.example") is not null, cancellationToken);
    }

    [Test]
    public async Task WhatIsSeenBeforeCostsNothingAndIsLookedAtAgainEveryTenMinutes(CancellationToken cancellationToken)
    {
        var looks = 0;
        _bench.Parts = _bench.Parts with { Preflight = new Looks(_ => ++looks < 8 ? new PreflightProblem("it resolves to nothing", IsOfAuthority: false) : null) };
        _bench.Start();
        _bench.Look(KeeperBench.Wanted("a.example"));
        var start = _bench.Time.GetUtcNow();
        await _bench.UntilAsync(() => _bench.Vault.Find("a.example") is not null, cancellationToken);

        Assert.That(looks, Is.EqualTo(8));
        Assert.That(_bench.Time.GetUtcNow() - start, Is.InRange(TimeSpan.FromMinutes(61), TimeSpan.FromMinutes(63)));
        Assert.That((_bench.Authorities.Ordered.Count, _bench.Vault.Remembered.PastOf(First).Length), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task WhatSpeaksAgainstOneAuthorityAloneSendsItToTheNext(CancellationToken cancellationToken)
    {
        _bench.Parts = _bench.Parts with { Preflight = new Looks(facts => facts.IssuerDomains is ["first.example"] ? new PreflightProblem("CAA records do not allow it", IsOfAuthority: true) : null) };
        _bench.Start();
        _bench.Look(KeeperBench.Wanted("a.example"));
        await _bench.UntilAsync(() => _bench.Vault.Find("a.example") is not null, cancellationToken);
        Assert.That(_bench.Authorities.Ordered, Is.EqualTo(new[] { "a.example at second" }));
        Assert.That(_bench.Authorities.FailedValidations, Is.Empty);
    }

    [Test]
    public async Task ANameThatNoAuthorityCouldTakeIsSaidAndAsksNobody(CancellationToken cancellationToken)
    {
        _bench.Start();
        _bench.Look(KeeperBench.Wanted("under_score.example"));
        await _bench.UntilAsync(() => _bench.Keeper.Status is [{ LastError: not null }], cancellationToken);
        Assert.That(_bench.StatusOf("under_score.example").LastError, Is.EqualTo("'under_score.example' is no name for a certificate: '_' is not allowed in it"));
        Assert.That(_bench.Authorities.Ordered, Is.Empty);
    }

    [Test]
    public async Task NothingIsWrittenWhileNothingChanges(CancellationToken cancellationToken)
    {
        var writes = 0;
        _bench.Vault.OnRemember = () => writes++;
        _bench.Start();
        _bench.Look(KeeperBench.Wanted("a.example"));
        await _bench.UntilAsync(() => _bench.Keeper.Status is [{ Activity: CertificateActivity.Resting }], cancellationToken);
        await _bench.SeenAsync(() => _bench.Vault.Remembered.Renewals.Count == 1, cancellationToken);
        var before = writes;
        for (var minute = 0; minute < 60; minute++)
            await _bench.Time.AdvanceWhenWaitingAsync(TimeSpan.FromMinutes(1), 1, cancellationToken);
        Assert.That(writes - before, Is.Zero);
    }

    [Test]
    public async Task WhatNobodyWantsAnyMoreIsForgotten(CancellationToken cancellationToken)
    {
        _bench.Vault.Remember(new KeeperMemory { Turned = KeeperMemory.Nothing.Turned.Add("gone.example", Second).Add("a.example", Second) });
        _bench.Start();
        await _bench.Time.AdvanceWhenWaitingAsync(TimeSpan.FromMinutes(2), 1, cancellationToken);
        Assert.That(_bench.Keeper.Answers.Turned.Keys, Is.EqualTo(new[] { "a.example", "gone.example" }), "nobody has said yet what is wanted");
        _bench.Look(KeeperBench.Wanted("a.example"));
        await _bench.UntilAsync(() => !_bench.Keeper.Answers.Turned.ContainsKey("gone.example"), cancellationToken);
    }

    [Test]
    public async Task NothingIsOrderedThatCouldNotBeRemembered(CancellationToken cancellationToken)
    {
        var isFull = true;
        _bench.Vault.OnRemember = () =>
        {
            if (isFull)
                throw new IOException("no space left on the device");
        };
        _bench.Start();
        _bench.Look(KeeperBench.Wanted("a.example"));
        for (var i = 0; i < 120; i++)
        {
            await Task.Delay(1, cancellationToken);
            _bench.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(_bench.Authorities.Ordered, Is.Empty);
        Assert.That(_bench.Keeper.Obstacles, Is.EqualTo(new[] { "what becomes of an order cannot be remembered: no space left on the device" }));
        Assert.That(_bench.Changes.Count(static cause => cause.Length == 0), Is.EqualTo(1), "a look is worth while once");
        isFull = false;
        await _bench.UntilAsync(() => _bench.Vault.Find("a.example") is not null, cancellationToken);
        Assert.That((_bench.Keeper.Obstacles.Length, _bench.Changes.Count(static cause => cause.Length == 0)), Is.EqualTo((0, 2)));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task AStoreThatCannotBeReadEndsNothing(bool isDenied, CancellationToken cancellationToken)
    {
        const string Trouble = "the archive cannot be read";
        var isBroken = true;
        _bench.Vault.OnRead = () =>
        {
            if (isBroken)
                throw isDenied ? new UnauthorizedAccessException(Trouble) : new IOException(Trouble);
        };
        _bench.Start();
        // A look that has news asks for another attempt.
        for (var i = 0; i < 3; i++)
        {
            _bench.Look([.. Enumerable.Range(0, i + 1).Select(static number => KeeperBench.Wanted($"{(char)('a' + number)}.example"))]);
            await _bench.SeenAsync(() => !_bench.Keeper.Obstacles.IsEmpty, cancellationToken);
            Assert.That(_bench.Keeper.IsStatusKnown, Is.False);
        }

        Assert.That(_bench.Keeper.Obstacles, Is.EqualTo(new[] { $"it cannot be read which are there: {Trouble}" }));

        isBroken = false;
        await _bench.UntilAsync(() => _bench.Vault.Find("a.example") is not null, cancellationToken);
        Assert.That((_bench.Keeper.Obstacles.Length, _bench.Keeper.IsStatusKnown), Is.EqualTo((0, true)));
    }

    [Test]
    public async Task WhatIsUnderWayAtTheEndIsBrokenOffAndCostsNoAttempt(CancellationToken cancellationToken)
    {
        _bench.Authorities.OnOrder = (_, _, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        _bench.Start();
        _bench.Look(KeeperBench.Wanted("a.example"));
        await _bench.UntilAsync(() => _bench.Authorities.Ordered.Count == 1, cancellationToken);
        Assert.That(_bench.Vault.Remembered.Begun.Keys, Is.EqualTo(new[] { "a.example" }), "it is remembered before it begins");

        await _bench.DisposeAsync();

        Assert.That((_bench.Vault.Remembered.Begun.Count, _bench.Vault.Remembered.Failures.All.Count), Is.EqualTo((0, 0)));
        _bench = _bench.Again();
        _bench.Authorities.OnOrder = (_, _, _) => Task.CompletedTask;
        _bench.Start();
        await _bench.UntilAsync(() => _bench.Vault.Find("a.example") is not null, cancellationToken);
    }

    [Test]
    public async Task AWindowThatEndedRenewsAtOnceAndTheAuthorityIsAskedAgainWhenItSays(CancellationToken cancellationToken)
    {
        var asked = new List<(string Id, DateTimeOffset At)>();
        var now = _bench.Time.GetUtcNow();
        _bench.Authorities.OnRenewalInfo = id =>
        {
            lock (asked)
                asked.Add((id, _bench.Time.GetUtcNow()));
            return id == "01000000"
                ? new RenewalInfo { SuggestedWindow = new(now.AddHours(-2), now.AddHours(-1)), ExplanationUrl = "https://first.example/why", RetryAt = _bench.Time.GetUtcNow().AddMinutes(10) }
                : new RenewalInfo { SuggestedWindow = new(now.AddDays(50), now.AddDays(51)), RetryAt = _bench.Time.GetUtcNow().AddMinutes(10) };
        };
        _bench.Start();
        _bench.Look(KeeperBench.Wanted("a.example"));
        await _bench.UntilAsync(() => asked.Count == 3, cancellationToken);

        Assert.That(_bench.Authorities.Ordered, Has.Count.EqualTo(2));
        Assert.That(asked.Select(one => one.Id), Is.EqualTo(new[] { "01000000", "02000000", "02000000" }));
        Assert.That(asked[2].At - asked[1].At, Is.InRange(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(12)));
        Assert.That(_bench.Notices.Single(), Is.EqualTo("first wants the certificate for a.example to be renewed now; see https://first.example/why"));
        Assert.That(_bench.StatusOf("a.example").IsSuggested);
    }

    [Test]
    public async Task AMistakeOfTheProgramEndsIt(CancellationToken cancellationToken)
    {
        _bench.Authorities.OnOrder = (_, _, _) => throw new InvalidOperationException("a mistake");
        _bench.Start();
        _bench.Look(KeeperBench.Wanted("a.example"));
        await Assert.ThatAsync(() => _bench.UntilAsync(() => false, cancellationToken), Throws.InvalidOperationException.With.Message.EqualTo("a mistake"));
        _bench = new KeeperBench();
    }

    private sealed class Looks(Func<AuthorityFacts, PreflightProblem?> look) : IPreflight
    {
        public Task<PreflightProblem?> ProblemAsync(WantedCertificate wanted, AuthorityFacts facts, string thumbprint, IChallengeSolver solver, CancellationToken cancellationToken) => Task.FromResult(look(facts));
    }

    private static PendingOrder PendingAt(Uri url) => new(new Uri("https://first.example/dir"), url, [Identifier.Dns("a.example")], null);
}
