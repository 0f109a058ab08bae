using System.Collections.Immutable;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Certificates.Wanted;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Tests.Rendering;
using Templater.Pipeline.Tests.Routing;

namespace Templater.Pipeline.Tests.Certificates.Wanted;

/// <summary>Which certificates are wanted, out of what routing decided.</summary>
public sealed class WantedCertificatesTests
{
    private const string Shop = "shop.example.com";

    [Test]
    public void AHostIsOneCertificateForAllOfItsNames()
    {
        var wanted = Wanted(Given.Hosted("shop", "shop.example.com, www.example.com", ("templater.redirect.from", "old.example.com"), ("templater.acme.key-type", "ec384"))).Certificates.Single();
        Assert.That((wanted.Name, string.Join(' ', wanted.Names), wanted.Host, string.Join(' ', wanted.Outputs)), Is.EqualTo((Shop, "old.example.com shop.example.com www.example.com", Shop, "nginx")));
        Assert.That((string.Join(' ', wanted.Authorities), wanted.Challenge, wanted.Dns, wanted.Profile, wanted.KeyType), Is.EqualTo(("letsencrypt zerossl", "http-01", (string?)null, (string?)null, KeyType.Ec384)));
    }

    [TestCase("redirect", ExpectedResult = HostsWithoutPair.Served)]
    [TestCase("optional", ExpectedResult = HostsWithoutPair.Served)]
    [TestCase("only", ExpectedResult = HostsWithoutPair.Refused)]
    public HostsWithoutPair WhatIsForHttpsAloneIsNotServedWithoutIt(string https) =>
        Wanted(Given.Hosted("shop", Shop, ("templater.https", https))).Certificates.Single().WithoutIt;

    [TestCase("redirect", 1)]
    [TestCase("optional", 1)]
    [TestCase("only", 1)]
    [TestCase("off", 0)]
    public void OnlyWhoseHttpsAsksForOne(string https, int count) =>
        Assert.That(Wanted(Given.Hosted("shop", Shop, ("templater.https", https))).Certificates, Has.Length.EqualTo(count));

    [TestCase("*.example.com")]
    [TestCase("~^a.*$")]
    [TestCase("*")]
    public void NamesThatStandForManyWantNone(string host) => Assert.That(Wanted(Given.Hosted("shop", host)).Certificates, Is.Empty);

    [Test]
    public void AWildcardIsObtainedByDns()
    {
        var wanted = Wanted(Given.Hosted("shop", "*.example.com", ("templater.acme.challenge", "dns-01"), ("templater.acme.dns", "zone"))).Certificates.Single();
        Assert.That((wanted.Name, wanted.Names.Single(), wanted.Challenge, wanted.Dns), Is.EqualTo(("*.example.com", "*.example.com", "dns-01", "zone")));
    }

    [Test]
    public void WhoLosesANameOrdersNothingForIt()
    {
        var result = Wanted(
            Given.Hosted("old", Shop, ("templater.acme.ca", "zerossl")).In("old", "web").Since(TimeSpan.FromDays(3)),
            Given.Hosted("new", "shop.example.com, new.example.com", ("templater.acme.ca", "letsencrypt")).In("new", "web"));
        Assert.That(result.Certificates.Select(static wanted => $"{wanted.Name}: {string.Join(' ', wanted.Names)} of {wanted.Authorities[0]}"),
            Is.EqualTo(new[] { "new.example.com: new.example.com of letsencrypt", "shop.example.com: shop.example.com of zerossl" }));
    }

    [Test]
    public void ANameOfSomebodyElseIsLeftOut()
    {
        var result = Wanted(
            Given.Hosted("bank", "bank.example.com").In("bank", "web"),
            Given.Hosted("shop", Shop, ("templater.acme.names", "shop.example.com, bank.example.com, nobody.example.com")).In("shop", "web"));
        Assert.That(Names(result), Is.EqualTo(new[] { "bank.example.com", Shop }));
        Assert.That(result.Findings.Select(static finding => finding.Message[..80]), Is.EqualTo(new[]
        {
            "shop.example.com: no certificate is obtained for bank.example.com: it belongs to none of the hosts"[..80],
            "shop.example.com: no certificate is obtained for nobody.example.com: it belongs to none of the hosts"[..80],
        }));
    }

    [Test]
    public void NamesOfOneContainerMayShareACertificate()
    {
        var result = Wanted(Given.Container("shop",
            ("templater.routes.a.host", "a.example.com"), ("templater.routes.b.host", "b.example.com"), ("templater.acme.names", "a.example.com b.example.com")));
        Assert.That((Names(result).Single(), result.Findings.Length), Is.EqualTo(("a.example.com b.example.com", 0)));
    }

    [Test]
    public void AWildcardOfALabelIsForNobodyElsesNames()
    {
        var labels = new[] { ("templater.acme.names", "*.example.com"), ("templater.acme.challenge", "dns-persist-01") };
        Assert.That(Names(Wanted(Given.Hosted("shop", Shop, labels))), Is.EqualTo(new[] { "*.example.com" }), "nobody else below it");
        var result = Wanted(Given.Hosted("bank", "bank.example.com").In("bank", "web"), Given.Hosted("shop", Shop, labels).In("shop", "web"));
        Assert.That(Names(result), Is.EqualTo(new[] { "bank.example.com" }));
        Assert.That(result.Findings.Single().Message, Does.StartWith("shop.example.com: no certificate is obtained for *.example.com: it belongs to none"));
    }

    [Test]
    public void AWildcardOfALabelNeedsAProofByDns() => Assert.That(
        Wanted(Given.Hosted("shop", Shop, ("templater.acme.names", "shop.example.com *.shop.example.com"))).Findings.Single().Message,
        Does.Contain("*.shop.example.com: http-01 proves no wildcards. Use dns-01"));

    [Test]
    public void AWildcardHostThatCannotBeProvenIsSaidUnlessTheSettingsOrAPairStandForIt()
    {
        var host = Given.Hosted("shop", "*.shop.example.com");
        var plain = Wanted(host);
        Assert.That((Names(plain), plain.Findings.Single().Message), Is.EqualTo((Array.Empty<string>(), "*.shop.example.com: no certificate is obtained for *.shop.example.com: http-01 proves no wildcards. Use dns-01 or dns-persist-01 for the host.")));
        var settled = Wanted(Plan(GivenAcme.Policy with { Wildcards = ["*.shop.example.com"], DefaultDns = "zone" }), host);
        Assert.That(settled.Certificates.Select(static wanted => $"{wanted.Name} by {wanted.Challenge} {wanted.Dns}"), Is.EqualTo(new[] { "*.shop.example.com by dns-01 zone" }));
        Assert.That(settled.Findings, Is.Empty);
    }

    [Test]
    public void OneWildcardOfTheSettingsStandsForAllNamesBelowIt()
    {
        var plan = Plan(GivenAcme.Policy with { Wildcards = ["*.example.com"], DefaultDns = "zone" });
        var result = Wanted(plan, Given.Hosted("shop", "shop.example.com, a.b.example.com").In("shop", "web"), Given.Hosted("bank", "bank.example.com").In("bank", "web"));
        Assert.That(result.Certificates.Select(static wanted => $"{string.Join(' ', wanted.Names)} by {wanted.Challenge} {wanted.Dns}"),
            Is.EqualTo(new[] { "*.example.com by dns-01 zone", "a.b.example.com by http-01 " }));
        Assert.That(result.Certificates[0].Outputs, Is.EqualTo(new[] { "nginx" }));
    }

    [Test]
    public void WithoutAProviderNamesAreOrderedThemselves() =>
        Assert.That(Names(Wanted(Plan(GivenAcme.Policy with { Wildcards = ["*.example.com"] }), Given.Hosted("shop", Shop))), Is.EqualTo(new[] { Shop }));

    [TestCase("shop.example.com")]
    [TestCase("*.example.com")]
    public void WhatAValidPairCoversIsNotOrdered(string covered)
    {
        var snapshot = Given.Snapshot(Given.Proxy(), Given.Hosted("shop", Shop), Given.Hosted("new", "new.example.org"));
        Assert.That(Names(Of(snapshot, [Pair(covered, Given.Now.AddDays(1))])), Is.EqualTo(new[] { "new.example.org" }));
        Assert.That(Names(Of(snapshot, [Pair(covered, Given.Now)])), Is.EqualTo(new[] { "new.example.org", Shop }), "one that has expired");
    }

    [Test]
    public void OfAHostThatIsPartlyCoveredTheRestIsOrdered()
    {
        var snapshot = Given.Snapshot(Given.Proxy(), Given.Hosted("shop", "shop.example.com, www.example.org"));
        var wanted = Of(snapshot, [Pair(Shop, Given.Now.AddDays(1))]).Certificates.Single();
        Assert.That((wanted.Name, wanted.Names.Single()), Is.EqualTo(("www.example.org", "www.example.org")));
    }

    [Test]
    public void APairThatOneOfTheProxiesCannotReadCoversNothing()
    {
        var snapshot = Given.Snapshot(Given.Proxy(), Given.Hosted("shop", Shop));
        var routings = new[] { ("nginx", Given.Routed(snapshot, Policy())), ("haproxy", Given.Routed(snapshot, Policy(), ProxyKind.HAProxy)) };
        var pair = Pair(Shop, Given.Now.AddDays(1));
        Assert.That(Names(WantedCertificates.Of(routings, [pair], Plan(), Given.Now)), Is.EqualTo(new[] { Shop }));
        Assert.That(WantedCertificates.Of(routings, [pair with { IsInHAProxyFolder = true }], Plan(), Given.Now).Certificates, Is.Empty);
        Assert.That(WantedCertificates.Of(routings, [], Plan(), Given.Now).Certificates.Single().Outputs, Is.EqualTo(new[] { "haproxy", "nginx" }));
    }

    [Test]
    public void AnAddressIsACertificateOfItsOwn() =>
        Assert.That(Names(Wanted(Given.Hosted("shop", "shop.example.com, 203.0.113.7, [2001:db8::7]"))), Is.EqualTo(new[] { "2001:db8::7", "203.0.113.7", Shop }));

    [TestCase("localhost")]
    [TestCase("shop")]
    [TestCase("nas.local")]
    [TestCase("shop.test")]
    [TestCase("192.168.1.7")]
    [TestCase("[::1]")]
    public void WhatNoPublicAuthoritySignsForIsOrderedOfAPrivateOneAlone(string host)
    {
        var letsEncrypt = GivenAcme.Policy with { Authorities = GivenAcme.Policy.Authorities.SetItem("letsencrypt", new Uri("https://acme-v02.api.letsencrypt.org/directory")) };
        var result = Wanted(Plan(letsEncrypt), Given.Hosted("shop", host));
        Assert.That((result.Certificates.Length, result.Findings.Single().Severity), Is.EqualTo((0, FindingSeverity.Info)));
        Assert.That(Wanted(Given.Hosted("shop", host)).Certificates, Has.Length.EqualTo(1), "of a private one");
    }

    [Test]
    public void NoCertificateHasANameWithAnUnderscore()
    {
        var result = Wanted(Given.Hosted("shop", "a_b.example.com, shop.example.com"));
        Assert.That((Names(result).Single(), result.Findings.Single().Severity), Is.EqualTo((Shop, FindingSeverity.Info)));
    }

    [Test]
    public void CompanionsListIsOneCertificateUnlessEachIsAskedFor()
    {
        static Container Proxied(params (string, string)[] variables) =>
            Given.Container("web").WithEnv([("VIRTUAL_HOST", "a.example.com,b.example.com"), ("LETSENCRYPT_HOST", "b.example.com,a.example.com"), .. variables]);
        var together = Wanted(Proxied()).Certificates.Single();
        Assert.That((together.Name, string.Join(' ', together.Names)), Is.EqualTo(("b.example.com", "a.example.com b.example.com")));
        Assert.That(Names(Wanted(Proxied(("LETSENCRYPT_SINGLE_DOMAIN_CERTS", "true")))), Is.EqualTo(new[] { "a.example.com", "b.example.com" }));
    }

    [Test]
    public void ManyNamesBecomeSeveralCertificates()
    {
        var hosts = string.Join(',', Enumerable.Range(0, 101).Select(static i => $"h{i:000}.example.com"));
        Assert.That(Wanted(Given.Hosted("shop", hosts)).Certificates.Select(static wanted => wanted.Names.Length), Is.EqualTo(new[] { 100, 1 }));
    }

    [Test]
    public void WhatTheSettingsAskForNeedsNoContainerAndServesWhoIsBelowIt()
    {
        var plan = Plan() with { Certificates = [new AcmeChoice { Names = ["*.example.com", "mail.example.org"], Authorities = ["zerossl"], Challenge = "dns-01", Dns = "zone" }] };
        var result = Wanted(plan, Given.Hosted("shop", Shop), Given.Hosted("other", "other.example.net"));
        Assert.That(result.Certificates.Select(static wanted => $"{wanted.Name} for {wanted.Host ?? "nobody"} in {string.Join(' ', wanted.Outputs)}"),
            Is.EqualTo(new[] { "*.example.com for nobody in nginx", "other.example.net for other.example.net in nginx" }));
    }

    [Test]
    public void ARefusedHostWantsNone() =>
        Assert.That(Wanted(Given.Hosted("shop", Shop, ("templater.auth.basic", "ops:plain"))).Certificates, Is.Empty);

    [Test]
    public void TheOrderOfOutputsAndContainersChangesNothing()
    {
        var containers = new[] { Given.Hosted("a", "a.example.com"), Given.Hosted("b", "b.example.com, c.example.com"), Given.Hosted("c", "a.example.com").Since(TimeSpan.FromDays(1)) };
        WantedResult Of(IEnumerable<Container> some, bool isReversed)
        {
            var snapshot = Given.Snapshot([Given.Proxy(), .. some]);
            var routings = new[] { ("nginx", Given.Routed(snapshot, Policy())), ("haproxy", Given.Routed(snapshot, Policy(), ProxyKind.HAProxy)) };
            return WantedCertificates.Of(isReversed ? routings.Reverse() : routings, [], Plan(), Given.Now);
        }

        var first = Of(containers, isReversed: false);
        Assert.That(first.Certificates, Has.Length.EqualTo(2));
        Assert.That(Of(containers.Reverse(), isReversed: true).Certificates, Is.EqualTo(first.Certificates));
    }

    private static CertificatePair Pair(string name, DateTimeOffset end) => Given.Pair("own", name) with { NotBefore = Given.Now.AddDays(-1), NotAfter = end };

    private static AcmePlan Plan(AcmePolicy? policy = null) => new()
    {
        Policy = policy ?? GivenAcme.Policy,
        Authorities = ImmutableSortedDictionary<string, AcmeAuthority>.Empty,
        Store = new StoreOptions { Directory = "/certs" },
    };

    private static RoutingPolicy Policy(AcmePolicy? policy = null) => new() { Acme = policy ?? GivenAcme.Policy };

    private static IEnumerable<string> Names(WantedResult result) => result.Certificates.Select(static wanted => string.Join(' ', wanted.Names));

    private static WantedResult Of(Snapshot snapshot, ImmutableArray<CertificatePair> pairs) =>
        WantedCertificates.Of([("nginx", Given.Routed(snapshot, Policy()))], pairs, Plan(), Given.Now);

    private static WantedResult Wanted(params Container[] containers) => Wanted(Plan(), containers);

    private static WantedResult Wanted(AcmePlan plan, params Container[] containers) =>
        WantedCertificates.Of([("nginx", Given.Routed(Policy(plan.Policy), containers))], [], plan, Given.Now);
}
