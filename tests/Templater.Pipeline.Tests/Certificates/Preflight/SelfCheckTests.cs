using System.Net;
using System.Net.Sockets;
using System.Text;
using Templater.Acme.Dns;
using Templater.Pipeline.Certificates.Challenges;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Certificates.Preflight;
using Templater.Pipeline.Certificates.Wanted;

namespace Templater.Pipeline.Tests.Certificates.Preflight;

/// <summary>Where redirects lead, and servers that do not speak HTTP.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(20_000)]
public sealed class SelfCheckTests : IDisposable
{
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private readonly SelfCheck _check;
    private int _requests;

    public SelfCheckTests()
    {
        _server.Start();
        _check = new SelfCheck(TimeProvider.System) { Port = Port };
    }

    private int Port => ((IPEndPoint)_server.LocalEndpoint).Port;

    public void Dispose()
    {
        _server.Dispose();
        _check.Dispose();
    }

    [TestCase("/elsewhere", null, ExpectedResult = 2, Description = "within the name")]
    [TestCase("http://other.example/token", "answered 301 and leads to another server (http://other.example)", ExpectedResult = 1)]
    [TestCase("ftp://a.example/token", "answered 301 and leads to another server (ftp://a.example)", ExpectedResult = 1)]
    [TestCase("http://a.example:1/token", "answered 301 and leads to port 1, where no CA follows", ExpectedResult = 1)]
    [TestCase("//[/token", "answered 301 and leads to nothing that is a URL", ExpectedResult = 1)]
    public async Task<int> ARedirectIsFollowedWithinTheName(string location, string? problem, CancellationToken cancellationToken)
    {
        Serve(path => path == "/elsewhere" ? "HTTP/1.1 200 OK\r\n\r\nexpected" : $"HTTP/1.1 301 Moved\r\nLocation: {location}\r\n\r\n");
        Assert.That((await _check.ProblemAsync("a.example", IPAddress.Loopback, "token", "expected", cancellationToken))?.Reason, Is.EqualTo(problem));
        return _requests;
    }

    [Test]
    public async Task ARedirectThatLeadsToItselfEnds(CancellationToken cancellationToken)
    {
        Serve(path => $"HTTP/1.1 302 Found\r\nLocation: {path}\r\n\r\n");
        Assert.That((await _check.ProblemAsync("a.example", IPAddress.Loopback, "token", "expected", cancellationToken))?.Reason, Is.EqualTo("leads from one address to the next more than 3 times"));
        Assert.That(_requests, Is.EqualTo(4));
    }

    [Test]
    public async Task WhatIsNoHttpIsTold(CancellationToken cancellationToken)
    {
        Serve(_ => "SSH-2.0-server\u001b[31m\r\n");
        Assert.That((await _check.ProblemAsync("a.example", IPAddress.Loopback, "token", "expected", cancellationToken))?.Reason, Does.StartWith("failed: ").And.Not.Contains("\u001b"));
    }

    [Test]
    public async Task ARedirectHasItsOwnWayOut(CancellationToken cancellationToken)
    {
        Serve(_ => "HTTP/1.1 301 Moved\r\nLocation: https://login.example/\r\n\r\n");
        var preflight = new CertificatePreflight(new DnsClient(DnsClientOptions.FromResolvConf(""), TimeProvider.System), _check, TimeProvider.System)
        {
            Resolve = static (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]),
        };
        var wanted = new WantedCertificate { Name = "a.example", Names = ["a.example"], Authorities = ["ca"] };
        var problem = await preflight.ProblemAsync(wanted, new AuthorityFacts([], new Uri("https://ca.example/account")), "thumbprint", new StatelessSolver(), cancellationToken);
        Assert.That(problem?.Reason, Is.EqualTo("it resolves to 127.0.0.1, where http://a.example/.well-known/acme-challenge/… answered 301 and leads to another server (https://login.example). "
            + "Leave /.well-known/acme-challenge/ out of that redirect; where the answer is to come from there, set acme.preflight to false (TEMPLATER_ACME_PREFLIGHT)."));
    }

    private void Serve(Func<string, string> reply) => _ = ServeAsync(reply);

    private async Task ServeAsync(Func<string, string> reply)
    {
        try
        {
            while (true)
            {
                using var client = await _server.AcceptTcpClientAsync();
                using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
                var path = (await reader.ReadLineAsync())?.Split(' ')[1] ?? "";
                while (await reader.ReadLineAsync() is { Length: > 0 })
                {
                }

                Interlocked.Increment(ref _requests);
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(reply(path)));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }
}
