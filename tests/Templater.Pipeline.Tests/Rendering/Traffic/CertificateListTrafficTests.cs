using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>Which pair a real HAProxy shows, and what it offers, where its folder alone would not tell.</summary>
[Platform("Linux")]
public sealed class CertificateListTrafficTests
{
    private Stage _stage = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _stage = new Stage(Stage.HAProxyName)
            .RsaCertificate("rsa.example.com").Certificate("zz.example.org", "rsa.example.com").Certificate("*.example.com")
            .Certificate("a.example.net").Certificate("b.example.net", "a.example.net").Certificate("unused.example.net")
            .Add("rsa", ("templater.host", "rsa.example.com"), ("templater.tls.certificate", "rsa.example.com"))
            .Add("named", ("templater.host", "a.example.net"), ("templater.tls.certificate", "b.example.net"), ("templater.http2", "false"))
            .Add("wild", ("templater.host", "*.example.com"))
            .Add("regex", ("templater.host", "~^(b|c)[.]example[.]net$"), ("templater.tls.certificate", "b.example.net"));
        await _stage.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop() => await _stage.DisposeAsync();

    [TestCase("rsa.example.com", "CN=rsa.example.com")]
    [TestCase("RSA.example.com", "CN=rsa.example.com")]
    [TestCase("other.example.com", "CN=*.example.com")]
    [TestCase("a.example.net", "CN=b.example.net")]
    [TestCase("b.example.net", "CN=b.example.net")]
    public async Task TheChosenPairIsShownWhateverItsKindAndName(string name, string subject)
    {
        await using var connection = await RawConnection.OpenAsync(_stage.HttpsPort, serverName: name);
        Assert.That(new X509Certificate2(connection.Tls!.RemoteCertificate!).Subject, Is.EqualTo(subject));
    }

    [TestCase("c.example.net")]
    [TestCase("unused.example.net")]
    [TestCase("zz.example.org")]
    [TestCase("deep.other.example.com")]
    public async Task NobodyIsShownAPairForANameThatNobodyServesWithIt(string name) => await Assert.ThatAsync(
        () => RawConnection.OpenAsync(_stage.HttpsPort, serverName: name), Throws.InstanceOf<AuthenticationException>().Or.InstanceOf<IOException>());

    [TestCase("a.example.net", "http/1.1")]
    [TestCase("rsa.example.com", "h2")]
    [TestCase("b.example.net", "h2")]
    public async Task Http2IsOfferedHostByHost(string name, string protocol)
    {
        await using var connection = await RawConnection.OpenAsync(_stage.HttpsPort, "127.0.0.1", name, SslApplicationProtocol.Http2, SslApplicationProtocol.Http11);
        Assert.That(connection.Tls!.NegotiatedApplicationProtocol.ToString(), Is.EqualTo(protocol));
    }
}
