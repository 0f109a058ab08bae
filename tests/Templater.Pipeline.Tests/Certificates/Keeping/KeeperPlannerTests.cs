using System.Collections.Immutable;
using Templater.Acme;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Certificates.Renewal;
using Templater.Pipeline.Certificates.Wanted;

namespace Templater.Pipeline.Tests.Certificates.Keeping;

public sealed class KeeperPlannerTests
{
    private const string First = "first";
    private const string Second = "second";
    private static readonly DateTimeOffset Now = new(2027, 2, 10, 12, 0, 0, TimeSpan.Zero);

    [Test]
    public void AnAuthorityIsReachedBeforeAnythingIsOrderedThere()
    {
        var plan = KeeperPlanner.Plan(Situation([Wanted("a.example")]) with { Open = ImmutableHashSet<string>.Empty });

        Assert.Multiple(() =>
        {
            Assert.That(plan.Opens, Is.EqualTo(new[] { First }), "the second one is nobody's business while nothing is known of the first");
            Assert.That(plan.Orders, Is.Empty);
            Assert.That(plan.Status[0].WaitsFor, Is.EqualTo("first is being asked whether it takes orders"));
        });
    }

    [Test]
    public void NothingIsOrderedBeforeEveryProxyAnswersWithTheAccountsThumbprint()
    {
        var wanted = Wanted("a.example");
        var situation = Situation([wanted]);

        Assert.That(Names(KeeperPlanner.Plan(situation with { Live = Live(wanted, "other") })), Is.Empty);
        Assert.That(KeeperPlanner.Plan(situation with { Live = ImmutableDictionary<string, string>.Empty }).Status[0].WaitsFor, Is.EqualTo("no proof yet that the proxy answers for first"));
        Assert.That(Names(KeeperPlanner.Plan(situation with { Live = Live(wanted, "print-first") })), Is.EqualTo(new[] { "a.example at first" }));
        var handedOn = KeeperPlanner.Plan(situation with { Live = ImmutableDictionary<string, string>.Empty, IsStateless = false });
        Assert.That((handedOn.Orders.Length, handedOn.Status[0].WaitsFor), Is.EqualTo((0, "no proof yet that the proxy serves its names")));
        Assert.That(Names(KeeperPlanner.Plan(situation with { Live = Live(wanted, ProvenAnswers.ForAnyone), IsStateless = false })), Is.EqualTo(new[] { "a.example at first" }));
        Assert.That(Names(KeeperPlanner.Plan(Situation([wanted with { Outputs = [] }]) with { Live = ImmutableDictionary<string, string>.Empty })), Is.EqualTo(new[] { "a.example at first" }), "only the settings ask for it");
        Assert.That(Names(KeeperPlanner.Plan(Situation([wanted with { Challenge = ChallengeType.Dns01 }]) with { Live = ImmutableDictionary<string, string>.Empty })), Is.EqualTo(new[] { "a.example at first" }));
    }

    [TestCase(true)]
    [TestCase(false, Description = "only the settings ask for it")]
    public void ByTlsNothingIsOrderedBeforeChallengesAreHandedOn(bool isServed)
    {
        var wanted = Wanted("a.example") with { Challenge = ChallengeType.TlsAlpn01 };
        wanted = isServed ? wanted : wanted with { Outputs = [] };
        var situation = Situation([wanted]) with { IsStateless = false };

        var before = KeeperPlanner.Plan(situation with { Live = ImmutableDictionary<string, string>.Empty });
        Assert.That((before.Orders.Length, before.Status[0].WaitsFor), Is.EqualTo((0, "no proof yet that the proxy hands tls-alpn-01 on")));
        Assert.That(Names(KeeperPlanner.Plan(situation with { Live = Live(wanted, ProvenAnswers.ForAnyone) })), Is.EqualTo(new[] { "a.example at first" }));
    }

    [Test]
    public void WhatIsThereRestsUntilItIsDue()
    {
        var wanted = Wanted("a.example");
        var held = Held(wanted, Now.AddDays(-10), 90);
        var situation = Situation([wanted]) with { Held = Named(wanted, held) };
        var due = new RenewalPolicy().DueAt(held.Life, null);

        var plan = KeeperPlanner.Plan(situation);

        Assert.Multiple(() =>
        {
            Assert.That(plan.Orders, Is.Empty);
            Assert.That(plan.Status[0].RenewAt, Is.EqualTo(due));
            Assert.That(plan.Status[0].Activity, Is.EqualTo(CertificateActivity.Resting));
            Assert.That(plan.WakeAt, Is.EqualTo(Now + KeeperPlanner.LongestSleep), "the clock may jump");
            Assert.That(KeeperPlanner.Plan(situation with { Now = due.AddSeconds(-5) }).WakeAt, Is.EqualTo(due));
            Assert.That(KeeperPlanner.Plan(situation with { Now = due }).Orders.Single(), Is.EqualTo(new PlannedOrder(wanted, First, "id-a.example") { HeldId = "id-a.example" }));
            Assert.That(Names(KeeperPlanner.Plan(situation with { Forced = ImmutableHashSet.Create("a.example") })), Has.Length.EqualTo(1));
        });
    }

    [Test]
    public void ACertificateOfAMinuteIsRenewedHalfWayThrough()
    {
        var wanted = Wanted("a.example");
        var held = new HeldCertificate(new("id", Now, Now.AddSeconds(60)), wanted.Names, First);
        var plan = KeeperPlanner.Plan(Situation([wanted]) with { Held = Named(wanted, held) });

        Assert.That(plan.WakeAt - Now, Is.InRange(TimeSpan.FromSeconds(27), TimeSpan.FromSeconds(30)));
    }

    [Test]
    public void WhatTheAuthoritySaysOfItDecidesWhenItIsRenewed()
    {
        var wanted = Wanted("a.example");
        var held = Held(wanted, Now.AddDays(-10), 90);
        RenewalAnswer Said(string id) => new(id, new SuggestedWindow(id, Now.AddHours(-2), Now.AddHours(-1)), Now.AddHours(6), 0);
        KeeperMemory Memory(RenewalAnswer answer) => new() { Renewals = ImmutableDictionary<string, RenewalAnswer>.Empty.Add("a.example", answer) };
        var situation = Situation([wanted]) with { Held = Named(wanted, held) };

        Assert.That(Names(KeeperPlanner.Plan(situation with { Memory = Memory(Said(held.RenewalId!)) })), Has.Length.EqualTo(1));
        Assert.That(Names(KeeperPlanner.Plan(situation with { Memory = Memory(Said("id-of-the-one-before")) })), Is.Empty);
    }

    [Test]
    public void AnAuthorityIsAskedAboutRenewalWhenItWantsToBe()
    {
        var wanted = Wanted("a.example");
        var held = Held(wanted, Now.AddDays(-10), 90);
        var situation = Situation([wanted]) with { Held = Named(wanted, held) };
        KeeperSituation Asked(DateTimeOffset at) => situation with { Memory = new() { Renewals = ImmutableDictionary<string, RenewalAnswer>.Empty.Add("a.example", new(held.RenewalId!, null, at, 0)) } };

        Assert.Multiple(() =>
        {
            Assert.That(KeeperPlanner.Plan(situation).Asks, Is.EqualTo(new[] { new PlannedAsk("a.example", held) }));
            Assert.That(KeeperPlanner.Plan(Asked(Now.AddSeconds(5))).Asks, Is.Empty);
            Assert.That(KeeperPlanner.Plan(Asked(Now.AddSeconds(5))).WakeAt, Is.EqualTo(Now.AddSeconds(5)));
            Assert.That(KeeperPlanner.Plan(Asked(Now)).Asks, Has.Length.EqualTo(1));
            Assert.That(KeeperPlanner.Plan(Asked(Now.AddYears(1))).Asks, Has.Length.EqualTo(1), "noted by a clock that was ahead");
            Assert.That(KeeperPlanner.Plan(situation with { Asking = ImmutableHashSet.Create("a.example") }).Asks, Is.Empty);
            Assert.That(KeeperPlanner.Plan(situation with { Now = held.Life.NotAfter }).Asks, Is.Empty);
        });
    }

    [TestCase("first", new[] { "a.example" }, ExpectedResult = 0)]
    [TestCase("first", new[] { "a.example", "old.example" }, ExpectedResult = 0, Description = "it has more names than are wanted")]
    [TestCase("first", new[] { "old.example" }, ExpectedResult = 1, Description = "a name is missing")]
    [TestCase("staging", new[] { "a.example" }, ExpectedResult = 1, Description = "its authority is not wanted any more")]
    [TestCase("", new[] { "a.example" }, ExpectedResult = 0, Description = "it was imported")]
    public int OneThatIsNotWhatIsWantedIsOrderedAnew(string authority, string[] names)
    {
        var wanted = Wanted("a.example");
        var held = Held(wanted, Now.AddDays(-10), 90) with { Authority = authority, Names = [.. names] };
        return KeeperPlanner.Plan(Situation([wanted]) with { Held = Named(wanted, held) }).Orders.Length;
    }

    [Test]
    public void OneWithoutANameThatWasLeftOutIsComplete()
    {
        var wanted = Wanted("a.example") with { Names = ["a.example", "b.example"] };
        var held = Held(wanted, Now.AddDays(-10), 90) with { Names = ["a.example"] };
        var situation = Situation([wanted]) with { Held = Named(wanted, held) };

        Assert.That(KeeperPlanner.Plan(situation).Orders, Has.Length.EqualTo(1));
        var plan = KeeperPlanner.Plan(situation with { Memory = new() { LeftOut = ImmutableDictionary<string, ImmutableArray<string>>.Empty.Add("a.example", ["b.example"]) } });
        Assert.That((plan.Orders.Length, plan.Status[0].LeftOut.Single()), Is.EqualTo((0, "b.example")));
    }

    [Test]
    public void AnAuthorityInTroubleIsPassedOverAndTheFirstOneComesBack()
    {
        var wanted = Wanted("a.example");
        var trouble = new KeeperMemory { Failures = Failures.None.With(new(FailureScope.Authority, "", First), "no connection", Now, null) };
        var situation = Situation([wanted]) with { Memory = trouble };

        var turning = KeeperPlanner.Plan(situation);
        var turned = KeeperPlanner.Plan(situation with { Memory = trouble with { Turned = trouble.Turned.Add("a.example", Second) }, Live = Live(wanted, "print-second") });
        var later = situation with { Now = Now.AddMinutes(2), Memory = trouble with { Turned = trouble.Turned.Add("a.example", Second) }, Open = ImmutableHashSet.Create(Second) };

        Assert.Multiple(() =>
        {
            Assert.That((turning.Orders.Length, turning.Turns.Single()), Is.EqualTo((0, KeyValuePair.Create("a.example", Second))), "first the proxies are told");
            Assert.That(turning.Status[0].LastError, Is.EqualTo("no connection"));
            Assert.That(Names(turned), Is.EqualTo(new[] { "a.example at second" }));
            Assert.That(turned.Turns, Is.Empty);
            Assert.That((KeeperPlanner.Plan(later).Opens.Single(), KeeperPlanner.Plan(later).Turns.Length), Is.EqualTo((First, 0)), "it is asked before any proxy is told");
            Assert.That(KeeperPlanner.Plan(later with { Open = ImmutableHashSet.Create(First) }).Turns.Single(), Is.EqualTo(KeyValuePair.Create("a.example", First)));
        });
    }

    [Test]
    public void WithAllAuthoritiesInTroubleItWaitsForTheFirstThatMayBeTriedAgain()
    {
        var failures = Failures.None
            .With(new(FailureScope.Authority, "", First), "no connection", Now.AddSeconds(-20), null)
            .With(new(FailureScope.Refusal, "a.example", Second), "too many", Now, Now.AddHours(3));
        var plan = KeeperPlanner.Plan(Situation([Wanted("a.example")]) with { Memory = new() { Failures = failures } });

        Assert.That((plan.Orders.Length, plan.Status[0].WaitsFor, plan.Status[0].NextAt), Is.EqualTo((0, "no connection", (DateTimeOffset?)Now.AddSeconds(40))));
        Assert.That(plan.WakeAt, Is.EqualTo(Now.AddSeconds(40)));
    }

    [Test]
    public void AProofThatFailedIsNotTriedAtAnotherAuthority()
    {
        var failures = Failures.None.With(new(FailureScope.Names, "a.example", ""), "404", Now, null);
        var plan = KeeperPlanner.Plan(Situation([Wanted("a.example"), Wanted("b.example")]) with { Memory = new() { Failures = failures } });

        Assert.That(Names(plan), Is.EqualTo(new[] { "b.example at first" }));
        Assert.That(plan.Turns, Is.Empty);
    }

    [Test]
    public void WhatWasSeenToSpeakAgainstOneAuthorityIsNoReasonToPassTheNext()
    {
        var failures = Failures.None.With(new(FailureScope.Preflight, "a.example", First), "CAA records", Now, null);
        var plan = KeeperPlanner.Plan(Situation([Wanted("a.example")]) with { Memory = new() { Failures = failures } });

        Assert.That(plan.Turns, Is.EqualTo(new[] { KeyValuePair.Create("a.example", Second) }));
        Assert.That((plan.Status[0].LastError, plan.Status[0].IsPreflight), Is.EqualTo(("CAA records", true)));
        Assert.That(failures.WithoutNames("a.example").All, Is.Empty);
    }

    [Test]
    public void AtMostEightOrdersAreUnderWay()
    {
        var all = Enumerable.Range(0, 500).Select(i => Wanted($"{i:000}.example")).ToImmutableArray();
        var plan = KeeperPlanner.Plan(Situation(all));
        Assert.That(plan.Orders, Has.Length.EqualTo(8));

        var begun = plan.Orders.Take(3).ToImmutableDictionary(order => order.Wanted.Name, order => new BegunOrder(Now, order.Wanted.Name, First));
        var next = KeeperPlanner.Plan(Situation(all) with { Memory = new() { Begun = begun } });
        Assert.That(next.Orders, Has.Length.EqualTo(5));
        Assert.That(next.Status.Count(status => status.Activity == CertificateActivity.Ordering), Is.EqualTo(8));
        Assert.That(next.Status[^1].WaitsFor, Is.EqualTo("only 8 certificates are ordered at a time"));
    }

    [Test]
    public void OneThatFailsStandsBeforeNobody()
    {
        var all = Enumerable.Range(0, 20).Select(i => Wanted($"{i:00}.example")).ToImmutableArray();
        var failures = all.Take(8).Aggregate(Failures.None, (before, one) => before.With(new(FailureScope.Names, one.Name, ""), "404", Now.AddDays(-2), null));
        Assert.That(KeeperPlanner.Plan(Situation(all) with { Memory = new() { Failures = failures } }).Orders.Select(order => order.Wanted.Name), Is.EqualTo(all.Skip(8).Take(8).Select(one => one.Name)));
    }

    [Test]
    public void AKeyIsChangedWhenNoOrderIsUnderWayAndEveryProxyAnswersWithTheNewOne()
    {
        var (due, resting) = (Wanted("due.example"), Wanted("resting.example"));
        var rolling = new KeeperMemory { RollingOver = ImmutableSortedSet.Create(First) };
        var busy = rolling with { Begun = ImmutableDictionary<string, BegunOrder>.Empty.Add("due.example", new(Now, "due.example", First)) };
        var situation = Situation([due, resting]) with { Held = Named(resting, Held(resting, Now.AddDays(-10), 90)), Live = Live(due, "print-first").SetItem("resting.example", "print-first") };
        var switched = situation with { Memory = rolling, Live = ImmutableDictionary<string, string>.Empty, Switched = ImmutableHashSet.Create(First), Thumbprints = new Dictionary<string, string> { [First] = "new", [Second] = "print-second" } };

        Assert.Multiple(() =>
        {
            Assert.That(KeeperPlanner.Plan(situation with { Memory = busy }).Switches, Is.Empty);
            Assert.That(KeeperPlanner.Plan(situation with { Memory = rolling }).Switches, Is.EqualTo(new[] { First }));
            Assert.That(Names(KeeperPlanner.Plan(situation with { Memory = rolling })), Is.Empty, "nothing is begun");
            var silent = KeeperPlanner.Plan(situation with { Memory = rolling, Live = Live(due, "print-first") });
            Assert.That((silent.Switches.Length, silent.Orders.Length), Is.EqualTo((0, 1)), "one that does not answer holds up the other key, and no order");
            Assert.That(KeeperPlanner.Plan(switched).Changes, Is.Empty, "no proxy has it");
            Assert.That(KeeperPlanner.Plan(switched).KeyChanges.Single().WaitsFor, Is.EqualTo("no proof yet that the proxy answers with the new key for due.example and 1 more"));
            Assert.That(KeeperPlanner.Plan(switched with { Live = Live(due, "new") }).Changes, Is.Empty, "one proxy does not");
            var both = switched with { Live = Live(due, "new").SetItem("resting.example", "new") };
            Assert.That(KeeperPlanner.Plan(both).Changes, Is.EqualTo(new[] { First }));
            Assert.That(Names(KeeperPlanner.Plan(both)), Is.Empty, "it has to know the key first");
            Assert.That(Names(KeeperPlanner.Plan(both with { Memory = new(), Switched = ImmutableHashSet<string>.Empty })), Is.EqualTo(new[] { "due.example at first" }));
        });
    }

    /// <summary>
    /// Twenty names for a day at an authority that finds no proof: an event each minute, and a restart each hour that forgets whatever
    /// is not on the disk.
    /// </summary>
    [Test]
    public void ADayOfFailuresCostsAtMostFourOrdersOfANameAndFortyInAll()
    {
        var all = Enumerable.Range(0, 20).Select(i => Wanted($"{i:00}.example")).ToImmutableArray();
        var memory = KeeperMemory.Nothing;
        var orders = new List<string>();
        ImmutableArray<CertificateStatus> status = [];
        for (var now = Now; now < Now.AddHours(24); now = now.AddSeconds(20))
        {
            if (now.Minute == 0 && now.Second == 0)
                memory = memory.Started(now, _ => false, _ => null);
            memory = memory with { Failures = memory.Failures.AsOf(now) };
            var plan = KeeperPlanner.Plan(Situation(all) with { Now = now, Memory = memory });
            status = plan.Status;
            foreach (var order in plan.Orders)
            {
                orders.Add(order.Wanted.Name);
                memory = memory.With(First, new(now.AddSeconds(3), order.Wanted.Name, IsIssued: false)) with
                {
                    Failures = memory.Failures.With(new(FailureScope.Names, order.Wanted.Name, ""), $"{order.Wanted.Name} answered 404", now.AddSeconds(3), null),
                };
            }
        }

        Assert.Multiple(() =>
        {
            Assert.That(orders, Has.Count.InRange(20, 40));
            Assert.That(orders.CountBy(name => name).Select(pair => pair.Value), Is.All.InRange(1, 4));
            Assert.That(status.Select(one => one.LastError), Is.EqualTo(all.Select(one => $"{one.Name} answered 404")));
            Assert.That(status.Select(one => one.NextAt), Is.All.Not.Null);
        });
    }

    /// <summary>However it comes about: what is stored never is what was wanted, or its authority always wants it to be renewed.</summary>
    [TestCase(true)]
    [TestCase(false)]
    public void OneThatIsNeverRightIsNotOrderedForEver(bool isDue)
    {
        var wanted = Wanted("a.example");
        var memory = KeeperMemory.Nothing;
        var held = ImmutableDictionary<string, HeldCertificate>.Empty;
        var orders = 0;
        for (var now = Now; now < Now.AddHours(23); now = now.AddSeconds(30))
        {
            foreach (var order in KeeperPlanner.Plan(Situation([wanted]) with { Now = now, Memory = memory, Held = held }).Orders)
            {
                var id = $"id-{++orders}";
                held = Named(wanted, new(new(id, now, now.AddDays(90)), isDue ? wanted.Names : ["other.example"], First) { RenewalId = id });
                memory = memory.With(order.Authority, new(now, wanted.Name, IsIssued: true)) with
                {
                    Renewals = memory.Renewals.SetItem(wanted.Name, new(id, new SuggestedWindow(id, Now.AddDays(-2), Now.AddDays(-1)), now.AddDays(1), 0)),
                };
            }
        }

        Assert.That(orders, Is.EqualTo(KeeperPlanner.MaxOfOneSet));
    }

    [Test]
    public void AnOrderThatDiedWithItsProcessCountsUnlessItCanBeGoneOnWith()
    {
        var begun = ImmutableDictionary<string, BegunOrder>.Empty
            .Add("a.example", new(Now.AddSeconds(-30), "a.example", First))
            .Add("b.example", new(Now.AddSeconds(-30), "b.example", First));
        var memory = new KeeperMemory { Begun = begun }.Started(Now, name => name == "b.example", _ => Now.AddSeconds(-31));

        Assert.Multiple(() =>
        {
            Assert.That(memory.Begun, Is.Empty);
            Assert.That(memory.PastOf(First), Is.EqualTo(new[] { new PastOrder(Now, "a.example", IsIssued: false) }));
            Assert.That(Names(KeeperPlanner.Plan(Situation([Wanted("a.example"), Wanted("b.example")]) with { Memory = memory })), Is.EqualTo(new[] { "b.example at first" }));
        });
    }

    [TestCase(true)]
    [TestCase(false)]
    public void AnOrderWhoseCertificateIsStoredDidNotFailWithItsProcess(bool isKept)
    {
        var begun = ImmutableDictionary<string, BegunOrder>.Empty.Add("a.example", new(Now.AddSeconds(-30), "a.example", First));
        var failed = Failures.None.With(new(FailureScope.Names, "a.example", ""), "404", Now.AddHours(-1), null);
        var memory = new KeeperMemory { Begun = begun, Failures = failed }.Started(Now, _ => isKept, _ => Now.AddSeconds(-1));

        Assert.That((memory.Begun.Count, memory.Failures.All.Count), Is.EqualTo((0, 0)));
        Assert.That(memory.PastOf(First), Is.EqualTo(new[] { new PastOrder(Now, "a.example", IsIssued: true) }));
    }

    [Test]
    public void AClockThatWasPutBackHoldsUpNothingForLong()
    {
        var failures = Failures.None.With(new(FailureScope.Names, "a.example", ""), "404", Now.AddYears(3), null).AsOf(Now);
        var situation = Situation([Wanted("a.example")]) with { Memory = new() { Failures = failures } };

        Assert.That(KeeperPlanner.Plan(situation).Status[0].NextAt, Is.EqualTo(Now.AddMinutes(1)));
        Assert.That(Names(KeeperPlanner.Plan(situation with { Now = Now.AddMinutes(1) })), Has.Length.EqualTo(1));
        Assert.That(Failures.None.With(new(FailureScope.Names, "a.example", ""), "404", Now, null).AsOf(Now.AddDays(40)).All, Is.Empty);
    }

    [Test]
    public void TheTroubleOfAnAuthorityThatManyOrdersMeetAtOnceCountsOnce()
    {
        var subject = new FailureSubject(FailureScope.Authority, "", First);
        var failures = Enumerable.Range(0, 8).Aggregate(Failures.None, (before, i) => before.With(subject, "no connection", Now.AddSeconds(i), null));
        Assert.That(failures.Of(subject)!.Orders.Count, Is.EqualTo(1));
        Assert.That(failures.With(subject, "no connection", Now.AddMinutes(2), null).Of(subject)!.Orders.Count, Is.EqualTo(2));
    }

    private static KeeperSituation Situation(ImmutableArray<WantedCertificate> wanted) => new()
    {
        Now = Now,
        Wanted = wanted,
        Held = ImmutableDictionary<string, HeldCertificate>.Empty,
        Memory = KeeperMemory.Nothing,
        Thumbprints = new Dictionary<string, string> { [First] = "print-first", [Second] = "print-second" },
        Live = wanted.ToImmutableDictionary(one => one.Name, _ => "print-first"),
        Open = ImmutableHashSet.Create(First, Second),
    };

    private static WantedCertificate Wanted(string name) => new() { Name = name, Names = [name], Authorities = [First, Second], Outputs = ["nginx"] };

    private static HeldCertificate Held(WantedCertificate wanted, DateTimeOffset from, int days) =>
        new(new("id-" + wanted.Name, from, from.AddDays(days)), wanted.Names, First) { RenewalId = "id-" + wanted.Name };

    private static ImmutableDictionary<string, HeldCertificate> Named(WantedCertificate wanted, HeldCertificate held) => ImmutableDictionary<string, HeldCertificate>.Empty.Add(wanted.Name, held);

    private static ImmutableDictionary<string, string> Live(WantedCertificate wanted, string thumbprint) => ImmutableDictionary<string, string>.Empty.Add(wanted.Name, thumbprint);

    private static string[] Names(KeeperPlan plan) => [.. plan.Orders.Select(order => $"{order.Wanted.Name} at {order.Authority}")];
}
