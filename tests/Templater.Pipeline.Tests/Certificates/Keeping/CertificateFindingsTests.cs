using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Certificates.Wanted;

namespace Templater.Pipeline.Tests.Certificates.Keeping;

public sealed class CertificateFindingsTests
{
    private static readonly DateTimeOffset Now = new(2027, 2, 10, 12, 0, 0, TimeSpan.Zero);
    private static readonly CertificateStatus Waiting = new("shop.example.com", ["shop.example.com"], CertificateActivity.Waiting) { WithoutIt = HostsWithoutPair.Served, Failed = 1, NextAt = Now.AddMinutes(10) };

    [Test]
    public void WhatWasSeenBeforeAnyAuthorityWasAskedCostsNothing() =>
        Assert.That(
            Of(Waiting with { IsPreflight = true, LastError = "it resolves to 203.0.113.9, where http://shop.example.com/.well-known/acme-challenge/… answered 404 from another server. Point the A/AAAA record here or open port 80." }).ToString(),
            Is.EqualTo("warning acme-unreachable: no certificate was ordered for shop.example.com: it resolves to 203.0.113.9, where http://shop.example.com/.well-known/acme-challenge/… answered 404 from another server. Point the A/AAAA record here or open port 80. Checked again at 12:10; no attempt was used up. http is served meanwhile."));

    [Test]
    public void AFailedOrderSaysWhatTheAuthoritySaid() =>
        Assert.That(Of(Waiting with { LastError = "ca.example says no", NextAt = Now.AddDays(1) }).ToString(), Is.EqualTo("warning acme-failed: no certificate was obtained for shop.example.com: ca.example says no. Tried again at 2027-02-11 12:00. http is served meanwhile."));

    [TestCase(HostsWithoutPair.Refused, false, " What is for https alone is not served meanwhile.")]
    [TestCase(HostsWithoutPair.Other, false, "")]
    [TestCase(HostsWithoutPair.Served, true, " A placeholder is shown meanwhile.")]
    public void WhatIsServedMeanwhileIsNotSaidOtherwise(HostsWithoutPair hosts, bool hasPlaceholder, string expected) =>
        Assert.That(Of(Waiting with { LastError = "ca.example says no", WithoutIt = hosts, HasPlaceholder = hasPlaceholder }).Message, Does.EndWith(" Tried again at 12:10." + expected));

    [TestCase(20, "warning acme-failed: the certificate was not renewed for shop.example.com: ca.example says no. Tried again at 12:10. The one that is there ends 2027-03-02 12:00.")]
    [TestCase(5, "error acme-failed: the certificate was not renewed for shop.example.com: ca.example says no. Tried again at 12:10. The one that is there ends 2027-02-15 12:00.")]
    [TestCase(-1, "error acme-failed: the certificate was not renewed for shop.example.com: ca.example says no. Tried again at 12:10. The one that is there ended 2027-02-09 12:00.")]
    public void ARenewalThatFailsIsAnErrorWhenLittleIsLeft(int daysLeft, string expected) =>
        Assert.That(Of(Waiting with { LastError = "ca.example says no.", NotAfter = Now.AddDays(daysLeft), RenewAt = Now.AddDays(daysLeft - 30) }).ToString(), Is.EqualTo(expected));

    [Test]
    public void OnlyTheHourOfTheNextAttemptIsNoNewFinding()
    {
        var (one, other) = (Of(Waiting with { LastError = "no" }), Of(Waiting with { LastError = "no", NextAt = Now.AddHours(2) }));
        Assert.That((one.Message == other.Message, one.Matter == other.Matter), Is.EqualTo((false, true)));
    }

    [Test]
    public void WhatRestsOrHasNotFailedIsNoFinding() =>
        Assert.That(CertificateFindings.Of([Waiting, Waiting with { Activity = CertificateActivity.Resting, LastError = "the first authority was not there" }], Now), Is.Empty);

    private static Finding Of(CertificateStatus status) => CertificateFindings.Of([status], Now).Single();
}
