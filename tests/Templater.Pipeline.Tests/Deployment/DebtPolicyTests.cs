using Templater.Pipeline.Deployment;

namespace Templater.Pipeline.Tests.Deployment;

public sealed class DebtPolicyTests
{
    [TestCase(null, 0, null, 0, TestName = "AtOnceWhenNothingWasEverSent")]
    [TestCase(10.0, 0, null, 0, TestName = "AtOnceAfterCalm")]
    [TestCase(1.0, 0, null, 0, TestName = "AtOnceWhenTheIntervalHasJustPassed")]
    [TestCase(0.4, 0, null, 0.6, TestName = "AtTheEndOfTheInterval")]
    [TestCase(null, 1, 0.0, 1, TestName = "OneSecondAfterTheFirstFailure")]
    [TestCase(null, 3, 1.0, 3, TestName = "FourSecondsAfterTheThird")]
    [TestCase(null, 1000, 10.0, 50, TestName = "AMinuteAfterVeryMany")]
    [TestCase(0.5, 4, 1.0, 7, TestName = "TheLaterOfIntervalAndRetry")]
    public void TheNextDeliveryWaits(double? reloadedSecondsAgo, int failures, double? attemptedSecondsAgo, double expectedSeconds)
    {
        var policy = new DebtPolicy(TimeSpan.FromSeconds(1));

        var wait = policy.Wait(Seconds(reloadedSecondsAgo), failures, Seconds(attemptedSecondsAgo));

        Assert.That(wait.TotalSeconds, Is.EqualTo(expectedSeconds).Within(0.001));
    }

    [TestCase(0, 1)]
    [TestCase(1, 1)]
    [TestCase(2, 2)]
    [TestCase(6, 32)]
    [TestCase(7, 60)]
    [TestCase(int.MaxValue, 60)]
    public void RetriesWaitLongerUpToAMinute(int failures, double seconds) =>
        Assert.That(DebtPolicy.RetryDelay(failures).TotalSeconds, Is.EqualTo(seconds));

    private static TimeSpan? Seconds(double? seconds) => seconds is { } value ? TimeSpan.FromSeconds(value) : null;
}
