using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Templater.Acme.Protocol;

/// <summary>How a CA is spoken to.</summary>
public sealed record AcmeHttpOptions
{
    /// <summary>RFC 8555 section 6.1: "ACME clients MUST send a User-Agent header field", with name and version of the program.</summary>
    public required string UserAgent { get; init; }

    /// <summary>Authorities to trust for the CA's own TLS in the place of this machine's; null for this machine's.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>Bounds.</summary>
    public AcmeLimits Limits { get; init; } = new();
}

/// <summary>
/// RFC 8555 section 6.1: requests by HTTPS alone, each with a User-Agent, a bounded answer and a bounded time. Follows no
/// redirect: the body of a signed request names its URL. Thread-safe.
/// </summary>
public sealed class AcmeHttp : IDisposable
{
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    private readonly HttpClient _client;
    private readonly TimeProvider _clock;

    /// <summary>Prepares connections; none is made before the first request.</summary>
    /// <param name="options">How the CA is spoken to.</param>
    /// <param name="clock">Measures time-outs and reads dates.</param>
    public AcmeHttp(AcmeHttpOptions options, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(options);
        _clock = clock;
        Limits = options.Limits;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            PooledConnectionLifetime = ConnectionLifetime,
            ConnectTimeout = Limits.RequestTimeout,
        };
        if (options.Authorities is { } authorities)
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = PolicyOf(authorities) };
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        if (!_client.DefaultRequestHeaders.UserAgent.TryParseAdd(options.UserAgent))
            throw new ArgumentException($"'{options.UserAgent}' is no User-Agent", nameof(options));
        _client.DefaultRequestHeaders.AcceptLanguage.ParseAdd("en");
    }

    internal AcmeLimits Limits { get; }

    /// <summary>Sends one request and reads the whole reply, whatever its status.</summary>
    /// <exception cref="AcmeException">No reply that could be read.</exception>
    internal async Task<AcmeResponse> SendAsync(HttpMethod method, Uri url, byte[]? message, string operation, CancellationToken cancellationToken)
    {
        MustBeHttps(url, operation);
        using var request = new HttpRequestMessage(method, url);
        if (message is not null)
        {
            // A string content would append a charset and a JSON content would come in chunks: CAs refuse both.
            request.Content = new ByteArrayContent(message);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(Jws.MediaType);
        }

        using var timeout = new CancellationTokenSource(Limits.RequestTimeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using var reply = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var body = await ReadAsync(reply.Content, url, operation, either.Token);
            return AcmeResponse.Of(url, reply, body, _clock.GetUtcNow());
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AcmeException(AcmeFailure.Unreachable, $"cannot {operation}: {url.Authority} did not answer within {Limits.RequestTimeout.TotalSeconds:0.#} s", exception);
        }
        catch (HttpRequestException exception)
        {
            throw Unreachable(exception, url, operation);
        }
        catch (IOException exception)
        {
            throw new AcmeException(AcmeFailure.Unreachable, $"cannot {operation}: the connection to {url.Authority} broke off: {Problem.Line(exception.Message)}", exception);
        }
    }

    /// <summary>Refuses what is no URL of HTTPS; to be asked before one that a CA named is signed.</summary>
    /// <exception cref="AcmeException">It is none.</exception>
    internal static void MustBeHttps(Uri url, string operation)
    {
        if (!url.IsAbsoluteUri || url.Scheme != Uri.UriSchemeHttps)
            throw new AcmeException(AcmeFailure.BadAnswer, $"cannot {operation}: '{Problem.Line(url.ToString())}' is no https URL, and a CA is spoken to by nothing else");
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static X509ChainPolicy PolicyOf(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private static async Task<byte[]> ReadAsync(HttpContent content, Uri url, string operation, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (body.Length + count > AcmeLimits.MaxBodyBytes)
                throw new AcmeException(AcmeFailure.BadAnswer, $"cannot {operation}: {url.Authority} answered with more than {AcmeLimits.MaxBodyBytes} bytes");
            body.Write(buffer, 0, count);
        }

        return body.ToArray();
    }

    private static AcmeException Unreachable(HttpRequestException exception, Uri url, string operation)
    {
        var cause = exception.InnerException is AuthenticationException tls
            ? $"its TLS certificate is not trusted or TLS failed: {Problem.Line(tls.Message)}"
            : Problem.Line(exception.Message);
        return new(AcmeFailure.Unreachable, $"cannot {operation}: {url.Authority} cannot be reached: {cause}", exception)
        {
            MayBeProcessed = exception.HttpRequestError is not (HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError),
        };
    }
}
