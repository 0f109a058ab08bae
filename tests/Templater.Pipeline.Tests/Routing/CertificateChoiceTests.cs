using Templater.Pipeline.Certificates;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

public sealed class CertificateChoiceTests
{
    private static RoutingResult Routed(string host, CertificatePair[] pairs, params (string, string)[] labels) =>
        Given.Routed(Given.Snapshot(Given.Proxy(), Given.Hosted("shop", host, labels)) with { Certificates = [.. pairs] });

    private static string? Chosen(string host, params CertificatePair[] pairs) =>
        Routed(host, pairs).VirtualHosts.Single().Https.Certificate?.Name;

    [Test]
    public void PrefersAnExactNameToAWildcard() =>
        Assert.That(Chosen("a.example.com", Given.Pair("wild", "*.example.com"), Given.Pair("zzz", "a.example.com")), Is.EqualTo("zzz"));

    [TestCase("a.example.com", "wild")]
    [TestCase("a.b.example.com", null)]
    [TestCase("example.com", null)]
    [TestCase("*.example.com", "wild")]
    [TestCase("*", null)]
    [TestCase("~^a$", null)]
    public void AWildcardStandsForOneLabel(string host, string? name) => Assert.That(Chosen(host, Given.Pair("wild", "*.example.com")), Is.EqualTo(name));

    [Test]
    public void FindsAnAddress() => Assert.That(Chosen("[2001:db8::1]", Given.Pair("six", "2001:db8::1")), Is.EqualTo("six"));

    [Test]
    public void PrefersTheOneThatIsValidLonger()
    {
        var longer = Given.Pair("b", "a.example.com") with { NotAfter = Given.Now + TimeSpan.FromDays(90) };
        Assert.That(Chosen("a.example.com", Given.Pair("a", "a.example.com"), longer, Given.Pair("c", "a.example.com")), Is.EqualTo("b"));
    }

    [Test]
    public void NeverUsesOneThatIsNotValidYet()
    {
        var future = Given.Pair("future", "a.example.com") with { NotBefore = Given.Now + TimeSpan.FromHours(1) };
        var result = Routed("a.example.com", [future]);
        Assert.That((result.VirtualHosts.Single().Https.Certificate, result.RecheckAt), Is.EqualTo(((CertificatePair?)null, Given.Now + TimeSpan.FromHours(1))));
    }

    [TestCase("templater.hsts", "off")]
    [TestCase("templater.tls.certificate", "past")]
    public void ASiteWhoseCertificateExpiredDoesNotFallBackToPlainText(string label, string value)
    {
        var past = Given.Pair("past", "a.example.com") with { NotAfter = Given.Now };
        var result = Routed("a.example.com", [past], (label, value));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.VirtualHosts.Single().Https.RedirectsNow, Is.True);
            Assert.That(result.Messages(), Is.EqualTo(new[]
            {
                "warning certificate-invalid: the certificate \"past\" of a.example.com expired on 2026-11-21. It is still used, so that nothing that was sent by https is sent in plain text; browsers refuse it. Renew it.",
            }));
        }
    }

    [Test]
    public void AWildcardThatIsValidBeatsAnExpiredExactName() =>
        Assert.That(Chosen("a.example.com", Given.Pair("past", "a.example.com") with { NotAfter = Given.Now }, Given.Pair("wild", "*.example.com")), Is.EqualTo("wild"));

    [TestCase("")]
    [TestCase("split")]
    public void HAProxyKeepsHttpsWhenThePairAlsoLiesThereInAnotherForm(string named)
    {
        var split = Given.Pair("split", "a.example.com") with { KeyPath = "/certs/split.key", NotAfter = Given.Now + TimeSpan.FromDays(90) };
        var own = Given.Pair("split", "a.example.com") with { ChainPath = "/certs/haproxy/split.pem", KeyPath = "/certs/haproxy/split.pem", IsInHAProxyFolder = true };
        var labels = named.Length > 0 ? new[] { ("templater.tls.certificate", named) } : [];
        var snapshot = Given.Snapshot(Given.Proxy(), Given.Hosted("shop", "a.example.com", labels)) with { Certificates = [split, own] };
        Assert.That(Given.Routed(snapshot, kind: ProxyKind.HAProxy).VirtualHosts.Single().Https.Certificate, Is.EqualTo(own));
    }

    [Test]
    public void TakesTheOneThatTheLabelNames()
    {
        var result = Routed("a.example.com", [Given.Pair("exact", "a.example.com"), Given.Pair("wild", "*.example.com")], ("templater.tls.certificate", "wild"));
        Assert.That(result.VirtualHosts.Single().Https.Certificate?.Name, Is.EqualTo("wild"));
    }

    [TestCase("absent")]
    [TestCase("other")]
    public void CertificateMissingIsSaid(string name)
    {
        var result = Routed("a.example.com", [Given.Pair("exact", "a.example.com"), Given.Pair("other", "b.example.com")], ("templater.tls.certificate", name));
        Assert.That(result.VirtualHosts.Single().Https.Certificate, Is.Null);
        Assert.That(result.Messages(), Is.EqualTo(new[]
        {
            $"warning certificate-missing: container \"shop\": templater.tls.certificate=\"{name}\": the certificates directory has no usable pair of that name that covers a.example.com. It is served without https until there is one.",
        }));
    }

    [Test]
    public void ABotchedRenewalIsNoReasonForPlainText()
    {
        var result = Botched("a.example.com", Given.Unusable("a", "a.example.com"));
        var https = result.VirtualHosts.Single().Https;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((https.Certificate, https.RedirectsNow, https.IsWithheld), Is.EqualTo(((CertificatePair?)null, false, true)));
            Assert.That(result.Messages(), Is.EqualTo(new[]
            {
                "error certificate-invalid: a.example.com has no https: its certificate \"a\" cannot be used: /certs/a.key is empty. Until there is a pair that fits, http answers 503, so that nothing that was sent by https is sent in plain text. Put one there, or remove both files to serve the host without https.",
            }));
        }
    }

    [TestCase("a.example.com", "*.example.com", true)]
    [TestCase("*.example.com", "*.example.com", true)]
    [TestCase("[2001:db8::1]", "2001:db8::1", true)]
    [TestCase("a.b.example.com", "*.example.com", false)]
    [TestCase("b.example.com", "a.example.com", false)]
    [TestCase("*", "a.example.com", false)]
    [TestCase("~^a$", "a.example.com", false)]
    public void ABadPairOnlyConcernsTheNamesItIsFor(string host, string name, bool isWithheld) =>
        Assert.That(Botched(host, Given.Unusable("x", name)).VirtualHosts.Single().Https.IsWithheld, Is.EqualTo(isWithheld));

    [Test]
    public void AGoodPairIsUsedWhateverLiesBesideIt()
    {
        var snapshot = Given.Snapshot(Given.Proxy(), Given.Hosted("shop", "a.example.com")) with
        {
            Certificates = [Given.Pair("wild", "*.example.com")],
            UnusableCertificates = [Given.Unusable("a", "a.example.com")],
        };
        var result = Given.Routed(snapshot);
        Assert.That((result.VirtualHosts.Single().Https.Certificate?.Name, result.VirtualHosts.Single().Https.Unusable, result.Findings.Length), Is.EqualTo(("wild", (UnusablePair?)null, 0)));
    }

    [TestCase("optional", "http is served, as templater.https=optional wants it")]
    [TestCase("only", "http answers 503")]
    public void WhatHttpDoesMeanwhileIsSaid(string mode, string expected)
    {
        var result = Botched("a.example.com", Given.Unusable("a", "a.example.com"), ("templater.https", mode));
        Assert.That((result.VirtualHosts.Single().Https.IsWithheld, result.Messages().Single()), Is.EqualTo((false, result.Messages("certificate-invalid").Single())));
        Assert.That(result.Messages().Single(), Does.Contain(expected));
    }

    [Test]
    public void AHostWithoutHttpsDoesNotCareAboutBadPairs()
    {
        var result = Botched("a.example.com", Given.Unusable("a", "a.example.com"), ("templater.https", "off"));
        Assert.That((result.VirtualHosts.Single().Https.IsWithheld, result.Findings.Length), Is.EqualTo((false, 0)));
    }

    [Test]
    public void ALabelThatNamesABadPairIsNoReasonForPlainTextEither()
    {
        var result = Botched("~^a", Given.Unusable("own", "own"), ("templater.tls.certificate", "own"));
        Assert.That(result.VirtualHosts.Single().Https.IsWithheld, Is.True);
        Assert.That(result.Messages().Single(), Does.StartWith("error certificate-invalid: ~^a has no https: its certificate \"own\""));
    }

    [Test]
    public void NamesThatABadPairIsForAreHostsOfTheirOwn()
    {
        var result = Botched("a.example.com b.example.com", Given.Unusable("a", "a.example.com"));
        Assert.That(result.VirtualHosts.Select(host => (host.Name, host.Https.IsWithheld)), Is.EqualTo(new[] { ("a.example.com", true), ("b.example.com", false) }));
    }

    [TestCase(ProxyKind.HAProxy, false, false)]
    [TestCase(ProxyKind.HAProxy, true, true)]
    [TestCase(ProxyKind.Nginx, false, true)]
    [TestCase(ProxyKind.Nginx, true, true)]
    [TestCase(ProxyKind.Centauri, false, false)]
    public void OnlyABadPairThatTheProxyWouldReadCounts(ProxyKind kind, bool isInFolder, bool isWithheld)
    {
        var snapshot = Given.Snapshot(Given.Proxy(), Given.Hosted("shop", "a.example.com")) with
        {
            UnusableCertificates = [Given.Unusable("a", "a.example.com") with { IsInHAProxyFolder = isInFolder }],
        };
        Assert.That(Given.Routed(snapshot, kind: kind).VirtualHosts.Single().Https.IsWithheld, Is.EqualTo(isWithheld));
    }

    [TestCase("/certs/shop.crt", "/certs/shop.key", "", "/certs/shop.crt and /certs/shop.key")]
    [TestCase("/certs/shop.crt", "/certs/shop.key", "shop", "/certs/shop.crt and /certs/shop.key")]
    [TestCase("/certs/shop.pem", "/certs/shop.pem", "", "/certs/shop.pem")]
    public void APairThatHAProxyDoesNotReadIsNamed(string chain, string key, string label, string files)
    {
        var pair = Given.Pair("shop", "a.example.com") with { ChainPath = chain, KeyPath = key };
        var labels = label.Length > 0 ? new[] { ("templater.tls.certificate", label) } : [];
        var snapshot = Given.Snapshot(Given.Proxy(), Given.Hosted("shop", "a.example.com", labels)) with { Certificates = [pair] };
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Given.Routed(snapshot, kind: ProxyKind.HAProxy).Messages(), Is.EqualTo(new[]
            {
                $"warning certificate-missing: a.example.com is served without https: HAProxy reads only the files of the folder haproxy in the certificates directory, and the certificate \"shop\" that covers it lies in {files}. Write its chain and its key, one after the other, into the file haproxy/shop.pem there.",
            }));
            Assert.That(Given.Routed(snapshot, kind: ProxyKind.Nginx).Findings, Is.Empty);
            Assert.That(Given.Routed(snapshot, new RoutingPolicy { Https = HttpsMode.Off }, ProxyKind.HAProxy).Findings, Is.Empty);
        }
    }

    private static RoutingResult Botched(string host, UnusablePair pair, params (string, string)[] labels) =>
        Given.Routed(Given.Snapshot(Given.Proxy(), Given.Hosted("shop", host, labels)) with { UnusableCertificates = [pair] });

    [Test]
    public void NamesWithDifferentCertificatesAreDifferentHosts()
    {
        var result = Routed("a.example.com b.example.com", [Given.Pair("exact", "a.example.com")]);
        Assert.That(result.VirtualHosts.Select(host => (host.Name, host.Https.RedirectsNow)), Is.EqualTo(new[] { ("a.example.com", true), ("b.example.com", false) }));
    }

    [Test]
    public void OneCertificateForAllNamesKeepsThemTogether()
    {
        var result = Routed("a.example.com b.example.com", [Given.Pair("both", "a.example.com", "b.example.com")]);
        Assert.That(result.VirtualHosts.Single().Aliases.Single().Text, Is.EqualTo("b.example.com"));
    }
}
