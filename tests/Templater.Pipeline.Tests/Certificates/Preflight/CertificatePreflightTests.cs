using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Templater.Acme;
using Templater.Acme.Dns;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Challenges;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Certificates.Preflight;
using Templater.Pipeline.Certificates.Wanted;
using Templater.Pipeline.Tests.Certificates.Challenges;
using Templater.Pipeline.Web;

namespace Templater.Pipeline.Tests.Certificates.Preflight;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(20_000)]
public sealed class CertificatePreflightTests : IDisposable
{
    private const string Thumbprint = "the-thumbprint";
    private const string WayOut = "Point the A/AAAA record here or open port 80; where this machine alone cannot reach its own address, set acme.preflight to false (TEMPLATER_ACME_PREFLIGHT).";

    private readonly CancellationTokenSource _stop = new();
    private readonly WebListener _server;
    private readonly SelfCheck _check;
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly Dictionary<string, CaaSet> _caa = [];

    public CertificatePreflightTests()
    {
        _server = new WebListener(new IPEndPoint(IPAddress.Loopback, 0), request => Served(request!), TimeProvider.System);
        _ = _server.RunAsync(_stop.Token);
        _check = new SelfCheck(TimeProvider.System) { Port = _server.EndPoint.Port };
    }

    private int _tlsPort;

    /// <summary>What the server answers to a token.</summary>
    private Func<string, Answer> Reply { get; set; } = token => new(200, "text/plain", $"{token}.{Thumbprint}");

    public void Dispose()
    {
        _stop.Cancel();
        _server.Dispose();
        _check.Dispose();
        _stop.Dispose();
    }

    [Test]
    public async Task ANameWhoseAddressAnswersIsAllRight(CancellationToken cancellationToken)
    {
        Assert.That(await ProblemAsync(Wanted("a.example", "b.example"), cancellationToken), Is.Null);
        Assert.That(_asked.Select(host => host.Split(':')[0]), Is.EquivalentTo(new[] { "a.example", "b.example" }), "by its name");
    }

    [Test]
    public async Task ALineBreakAtTheEndIsNoDifference(CancellationToken cancellationToken)
    {
        Reply = token => Answer.Text(200, $"{token}.{Thumbprint}");
        Assert.That(await ProblemAsync(Wanted("a.example"), cancellationToken), Is.Null);
    }

    [TestCase(404, "not here", "answered 404 from another server")]
    [TestCase(200, "welcome", "answered something else, so another server is there")]
    public async Task AnotherServerIsTold(int status, string body, string problem, CancellationToken cancellationToken)
    {
        Reply = _ => Answer.Text(status, body);
        Assert.That(await ProblemAsync(Wanted("a.example"), cancellationToken), Is.EqualTo($"it resolves to 127.0.0.1, where http://a.example/.well-known/acme-challenge/… {problem}. {WayOut}"));
    }

    [Test]
    public async Task AnAnswerWithoutEndIsNotReadToItsEnd(CancellationToken cancellationToken)
    {
        Reply = token => Answer.Text(200, $"{token}.{Thumbprint}" + new string('x', 5_000_000));
        Assert.That(await ProblemAsync(Wanted("a.example"), cancellationToken), Does.Contain("answered something else"));
    }

    [Test]
    public async Task ANameWithoutAnAddressIsTold(CancellationToken cancellationToken)
    {
        Assert.That(await ProblemAsync(Wanted("a.example", "missing.example"), cancellationToken), Is.EqualTo("missing.example does not resolve to any address. Add an A or AAAA record that leads here."));
        Assert.That(await ProblemAsync(Wanted("broken.example"), cancellationToken), Does.StartWith("it cannot be resolved: "));
    }

    [Test]
    public async Task AnAddressWhereNothingListensIsTold(CancellationToken cancellationToken) =>
        Assert.That(await ProblemAsync(Wanted("closed.example"), cancellationToken), Is.EqualTo($"it resolves to 127.0.0.2, where http://closed.example/.well-known/acme-challenge/… is not there: the connection was refused. {WayOut}"));

    [Test]
    public async Task ManyProblemsAreToldInPart(CancellationToken cancellationToken) =>
        Assert.That(await ProblemAsync(Wanted("1.missing.example", "2.missing.example", "3.missing.example", "4.missing.example", "5.missing.example"), cancellationToken), Does.StartWith("1.missing.example does").And.EndWith(" And 2 more."));

    [Test]
    public async Task CaaRecordsThatDoNotAllowTheAuthorityAreTold(CancellationToken cancellationToken)
    {
        _caa["a.example"] = new("a.example", [new(0, "issue", "other.example")]);
        Assert.That(await ProblemAsync(Wanted("a.example"), cancellationToken), Is.EqualTo("it may not have one from this CA: the CAA record 'issue \"other.example\"' at a.example allows another CA; add one with ca.example."));
        Assert.That(_asked, Is.Empty);
        _caa["a.example"] = new("a.example", [new(0, "issue", "ca.example; validationmethods=dns-01")]);
        Assert.That(await ProblemAsync(Wanted("a.example"), cancellationToken), Does.Contain("does not allow http-01"));
    }

    [Test]
    public async Task OnlyWhatTheCaaRecordsSaySpeaksAgainstOneAuthorityAlone(CancellationToken cancellationToken)
    {
        _caa["a.example"] = _caa["missing.example"] = new("a.example", [new(0, "issue", "other.example")]);
        Assert.That((await FoundAsync(Wanted("a.example"), cancellationToken))?.IsOfAuthority, Is.True);
        Assert.That((await FoundAsync(Wanted("a.example", "closed.example"), cancellationToken))?.IsOfAuthority, Is.False);
        Assert.That(await FoundAsync(Wanted("servfail.example"), cancellationToken), Is.EqualTo(new PreflightProblem("it has CAA records that cannot be read, and no CA issues then: the server says SERVFAIL. Where only the DNS of this machine does not tell, set acme.preflight to false (TEMPLATER_ACME_PREFLIGHT).", IsOfAuthority: false)));
    }

    [Test]
    public async Task ByDnsOnlyTheCaaRecordsAreLookedAt(CancellationToken cancellationToken)
    {
        var wanted = Wanted("*.missing.example") with { Challenge = ChallengeType.Dns01 };
        Assert.That(await ProblemAsync(wanted, cancellationToken), Is.Null);
        _caa["missing.example"] = new("missing.example", [new(0, "issuewild", ";")]);
        Assert.That(await ProblemAsync(wanted, cancellationToken), Does.Contain("allows no CA"));
    }

    [Test]
    public async Task TheTokenIsPresentedAsAnAnswerWouldBeAndTakenAway(CancellationToken cancellationToken)
    {
        using var solver = new ListenerSolver(new IPEndPoint(IPAddress.Loopback, 0), TimeProvider.System);
        _ = solver.RunAsync(_stop.Token);
        using var http = new HttpClient();
        Reply = token => Answer.Text(200, http.GetStringAsync(new Uri($"http://{solver.EndPoint}{SelfCheck.Path}{token}"), cancellationToken).GetAwaiter().GetResult());
        var token = "";
        var reply = Reply;
        Reply = asked => reply(token = asked);

        Assert.That(await ProblemAsync(Wanted("a.example"), cancellationToken, solver), Is.Null);
        Assert.That((await http.GetAsync(new Uri($"http://{solver.EndPoint}{SelfCheck.Path}{token}"), cancellationToken)).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task WhatCannotBePresentedIsTold(CancellationToken cancellationToken) =>
        Assert.That(await ProblemAsync(Wanted("a.example"), cancellationToken, new WebrootSolver("/nowhere/at/all")), Does.StartWith("it cannot be proven: the answer cannot be written below /nowhere/at/all as "));

    [Test]
    public async Task ByTlsTheCertificateOfTheChallengeIsLookedFor(CancellationToken cancellationToken)
    {
        using var solver = new TlsAlpnSolver(TimeProvider.System);
        using var listener = Listening(solver);
        Assert.That(await ProblemAsync(ByTls("a.example"), cancellationToken, solver), Is.Null);
        Assert.That(_asked, Is.Empty, "no token by plain HTTP");
        using var shown = await TlsChallengeClient.ShownAsync(listener.EndPoint, "a.example", cancellationToken: cancellationToken);
        Assert.That(shown, Is.Null, "it was taken away");
        Assert.That(await ProblemAsync(ByTls("missing.example"), cancellationToken, solver), Does.StartWith("it does not resolve to any address."));
    }

    [Test]
    public async Task ByTlsWhoeverElseAnswersIsTold(CancellationToken cancellationToken)
    {
        const string WayOutByTls = "Point the A/AAAA record here or open port 443; where this machine alone cannot reach its own address, set acme.preflight to false (TEMPLATER_ACME_PREFLIGHT).";
        using var solver = new TlsAlpnSolver(TimeProvider.System);
        using var other = new TlsAlpnSolver(TimeProvider.System);
        using var listener = Listening(other);
        Assert.That(await ProblemAsync(ByTls("a.example"), cancellationToken, solver), Does.StartWith("it resolves to 127.0.0.1, where on port 443 there is no handshake with the protocol acme-tls/1: ").And.EndWith(WayOutByTls));
        await other.PresentAsync(new PendingChallenge(Identifier.Dns("a.example"), ChallengeType.TlsAlpn01, "token", "token.other", new Uri("https://ca.example/account")), cancellationToken);
        Assert.That(await ProblemAsync(ByTls("a.example"), cancellationToken, solver), Is.EqualTo($"it resolves to 127.0.0.1, where on port 443 another certificate is shown, so another server is there. {WayOutByTls}"));
        Assert.That(await ProblemAsync(ByTls("closed.example"), cancellationToken, solver), Is.EqualTo($"it resolves to 127.0.0.2, where on port 443 the connection is refused. {WayOutByTls}"));
    }

    private static WantedCertificate ByTls(string name) => Wanted(name) with { Challenge = ChallengeType.TlsAlpn01 };

    private ListenerSolver Listening(TlsAlpnSolver solver)
    {
        var listener = new ListenerSolver(new IPEndPoint(IPAddress.Loopback, 0), TimeProvider.System, solver.AnswerAsync);
        _ = listener.RunAsync(_stop.Token);
        _tlsPort = listener.EndPoint.Port;
        return listener;
    }

    private async Task<string?> ProblemAsync(WantedCertificate wanted, CancellationToken cancellationToken, IChallengeSolver? solver = null) =>
        (await FoundAsync(wanted, cancellationToken, solver))?.Reason;

    private Task<PreflightProblem?> FoundAsync(WantedCertificate wanted, CancellationToken cancellationToken, IChallengeSolver? solver = null) =>
        new CertificatePreflight(new DnsClient(DnsClientOptions.FromResolvConf(""), TimeProvider.System), _check, TimeProvider.System)
        {
            TlsCheck = new TlsSelfCheck(TimeProvider.System) { Port = _tlsPort },
            Resolve = (name, _) => name switch
            {
                "broken.example" => throw new SocketException((int)SocketError.TryAgain),
                "closed.example" => Task.FromResult<IPAddress[]>([IPAddress.Parse("127.0.0.2")]),
                _ when name.EndsWith("missing.example", StringComparison.Ordinal) => throw new SocketException((int)SocketError.HostNotFound),
                _ => Task.FromResult<IPAddress[]>([IPAddress.Loopback]),
            },
            FindCaa = (name, _) => name == "servfail.example" ? throw new DnsException("the server says SERVFAIL") : Task.FromResult(_caa.GetValueOrDefault(name, new CaaSet("", []))),
        }.ProblemAsync(wanted, new AuthorityFacts(["ca.example"], new Uri("https://ca.example/account")), Thumbprint, solver ?? new StatelessSolver(), cancellationToken);

    private Answer Served(RequestHead request)
    {
        _asked.Enqueue(request.Host);
        return Reply(request.Path[SelfCheck.Path.Length..]);
    }

    private static WantedCertificate Wanted(params string[] names) => new() { Name = names[0], Names = [.. names], Authorities = ["ca"] };
}
