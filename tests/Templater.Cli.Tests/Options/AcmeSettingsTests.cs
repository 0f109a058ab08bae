using System.Net;
using Templater.Acme;
using Templater.Acme.Protocol;
using Templater.Cli.Options;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Certificates.Renewal;
using Templater.Pipeline.Certificates.Store;
using Templater.Testing;

namespace Templater.Cli.Tests.Options;

/// <summary>What settings, the sections <c>cas</c> and <c>dns</c>, and variables under lego's names make of a plan for certificates.</summary>
public sealed class AcmeSettingsTests
{
    private const string Mail = "acme_email: ops@example.com\n";
    private const string Hmac = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";

    private TempDirectory _directory = null!;

    [SetUp]
    public void Create() => _directory = new TempDirectory();

    [TearDown]
    public void Remove() => _directory.Dispose();

    [Test]
    public void AMailAddressIsEnough()
    {
        var plan = Plan(Mail + "template: nginx")!;
        var authority = plan.Authorities["letsencrypt"];
        Assert.That((authority.Directory.AbsoluteUri, authority.Contacts.Single(), authority.Limits), Is.EqualTo(("https://acme-v02.api.letsencrypt.org/directory", "ops@example.com", OrderLimits.LetsEncrypt)));
        Assert.That((string.Join(' ', plan.Policy.Preferred), string.Join(' ', plan.Policy.Authorities.Keys), plan.Policy.Challenge, plan.Policy.IsStateless, plan.Policy.IsDefault, plan.Policy.DefaultDns, plan.Policy.KeyType),
            Is.EqualTo(("letsencrypt", "letsencrypt letsencrypt-staging zerossl", "http-01", true, true, (string?)null, KeyType.Ec256)));
        Assert.That((plan.IsChecked, plan.Renewal.FractionLeft, plan.HasPlaceholder, plan.Store.Keep, plan.Store.Mode, plan.Store.Layouts, plan.Store.Directory),
            Is.EqualTo((true, (double?)null, false, TimeSpan.FromDays(7), StoreOptions.DefaultMode, StoreLayouts.Live, "/certs")));
    }

    [Test]
    public void DirectoriesOfOneHostAreNumbered()
    {
        var plan = Plan(Mail + "acme_ca: [https://ca.lan/a, https://ca.lan/b, https://ca.lan/c]")!;
        Assert.That(plan.Policy.Preferred.Select(name => $"{name} {plan.Authorities[name].Directory}"), Is.EqualTo(new[] { "ca-lan https://ca.lan/a", "ca-lan-2 https://ca.lan/b", "ca-lan-3 https://ca.lan/c" }));
    }

    [TestCase("template: nginx")]
    [TestCase("template: nginx\nacme: false")]
    public void WithoutOneNoneAreObtained(string yaml) => Assert.That(Plan(yaml), Is.Null);

    [TestCase("acme: true", true)]
    [TestCase(Mail + "acme: false", false)]
    public void TheSwitchSaysWhatHoldsForAllHosts(string yaml, bool isDefault) => Assert.That(Plan(yaml)!.Policy.IsDefault, Is.EqualTo(isDefault));

    [Test]
    public void EverySettingArrives()
    {
        var plan = Plan(Mail + """
            acme_ca: [letsencrypt-staging, https://CA.example.org/dir]
            acme_ca_bundle: /etc/ssl/own.pem
            acme_challenge: dns-persist-01
            acme_listen: 127.0.0.1:8402
            acme_key_type: rsa3072
            acme_profile: "!shortlived"
            acme_wildcards: [example.com, "*.Example.org"]
            acme_reuse_key: yes
            acme_renew_left: 2/5
            acme_allow_subset_of_names: yes
            acme_preferred_chain: ISRG Root X2
            acme_preflight: no
            acme_placeholder: yes
            certs_layout: nginx-proxy
            certs_mode: "0600"
            certs_owner: 7
            certs_group: 8
            certs_keep: 1d
            """)!;
        Assert.That((string.Join(' ', plan.Policy.Preferred), plan.Authorities["ca-example-org"].Directory.AbsoluteUri, plan.Authorities["letsencrypt"].CaBundle), Is.EqualTo(("letsencrypt-staging ca-example-org", "https://ca.example.org/dir", "/etc/ssl/own.pem")));
        Assert.That((plan.Policy.Challenge, plan.Policy.IsStateless, plan.Listen, plan.Policy.KeyType, plan.Policy.Profile, plan.Policy.RequiresProfile, string.Join(' ', plan.Policy.Wildcards)),
            Is.EqualTo(("dns-persist-01", false, new IPEndPoint(IPAddress.Loopback, 8402), KeyType.Rsa3072, "shortlived", true, "*.example.com *.example.org")));
        Assert.That((plan.ReusesKeys, plan.Renewal.FractionLeft, plan.AllowsSubsets, plan.PreferredRoot), Is.EqualTo((true, 0.4, true, "ISRG Root X2")));
        Assert.That((plan.IsChecked, plan.HasPlaceholder, plan.Store.Layouts, plan.Store.Mode, plan.Store.Owner, plan.Store.Group, plan.Store.Keep),
            Is.EqualTo((false, true, StoreLayouts.NginxProxy, 0b110_000_000, (int?)7, (int?)8, TimeSpan.FromDays(1))));
    }

    [TestCase("", "Authoritative")]
    [TestCase("acme_dns_check: authoritative", "Authoritative")]
    [TestCase("acme_dns_check: off", "Off")]
    [TestCase("acme_dns_check: 192.0.2.1 [2001:db8::1]:5353", "Servers 192.0.2.1:53 [2001:db8::1]:5353")]
    public void WhereItIsLookedForRecordsIsTheOperatorsChoice(string yaml, string expected)
    {
        var options = Plan(Mail + yaml)!.Propagation;
        Assert.That(string.Join(' ', options.Servers.Select(static server => server.ToString()).Prepend(options.Mode.ToString())), Is.EqualTo(expected));
    }

    [TestCase("template: haproxy", "HAProxy")]
    [TestCase("template: nginx", "Live")]
    [TestCase("template: nginx-http\ncompat: nginx-proxy", "NginxProxy")]
    [TestCase("outputs: { a: { template: nginx }, b: { template: haproxy } }", "Live, HAProxy")]
    public void TheLayoutFollowsTheTemplates(string yaml, string layouts) =>
        Assert.That(Plan(Mail + yaml)!.Store.Layouts.ToString(), Is.EqualTo(layouts));

    [Test]
    public void AuthoritiesOfTheFileHaveTheirOwnAccounts()
    {
        _directory.Write("hmac", Hmac + "\n");
        var plan = Plan(Mail + $$"""
            acme_ca: inner, zerossl
            cas:
              inner: { url: https://ca.lan/acme/directory, email: pki@example.com, bundle: /etc/ssl/lan.pem }
              zerossl: { eab_kid: kid-1, eab_hmac_file: {{_directory["hmac"]}} }
              plain: https://plain.example.org/directory
              letsencrypt: { email: le@example.com }
              own: { url: https://own.example.org/dir, staging: https://own.example.org/trials }
            """)!;
        Assert.That(new[] { "letsencrypt", "letsencrypt-staging", "own", "plain", "zerossl" }.Select(name => plan.Authorities[name].Staging?.AbsoluteUri), Is.EqualTo(new[]
        {
            "https://acme-staging-v02.api.letsencrypt.org/directory", "https://acme-staging-v02.api.letsencrypt.org/directory", "https://own.example.org/trials", null, null,
        }));
        var (inner, zero) = (plan.Authorities["inner"], plan.Authorities["zerossl"]);
        Assert.That((inner.Directory.Host, inner.Contacts.Single(), inner.CaBundle, inner.Binding), Is.EqualTo(("ca.lan", "pki@example.com", "/etc/ssl/lan.pem", (ExternalAccountBinding?)null)));
        Assert.That((zero.Directory.Host, zero.Contacts.Single(), zero.Binding!.KeyId), Is.EqualTo(("acme.zerossl.com", "ops@example.com", "kid-1")));
        Assert.That((plan.Authorities["plain"].Directory.Host, string.Join(' ', plan.Policy.Preferred)), Is.EqualTo(("plain.example.org", "inner zerossl")));
    }

    [Test]
    public void CertificatesThatNoContainerAsksForHaveWhatTheySayAndElseWhatTheSettingsSay()
    {
        var plan = Plan(Mail + """
            template: haproxy
            acme_listen: :8402
            acme_profile: tlsserver
            cas: { inner: https://ca.lan/dir }
            dns: { second: { provider: rfc2136, RFC2136_NAMESERVER: 192.0.2.53 } }
            certificates:
              Mail.example.com.:
              "*.example.org":
                names: [example.org, "*.EXAMPLE.org", bücher.example]
                ca: inner letsencrypt
                dns: second
                profile: "!shortlived"
                key_type: rsa2048
              192.0.2.7: { challenge: tls-alpn-01 }
            """)!;
        Assert.That(plan.Certificates.Select(static one => $"{string.Join(',', one.Names)} {string.Join(',', one.Authorities)} {one.Challenge} {one.Dns} {one.Profile} {one.RequiresProfile} {one.KeyType}"), Is.EqualTo(new[]
        {
            "mail.example.com letsencrypt http-01  tlsserver False Ec256",
            "*.example.org,example.org,xn--bcher-kva.example inner,letsencrypt dns-01 second shortlived True Rsa2048",
            "192.0.2.7 letsencrypt tls-alpn-01  tlsserver False Ec256",
        }));
        Assert.That((plan.Policy.Challenge, plan.Policy.ProvesByTls), Is.EqualTo((ChallengeType.Http01, true)));
    }

    [Test]
    public void CertificatesWithoutAnAccountAreAMistake() =>
        Assert.That(Assert.Throws<SettingsException>(() => Plan("certificates: { a.example.com: }"))!.Problems.Single().Message,
            Is.EqualTo($"{_directory["templater.yaml"]}:1:17: certificates: no certificates are obtained without acme_email. Set it; that accepts the CA's terms."));

    [Test]
    public void OneAuthorityIsBoundByTheSettings() =>
        Assert.That(Plan(Mail + $"acme_ca: zerossl\nacme_eab_kid: kid\nacme_eab_hmac: {Hmac}")!.Authorities["zerossl"].Binding!.KeyId, Is.EqualTo("kid"));

    [Test]
    public void CredentialsOfDnsAreCalledAsAtLego()
    {
        var secret = _directory.Write("token", "from-file\n");
        var plan = Plan(
            Mail + $"acme_challenge: dns-01\nacme_dns: cloudflare\ndns: {{ second: {{ provider: cloudflare, CF_DNS_API_TOKEN_FILE: {secret} }}, hetzner: }}",
            ("CLOUDFLARE_DNS_API_TOKEN", "from-variable"), ("HETZNER_API_TOKEN_FILE", secret))!;
        Assert.That((plan.Policy.DefaultDns, string.Join(' ', plan.Policy.Dns)), Is.EqualTo(("cloudflare", "cloudflare hetzner second")));
        Assert.That((plan.Dns["cloudflare"].Read("CLOUDFLARE_DNS_API_TOKEN"), plan.Dns["second"].Read("CF_DNS_API_TOKEN"), plan.Dns["hetzner"].Read("HETZNER_API_TOKEN")),
            Is.EqualTo(("from-variable", "from-file", "from-file")));
        Assert.That(plan.Dns["second"].ToString(), Does.Not.Contain("from-file"));
        Assert.That(plan.ToString(), Does.Not.Contain("from-"));
    }

    [TestCase("acme_renew_left: 2/1", "acme_renew_left=\"2/1\" ({0}:2:18): expected a fraction such as 1/3, or a decimal such as 0.4, above 0 and below 1.")]
    [TestCase("acme_ca: letsencrpt", "acme_ca ({0}:2:10): \"letsencrpt\" is no CA that is known: expected one of letsencrypt, letsencrypt-staging, zerossl, or the URL of a directory, https://….")]
    [TestCase("acme_ca: http://ca.example.org/dir", "acme_ca ({0}:2:10): \"http://ca.example.org/dir\" is no CA that is known: expected one of letsencrypt, letsencrypt-staging, zerossl, or the URL of a directory, https://….")]
    [TestCase("acme_challenge: dns-01", "acme_challenge=dns-01 ({0}:2:17) needs acme_dns: one of acme-dns, cloudflare, exec, hetzner, httpreq, rfc2136, route53, or a name of the section dns.")]
    [TestCase("template: haproxy\nacme_challenge: tls-alpn-01", "acme_challenge=tls-alpn-01 ({0}:3:17): tls-alpn-01 needs acme_listen, an address of Templater that HAProxy reaches. Set it, or use http-01.")]
    [TestCase("template: nginx\nacme_listen: :8402\nacme_challenge: tls-alpn-01", "acme_challenge=tls-alpn-01 ({0}:4:17): nginx hands no tls-alpn-01 on, and there is an output for it. Use http-01, or dns-01; HAProxy can do it.")]
    [TestCase("template: nginx\ncertificates: { a.example.com: { challenge: tls-alpn-01 } }", "{0}:3:17: certificates.a.example.com: nginx hands no tls-alpn-01 on, and there is an output for it. Use http-01, or dns-01; HAProxy can do it.")]
    [TestCase("acme_dns: gandi", "acme_dns ({0}:2:11): \"gandi\" is no DNS provider that is known here: acme-dns, cloudflare, exec, hetzner, httpreq, rfc2136, route53; others can be called with exec or httpreq.")]
    [TestCase("acme_wildcards: example.com", "acme_wildcards ({0}:2:17): http-01 proves no wildcards. Set acme_dns, or acme_challenge=dns-persist-01.")]
    [TestCase("acme_webroot: /html\nacme_listen: :8402", "acme_webroot and acme_listen exclude each other; http-01 is answered in one way.")]
    [TestCase("template: haproxy\nacme_webroot: /html", "acme_webroot ({0}:3:15): HAProxy serves no files. Remove it, so that HAProxy answers http-01 itself, or set acme_listen.")]
    [TestCase("acme_eab_kid: a", "acme_eab_kid and acme_eab_hmac belong together; one of them is missing.")]
    [TestCase("acme_eab_kid: a\nacme_eab_hmac: s3cret!", "acme_eab_hmac: the MAC key of the external account 'a' is not base64url; give it as the CA shows it.")]
    [TestCase("acme_ca: zerossl, letsencrypt\nacme_eab_kid: a\nacme_eab_hmac: abcd", "acme_eab_kid is of one CA, and acme_ca names several: write eab_kid and eab_hmac at that CA in cas.")]
    [TestCase("cas: [a]", "{0}:2:6: cas: names with the directory URLs of certification authorities were expected.")]
    [TestCase("cas: { A_b: https://a.example }", "{0}:2:8: \"A_b\" cannot name a CA: expected at most 40 lower-case letters, digits and hyphens.")]
    [TestCase("cas: { a: {} }", "{0}:2:8: cas.a: url is missing: the URL of a directory, https://…, was expected.")]
    [TestCase("cas: { a: http://a.example/ }", "{0}:2:11: cas.a: the URL of a directory, https://…, was expected.")]
    [TestCase("cas: { a: https://me:s3cret@a.example/ }", "{0}:2:11: cas.a: the URL of a directory, https://…, was expected.")]
    [TestCase("cas: { a: { url: https://a.example/, eab_kid: x } }", "{0}:2:8: cas.a: eab_kid and eab_hmac belong together; one of them is missing.")]
    [TestCase("cas: { a: { url: https://a.example/, eab_kid: x, eab_hmac: s3cret! } }", "{0}:2:8: cas.a: the MAC key of the external account 'x' is not base64url; give it as the CA shows it.")]
    [TestCase("cas: { a: { url: https://a.example/, emial: x } }", "{0}:2:38: cas.a.emial is not a setting. Did you mean cas.a.email?")]
    [TestCase("cas: { a: { url: https://a.example/, bundle: ca.pem } }", "{0}:2:46: cas.a.bundle: an absolute path was expected.")]
    [TestCase("cas: { zerossl: { staging: http://a.example/ } }", "{0}:2:28: cas.zerossl.staging: the URL of a directory, https://…, was expected.")]
    [TestCase("dns: cloudflare", "{0}:2:6: dns: names with the variables of DNS providers were expected.")]
    [TestCase("dns: { mine: { CF_DNS_API_TOKEN: s3cret } }", "{0}:2:8: dns.mine: \"mine\" is no DNS provider that is known here: write provider: with one of acme-dns, cloudflare, exec, hetzner, httpreq, rfc2136, route53; others can be called with exec or httpreq.")]
    [TestCase("dns: { cloudflare: { CF_API_TOKEN: s3cret } }", "{0}:2:22: dns.cloudflare.CF_API_TOKEN is not a setting. Did you mean dns.cloudflare.CF_API_KEY?")]
    [TestCase("dns: { cloudflare: { CF_DNS_API_TOKEN: [s3cret] } }", "{0}:2:40: dns.cloudflare.CF_DNS_API_TOKEN: a single value was expected.")]
    [TestCase("dns: { cloudflare: s3cret }", "{0}:2:20: dns.cloudflare: variables with their values were expected.")]
    [TestCase("dns: { Cloud: }", "{0}:2:8: \"Cloud\" cannot name a DNS provider: expected at most 40 lower-case letters, digits and hyphens.")]
    [TestCase("certificates: [a.example.com]", "{0}:2:15: certificates: names with what is wanted for them were expected, such as certificates: {{ mail.example.com: }}.")]
    [TestCase("certificates: { ~a.*: }", "{0}:2:17: certificates: \"~a.*\" is no name of a certificate: a host name, *.name or an address was expected.")]
    [TestCase("certificates: { a_b c: }", "{0}:2:17: certificates: \"a_b c\" is no name of a certificate: a host name, *.name or an address was expected.")]
    [TestCase("certificates: { my_host.example.com: }", "{0}:2:17: certificates: \"my_host.example.com\" is no name of a certificate: no CA signs for a name with an underscore. Use another name, or put a pair of your own into certs_dir.")]
    [TestCase("certificates: { '*.my_dept.example.com': }", "{0}:2:17: certificates: \"*.my_dept.example.com\" is no name of a certificate: no CA signs for a name with an underscore. Use another name, or put a pair of your own into certs_dir.")]
    [TestCase("certificates: { a.example.com: { names: [b_c.example.com] } }", "{0}:2:42: certificates.a.example.com.names: \"b_c.example.com\" is none: no CA signs for a name with an underscore. Use another name, or put a pair of your own into certs_dir.")]
    [TestCase("acme_challenge: dns-persist-01\nacme_wildcards: '*.my_dept.example.com'", "acme_wildcards=\"*.my_dept.example.com\" ({0}:3:17): expected a list of names such as *.example.com. No CA signs for a name with an underscore: leave *.my_dept.example.com out.")]
    [TestCase("certificates: { a.example.com: yes }", "{0}:2:32: certificates.a.example.com: names with values were expected, or nothing.")]
    [TestCase("certificates: { a.example.com: , A.example.com: }", "{0}:2:34: certificates.a.example.com is there twice.")]
    [TestCase("certificates: { a.example.com: { name: b.example.com } }", "{0}:2:34: certificates.a.example.com.name is not a setting. Did you mean certificates.a.example.com.names?")]
    [TestCase("certificates: { a.example.com: { names: [b..c] } }", "{0}:2:42: certificates.a.example.com.names: \"b..c\" is none: a host name, *.name or an address was expected.")]
    [TestCase("certificates: { a.example.com: { names: { b: c } } }", "{0}:2:41: certificates.a.example.com.names: a list of words was expected.")]
    [TestCase("certificates: { a.example.com: { ca: letsencrpt } }", "{0}:2:38: certificates.a.example.com.ca: \"letsencrpt\" is no CA that is known: expected one of letsencrypt, letsencrypt-staging, zerossl.")]
    [TestCase("certificates: { a.example.com: { challenge: http } }", "{0}:2:45: certificates.a.example.com.challenge: \"http\": expected one of http-01, dns-01, dns-persist-01, tls-alpn-01.")]
    [TestCase("certificates: { a.example.com: { challenge: dns-01 } }", "{0}:2:17: certificates.a.example.com: dns-01 needs a DNS provider. Set dns there, or acme_dns.")]
    [TestCase("certificates: { a.example.com: { dns: gandi } }", "{0}:2:39: certificates.a.example.com.dns: \"gandi\" is no name of the section dns.")]
    [TestCase("certificates: { '*.example.com': }", "{0}:2:17: certificates.*.example.com: http-01 proves no wildcards, and *.example.com is one. Set challenge there to dns-01 or dns-persist-01.")]
    [TestCase("certificates: { a.example.com: { key_type: dsa } }", "{0}:2:44: certificates.a.example.com.key_type: \"dsa\": expected one of ec256, ec384, rsa2048, rsa3072, rsa4096.")]
    [TestCase("certificates: { a.example.com: { profile: [a] } }", "{0}:2:43: certificates.a.example.com.profile: the name of a profile, with ! in front when it is required was expected.")]
    public void AMistakeIsOneProblemWithoutItsSecret(string yaml, string expected)
    {
        var problem = Assert.Throws<SettingsException>(() => Plan(Mail + yaml))!.Problems.Single();
        Assert.That(problem.Message, Is.EqualTo(string.Format(System.Globalization.CultureInfo.InvariantCulture, expected, _directory["templater.yaml"])));
        Assert.That(problem.ToString(), Does.Not.Contain("s3cret"));
    }

    [Test]
    public void WhatDotegeUsedAndIsNotKnownHereKeepsNobodyFromStarting()
    {
        var settings = Read("", ("DOTEGE_DNS_PROVIDER", "gandi"), ("DOTEGE_ACME_EMAIL", "ops@example.com"));
        Assert.That(settings.Acme, Is.Null);
        Assert.That(settings.Warnings.Select(static warning => warning.Message), Has.One.Contains("\"gandi\" is no DNS provider that is known here"));
    }

    [Test]
    public void WhoComesFromDotegeProvesByDns() =>
        Assert.That(Read("", ("DOTEGE_DNS_PROVIDER", "cloudflare"), ("DOTEGE_ACME_EMAIL", "ops@example.com"), ("DOTEGE_WILDCARD_DOMAINS", "example.com")).Acme!.Policy.Challenge, Is.EqualTo("dns-01"));

    private AcmePlan? Plan(string yaml, params (string Name, string Value)[] variables) => Read(yaml, variables).Acme;

    private Settings Read(string yaml, params (string Name, string Value)[] variables) => new SettingsReader(
        new FlagLayer { ConfigPath = _directory.Write("templater.yaml", yaml) },
        variables.ToDictionary(static variable => variable.Name, static variable => variable.Value, StringComparer.Ordinal)).Read();
}
