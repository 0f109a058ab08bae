using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Templater.Pipeline.Tests.Deployment.Runtime;

/// <summary>
/// Sends requests at a rate, whatever becomes of them, until disposed of. What a machine that stalls for a moment could not send is sent
/// after it; what is late by more than a second is left out, because thousands that wait here would keep the same process from hearing what
/// the proxy answers to Templater.
/// </summary>
internal sealed class Requests : IAsyncDisposable
{
    private const int MaxInFlight = 64;
    private const int MaxKeptConnections = 16;

    // The part of the requests, and of the handshakes, that must have been.
    private const double Enough = 0.9;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(1);

    // A machine that stalls does so for less.
    private static readonly TimeSpan MaxAnswerTime = TimeSpan.FromSeconds(2);

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
    private int _due;

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
        _kept = Client(isFresh: false);
        _fresh = Client(isFresh: true);
        _sending = SendAllAsync(perSecond);
    }

    /// <summary>The certificates that were shown.</summary>
    public IEnumerable<string> Fingerprints => _fingerprints.Keys;

    /// <summary>Sends what is still due, no more, and waits for all answers.</summary>
    /// <returns>
    /// What failed or took too long; and that there were too few requests, or full handshakes with them: less than nine tenths of what the
    /// rate asks for.
    /// </returns>
    public async Task<IReadOnlyCollection<string>> FinishAsync()
    {
        await _stop.CancelAsync();
        await _sending;
        await Task.WhenAll(_sent);
        var isSecure = _uri.Scheme == Uri.UriSchemeHttps;
        return [.. _failures, .. TooFew("requests were sent", _sent.Count, _due), .. TooFew("full handshakes were made", _handshakes, isSecure && _freshEvery > 0 ? _due / _freshEvery : 0)];
    }

    private static IEnumerable<string> TooFew(string what, int count, int due) => count < Enough * due ? [$"only {count} of {due} {what}"] : [];

    public async ValueTask DisposeAsync()
    {
        await FinishAsync();
        _kept.Dispose();
        _fresh.Dispose();
        _stop.Dispose();
    }

    private HttpClient Client(bool isFresh) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        PooledConnectionLifetime = isFresh ? TimeSpan.Zero : Timeout.InfiniteTimeSpan,
        MaxConnectionsPerServer = isFresh ? int.MaxValue : MaxKeptConnections,
        SslOptions = new SslClientAuthenticationOptions { AllowTlsResume = false, TargetHost = _host, RemoteCertificateValidationCallback = (_, certificate, _, _) => Note(certificate, isFresh) },
    })
    { Timeout = TimeSpan.FromSeconds(20) };

    private bool Note(X509Certificate? certificate, bool isFresh)
    {
        if (isFresh)
            Interlocked.Increment(ref _handshakes);
        _fingerprints[certificate?.GetCertHashString() ?? ""] = true;
        return true;
    }

    private async Task SendAllAsync(int perSecond)
    {
        var clock = Stopwatch.StartNew();
        for (var next = 0; clock.IsRunning || next < _due; await Task.Delay(Tick))
        {
            if (_stop.IsCancellationRequested)
                clock.Stop();
            _due = (int)(clock.Elapsed.TotalSeconds * perSecond);
            next = Math.Max(next, _due - (int)(MaxDelay.TotalSeconds * perSecond));
            for (; next < _due && Volatile.Read(ref _inFlight) < MaxInFlight; next++)
                _sent.Add(SendAsync(_freshEvery > 0 && next % _freshEvery == 0 ? _fresh : _kept));
        }
    }

    private async Task SendAsync(HttpClient client)
    {
        Interlocked.Increment(ref _inFlight);
        var start = Stopwatch.GetTimestamp();
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, _uri) { Headers = { Host = _host } };
            using var answer = await client.SendAsync(request);
            if (answer.StatusCode != HttpStatusCode.OK)
                _failures.Add(answer.StatusCode.ToString());
            if (Stopwatch.GetElapsedTime(start) is var time && time > MaxAnswerTime)
                _failures.Add($"answered after {time.TotalSeconds:0.0} s");
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
