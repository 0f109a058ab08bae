using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Templater.Acme.Protocol;
using Templater.Pipeline.Deployment;

namespace Templater.Pipeline.Certificates.Preflight;

/// <summary>
/// Asks for the answer to tls-alpn-01 (RFC 8737 section 3) as an authority will: by TLS on port 443 of an address of the name, with the
/// protocol <c>acme-tls/1</c>. Thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class TlsSelfCheck(TimeProvider time)
{
    /// <summary>How long one address may take.</summary>
    public static readonly TimeSpan Patience = SelfCheck.Patience;

    private static readonly SslApplicationProtocol Protocol = new(TlsAlpnCertificate.Protocol);

    /// <summary>The port that authorities ask on; another one in tests.</summary>
    internal int Port { get; init; } = 443;

    /// <summary>Why an authority will not find the answer at an address: the second half of a sentence. Null when it will.</summary>
    /// <param name="identifier">The name or address that is to be proven.</param>
    /// <param name="address">An address of it.</param>
    /// <param name="keyAuthorization">What the answer is made of.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NoRouteException">This machine has no way to such addresses, so that nothing is known of it.</exception>
    public async Task<string?> ProblemAsync(Identifier identifier, IPAddress address, string keyAuthorization, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(identifier);
        using var timeout = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(new IPEndPoint(address, Port), either.Token);
            await using var tls = new SslStream(new NetworkStream(socket));
            await tls.AuthenticateAsClientAsync(Options(identifier), either.Token);
            return tls.NegotiatedApplicationProtocol != Protocol ? $"another server is there: it does not know {TlsAlpnCertificate.Protocol}"
                : IsAnswer(tls.RemoteCertificate, keyAuthorization) ? null
                : "another certificate is shown, so another server is there";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"nobody answers within {Patience.TotalSeconds:0} s";
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.NetworkUnreachable or SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable)
        {
            throw new NoRouteException(exception);
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode == SocketError.ConnectionRefused ? "the connection is refused" : $"the connection fails: {ShownText.OneLine(exception.Message)}";
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            return $"there is no handshake with the protocol {TlsAlpnCertificate.Protocol}: {ShownText.OneLine(exception.InnerException?.Message ?? exception.Message)}";
        }
    }

    private static SslClientAuthenticationOptions Options(Identifier identifier) => new()
    {
        TargetHost = TlsAlpnCertificate.ServerName(identifier),
        ApplicationProtocols = [Protocol],
#pragma warning disable CA5359 // The certificate of a challenge is signed by nobody; what is in it is compared.
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
    };

    private static bool IsAnswer(X509Certificate? shown, string keyAuthorization) => shown is X509Certificate2 certificate
        && certificate.Extensions[TlsAlpnCertificate.ExtensionOid] is { Critical: true } extension
        && extension.RawData.AsSpan().SequenceEqual(TlsAlpnCertificate.ExtensionValue(keyAuthorization));
}
