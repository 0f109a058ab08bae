using Templater.Pipeline.Certificates.Renewal;

namespace Templater.Pipeline.Tests.Certificates.Renewal;

public sealed class RenewalPolicyTests
{
    private static readonly DateTimeOffset Birth = new(2027, 2, 10, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Lifetimes that CAs give now and in the coming years, and one of a test.</summary>
    [TestCase(90 * 24.0, 1.0 / 3)]
    [TestCase(64 * 24.0, 1.0 / 3)]
    [TestCase(45 * 24.0, 1.0 / 3)]
    [TestCase(10 * 24.0, 1.0 / 3)]
    [TestCase(160.0, 1.0 / 2)]
    [TestCase(12.0, 1.0 / 2)]
    [TestCase(1.0 / 60, 1.0 / 2)]
    public void WithoutAWindowAFractionOfTheLifetimeIsLeftOrATenthMore(double hours, double fraction)
    {
        var certificate = Certificate(TimeSpan.FromHours(hours));

        var left = (certificate.NotAfter - new RenewalPolicy().DueAt(certificate, null)) / certificate.Lifetime;

        Assert.That(left, Is.InRange(fraction, fraction * 1.1));
    }

    [Test]
    public void TheOperatorsFractionHoldsForEveryLifetime([Values(1, 160, 90 * 24)] int hours, [Values(0.05, 0.25, 0.75)] double fraction)
    {
        var certificate = Certificate(TimeSpan.FromHours(hours));

        var left = (certificate.NotAfter - new RenewalPolicy { FractionLeft = fraction }.DueAt(certificate, null)) / certificate.Lifetime;

        Assert.That(left, Is.InRange(fraction, fraction * 1.1));
    }

    // Else each would be due at birth, and so the one that replaces it.
    [Test]
    public void HoweverLittleOfTheLifetimeIsToGoByItDoesGoBy([Values(0.9, 0.95, 0.99)] double fraction)
    {
        for (var number = 0; number < 100; number++)
        {
            var certificate = Certificate(TimeSpan.FromDays(90)) with { Id = $"certificate-{number}" };

            var gone = (new RenewalPolicy { FractionLeft = fraction }.DueAt(certificate, null) - certificate.NotBefore) / certificate.Lifetime;

            Assert.That(gone, Is.InRange((1 - fraction) * 0.899, (1 - fraction) * 1.001));
        }
    }

    [Test]
    public void ThePointOfAWindowIsTheSameWheneverItIsAskedFor()
    {
        var certificate = Certificate(TimeSpan.FromDays(90));
        var window = Window(certificate, 50, 55);
        var point = new RenewalPolicy().DueAt(certificate, window);

        Assert.That(point, Is.InRange(window.Start, window.End));
        Assert.That(new RenewalPolicy().DueAt(certificate with { }, window with { }), Is.EqualTo(point));
    }

    /// <summary>Whole populations renew by their windows: RFC 9773 section 4.2 wants the points to be even.</summary>
    [Test]
    public void ThePointsOfManyCertificatesAreSpreadOverTheWindow()
    {
        const int Count = 4000, Parts = 10;
        var parts = new int[Parts];
        for (var i = 0; i < Count; i++)
        {
            var certificate = Certificate(TimeSpan.FromDays(90)) with { Id = $"certificate.{i}" };
            var window = Window(certificate, 50, 60);
            parts[(int)((new RenewalPolicy().DueAt(certificate, window) - window.Start) / (window.End - window.Start) * Parts)]++;
        }

        // 400 each; the deviation is 19, and five of them are left to chance.
        Assert.That(parts, Is.All.InRange(300, 500));
    }

    [TestCase("of another certificate", 1, 2)]
    [TestCase(null, 55, 50)]
    [TestCase(null, 50, 50)]
    public void AWindowThatIsNoneOfThisCertificateIsAsNone(string? id, int start, int end)
    {
        var certificate = Certificate(TimeSpan.FromDays(90));
        var window = Window(certificate, start, end);

        Assert.That(
            new RenewalPolicy().DueAt(certificate, id is null ? window : window with { CertificateId = id }),
            Is.EqualTo(new RenewalPolicy().DueAt(certificate, null)));
    }

    [Test]
    public void AWindowThatEndsWithTheCertificateOrLaterIsNotWaitedFor()
    {
        var certificate = Certificate(TimeSpan.FromDays(90));

        var due = new RenewalPolicy().DueAt(certificate, Window(certificate, 100, 4000));

        Assert.That(due, Is.EqualTo(Birth.AddDays(90 - 4.5)));
    }

    [Test]
    public void AWindowInThePastIsNow()
    {
        var certificate = Certificate(TimeSpan.FromDays(90));
        Assert.That(new RenewalPolicy().IsDue(certificate, Window(certificate, -3, -2), Birth.AddMinutes(1)));
    }

    /// <summary>A host whose clock starts in 1970 would order without end: each new certificate is as little valid as the last.</summary>
    [Test]
    public void BeforeItsValidityNothingIsDue()
    {
        var certificate = Certificate(TimeSpan.FromDays(90));
        var clock = new DateTimeOffset(1970, 1, 1, 0, 0, 7, TimeSpan.Zero);

        Assert.That(new RenewalPolicy().IsDue(certificate, null, clock), Is.False);
        Assert.That(new RenewalPolicy().IsDue(certificate, Window(certificate, -30000, -2), clock), Is.False);
    }

    [Test]
    public void AfterALongSleepItIsDueAtOnce() =>
        Assert.That(new RenewalPolicy().IsDue(Certificate(TimeSpan.FromDays(90)), null, Birth.AddYears(5)));

    /// <summary>Dated back by an hour and short-lived: a new certificate must not be due at its birth.</summary>
    [Test]
    public void AShortLivedCertificateThatIsDatedBackIsNotDueAtItsBirth()
    {
        var certificate = new CertificateLife("new", Birth.AddHours(-1), Birth.AddHours(159));
        var stale = new SuggestedWindow("old", Birth.AddHours(-80), Birth.AddHours(-70));

        Assert.That(new RenewalPolicy().IsDue(certificate, stale, Birth), Is.False);
    }

    private static CertificateLife Certificate(TimeSpan lifetime) => new("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE", Birth, Birth + lifetime);

    private static SuggestedWindow Window(CertificateLife certificate, int startDay, int endDay) =>
        new(certificate.Id, Birth.AddDays(startDay), Birth.AddDays(endDay));
}
