using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Templater.Testing;

/// <summary>An authority and a certificate by it for a TLS server on this machine.</summary>
public sealed class TransportCertificates : IDisposable
{
    private static readonly TimeSpan Margin = TimeSpan.FromDays(1);

    /// <summary>Makes both, valid for a day.</summary>
    public TransportCertificates()
    {
        var (from, to) = (DateTimeOffset.UtcNow - Margin, DateTimeOffset.UtcNow + Margin);
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest("CN=authority of a test", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authority.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        Authority = authority.CreateSelfSigned(from, to);
        using var serverKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var server = new CertificateRequest("CN=localhost", serverKey, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        server.CertificateExtensions.Add(names.Build());
        using var bare = server.Create(Authority, from, to, [1]);
        Server = bare.CopyWithPrivateKey(serverKey);
        ServerKeyPem = serverKey.ExportPkcs8PrivateKeyPem() + "\n";
    }

    /// <summary>The authority.</summary>
    public X509Certificate2 Authority { get; }

    /// <summary>The server's, for localhost and 127.0.0.1, with its key.</summary>
    public X509Certificate2 Server { get; }

    /// <summary>The server's key.</summary>
    public string ServerKeyPem { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Authority.Dispose();
        Server.Dispose();
    }
}
