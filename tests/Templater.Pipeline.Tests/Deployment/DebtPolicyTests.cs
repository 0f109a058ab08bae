using Templater.Pipeline.Deployment;

namespace Templater.Pipeline.Tests.Deployment;

public sealed class DebtPolicyTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [TestCase(null, 0, null, 0, TestName = "AtOnceWhenNothingWasEverSent")]
    [TestCase(10.0, 0, null, 0, TestName = "AtOnceAfterCalm")]
    [TestCase(1.0, 0, null, 0, TestName = "AtOnceWhenTheIntervalHasJustPassed")]
    [TestCase(0.4, 0, null, 0.6, TestName = "AtTheEndOfTheInterval")]
    [TestCase(null, 1, 0.0, 1, TestName = "OneSecondAfterTheFirstFailure")]
    [TestCase(null, 3, 1.0, 3, TestName = "FourSecondsAfterTheThird")]
    [TestCase(null, 1000, 10.0, 50, TestName = "AMinuteAfterVeryMany")]
    [TestCase(0.5, 4, 1.0, 7, TestName = "TheLaterOfIntervalAndRetry")]
    [TestCase(-3600.0, 0, null, 1, TestName = "AClockThatWasSetBackHoldsNothingUp")]
    public void TheNextDeliveryIs(double? reloadedSecondsAgo, int failures, double? attemptedSecondsAgo, double expectedSeconds)
    {
        var policy = new DebtPolicy(TimeSpan.FromSeconds(1));

        var next = policy.NextDelivery(Now, Ago(reloadedSecondsAgo), failures, Ago(attemptedSecondsAgo));

        Assert.That((next - Now).TotalSeconds, Is.EqualTo(expectedSeconds).Within(0.001));
    }

    [TestCase(0, 1)]
    [TestCase(1, 1)]
    [TestCase(2, 2)]
    [TestCase(6, 32)]
    [TestCase(7, 60)]
    [TestCase(int.MaxValue, 60)]
    public void RetriesWaitLongerUpToAMinute(int failures, double seconds) =>
        Assert.That(DebtPolicy.RetryDelay(failures).TotalSeconds, Is.EqualTo(seconds));

    private static DateTimeOffset? Ago(double? seconds) => seconds is { } value ? Now - TimeSpan.FromSeconds(value) : null;
}
