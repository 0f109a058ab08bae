using System.Net;
using System.Net.Sockets;
using System.Text;
using Templater.Pipeline.Deployment;

namespace Templater.Pipeline.Certificates.Preflight;

/// <summary>
/// Asks for the answer to http-01 (RFC 8555 section 8.3) as an authority will: by plain HTTP on port 80 of an address of the name.
/// Thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class SelfCheck(TimeProvider time) : IDisposable
{
    /// <summary>The path of RFC 8555 section 8.3, without the token.</summary>
    public const string Path = "/.well-known/acme-challenge/";

    /// <summary>Most bytes of an answer that are read; a right one has fewer.</summary>
    public const int MaxBytes = 1024;

    /// <summary>Most redirects that are followed, all within the name: where else they lead is nobody's business here.</summary>
    public const int MaxRedirects = 3;

    /// <summary>How long one address may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly HttpRequestOptionsKey<IPAddress> Address = new("address");

    private readonly HttpClient _http = new(Handler()) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>The port that authorities ask on; another one in tests.</summary>
    internal int Port { get; init; } = 80;

    /// <summary>Why an authority will not find the answer at an address. Null when it will.</summary>
    /// <param name="host">The name or address that is to be proven.</param>
    /// <param name="address">An address of it.</param>
    /// <param name="token">The token.</param>
    /// <param name="expected">The answer.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NoRouteException">This machine has no way to such addresses, so that nothing is known of it.</exception>
    public async Task<SelfCheckProblem?> ProblemAsync(string host, IPAddress address, string token, string expected, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        using var timeout = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await AskedAsync(UrlOf(host, token), address, expected, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new($"did not answer within {Patience.TotalSeconds:0} s");
        }
        catch (HttpRequestException exception) when (IsNoRoute(exception))
        {
            throw new NoRouteException(exception);
        }
        catch (HttpRequestException exception)
        {
            return new(exception.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused } ? "is not there: the connection was refused" : $"failed: {ShownText.OneLine(exception.Message)}");
        }
        catch (IOException exception)
        {
            return new($"broke off: {ShownText.OneLine(exception.Message)}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private Uri UrlOf(string host, string token) => new UriBuilder(Uri.UriSchemeHttp, host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host, Port, Path + token).Uri;

    private async Task<SelfCheckProblem?> AskedAsync(Uri url, IPAddress address, string expected, CancellationToken cancellationToken)
    {
        var asked = url;
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, asked);
            request.Options.Set(Address, address);
            request.Headers.UserAgent.ParseAdd("templater");
            using var reply = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var status = (int)reply.StatusCode;
            if (status is >= 300 and < 400 && reply.Headers.Location is { } location)
            {
                if (!Uri.TryCreate(asked, location, out var next))
                    return new($"answered {status} and leads to nothing that is a URL") { IsRedirect = true };
                if (!string.Equals(next.Host, url.Host, StringComparison.OrdinalIgnoreCase) || next.Scheme is not ("http" or "https"))
                    return new($"answered {status} and leads to another server ({ShownText.OneLine(next.GetLeftPart(UriPartial.Authority))})") { IsRedirect = true };
                if (next.Port != Port && !next.IsDefaultPort)
                    return new($"answered {status} and leads to port {next.Port}, where no CA follows") { IsRedirect = true };
                if (redirects == MaxRedirects)
                    return new($"leads from one address to the next more than {MaxRedirects} times") { IsRedirect = true };
                asked = next;
                continue;
            }

            if (status != 200)
                return new($"answered {status} from another server");
            return await TextAsync(reply, cancellationToken) == expected ? null : new("answered something else, so another server is there");
        }
    }

    // RFC 8555 section 8.3: "The server SHOULD ignore whitespace characters at the end of the body".
    private static async Task<string> TextAsync(HttpResponseMessage reply, CancellationToken cancellationToken)
    {
        await using var body = await reply.Content.ReadAsStreamAsync(cancellationToken);
        var bytes = new byte[MaxBytes];
        var length = await body.ReadAtLeastAsync(bytes, MaxBytes, throwOnEndOfStream: false, cancellationToken);
        return Encoding.Latin1.GetString(bytes, 0, length).TrimEnd();
    }

    private static bool IsNoRoute(HttpRequestException exception) =>
        exception.InnerException is SocketException { SocketErrorCode: SocketError.NetworkUnreachable or SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable };

    private static SocketsHttpHandler Handler() => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.Zero,
        MaxResponseHeadersLength = 16,
        ConnectCallback = ConnectAsync,
#pragma warning disable CA5359 // Authorities do not look at the certificate that a redirect leads to; nothing that is read there is believed but the answer.
        SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
#pragma warning restore CA5359
    };

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        context.InitialRequestMessage.Options.TryGetValue(Address, out var address);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address!, context.DnsEndPoint.Port), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>Why an authority will not find the answer at an address.</summary>
/// <param name="Reason">The second half of a sentence that begins with the URL.</param>
public sealed record SelfCheckProblem(string Reason)
{
    /// <summary>True when the server that is meant answered, and leads elsewhere.</summary>
    public bool IsRedirect { get; init; }
}

/// <summary>This machine has no way to an address, as to IPv6 where it has none.</summary>
/// <param name="innerException">The cause.</param>
public sealed class NoRouteException(Exception innerException) : Exception("no way to the address from here", innerException);
