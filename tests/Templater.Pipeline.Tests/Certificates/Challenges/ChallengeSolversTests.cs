using System.Collections.Immutable;
using System.Net;
using Templater.Acme;
using Templater.Acme.Dns;
using Templater.Acme.Dns.Providers;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Certificates.Challenges;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Certificates.Wanted;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Certificates.Challenges;

public sealed class ChallengeSolversTests : IDisposable
{
    private static readonly AcmePlan Plan = new()
    {
        Policy = new AcmePolicy { Preferred = ["ca"], Authorities = ImmutableSortedDictionary<string, Uri>.Empty },
        Authorities = ImmutableSortedDictionary<string, AcmeAuthority>.Empty,
        Dns = ImmutableSortedDictionary<string, AcmeDnsProvider>.Empty.Add("main", Provider("EXEC_PATH", "/bin/true")),
        Store = new StoreOptions { Directory = "/certs" },
    };

    private static readonly WantedCertificate Wanted = new() { Name = "a.example", Names = ["a.example"], Authorities = ["ca"] };

    private readonly HttpClient _http = new();

    public void Dispose() => _http.Dispose();

    [Test]
    public void TheOperatorChoosesTheFormOfHttp()
    {
        using var stateless = Solvers(Plan);
        using var webroot = Solvers(Plan with { Policy = Plan.Policy with { Webroot = "/webroot" } });
        using var listener = Solvers(Plan with { Policy = Plan.Policy with { Listen = new IPEndPoint(IPAddress.Loopback, 0) } });

        Assert.That(stateless.For(Wanted), Is.TypeOf<StatelessSolver>());
        Assert.That(webroot.For(Wanted), Is.TypeOf<WebrootSolver>());
        var first = listener.For(Wanted);
        Assert.That(first, Is.TypeOf<ListenerSolver>());
        Assert.That(listener.For(Wanted with { Name = "b.example" }), Is.SameAs(first));
        Assert.That(listener.For(Wanted with { Challenge = ChallengeType.TlsAlpn01 }), Is.TypeOf<TlsAlpnSolver>());
    }

    [Test]
    public void TheCertificateChoosesTheProvider()
    {
        using var solvers = Solvers(Plan);
        Assert.That(solvers.For(Wanted with { Challenge = ChallengeType.Dns01, Dns = "main" }), Is.TypeOf<Dns01Solver>());
        Assert.That(solvers.For(Wanted with { Challenge = ChallengeType.DnsPersist01 }), Is.TypeOf<DnsPersistSolver>());
    }

    [TestCase(ChallengeType.Dns01, null, "no DNS provider is set up for a.example")]
    [TestCase(ChallengeType.Dns01, "other", "no DNS provider is set up for a.example: there is none called other")]
    [TestCase(ChallengeType.TlsAlpn01, null, "nothing answers tls-alpn-01 for a.example: acme.listen (TEMPLATER_ACME_LISTEN) is not set")]
    [TestCase(ChallengeType.DnsAccount01, null, "nothing answers dns-account-01 for a.example; http-01, tls-alpn-01, dns-01 and dns-persist-01 are answered")]
    public void WhatNothingAnswersIsSaid(string challenge, string? dns, string message)
    {
        using var solvers = Solvers(Plan);
        Assert.That(() => solvers.For(Wanted with { Challenge = challenge, Dns = dns }), Throws.TypeOf<AcmeException>().With.Message.EqualTo(message).And.Property(nameof(AcmeException.Failure)).EqualTo(AcmeFailure.Challenge));
    }

    [Test]
    public void AProviderWithoutItsSettingsIsSaidAtOnce() =>
        Assert.That(() => Solvers(Plan with { Dns = Plan.Dns.SetItem("main", Provider("OTHER", "x")) }), Throws.ArgumentException.With.Message.Contains("EXEC_PATH is not set"));

    private static AcmeDnsProvider Provider(string variable, string value) =>
        new("main", DnsProviders.Find("exec"), ImmutableSortedDictionary<string, string>.Empty.Add(variable, value));

    private ChallengeSolvers Solvers(AcmePlan plan) => new(plan, new DnsClient(DnsClientOptions.FromResolvConf(""), TimeProvider.System), _http, TimeProvider.System, _ => { });
}
