using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Templater.Docker;

/// <summary>Opens connections to the engine and says in one line why that failed.</summary>
internal sealed class EngineConnector : IDisposable
{
    // A vanished peer is noticed after 15 s + 3 x 5 s, even when nothing is sent (an event stream).
    private const int KeepAliveSeconds = 15;
    private const int KeepAliveIntervalSeconds = 5;
    private const int KeepAliveProbes = 3;

    private readonly EngineOptions _options;
    private readonly X509Certificate2Collection? _authorities;
    private readonly X509Certificate2? _ownCertificate;

    public EngineConnector(EngineOptions options)
    {
        _options = options;
        IsTls = options.Tls is not null || options.Address.IsHttps;
        if (!IsTls)
            return;
        if (options.Address.SocketPath is not null)
            throw new DockerException(DockerErrorReason.InvalidSettings, $"TLS files were given for {options.Address}: a unix socket has no TLS");
        _authorities = options.Tls?.LoadAuthorities();
        _ownCertificate = options.Tls?.LoadOwnCertificate();
    }

    public bool IsTls { get; }

    /// <summary>Base of all request addresses; the host part is only a label on a unix socket.</summary>
    public Uri BaseAddress => _options.Address is { Host: { } host } address
        ? new UriBuilder(IsTls ? "https" : "http", host, address.PortOr(IsTls)).Uri
        : new Uri("http://docker/");

    public SocketsHttpHandler CreateHandler(int maxConnections) => new()
    {
        ConnectCallback = async (_, cancellationToken) => await ConnectAsync(cancellationToken),
        MaxConnectionsPerServer = maxConnections,
        // The engine is never behind the proxy of HTTP_PROXY, and nothing it says may send us elsewhere.
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        SslOptions = SslOptions(),
    };

    public void Dispose()
    {
        _ownCertificate?.Dispose();
        foreach (var authority in _authorities ?? [])
            authority.Dispose();
    }

    /// <summary>Opens one connection, without TLS.</summary>
    internal async Task<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.ConnectTimeout, _options.TimeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var socket = CreateSocket();
        try
        {
            if (_options.Address.SocketPath is { } path)
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), linked.Token);
            else
                await socket.ConnectAsync(_options.Address.Host!, _options.Address.PortOr(IsTls), linked.Token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw Explain(e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            throw new DockerException(DockerErrorReason.TimedOut, $"{Unreachable} no connection within {Seconds(_options.ConnectTimeout)}", e);
        }
        catch (OperationCanceledException)
        {
            socket.Dispose();
            throw;
        }
    }

    private string Unreachable => $"cannot reach the Docker engine at {_options.Address}:";

    private Socket CreateSocket()
    {
        if (_options.Address.SocketPath is not null)
            return new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveIntervalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveProbes);
        return socket;
    }

    private SslClientAuthenticationOptions SslOptions()
    {
        var options = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck },
        };
        if (_authorities is not null)
        {
            options.CertificateChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            options.CertificateChainPolicy.CustomTrustStore.AddRange(_authorities);
        }

        if (_ownCertificate is not null)
            options.ClientCertificates = [_ownCertificate];
        return options;
    }

    private DockerException Explain(SocketException e)
    {
        if (_options.Address.SocketPath is not { } path)
            return new DockerException(DockerErrorReason.Unreachable, $"{Unreachable} {OneLine.From(e.Message)}", e);
        if (e.SocketErrorCode == SocketError.AccessDenied)
            return new DockerException(DockerErrorReason.PermissionDenied, SocketDenied.Explain(path, _options.FindSocketOwner?.Invoke(path)), e);
        var why = !File.Exists(path) ? "there is no such socket; is it mounted?"
            : e.SocketErrorCode == SocketError.ConnectionRefused ? "nobody listens on it; is the engine running?"
            : OneLine.From(e.Message);
        return new DockerException(DockerErrorReason.Unreachable, $"{Unreachable} {why}", e);
    }

    internal static string Seconds(TimeSpan span) => span.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture) + " s";
}
