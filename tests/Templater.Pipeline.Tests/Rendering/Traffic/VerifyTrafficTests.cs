using System.Security.Cryptography.X509Certificates;
using Templater.Pipeline.Tests.Certificates;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>Which containers' certificates are good enough.</summary>
[TestFixture(Stage.NginxName)]
[TestFixture(Stage.HAProxyName)]
[Platform("Linux")]
public sealed class VerifyTrafficTests(string proxy)
{
    private readonly List<X509Certificate2> _certificates = [];
    private TestAuthority _own = null!;
    private TestAuthority _foreign = null!;
    private Stage _stage = null!;

    private X509Certificate2 Issued(TestAuthority authority, string name)
    {
        _certificates.Add(authority.Issue(name));
        return _certificates[^1];
    }

    [OneTimeSetUp]
    public async Task Start()
    {
        (_own, _foreign) = (new TestAuthority("own"), new TestAuthority("foreign"));
        (string, string) tls = ("templater.protocol", "https");
        (string, string) verified = ("templater.upstream.verify", "ca.pem");
        _stage = new Stage(proxy).OperatorFile("ca.pem", _own.Pem)
            .AddSecure("good", Issued(_own, "good.example.com"), ("templater.host", "good.example.com"), tls, verified)
            .AddSecure("named", Issued(_own, "inner.example.com"), ("templater.host", "named.example.com"), tls, verified, ("templater.upstream.server-name", "inner.example.com"))
            .AddSecure("foreign", Issued(_foreign, "foreign.example.com"), ("templater.host", "foreign.example.com"), tls, verified)
            .AddSecure("other", Issued(_own, "elsewhere.example.com"), ("templater.host", "other.example.com"), tls, verified)
            .AddSecure("system", Issued(_own, "system.example.com"), ("templater.host", "system.example.com"), tls, ("templater.upstream.verify", "true"))
            .AddSecure("open", Issued(_foreign, "elsewhere.example.com"), ("templater.host", "open.example.com"), tls, ("templater.upstream.verify", "false"))
            .AddSecure("lost", Issued(_own, "lost.example.com"), ("templater.host", "lost.example.com"), tls, ("templater.upstream.verify", "missing.pem"));
        await _stage.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _stage.DisposeAsync();
        foreach (var certificate in _certificates)
            certificate.Dispose();
        _own.Dispose();
        _foreign.Dispose();
    }

    [TestCase("good")]
    [TestCase("named")]
    [TestCase("open")]
    public async Task AGoodCertificateIsServed(string name) =>
        Assert.That((await _stage.GetAsync(name + ".example.com")).Status, Is.EqualTo(200));

    [TestCase("foreign")]
    [TestCase("other")]
    [TestCase("system")]
    [TestCase("lost")]
    public async Task WithoutAGoodCertificateNoRequestIsSent(string name)
    {
        var answer = await _stage.GetAsync(name + ".example.com");

        Assert.That(answer.Status, Is.EqualTo(502).Or.EqualTo(503), answer.Body);
        Assert.That(_stage[name].Requests, Is.Zero);
    }
}
