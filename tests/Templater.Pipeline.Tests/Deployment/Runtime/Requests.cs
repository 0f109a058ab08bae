using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace Templater.Pipeline.Tests.Deployment.Runtime;

/// <summary>Sends requests at a rate, whatever becomes of them, until disposed of.</summary>
internal sealed class Requests : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(20) };
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _sent = [];
    private readonly ConcurrentBag<string> _failures = [];
    private readonly Task _sending;
    private readonly int _port;
    private readonly string _host;

    public Requests(int port, string host, int perSecond)
    {
        _port = port;
        _host = host;
        _sending = SendAllAsync(perSecond);
    }

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
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{_port}/") { Headers = { Host = _host } };
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
