using Templater.Acme.Protocol;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Tests.Rendering;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>What labels and variables say about certificates to be obtained: a choice among what the operator defined, and nothing else.</summary>
public sealed class AcmeLabelTests
{
    private const string Host = "shop.example.com";
    private static readonly RoutingPolicy Policy = new() { Acme = GivenAcme.Policy };

    [Test]
    public void AHostThatSaysNothingGetsWhatTheSettingsSay()
    {
        var choice = Choice(Given.Hosted("shop", Host))!;
        Assert.That((string.Join(' ', choice.Authorities), choice.Challenge, choice.Dns, choice.Profile, choice.KeyType, choice.Names.Length),
            Is.EqualTo(("letsencrypt zerossl", "http-01", (string?)null, (string?)null, KeyType.Ec256, 0)));
    }

    [Test]
    public void EveryLabelChooses()
    {
        var choice = Choice(Given.Hosted("shop", Host,
            ("templater.acme.names", "shop.example.com, *.shop.example.com"), ("templater.acme.ca", "ZeroSSL"), ("templater.acme.challenge", "dns-01"),
            ("templater.acme.dns", "zone"), ("templater.acme.profile", "!shortlived"), ("templater.acme.key-type", "rsa2048")))!;
        Assert.That((string.Join(' ', choice.Names), string.Join(' ', choice.Authorities), choice.Challenge, choice.Dns, choice.Profile, choice.RequiresProfile, choice.KeyType),
            Is.EqualTo(("shop.example.com *.shop.example.com", "zerossl", "dns-01", "zone", "shortlived", true, KeyType.Rsa2048)));
    }

    [TestCase("templater.acme", "false")]
    [TestCase("templater.https", "off")]
    [TestCase("templater.tls.certificate", "mine")]
    public void NoneIsWanted(string label, string value) => Assert.That(Choice(Given.Hosted("shop", Host, (label, value))), Is.Null);

    [TestCase("true", true)]
    [TestCase("", false)]
    public void ALabelAsksWhereTheSettingDoesNot(string value, bool isWanted)
    {
        var policy = Policy with { Acme = GivenAcme.Policy with { IsDefault = false } };
        var container = value.Length > 0 ? Given.Hosted("shop", Host, ("templater.acme", value)) : Given.Hosted("shop", Host);
        Assert.That(Given.Routed(policy, container).VirtualHosts.Single().Https.Acme is not null, Is.EqualTo(isWanted));
    }

    [TestCase("templater.acme", "perhaps", "true or false")]
    [TestCase("templater.acme.ca", "https://ca.example.org/dir", "one of the settings' CAs (letsencrypt, letsencrypt-staging, zerossl)")]
    [TestCase("templater.acme.ca", "other", "one of the settings' CAs")]
    [TestCase("templater.acme.challenge", "dns", "one of http-01, dns-01, dns-persist-01, tls-alpn-01")]
    [TestCase("templater.acme.dns", "cloudflare", "one of the settings' DNS providers (zone)")]
    [TestCase("templater.acme.profile", "a b", "the name of a profile")]
    [TestCase("templater.acme.key-type", "ec521", "one of ec256, ec384, rsa2048, rsa3072, rsa4096")]
    [TestCase("templater.acme.names", "https://x.example.com/", "without scheme and path")]
    [TestCase("templater.acme.names", "~x", "a name, *.name or an address was expected")]
    [TestCase("templater.acme.names", " ", "a list of 1 to 200 names")]
    public void ABadValueIsOneFindingAndTheDefaultHolds(string label, string value, string expected)
    {
        var result = Given.Routed(Policy, Given.Hosted("shop", Host, (label, value)));
        var finding = result.Findings.Single();
        Assert.That(finding.Label, Is.EqualTo(label));
        Assert.That(finding.Message, Does.Contain(expected));
        Assert.That(result.VirtualHosts.Single().Https.Acme, Is.EqualTo(Choice(Given.Hosted("shop", Host))).Using<AcmeChoice>(AreAlike));
    }

    [Test]
    public void AProofByDnsNeedsAProvider()
    {
        var result = Given.Routed(Policy, Given.Hosted("shop", Host, ("templater.acme.challenge", "dns-01")));
        Assert.That((result.VirtualHosts.Single().Https.Acme, result.Findings.Single().Reason), Is.EqualTo(((AcmeChoice?)null, ReasonIds.UnsupportedOption)));
        Assert.That(result.Findings.Single().Message, Does.Contain("dns-01 needs a DNS provider").And.Contain("acme_dns"));
    }

    [TestCase(ProxyKind.Nginx, true, "shop.example.com: no certificate is obtained: nginx hands no tls-alpn-01 on. Use http-01, or dns-01.")]
    [TestCase(ProxyKind.HAProxy, false, "shop.example.com: no certificate is obtained: tls-alpn-01 needs acme_listen, an address of Templater that the proxy reaches. Set it, or use http-01.")]
    public void AProofByTlsNeedsAProxyThatHandsItOn(ProxyKind kind, bool listens, string message)
    {
        var result = ByTls(kind, GivenAcme.Policy with { Listen = listens ? GivenAcme.Listen : null }, "templater.acme.challenge", "tls-alpn-01");
        Assert.That((result.VirtualHosts.Single().Https.Acme, result.HandsTlsOn, result.Findings.Single().Message), Is.EqualTo(((AcmeChoice?)null, false, message)));
        Assert.That((result.Findings.Single().Reason, result.Findings.Single().Label), Is.EqualTo((ReasonIds.UnsupportedOption, "templater.acme.challenge")));
    }

    [TestCase("templater.acme.challenge", "tls-alpn-01", false, true)]
    [TestCase("templater.acme.challenge", "http-01", false, false)]
    [TestCase("templater.acme.challenge", "http-01", true, true, Description = "a certificate of the settings wants it")]
    [TestCase("templater.acme", "false", false, false)]
    public void ItIsHandedOnWhereSomebodyWantsIt(string label, string value, bool isSetting, bool expected) =>
        Assert.That(ByTls(ProxyKind.HAProxy, GivenAcme.Policy with { Listen = GivenAcme.Listen, ProvesByTls = isSetting }, label, value).HandsTlsOn, Is.EqualTo(expected));

    [TestCase("templater.acme", "true")]
    [TestCase("templater.acme.names", "a.example.com")]
    [TestCase("templater.acme.ca", "letsencrypt")]
    public void WhereNoneAreObtainedThatIsSaid(string label, string value)
    {
        var result = Given.Routed(Given.Hosted("shop", Host, (label, value)));
        Assert.That((result.FateOf("shop").Reason, result.Findings.Single().Reason), Is.EqualTo(((string?)null, ReasonIds.UnsupportedOption)));
        Assert.That(result.Findings.Single().Message, Does.Contain(label).And.Contain("Set acme_email"));
    }

    [Test]
    public void ContainersOfAHostThatDifferAreReported()
    {
        var result = Given.Routed(Policy,
            Given.Hosted("web-1", Host, ("templater.acme.ca", "zerossl")).In("shop", "web").Since(TimeSpan.FromHours(2)),
            Given.Hosted("web-2", Host, ("templater.acme.ca", "letsencrypt")).In("shop", "web", 2));
        Assert.That(result.VirtualHosts.Single().Https.Acme!.Authorities, Is.EqualTo(new[] { "zerossl" }));
        Assert.That(result.Findings.Single().Message, Does.Contain("templater.acme.ca differs: zerossl").And.Contain("letsencrypt"));
    }

    [Test]
    public void CentauriObtainsItsOwn() =>
        Assert.That(Given.Routed(Given.Snapshot(Given.Hosted("shop", Host)), Policy, ProxyKind.Centauri).VirtualHosts.Single().Https.Acme, Is.Null);

    [Test]
    public void CompanionsVariablesAskForACertificate()
    {
        var choice = Choice(Proxied(("LETSENCRYPT_HOST", "shop.example.com, www.example.com,"), ("ACME_KEYSIZE", "ec-384"), ("ACME_CERT_PROFILE", "tlsserver"), ("LETSENCRYPT_EMAIL", "a@example.com")))!;
        Assert.That((string.Join(' ', choice.Names), choice.IsSplit, choice.KeyType, choice.Profile, choice.Authorities[0]),
            Is.EqualTo(("shop.example.com www.example.com", false, KeyType.Ec384, "tlsserver", "letsencrypt")));
    }

    [Test]
    public void WithoutThemTheDialectWantsNone() => Assert.That(Choice(Proxied()), Is.Null);

    [TestCase("LETSENCRYPT_TEST", "true", "letsencrypt-staging")]
    [TestCase("LETSENCRYPT_TEST", "false", "letsencrypt zerossl")]
    [TestCase("ACME_CA_URI", "https://second.example/directory", "zerossl")]
    public void TheAuthorityIsOneOfTheOperators(string variable, string value, string expected) =>
        Assert.That(string.Join(' ', Choice(Proxied(("ACME_HOST", Host), (variable, value)))!.Authorities), Is.EqualTo(expected));

    [Test]
    public void EachNameIsACertificateWhereThatIsAsked() =>
        Assert.That(Choice(Proxied(("ACME_HOST", Host), ("LETSENCRYPT_SINGLE_DOMAIN_CERTS", "true")))!.IsSplit, Is.True);

    [TestCase("ACME_CA_URI", "https://evil.example/directory", "the directory URL of one of the settings' CAs")]
    [TestCase("ACME_CHALLENGE", "TLS-ALPN-01", "HTTP-01 or DNS-01")]
    [TestCase("ACME_KEYSIZE", "ec-521", "2048, 3072, 4096, ec-256 or ec-384")]
    [TestCase("ACME_CERT_PROFILE", "a b", "the name of a profile")]
    [TestCase("ACME_SINGLE_DOMAIN_CERTS", "maybe", "true or false")]
    public void ABadVariableIsOneFindingAndTheDefaultHolds(string variable, string value, string expected)
    {
        var result = Given.Routed(Policy, Proxied(("ACME_HOST", Host), (variable, value)));
        Assert.That(result.Findings.Single().Message, Does.Contain($"{variable}=\"{value}\": {expected}"));
        Assert.That(result.VirtualHosts.Single().Https.Acme, Is.EqualTo(Choice(Proxied(("ACME_HOST", Host)))).Using<AcmeChoice>(AreAlike));
    }

    [Test]
    public void DotegesSubjectNamesTheCertificate()
    {
        var choice = Choice(Given.Container("web", ("com.chameth.vhost", Host), ("com.chameth.proxy", "80"), ("com.chameth.subject", "example.com *.example.com")))!;
        Assert.That(choice.Names, Is.EqualTo(new[] { "example.com", "*.example.com" }));
    }

    private static RoutingResult ByTls(ProxyKind kind, AcmePolicy acme, string label, string value) =>
        Given.Routed(Given.Snapshot(Given.Hosted("shop", Host, (label, value))), new RoutingPolicy { Acme = acme }, kind);

    private static Container Proxied(params (string, string)[] variables) =>
        Given.Container("web").WithEnv([("VIRTUAL_HOST", Host), .. variables]);

    private static AcmeChoice? Choice(Container container) => Given.Routed(Policy, container).VirtualHosts.Single().Https.Acme;

    private static bool AreAlike(AcmeChoice? left, AcmeChoice? right) => left is null || right is null
        ? left is null && right is null
        : left with { Names = right.Names, Authorities = right.Authorities } == right && left.Names.SequenceEqual(right.Names) && left.Authorities.SequenceEqual(right.Authorities);
}
