using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Templater.Acme.Protocol;

namespace Templater.Pipeline.Tests.Certificates.Challenges;

/// <summary>Asks as a certification authority does for tls-alpn-01.</summary>
internal static class TlsChallengeClient
{
    /// <summary>The certificate that is shown, after which the connection must be closed; null where the handshake fails.</summary>
    public static async Task<X509Certificate2?> ShownAsync(IPEndPoint server, string serverName, string protocol = TlsAlpnCertificate.Protocol, CancellationToken cancellationToken = default)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server, cancellationToken);
        await using var tls = new SslStream(client.GetStream());
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = serverName,
                    ApplicationProtocols = [new SslApplicationProtocol(protocol)],
#pragma warning disable CA5359 // The certificate of a challenge is signed by nobody.
                    RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
                },
                cancellationToken);
            Assert.That(tls.NegotiatedApplicationProtocol.ToString(), Is.EqualTo(protocol));
            Assert.That(await tls.ReadAsync(new byte[1], cancellationToken), Is.Zero, "closed at once");
            return new X509Certificate2(tls.RemoteCertificate!);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            return null;
        }
    }
}
