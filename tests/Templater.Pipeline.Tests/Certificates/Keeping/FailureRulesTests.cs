using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Keeping;

namespace Templater.Pipeline.Tests.Certificates.Keeping;

public sealed class FailureRulesTests
{
    private static readonly FailureSubject Authority = new(FailureScope.Authority, "", "first");
    private static readonly FailureSubject Names = new(FailureScope.Names, "a.example", "");

    [TestCase("cannot order a certificate for a.example: ca.example cannot be reached: refused", "ca.example cannot be reached: refused")]
    [TestCase("ca.example cannot be reached", "ca.example cannot be reached")]
    [TestCase("cannot be", "cannot be")]
    public void WhatIsWrongWithAnAuthorityIsToldOfNoSingleCertificate(string message, string expected) =>
        Assert.That(FailureRules.ReasonOf(new(AcmeFailure.Unreachable, message), Authority), Is.EqualTo(expected));

    [Test]
    public void WhatIsWrongWithACertificateIsToldAsItIs() =>
        Assert.That(FailureRules.ReasonOf(new(AcmeFailure.Refused, "cannot finish the order for a.example: no"), Names), Is.EqualTo("cannot finish the order for a.example: no"));
}
