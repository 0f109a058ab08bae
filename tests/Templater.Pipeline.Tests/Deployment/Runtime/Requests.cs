using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Templater.Pipeline.Tests.Deployment.Runtime;

/// <summary>
/// Sends requests at a rate, whatever becomes of them, until disposed of. A machine that is too busy to send so many sends fewer: what
/// waits here, in thousands, would keep the same process from hearing what the proxy answers to Templater.
/// </summary>
internal sealed class Requests : IAsyncDisposable
{
    private const int MaxInFlight = 64;
    private const int MaxKeptConnections = 16;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private readonly HttpClient _kept;
    private readonly HttpClient _fresh;
    private readonly int _freshEvery;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _sent = [];
    private readonly ConcurrentBag<string> _failures = [];
    private readonly Task _sending;
    private int _inFlight;
    private readonly ConcurrentDictionary<string, bool> _fingerprints = new();
    private readonly Uri _uri;
    private readonly string _host;
    private int _handshakes;

    /// <param name="port">Port on this machine.</param>
    /// <param name="host">The host that is asked for.</param>
    /// <param name="perSecond">How many requests a second.</param>
    /// <param name="isSecure">True for https.</param>
    /// <param name="freshEvery">Each so many-th has a connection of its own, with a full handshake where it is secure; the others share connections that are kept. 0 for none.</param>
    public Requests(int port, string host, int perSecond, bool isSecure = false, int freshEvery = 0)
    {
        _freshEvery = freshEvery;
        _uri = new Uri($"{(isSecure ? "https" : "http")}://127.0.0.1:{port}/");
        _host = host;
        _kept = Client(Timeout.InfiniteTimeSpan);
        _fresh = Client(TimeSpan.Zero);
        _sending = SendAllAsync(perSecond);
    }

    /// <summary>The certificates that were shown.</summary>
    public IEnumerable<string> Fingerprints => _fingerprints.Keys;

    public int Count => _sent.Count;

    /// <summary>How many full handshakes were made.</summary>
    public int Handshakes => _handshakes;

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
        _kept.Dispose();
        _fresh.Dispose();
        _stop.Dispose();
    }

    private HttpClient Client(TimeSpan lifetime) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        PooledConnectionLifetime = lifetime,
        MaxConnectionsPerServer = lifetime == TimeSpan.Zero ? int.MaxValue : MaxKeptConnections,
        SslOptions = new SslClientAuthenticationOptions { AllowTlsResume = false, TargetHost = _host, RemoteCertificateValidationCallback = (_, certificate, _, _) => Note(certificate) },
    })
    { Timeout = TimeSpan.FromSeconds(20) };

    private bool Note(X509Certificate? certificate)
    {
        Interlocked.Increment(ref _handshakes);
        _fingerprints[certificate?.GetCertHashString() ?? ""] = true;
        return true;
    }

    private async Task SendAllAsync(int perSecond)
    {
        var clock = Stopwatch.StartNew();
        for (var due = 0; !_stop.IsCancellationRequested; await Task.Delay(Tick))
            for (; due < clock.Elapsed.TotalSeconds * perSecond; due++)
                if (Volatile.Read(ref _inFlight) < MaxInFlight)
                    _sent.Add(SendAsync(_freshEvery > 0 && due % _freshEvery == 0 ? _fresh : _kept));
    }

    private async Task SendAsync(HttpClient client)
    {
        Interlocked.Increment(ref _inFlight);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, _uri) { Headers = { Host = _host } };
            using var answer = await client.SendAsync(request);
            if (answer.StatusCode != HttpStatusCode.OK)
                _failures.Add(answer.StatusCode.ToString());
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            _failures.Add($"{error.Message} {error.InnerException?.Message}");
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }
}
