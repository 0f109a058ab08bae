using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Templater.Testing;

namespace Templater.Docker.Tests;

/// <summary>TLS with certificates made here.</summary>
[CancelAfter(20_000)]
public sealed class EngineTlsTests
{
    private static readonly DateTimeOffset From = TimeProvider.System.GetUtcNow().AddDays(-1);

    [Test]
    public async Task ReachesAnEngineThatOurAuthorityVouchesForWithOurCertificate(CancellationToken cancellationToken)
    {
        using var files = new TempDirectory();
        using var authority = Authority("one");
        using var server = Issue(authority, "localhost", IPAddress.Loopback);
        using var own = Issue(authority, "client", null);
        await using var engine = new FakeDockerEngine(new FakeDockerEngineOptions { UseTcp = true, ServerCertificate = server, ClientCertificate = own });
        using var client = Client(engine, Write(files, authority, own));
        await using var events = await client.OpenEventsAsync(EventFilter.Watching, null, cancellationToken);

        Assert.That(await client.PingAsync(cancellationToken), Is.EqualTo(new ApiVersion(1, 41)));
    }

    [Test]
    public async Task RefusesAnEngineThatAnotherAuthorityVouchesFor()
    {
        using var files = new TempDirectory();
        using var authority = Authority("one");
        using var stranger = Authority("two");
        using var server = Issue(stranger, "localhost", IPAddress.Loopback);
        await using var engine = new FakeDockerEngine(new FakeDockerEngineOptions { UseTcp = true, ServerCertificate = server });
        using var client = Client(engine, Write(files, authority, null));

        var error = await DockerClientTests.Fails(() => client.PingAsync(default));

        Assert.That(error.Reason, Is.EqualTo(DockerErrorReason.TlsFailed));
        Assert.That(error.Message, Does.Contain(engine.Host));
        Assert.That(engine.Requests, Is.Empty);
    }

    [TestCase("ca.pem")]
    [TestCase("cert.pem")]
    [TestCase("key.pem")]
    public void RefusesAFileThatIsNone(string name)
    {
        using var files = new TempDirectory();
        using var authority = Authority("one");
        using var own = Issue(authority, "client", null);
        var tls = Write(files, authority, own);
        // As empty as a pipe or a device, which must not be read.
        files.Write(name, "");

        var error = Assert.Throws<DockerException>(() => new DockerClient(new EngineOptions { Address = EngineAddress.Parse("tcp://127.0.0.1:1"), Tls = tls }).Dispose());

        Assert.That((error.Reason, error.Message), Is.EqualTo((DockerErrorReason.InvalidSettings, $"cannot use {files[name]} for TLS with the engine: it is empty, or no file")));
    }

    [Test]
    public async Task RefusesAnEngineOfAnotherName()
    {
        using var files = new TempDirectory();
        using var authority = Authority("one");
        using var server = Issue(authority, "elsewhere.example.com", null);
        await using var engine = new FakeDockerEngine(new FakeDockerEngineOptions { UseTcp = true, ServerCertificate = server });
        using var client = Client(engine, Write(files, authority, null));

        Assert.That((await DockerClientTests.Fails(() => client.PingAsync(default))).Reason, Is.EqualTo(DockerErrorReason.TlsFailed));
    }

    [Test]
    public async Task FailsWithoutTheCertificateThatTheEngineWants()
    {
        using var files = new TempDirectory();
        using var authority = Authority("one");
        using var server = Issue(authority, "localhost", IPAddress.Loopback);
        using var own = Issue(authority, "client", null);
        await using var engine = new FakeDockerEngine(new FakeDockerEngineOptions { UseTcp = true, ServerCertificate = server, ClientCertificate = own });
        using var client = Client(engine, Write(files, authority, null));

        // With TLS 1.3 the refusal comes after the handshake, as a lost connection.
        var error = await DockerClientTests.Fails(() => client.PingAsync(default));

        Assert.That(error.Reason, Is.EqualTo(DockerErrorReason.TlsFailed).Or.EqualTo(DockerErrorReason.Unreachable));
        Assert.That(engine.Requests, Is.Empty);
    }

    [Test]
    public async Task FailsOnAPlainEngine()
    {
        await using var engine = new FakeDockerEngine(new FakeDockerEngineOptions { UseTcp = true });
        using var client = Client(engine, new EngineTls());
        engine.Faults.Reset("*");
        var pinging = client.PingAsync(default);

        // The fake waits for the end of a request head that a TLS hello never has.
        engine.StopListening();

        Assert.That((await DockerClientTests.Fails(() => pinging)).Reason, Is.EqualTo(DockerErrorReason.TlsFailed).Or.EqualTo(DockerErrorReason.Unreachable));
    }

    private static DockerClient Client(FakeDockerEngine engine, EngineTls tls) =>
        new(new EngineOptions { Address = EngineAddress.Parse(engine.Host), Tls = tls });

    private static EngineTls Write(TempDirectory files, X509Certificate2 authority, X509Certificate2? own)
    {
        files.Write("ca.pem", authority.ExportCertificatePem());
        if (own is not null)
        {
            files.Write("cert.pem", own.ExportCertificatePem());
            files.Write("key.pem", own.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        }

        return EngineTls.FromDirectory(files.Path);
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=authority {name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(From, From.AddDays(30));
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, string name, IPAddress? address)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        if (address is not null)
            names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        using var issued = request.Create(authority, From, From.AddDays(29), SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name))[..8]);
        return issued.CopyWithPrivateKey(key);
    }
}
