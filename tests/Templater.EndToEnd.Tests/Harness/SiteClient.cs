using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Templater.EndToEnd.Tests.Harness;

/// <summary>One answer of a site; <see cref="Status"/> 0 when there was none.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">The body without surrounding white space; the error's text when there was no answer.</param>
internal sealed record Answer(int Status, string Body);

/// <summary>Asks a proxy at a fixed address for any host; a connection for each request, no retries, no redirects.</summary>
internal sealed class SiteClient : IDisposable
{
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);

    private readonly HttpClient _http;

    /// <param name="address">IP address of the proxy.</param>
    /// <param name="port">Port used for every host, or null for the URL's own.</param>
    /// <param name="trusted">The only certificate that https may show, for the names in it.</param>
    public SiteClient(string address, int? port = null, X509Certificate2? trusted = null)
    {
        Address = address;
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(IPAddress.Parse(address), port ?? context.DnsEndPoint.Port, cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = TrustOnly(trusted) },
        })
        {
            Timeout = RequestLimit,
        };
    }

    public string Address { get; }

    /// <summary>Asks once.</summary>
    /// <param name="host">Name asked for, in Host and SNI.</param>
    /// <param name="path">Path and query.</param>
    /// <param name="scheme"><c>http</c> or <c>https</c>.</param>
    public async Task<Answer> GetAsync(string host, string path = "/", string scheme = "http")
    {
        try
        {
            using var response = await _http.GetAsync(new Uri($"{scheme}://{host}{path}"));
            return new Answer((int)response.StatusCode, (await response.Content.ReadAsStringAsync()).Trim());
        }
        catch (HttpRequestException e)
        {
            return new Answer(0, e.GetBaseException().Message);
        }
        catch (TaskCanceledException)
        {
            return new Answer(0, "no answer in time");
        }
    }

    /// <summary>Asks once for a header of the answer; several values as they came, joined by commas; empty when there is none.</summary>
    public async Task<string> HeaderAsync(string host, string name)
    {
        using var response = await _http.GetAsync(new Uri($"http://{host}/"));
        return response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : "";
    }

    /// <summary>Asks until the answer is as wanted.</summary>
    /// <returns>That answer.</returns>
    /// <exception cref="AssertionException">It never was; the message carries the last one.</exception>
    public async Task<Answer> WaitForAsync(string host, Func<Answer, bool> wanted, TimeSpan? limit = null, string path = "/", string scheme = "http")
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var answer = await GetAsync(host, path, scheme);
            if (wanted(answer))
                return answer;
            if (TimeProvider.System.GetElapsedTime(start) > (limit ?? RequestLimit))
                throw new AssertionException($"{scheme}://{host}{path} is not as wanted; the last answer: {answer}");
            await Task.Delay(Poll);
        }
    }

    /// <summary>Asks until this backend answers.</summary>
    public Task<Answer> WaitForBodyAsync(string host, string body, TimeSpan? limit = null) =>
        WaitForAsync(host, answer => answer.Status == 200 && answer.Body == body, limit);

    /// <summary>Asks until the status is this.</summary>
    public Task<Answer> WaitForStatusAsync(string host, int status, TimeSpan? limit = null, string scheme = "http") =>
        WaitForAsync(host, answer => answer.Status == status, limit, scheme: scheme);

    /// <summary>Asks <paramref name="count"/> times and counts the answers by their body.</summary>
    public async Task<IReadOnlyDictionary<string, int>> CountAsync(string host, int count, string scheme = "http")
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var answer = await GetAsync(host, "/", scheme);
            var key = answer.Status == 200 ? answer.Body : answer.ToString();
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }

        return counts;
    }

    public void Dispose() => _http.Dispose();

    private static X509ChainPolicy TrustOnly(X509Certificate2? certificate)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        if (certificate is not null)
            policy.CustomTrustStore.Add(certificate);
        return policy;
    }
}
