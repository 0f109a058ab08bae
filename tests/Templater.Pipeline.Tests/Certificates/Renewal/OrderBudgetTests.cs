using System.Collections.Immutable;
using Templater.Pipeline.Certificates.Renewal;

namespace Templater.Pipeline.Tests.Certificates.Renewal;

public sealed class OrderBudgetTests
{
    private static readonly DateTimeOffset Now = new(2027, 2, 10, 12, 0, 0, TimeSpan.Zero);

    [Test]
    public void AnAccountWithoutAPastMayOrder() =>
        Assert.That(OrderBudget.Delay([], "a.example", false, OrderLimits.LetsEncrypt, Now), Is.Null);

    [Test]
    public void TheSixthCertificateForTheSameNamesWaitsUntilTheFirstIsAWeekOld()
    {
        ImmutableArray<PastOrder> past = [.. Enumerable.Range(0, 5).Select(i => Issued(hoursAgo: 50 - (10 * i), "a.example"))];

        Assert.That(Delay(past, "a.example"), Is.EqualTo(new OrderDelay(Now.AddHours(-50).AddDays(7), "the CA allows 5 certificates for these names in 7 days")));
        Assert.That(Delay(past, "b.example"), Is.Null);
        Assert.That(OrderBudget.Delay(past, "a.example", replaces: true, OrderLimits.LetsEncrypt, Now), Is.Null, "what replaces another is exempt");
        Assert.That(OrderBudget.Delay(past, "a.example", false, OrderLimits.Unknown, Now), Is.Null, "of this CA nothing is known");
    }

    [Test]
    public void FailuresDoNotCountAsCertificates() =>
        Assert.That(Delay([.. Enumerable.Range(0, 5).Select(i => Failed(50 - (10 * i), "a.example"))], "a.example"), Is.Null);

    [Test]
    public void TheLimitOfOrdersSlides()
    {
        ImmutableArray<PastOrder> past = [.. Enumerable.Range(0, 300).Select(i => Issued(2.5 - (i / 200.0), $"{i}.example"))];

        Assert.That(Delay(past, "new.example")?.Until, Is.EqualTo(Now.AddHours(0.5)));
        Assert.That(OrderBudget.Delay(past, "new.example", false, OrderLimits.LetsEncrypt, Now.AddHours(0.51)), Is.Null);
    }

    [Test]
    public void AfterEightFailuresInARowItOnlyTries()
    {
        ImmutableArray<PastOrder> past = [Issued(2, "z.example"), .. Enumerable.Range(0, 8).Select(i => Failed(0, $"{i}.example"))];
        var reason = "the last 8 orders of this account all failed, and only one is tried at a time";

        Assert.That(Delay(past, "3.example"), Is.EqualTo(new OrderDelay(Now.AddMinutes(100), reason)));
        Assert.That(Delay(past, "new.example"), Is.EqualTo(new OrderDelay(Now.AddMinutes(1), reason)));
        Assert.That(Delay(past.RemoveAt(5), "3.example"), Is.Null, "seven are not eight");
        Assert.That(Delay([.. past, Issued(0, "new.example")], "3.example"), Is.Null, "one success ends it");
    }

    [Test]
    public void OrdersUnderWayMayAllFailAndAllCount()
    {
        ImmutableArray<PastOrder> failed = [.. Enumerable.Range(0, 3).Select(i => Failed(1, $"{i}.example"))];
        ImmutableArray<PastOrder> many = [.. Enumerable.Range(0, 295).Select(i => Issued(1, $"{i}.example"))];

        Assert.That(OrderBudget.Delay([], "new.example", false, OrderLimits.LetsEncrypt, Now, underWay: 7), Is.Null, "nothing has failed");
        Assert.That(OrderBudget.Delay(failed, "new.example", false, OrderLimits.LetsEncrypt, Now, underWay: 4), Is.Null);
        Assert.That(
            OrderBudget.Delay(failed, "new.example", false, OrderLimits.LetsEncrypt, Now, underWay: 5),
            Is.EqualTo(new OrderDelay(DateTimeOffset.MaxValue, "the last 3 orders of this account failed, and what comes of the 5 under way is waited for")));
        Assert.That(OrderBudget.Delay(many, "new.example", false, OrderLimits.LetsEncrypt, Now, underWay: 4), Is.Null);
        Assert.That(OrderBudget.Delay(many, "new.example", false, OrderLimits.LetsEncrypt, Now, underWay: 5)?.Until, Is.EqualTo(Now.AddHours(2)));
    }

    /// <summary>Twenty names and a CA, or a network, that lets none of them through for a day.</summary>
    [Test]
    public void ADayOfFailuresCostsAtMostFortyOrdersAndFourOfAName()
    {
        var names = Enumerable.Range(0, 20).Select(i => $"{i}.example").ToArray();
        var failed = new Dictionary<string, FailedOrders>();
        ImmutableArray<PastOrder> past = [];
        for (var now = Now; now < Now.AddHours(24); now = now.AddSeconds(10))
        {
            foreach (var name in names)
            {
                var isDue = !failed.TryGetValue(name, out var record) || FailurePolicy.RetryAt(record, null) <= now;
                if (!isDue || OrderBudget.Delay(past, name, false, OrderLimits.LetsEncrypt, now) is not null)
                    continue;
                failed[name] = new FailedOrders((record?.Count ?? 0) + 1, now);
                past = OrderBudget.Kept(past.Add(new PastOrder(now, name, false)), now);
            }
        }

        Assert.That(past, Has.Length.InRange(20, 40));
        Assert.That(past.CountBy(order => order.Names).Select(pair => pair.Value), Is.All.InRange(1, 4));
    }

    [Test]
    public void WhatIsOldIsForgotten() =>
        Assert.That(
            OrderBudget.Kept([Issued(169, "old"), Issued(167, "kept"), Issued(-1, "of the future")], Now).Select(order => order.Names),
            Is.EqualTo(new[] { "kept", "of the future" }));

    [Test]
    public void AClockThatHasForgottenTheTimeForgetsNoOrder()
    {
        var lost = DateTimeOffset.UnixEpoch;
        ImmutableArray<PastOrder> past = [.. Enumerable.Range(0, 5).Select(i => Issued(hoursAgo: 50 - (10 * i), "a.example"))];

        var kept = OrderBudget.Kept(past, lost);

        Assert.That(kept, Is.EqualTo(past));
        Assert.That(OrderBudget.Delay(kept, "a.example", false, OrderLimits.LetsEncrypt, lost)?.Until, Is.EqualTo(lost.AddDays(7)));
        Assert.That(OrderBudget.Delay(OrderBudget.Kept(kept, Now), "a.example", false, OrderLimits.LetsEncrypt, Now)?.Until, Is.EqualTo(past[0].At.AddDays(7)));
    }

    [Test]
    public void FailuresOfTheFutureAreBoundedAndStopNothingForEver()
    {
        ImmutableArray<PastOrder> past = [.. Enumerable.Range(0, 500).Select(i => Failed(-1000 - i, $"{i}.example"))];

        var kept = OrderBudget.Kept(past, Now);

        Assert.That(kept, Is.EqualTo(past[^OrderBudget.MaxOfTheFuture..]));
        Assert.That(Delay(kept, "499.example"), Is.Null, "one is tried");
        Assert.That(Delay([.. kept, Failed(0, "499.example")], "499.example")?.Until, Is.EqualTo(Now.AddMinutes(100)));
    }

    private static OrderDelay? Delay(ImmutableArray<PastOrder> past, string names) =>
        OrderBudget.Delay(past, names, replaces: false, OrderLimits.LetsEncrypt, Now);

    private static PastOrder Issued(double hoursAgo, string names) => new(Now.AddHours(-hoursAgo), names, IsIssued: true);

    private static PastOrder Failed(double hoursAgo, string names) => new(Now.AddHours(-hoursAgo), names, IsIssued: false);
}
