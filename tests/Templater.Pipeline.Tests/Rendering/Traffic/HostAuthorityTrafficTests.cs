using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Templater.Pipeline.Tests.Certificates;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>Who gets in where the operator's files say it: the authorities of clients, and what they took back.</summary>
[TestFixture(Stage.NginxName)]
[TestFixture(Stage.HAProxyName)]
[Platform("Linux")]
public sealed class HostAuthorityTrafficTests(string proxy)
{
    // HAProxy refuses the connection, nginx the request.
    private const int BadRequest = 400;

    private TestAuthority _own = null!;
    private TestAuthority _other = null!;
    private X509Certificate2 _ann = null!;
    private X509Certificate2 _bob = null!;
    private X509Certificate2 _eve = null!;
    private Stage _stage = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        (_own, _other) = (new TestAuthority("own"), new TestAuthority("other"));
        (_ann, _bob, _eve) = (_own.Issue("ann"), _own.Issue("bob"), _other.Issue("eve"));
        _stage = new Stage(proxy)
            .HostFile("certs/closed.example.com.ca.crt", _own.Pem).HostFile("certs/closed.example.com.crl.pem", _own.Revoked(_bob))
            .HostFile("certs/maybe.example.com.ca.crt", _own.Pem)
            .HostFile("certs/broken.example.com.ca.crt", "no certificate")
            .HostFile("certs/own.pem", _own.Pem).HostFile("certs/native.example.com.crl.pem", _own.Revoked(_bob))
            .Certificate("native.example.com")
            .Add("native", ("templater.host", "native.example.com"), ("templater.tls.client-auth", "required"), ("templater.tls.client-ca", "own.pem"));
        foreach (var name in new[] { "closed", "maybe", "broken", "lost", "open" })
        {
            _stage.Certificate(name + ".example.com");
            Add(name, ("HTTPS_METHOD", "noredirect"));
        }

        Label("maybe", "optional");
        Label("lost", "on");
        await _stage.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _stage.DisposeAsync();
        foreach (var certificate in new[] { _ann, _bob, _eve })
            certificate.Dispose();
        _own.Dispose();
        _other.Dispose();
    }

    [TestCase("closed", "ann", 200)]
    [TestCase("closed", "bob", 400)]
    [TestCase("closed", "eve", 400)]
    [TestCase("closed", "", 400)]
    [TestCase("maybe", "ann", 200)]
    [TestCase("maybe", "bob", 200)]
    [TestCase("maybe", "eve", 400)]
    [TestCase("maybe", "", 200)]
    [TestCase("native", "ann", 200)]
    [TestCase("native", "bob", 400)]
    [TestCase("native", "", 400)]
    [TestCase("broken", "ann", 503)]
    [TestCase("lost", "ann", 503)]
    [TestCase("open", "", 200)]
    public async Task ACertificateOfTheHostsAuthorityThatWasNotTakenBackIsGood(string host, string who, int status) =>
        Assert.That(await StatusAsync(host + ".example.com", who switch { "ann" => _ann, "bob" => _bob, "eve" => _eve, _ => null }), Is.EqualTo(status == BadRequest && !_stage.IsNginx ? 0 : status));

    [TestCase("closed")]
    [TestCase("broken")]
    [TestCase("lost")]
    public async Task PlainHttpIsNoWayAround(string host)
    {
        var answer = await _stage.GetAsync(host + ".example.com");
        Assert.That((answer.Status == 200, answer["X-Backend"]), Is.EqualTo((false, (string?)null)));
    }

    private void Add(string name, params (string Key, string Value)[] variables)
    {
        _stage.Add(name);
        foreach (var (key, value) in variables.Prepend(("VIRTUAL_HOST", name + ".example.com")))
            _stage.Scenario.Change(name, container => container with { Env = container.Env.SetItem(key, value) });
    }

    private void Label(string name, string value) =>
        _stage.Scenario.Change(name, container => container with { Labels = container.Labels.SetItem("com.github.nginx-proxy.nginx-proxy.ssl_verify_client", value) });

    private async Task<int> StatusAsync(string host, X509Certificate2? certificate)
    {
        try
        {
            await using var connection = await RawConnection.OpenWithAsync(_stage.HttpsPort, host, certificate);
            await connection.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            return (await connection.ReadAsync()).Status;
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException)
        {
            // The connection was refused.
            return 0;
        }
    }
}
