using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Templater.Pipeline.Tests.Deployment.Runtime;

/// <summary>Sends requests at a rate, whatever becomes of them, until disposed of.</summary>
internal sealed class Requests : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private readonly HttpClient _client;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _sent = [];
    private readonly ConcurrentBag<string> _failures = [];
    private readonly Task _sending;
    private readonly ConcurrentDictionary<string, bool> _fingerprints = new();
    private readonly Uri _uri;
    private readonly string _host;

    public Requests(int port, string host, int perSecond, bool isSecure = false)
    {
        _uri = new Uri($"{(isSecure ? "https" : "http")}://127.0.0.1:{port}/");
        _host = host;
        _client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            PooledConnectionLifetime = isSecure ? TimeSpan.Zero : Timeout.InfiniteTimeSpan,
            SslOptions = new SslClientAuthenticationOptions { AllowTlsResume = false, TargetHost = host, RemoteCertificateValidationCallback = (_, certificate, _, _) => Note(certificate) },
        })
        { Timeout = TimeSpan.FromSeconds(20) };
        _sending = SendAllAsync(perSecond);
    }

    /// <summary>The certificates that were shown.</summary>
    public IEnumerable<string> Fingerprints => _fingerprints.Keys;

    public int Count => _sent.Count;

    /// <summary>Sends no more and waits for all answers.</summary>
    /// <returns>What failed.</returns>
    public async Task<IReadOnlyCollection<string>> FinishAsync()
    {
        await _stop.CancelAsync();
        await _sending;
        await Task.WhenAll(_sent);
        return _failures;
    }

    public async ValueTask DisposeAsync()
    {
        await FinishAsync();
        _client.Dispose();
        _stop.Dispose();
    }

    private bool Note(X509Certificate? certificate)
    {
        _fingerprints[certificate?.GetCertHashString() ?? ""] = true;
        return true;
    }

    private async Task SendAllAsync(int perSecond)
    {
        var clock = Stopwatch.StartNew();
        for (var sent = 0; !_stop.IsCancellationRequested; await Task.Delay(Tick))
            for (; sent < clock.Elapsed.TotalSeconds * perSecond; sent++)
                _sent.Add(SendAsync());
    }

    private async Task SendAsync()
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, _uri) { Headers = { Host = _host } };
            using var answer = await _client.SendAsync(request);
            if (answer.StatusCode != HttpStatusCode.OK)
                _failures.Add(answer.StatusCode.ToString());
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            _failures.Add(error.Message);
        }
    }
}
