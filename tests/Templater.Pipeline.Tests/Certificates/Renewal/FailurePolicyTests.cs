using Templater.Pipeline.Certificates.Renewal;

namespace Templater.Pipeline.Tests.Certificates.Renewal;

public sealed class FailurePolicyTests
{
    private static readonly DateTimeOffset Now = new(2027, 2, 10, 12, 0, 0, TimeSpan.Zero);

    [TestCase(1, 1)]
    [TestCase(2, 10)]
    [TestCase(3, 100)]
    [TestCase(4, 24 * 60)]
    [TestCase(5, 24 * 60)]
    [TestCase(int.MaxValue, 24 * 60)]
    public void ThePausesGrowToADay(int failures, int minutes) =>
        Assert.That(FailurePolicy.RetryAt(new FailedOrders(failures, Now), null), Is.EqualTo(Now.AddMinutes(minutes)));

    [TestCase(1, 600, TestName = "TheCasPauseHoldsWhereItIsLonger")]
    [TestCase(3, 6000, TestName = "OursWhereThatIs")]
    public void TheLongerPauseHolds(int failures, int seconds) =>
        Assert.That(FailurePolicy.RetryAt(new FailedOrders(failures, Now, Now.AddSeconds(600)), null), Is.EqualTo(Now.AddSeconds(seconds)));

    [Test]
    public void ACaThatWantsToBeLeftAloneForYearsIsAskedAfterAWeek() =>
        Assert.That(FailurePolicy.RetryAt(new FailedOrders(1, Now, Now.AddYears(5)), null), Is.EqualTo(Now.AddDays(7)));

    [Test]
    public void APauseInThePastIsNone() =>
        Assert.That(FailurePolicy.RetryAt(new FailedOrders(1, Now, Now.AddHours(-1)), null), Is.EqualTo(Now.AddMinutes(1)));

    /// <summary>80 hours are left to a certificate of 160: a day between two attempts would leave three of them.</summary>
    [TestCase(4, 80 * 60, 600)]
    [TestCase(3, 80 * 60, 100)]
    [TestCase(3, 8, 10)]
    [TestCase(1, 1, 1)]
    [TestCase(4, -10, 24 * 60)]
    public void WhatIsAboutToEndIsTriedEightTimesBefore(int failures, int minutesLeft, double minutes) =>
        Assert.That(
            FailurePolicy.RetryAt(new FailedOrders(failures, Now), Life(TimeSpan.FromHours(160), Now.AddMinutes(minutesLeft))),
            Is.EqualTo(Now.AddMinutes(minutes)));

    [TestCase(90 * 24, 100)]
    [TestCase(160, 60)]
    [TestCase(1, 60)]
    public void ARenewalThatAlwaysFailsIsTriedABoundedNumberOfTimes(int hours, int most)
    {
        var life = Life(TimeSpan.FromHours(hours), Now + (TimeSpan.FromHours(hours) / 2));
        var attempts = 1;
        for (var failed = new FailedOrders(1, Now); failed.At < life.NotAfter && attempts <= 1000; attempts++)
            failed = new FailedOrders(failed.Count + 1, FailurePolicy.RetryAt(failed, life));

        Assert.That(attempts, Is.InRange(8, most));
    }

    [Test]
    public void AFailureOfTheFutureIsOneOfNow()
    {
        var noted = new FailedOrders(4, Now.AddYears(3));
        Assert.That(FailurePolicy.AsOf(noted, Now), Is.EqualTo(noted with { At = Now }));
        Assert.That(FailurePolicy.AsOf(noted, Now.AddYears(4)), Is.EqualTo(noted));
    }

    private static CertificateLife Life(TimeSpan lifetime, DateTimeOffset end) => new("id", end - lifetime, end);
}
