using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Templater.Pipeline.Routing.Streams;
using Templater.Pipeline.Tests.Certificates;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>TCP and UDP through real proxies.</summary>
[TestFixture(Stage.NginxName)]
[TestFixture(Stage.HAProxyName)]
[Platform("Linux")]
public sealed class StreamTrafficTests(string proxy)
{
    private const string Closed = "closed";

    private readonly List<IAsyncDisposable> _backends = [];
    private readonly Dictionary<string, int> _ports = [];
    private readonly List<X509Certificate2> _certificates = [];
    private TestAuthority _authority = null!;
    private Stage _stage = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _authority = new TestAuthority("own");
        _stage = new Stage(proxy).WithStreamModule().Certificate("a.term.example.com", "b.term.example.com");
        foreach (var name in (string[])["plain", "allowed", "denied", "v1", "v2", "pass", "term", "udp"])
            _ports[name] = Stage.FreePort();
        _stage.Scenario.Policy = _stage.Scenario.Policy with
        {
            StreamPorts = StreamPort.ParseList(string.Join(' ', _ports.Select(static port => string.Create(CultureInfo.InvariantCulture, $"{port.Value}{(port.Key == "udp" ? "/udp" : "")}"))))!.Value,
        };
        Add("plain", "plain");
        Add("allowed", "allowed", ("allow", "127.0.0.2"));
        Add("denied", "denied", ("deny", "127.0.0.3"), ("allow", "127.0.0.0/8"));
        Add("v1", "v1", ("proxy-protocol", "v1"));
        Add("v2", "v2", ("proxy-protocol", "v2"));
        AddSecure("pass-a", "pass", ("host", "a.pass.example.com"));
        AddSecure("pass-b", "pass", ("host", "*.pass.example.com"), ("allow", "127.0.0.2"));
        AddSecure("pass-c", "pass", ("host", "c.pass.example.com"), ("deny", "127.0.0.3"));
        Add("term-a", "term", ("host", "a.term.example.com"), ("tls", "terminate"));
        Add("term-b", "term", ("host", "b.term.example.com"), ("tls", "terminate"), ("allow", "127.0.0.2"));
        AddDatagrams("udp");
        await _stage.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _stage.DisposeAsync();
        foreach (var backend in _backends)
            await backend.DisposeAsync();
        foreach (var certificate in _certificates)
            certificate.Dispose();
        _authority.Dispose();
    }

    [Test]
    public async Task BytesArriveAsTheyAre() => Assert.That(await AskAsync("plain"), Is.EqualTo("plain|ping\n"));

    [TestCase("allowed", "127.0.0.1", false)]
    [TestCase("allowed", "127.0.0.2", true)]
    [TestCase("denied", "127.0.0.2", true)]
    [TestCase("denied", "127.0.0.3", false)]
    public async Task OnlyThoseWhoMayGetThrough(string port, string from, bool isServed) =>
        Assert.That(await AskAsync(port, from), Is.EqualTo(isServed ? $"{port}|ping\n" : Closed));

    [TestCase("a.pass.example.com", "127.0.0.1", "pass-a")]
    [TestCase("A.Pass.Example.Com", "127.0.0.1", "pass-a")]
    [TestCase("b.pass.example.com", "127.0.0.2", "pass-b")]
    [TestCase("x.y.pass.example.com", "127.0.0.2", "pass-b")]
    [TestCase("b.pass.example.com", "127.0.0.1", null)]
    [TestCase("c.pass.example.com", "127.0.0.1", "pass-c")]
    [TestCase("c.pass.example.com", "127.0.0.3", null)]
    [TestCase("other.example.com", "127.0.0.2", null)]
    [TestCase("", "127.0.0.2", null)]
    public async Task TheNameChoosesAndTheContainersOwnCertificateIsShown(string name, string from, string? backend)
    {
        var (answer, subject) = await AskSecurelyAsync("pass", name, from);

        Assert.That(answer, Is.EqualTo(backend is null ? Closed : $"{backend}|ping\n"));
        if (backend is not null)
            Assert.That(subject, Does.Contain(backend));
    }

    [Test]
    public async Task WhatIsNoTlsIsClosedWhereNamesChoose() => Assert.That(await AskAsync("pass", "127.0.0.2"), Is.EqualTo(Closed));

    [TestCase("a.term.example.com", "127.0.0.1", "term-a")]
    [TestCase("b.term.example.com", "127.0.0.2", "term-b")]
    [TestCase("b.term.example.com", "127.0.0.1", null)]
    [TestCase("c.term.example.com", "127.0.0.2", null)]
    public async Task TlsEndsAtTheProxy(string name, string from, string? backend)
    {
        var (answer, subject) = await AskSecurelyAsync("term", name, from);

        Assert.That(answer, Is.EqualTo(backend is null ? Closed : $"{backend}|ping\n"));
        if (backend is not null)
            Assert.That(subject, Does.Contain("term.example.com"));
    }

    [Test]
    public async Task TheContainerIsToldTheClient() =>
        Assert.That(await AskAsync("v1", "127.0.0.9"), Does.Match($"^v1\\|PROXY TCP4 127\\.0\\.0\\.9 127\\.0\\.0\\.1 [0-9]+ {_ports["v1"]}\r\nping\n$"));

    [Test]
    public async Task TheContainerIsToldTheClientInBinary()
    {
        var answer = await AskAsync("v2", "127.0.0.9");

        // nginx knows version 1 only, which is said.
        if (_stage.IsNginx)
            Assert.That(answer, Does.StartWith("v2|PROXY TCP4 127.0.0.9 "));
        else
            Assert.That(answer, Does.StartWith("v2|\r\n\r\n\0\r\nQUIT\n!\u0011\0\u000c\u007f\0\0\u0009\u007f\0\0\u0001"));
    }

    [Test]
    public async Task DatagramsAreAnswered()
    {
        if (!_stage.IsNginx)
        {
            Assert.That(_stage.Scenario.Render(proxy).Findings.Select(static finding => finding.ToString()), Has.Some.Contains("UDP is not available in HAProxy"));
            return;
        }

        using var client = new UdpClient();
        using var limit = new CancellationTokenSource(RawConnection.Patience);
        for (var i = 0; i < 3; i++)
        {
            await client.SendAsync(Encoding.ASCII.GetBytes($"ping {i}"), new IPEndPoint(IPAddress.Loopback, _ports["udp"]), limit.Token);
            Assert.That(Encoding.ASCII.GetString((await client.ReceiveAsync(limit.Token)).Buffer), Is.EqualTo($"udp|ping {i}"));
        }
    }

    private IPEndPoint Container(string name, string port, params (string Key, string Value)[] keys) => _stage.AddContainer(
        name,
        [
            ("templater.streams.x.listen", string.Create(CultureInfo.InvariantCulture, $"{_ports[port]}{(port == "udp" ? "/udp" : "")}")), ("templater.streams.x.port", "8080"),
            .. keys.Select(static key => ("templater.streams.x." + key.Key, key.Value)),
        ]);

    private void Add(string name, string port, params (string Key, string Value)[] keys) => _backends.Add(new LineBackend(name, Container(name, port, keys)));

    private void AddSecure(string name, string port, params (string Key, string Value)[] keys)
    {
        _certificates.Add(_authority.Issue(name));
        _backends.Add(new LineBackend(name, Container(name, port, keys), _certificates[^1]));
    }

    private void AddDatagrams(string name) => _backends.Add(new DatagramBackend(name, Container(name, name)));

    private async Task<string> AskAsync(string port, string from = "127.0.0.1") => (await AskSecurelyAsync(port, null, from)).Answer;

    private async Task<(string Answer, string? Subject)> AskSecurelyAsync(string port, string? name, string from)
    {
        try
        {
            await using var connection = await RawConnection.OpenAsync(_ports[port], from, name);
            await connection.SendAsync(LineBackend.Question);
            return (await connection.ReadUntilAsync(LineBackend.Question), connection.Tls?.RemoteCertificate?.Subject);
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException)
        {
            return (Closed, null);
        }
    }

    /// <summary>Answers each datagram with its name and what came.</summary>
    private sealed class DatagramBackend : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly UdpClient _socket;
        private readonly Task _answering;

        public DatagramBackend(string name, IPEndPoint address)
        {
            _socket = new UdpClient(address);
            _answering = AnswerAsync(name);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _answering;
            _socket.Dispose();
            _stop.Dispose();
        }

        private async Task AnswerAsync(string name)
        {
            try
            {
                while (true)
                {
                    var seen = await _socket.ReceiveAsync(_stop.Token);
                    await _socket.SendAsync(Encoding.ASCII.GetBytes($"{name}|{Encoding.ASCII.GetString(seen.Buffer)}"), seen.RemoteEndPoint, _stop.Token);
                }
            }
            catch (OperationCanceledException)
            {
                // The test is over.
            }
        }
    }
}
