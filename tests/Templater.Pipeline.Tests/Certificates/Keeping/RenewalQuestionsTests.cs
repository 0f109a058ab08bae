using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Certificates.Renewal;

namespace Templater.Pipeline.Tests.Certificates.Keeping;

public sealed class RenewalQuestionsTests
{
    private static readonly DateTimeOffset Now = new(2027, 2, 10, 12, 0, 0, TimeSpan.Zero);

    [TestCase(null, 6 * 60)]
    [TestCase(10, 10)]
    [TestCase(0, 1, Description = "not so often")]
    [TestCase(-5, 1, Description = "a date that has passed")]
    [TestCase(3 * 24 * 60, 24 * 60, Description = "not so seldom")]
    public void TheAuthoritySaysWhenItIsAskedAgain(int? minutes, int expected)
    {
        var answer = RenewalQuestions.Answered("id", Info(Now, Now.AddDays(1), minutes), Now);
        Assert.That(answer, Is.EqualTo(new RenewalAnswer("id", new SuggestedWindow("id", Now, Now.AddDays(1)), Now.AddMinutes(expected), 0)));
    }

    [Test]
    public void AnInvertedWindowIsNone()
    {
        Assert.That(RenewalQuestions.Answered("id", Info(Now.AddDays(1), Now, null), Now).Window, Is.Null);
        Assert.That(RenewalQuestions.Answered("id", null, Now), Is.EqualTo(new RenewalAnswer("id", null, Now.AddHours(6), 0)), "it tells nobody");
    }

    [Test]
    public void TroubleThatPassesIsTriedAgainSoonAndThenMoreSeldom()
    {
        RenewalAnswer? answer = null;
        List<double> minutes = [];
        for (var i = 0; i < 11; i++)
        {
            answer = RenewalQuestions.Failed("id", answer, new AcmeException(AcmeFailure.Unreachable, "no connection"), Now);
            minutes.Add((answer.AskAt - Now).TotalMinutes);
        }

        Assert.That(minutes, Is.EqualTo(new double[] { 1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360 }));
    }

    [Test]
    public void OtherTroubleWaitsForSixHoursAndWhatWasSaidHolds()
    {
        var before = RenewalQuestions.Answered("id", Info(Now, Now.AddDays(1), 10), Now);
        Assert.That(RenewalQuestions.Failed("id", before, new AcmeException(AcmeFailure.BadAnswer, "HTML"), Now), Is.EqualTo(before with { AskAt = Now.AddHours(6), Failures = 1 }));
        Assert.That(RenewalQuestions.Failed("other", before, new AcmeException(AcmeFailure.BadAnswer, "HTML"), Now).Window, Is.Null, "it was said of another certificate");
        Assert.That(RenewalQuestions.Failed("id", before, new AcmeException(AcmeFailure.RateLimited, "later") { RetryAt = Now.AddHours(8) }, Now).AskAt, Is.EqualTo(Now.AddHours(8)));
    }

    private static RenewalInfo Info(DateTimeOffset start, DateTimeOffset end, int? minutes) =>
        new() { SuggestedWindow = new(start, end), RetryAt = minutes is { } wait ? Now.AddMinutes(wait) : null };
}
