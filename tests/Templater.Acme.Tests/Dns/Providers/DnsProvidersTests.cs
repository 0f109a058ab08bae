using Templater.Acme.Dns.Providers;

namespace Templater.Acme.Tests.Dns.Providers;

public sealed class DnsProvidersTests
{
    private static readonly Dictionary<string, string> Everything = new()
    {
        ["RFC2136_NAMESERVER"] = "ns.example.org:5353",
        ["RFC2136_TSIG_KEY"] = "key.",
        ["RFC2136_TSIG_SECRET"] = "c2VjcmV0",
        ["RFC2136_TSIG_ALGORITHM"] = "hmac-sha512.",
        ["ACME_DNS_API_BASE"] = "https://auth.example.org",
        ["ACME_DNS_STORAGE_PATH"] = "/nowhere/accounts.json",
        ["EXEC_PATH"] = "/bin/true",
        ["EXEC_MODE"] = "RAW",
        ["HTTPREQ_ENDPOINT"] = "http://localhost:9090/hook",
        ["CLOUDFLARE_DNS_API_TOKEN"] = "token",
        ["HETZNER_API_TOKEN"] = "token",
        ["AWS_ACCESS_KEY_ID"] = "id",
        ["AWS_SECRET_ACCESS_KEY"] = "key",
    };

    private static IEnumerable<string> Codes => DnsProviders.All.Select(provider => provider.Code);

    [TestCaseSource(nameof(Codes))]
    public void EachIsMadeOfLegosVariables(string code)
    {
        var provider = DnsProviders.Find(code).Create(Context(Everything));
        using var _ = provider as IDisposable;
        Assert.That(provider.Capabilities.PropagationTimeout, Is.GreaterThan(TimeSpan.Zero));
    }

    [TestCaseSource(nameof(Codes))]
    public void TimesAreSettings(string code)
    {
        var found = DnsProviders.Find(code);
        var settings = new Dictionary<string, string>(Everything)
        {
            [found.Variables.Single(variable => variable.Name.EndsWith("_PROPAGATION_TIMEOUT", StringComparison.Ordinal)).Name] = "321",
            [found.Variables.Single(variable => variable.Name.EndsWith("_POLLING_INTERVAL", StringComparison.Ordinal)).Name] = "7",
        };
        var provider = found.Create(Context(settings));
        using var _ = provider as IDisposable;
        Assert.That((provider.Capabilities.PropagationTimeout.TotalSeconds, provider.Capabilities.PollingInterval.TotalSeconds), Is.EqualTo((321, 7)));
    }

    [TestCase("rfc2136", "", "rfc2136: RFC2136_NAMESERVER is not set (address of the primary server, with :port if it is not 53)")]
    [TestCase("rfc2136", "RFC2136_NAMESERVER=a b", "RFC2136_NAMESERVER: 'a b' is no server: write 192.0.2.1, 192.0.2.1:53, [2001:db8::1]:53 or ns.example.org:53")]
    [TestCase("rfc2136", "RFC2136_NAMESERVER=ns:0", "RFC2136_NAMESERVER: 'ns:0' is no server: write 192.0.2.1, 192.0.2.1:53, [2001:db8::1]:53 or ns.example.org:53")]
    [TestCase("rfc2136", "RFC2136_NAMESERVER=ns;RFC2136_TTL=1m", "RFC2136_TTL: '1m' is no whole number of seconds above 0")]
    [TestCase("rfc2136", "RFC2136_NAMESERVER=ns;RFC2136_TSIG_KEY=k;RFC2136_TSIG_SECRET=?", "the secret of the TSIG key k is no base64")]
    [TestCase("exec", "EXEC_PATH=/a;EXEC_MODE=raw", "EXEC_MODE: 'raw' is no mode; it is RAW or not set")]
    [TestCase("httpreq", "HTTPREQ_ENDPOINT=ftp://user:secret@host", "HTTPREQ_ENDPOINT is no address that begins with http:// or https://")]
    [TestCase("hetzner", "HETZNER_API_KEY=former", "hetzner: HETZNER_API_TOKEN is not set (token of the project, with the right to write)")]
    [TestCase("route53", "AWS_ACCESS_KEY_ID=a", "route53: AWS_SECRET_ACCESS_KEY is not set (the access key)")]
    [TestCase("acme-dns", "ACME_DNS_API_BASE=https://a", "acme-dns: ACME_DNS_STORAGE_PATH is not set (file of the accounts, one for each domain)")]
    [TestCase("cloudflare", "", "cloudflare: set CF_DNS_API_TOKEN, or CF_API_EMAIL and CF_API_KEY")]
    public void AMistakeIsTold(string code, string settings, string expected)
    {
        var values = settings.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(setting => setting.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        Assert.That(() => DnsProviders.Find(code).Create(Context(values)), Throws.ArgumentException.With.Message.EqualTo(expected));
    }

    private static IEnumerable<TestCaseData> Variables => DnsProviders.All.SelectMany(static provider => provider.Variables
        .Where(static variable => variable.Name != "RFC2136_TSIG_SECRET")
        .SelectMany(variable => variable.Alias is { } alias ? [(provider.Code, variable.Name), (provider.Code, alias)] : new[] { (provider.Code, variable.Name) }))
        .Select(static one => new TestCaseData(one.Code, one.Name));

    // As a file of two lines is read, such as one with a remark below the token.
    [TestCaseSource(nameof(Variables))]
    public void AValueOfTwoLinesIsRefusedWithoutBeingShown(string code, string variable)
    {
        var settings = Everything.Where(pair => pair.Key is not ("CLOUDFLARE_DNS_API_TOKEN" or "CF_DNS_API_TOKEN")).ToDictionary();
        settings["CF_API_EMAIL"] = settings["CF_API_KEY"] = "any";
        settings.Remove(variable switch { "CLOUDFLARE_EMAIL" => "CF_API_EMAIL", "CLOUDFLARE_API_KEY" => "CF_API_KEY", _ => "" });
        settings[variable] = "s3cret\nsecond";
        Assert.That(() => DnsProviders.Find(code).Create(Context(settings)), Throws.ArgumentException.With.Message.EqualTo(
            $"{variable}: it has a line break or another control character; write the value alone, on one line"));
    }

    [Test]
    public void ASecretInBase64MayBeWrapped()
    {
        var settings = new Dictionary<string, string>(Everything) { ["RFC2136_TSIG_SECRET"] = "c2Vj\ncmV0" };
        Assert.That(() => (DnsProviders.Find("rfc2136").Create(Context(settings)) as IDisposable)?.Dispose(), Throws.Nothing);
    }

    [Test]
    public void Route53IsAskedInItsOwnRegionWhateverTheMachinesIs()
    {
        using var api = new FakeApi { Answer = _ => new(System.Net.HttpStatusCode.Forbidden, "") };
        var settings = new Dictionary<string, string>(Everything) { ["AWS_REGION"] = "eu-central-1" };
        var provider = DnsProviders.Find("route53").Create(new(settings.GetValueOrDefault, api.Client, api.Clock));
        using var _ = provider as IDisposable;
        Assert.That(async () => await provider.AddAsync(FakeApi.Record(), CancellationToken.None), Throws.TypeOf<ChallengeException>());
        Assert.That(api.Asked[0].Headers["Authorization"], Does.Contain("/us-east-1/route53/aws4_request"));
    }

    [Test]
    public void AnUnknownProviderIsToldWithAllThatAreKnown() =>
        Assert.That(() => DnsProviders.Find("gandi"), Throws.ArgumentException.With.Message.EqualTo(
            "'gandi' is no provider of DNS that is known here: acme-dns, cloudflare, exec, hetzner, httpreq, rfc2136, route53; others can be called with exec or httpreq"));

    [Test]
    public void WhatHoldsACredentialIsMarkedSecret() =>
        Assert.That(DnsProviders.All.SelectMany(provider => provider.Variables).Where(variable => variable.IsSecret).Select(variable => variable.Name), Is.EquivalentTo(new[]
        {
            "CF_DNS_API_TOKEN", "CF_ZONE_API_TOKEN", "CF_API_KEY", "HETZNER_API_TOKEN", "HTTPREQ_PASSWORD", "RFC2136_TSIG_SECRET", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
        }));

    [Test]
    public void NoOptionsPrintTheirSecret()
    {
        var secret = "s3cr3t";
        object[] options =
        [
            new Rfc2136Options(new System.Net.IPEndPoint(1, 53)) { Secret = secret },
            new HttpreqOptions(new("https://user:s3cr3t@host/path")) { Password = secret },
            new CloudflareOptions { Token = secret, ZoneToken = secret, Key = secret },
            new HetznerOptions(secret),
            new Route53Options("id", secret) { SessionToken = secret },
            new AcmeDnsAccount("full", "sub", "user", secret),
        ];
        Assert.That(options.Select(each => each.ToString()), Has.None.Contains(secret));
    }

    private static DnsProviderContext Context(IReadOnlyDictionary<string, string> values) => new(values.GetValueOrDefault, new HttpClient(), TimeProvider.System);
}
