using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Templater.Acme;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Challenges;

namespace Templater.Pipeline.Tests.Certificates.Challenges;

/// <summary>Real handshakes with the listener that answers http-01 as well.</summary>
[CancelAfter(20_000)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class TlsAlpnSolverTests : IDisposable
{
    private const string Name = "a.example";

    private readonly CancellationTokenSource _stop = new();
    private readonly TlsAlpnSolver _solver = new(TimeProvider.System);
    private readonly ListenerSolver _listener;
    private readonly Task _run;

    public TlsAlpnSolverTests()
    {
        _listener = new ListenerSolver(new IPEndPoint(IPAddress.Loopback, 0), TimeProvider.System, _solver.AnswerAsync);
        _run = _listener.RunAsync(_stop.Token);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _solver.Dispose();
        _stop.Dispose();
    }

    [TestCase(Name, Name)]
    [TestCase(Name, "A.EXAMPLE")]
    [TestCase("192.0.2.7", "7.2.0.192.in-addr.arpa")]
    public async Task TheCertificateOfTheChallengeIsShown(string identifier, string serverName, CancellationToken cancellationToken)
    {
        var challenge = Challenge("token", identifier);
        await _solver.PresentAsync(challenge, cancellationToken);
        await _solver.PresentAsync(challenge, cancellationToken);

        using var shown = await ShownAsync(serverName, cancellationToken: cancellationToken);

        var extension = shown!.Extensions[TlsAlpnCertificate.ExtensionOid]!;
        Assert.That((extension.Critical, extension.RawData), Is.EqualTo((true, TlsAlpnCertificate.ExtensionValue(challenge.KeyAuthorization))));
        var names = shown.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        Assert.That(names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(static address => address.ToString())), Is.EqualTo(new[] { identifier }));
    }

    [TestCase("b.example", TlsAlpnCertificate.Protocol, Description = "another name")]
    [TestCase("", TlsAlpnCertificate.Protocol, Description = "no name")]
    [TestCase(Name, "h2", Description = "another protocol")]
    public async Task WhoeverAsksForSomethingElseIsRefused(string serverName, string protocol, CancellationToken cancellationToken)
    {
        await _solver.PresentAsync(Challenge("token"), cancellationToken);
        Assert.That(await ShownAsync(serverName, protocol, cancellationToken), Is.Null);
        using var shown = await ShownAsync(Name, cancellationToken: cancellationToken);
        Assert.That(shown, Is.Not.Null, "it goes on answering");
    }

    [Test]
    public async Task WhatWasTakenAwayIsShownNoMore(CancellationToken cancellationToken)
    {
        await _solver.PresentAsync(Challenge("token"), cancellationToken);
        await _solver.CleanUpAsync(Challenge("token"), cancellationToken);
        Assert.That(await ShownAsync(Name, cancellationToken: cancellationToken), Is.Null);
        await _solver.CleanUpAsync(Challenge("token"), cancellationToken);
    }

    [Test]
    public async Task TwoOrdersForANameDoNotGetInEachOthersWay(CancellationToken cancellationToken)
    {
        var (first, second) = (Challenge("first"), Challenge("second"));
        await _solver.PresentAsync(first, cancellationToken);
        Assert.That(() => _solver.PresentAsync(second, cancellationToken), Throws.TypeOf<ChallengeException>().With.Message.EqualTo("another order proves a.example by tls-alpn-01 at the same time"));
        await _solver.CleanUpAsync(second, cancellationToken);

        using var shown = await ShownAsync(Name, cancellationToken: cancellationToken);
        Assert.That(shown!.Extensions[TlsAlpnCertificate.ExtensionOid]!.RawData, Is.EqualTo(TlsAlpnCertificate.ExtensionValue(first.KeyAuthorization)));
    }

    [Test]
    public async Task TheSamePortAnswersHttp(CancellationToken cancellationToken)
    {
        await _listener.PresentAsync(Challenge("token"), cancellationToken);
        await _solver.PresentAsync(Challenge("token"), cancellationToken);
        using var http = new HttpClient { BaseAddress = new Uri($"http://{_listener.EndPoint}") };
        Assert.That(await http.GetStringAsync("/.well-known/acme-challenge/token", cancellationToken), Is.EqualTo("token.thumbprint"));
        using var shown = await ShownAsync(Name, cancellationToken: cancellationToken);
        Assert.That(shown, Is.Not.Null);
    }

    [Test]
    public async Task WhatIsNoHandshakeEndsNothing(CancellationToken cancellationToken)
    {
        await _solver.PresentAsync(Challenge("token"), cancellationToken);
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(_listener.EndPoint, cancellationToken);
            await client.GetStream().WriteAsync(new byte[] { 22, 3, 1, 0, 4, 9, 9, 9, 9 }, cancellationToken);
            var rest = new byte[64];
            while (await client.GetStream().ReadAsync(rest, cancellationToken) > 0)
            {
            }
        }

        using var shown = await ShownAsync(Name, cancellationToken: cancellationToken);
        Assert.That(shown, Is.Not.Null);
        Assert.That(_run.IsCompleted, Is.False);
    }

    [Test]
    public async Task AnswersAreBounded()
    {
        for (var i = 0; i < TlsAlpnSolver.MaxAnswers; i++)
            await _solver.PresentAsync(Challenge("token", $"{i}.example"), CancellationToken.None);
        Assert.That(() => _solver.PresentAsync(Challenge("token"), CancellationToken.None), Throws.TypeOf<ChallengeException>());
        await _solver.CleanUpAsync(Challenge("token", "0.example"), CancellationToken.None);
        await _solver.PresentAsync(Challenge("token"), CancellationToken.None);
    }

    private Task<X509Certificate2?> ShownAsync(string serverName, string protocol = TlsAlpnCertificate.Protocol, CancellationToken cancellationToken = default) =>
        TlsChallengeClient.ShownAsync(_listener.EndPoint, serverName, protocol, cancellationToken);

    private static PendingChallenge Challenge(string token, string identifier = Name) =>
        new(Identifier.Parse(identifier), ChallengeType.TlsAlpn01, token, token + ".thumbprint", new Uri("https://ca.example/account"));
}
