using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Templater.Testing;

/// <summary>An authority and a certificate by it for a TLS server on this machine.</summary>
public sealed class TransportCertificates : IDisposable
{
    private static readonly TimeSpan Margin = TimeSpan.FromDays(1);

    /// <summary>Makes both, valid for a day.</summary>
    /// <param name="address">Another address of the server; null for none.</param>
    public TransportCertificates(IPAddress? address = null)
    {
        var (from, to) = (DateTimeOffset.UtcNow - Margin, DateTimeOffset.UtcNow + Margin);
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // Called otherwise than all others, so that who trusts several can tell them apart.
        var authority = new CertificateRequest($"CN=authority {Guid.NewGuid():N} of a test", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authority.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        Authority = authority.CreateSelfSigned(from, to);
        using var serverKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var server = new CertificateRequest("CN=localhost", serverKey, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        if (address is not null && !IPAddress.IsLoopback(address))
            names.AddIpAddress(address);
        server.CertificateExtensions.Add(names.Build());
        using var bare = server.Create(Authority, from, to, [1]);
        Server = bare.CopyWithPrivateKey(serverKey);
        ServerKeyPem = serverKey.ExportPkcs8PrivateKeyPem() + "\n";
    }

    /// <summary>The authority.</summary>
    public X509Certificate2 Authority { get; }

    /// <summary>The server's, for localhost, 127.0.0.1 and the other address, with its key.</summary>
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
