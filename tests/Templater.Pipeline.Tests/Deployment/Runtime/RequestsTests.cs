using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Templater.Pipeline.Tests.Deployment.Runtime;

/// <summary>Whether the load of the tests tells a proxy that stalls from a machine that was busy for a moment.</summary>
public sealed class RequestsTests
{
    private const int PerSecond = 200;

    [Test, CancelAfter(30_000)]
    public async Task WhatAShortStallHeldUpIsSentAfterIt(CancellationToken cancellationToken)
    {
        await using var server = new StallingServer(TimeSpan.FromMilliseconds(600));
        await using var requests = new Requests(server.Port, "a.example", PerSecond, freshEvery: 4);
        await Task.Delay(900, cancellationToken);

        Assert.That(await requests.FinishAsync(), Is.Empty);
        Assert.That(server.Answered, Is.GreaterThan(0.9 * PerSecond * 0.9));
    }

    [Test, CancelAfter(30_000)]
    public async Task AProxyThatStallsForSecondsIsFound(CancellationToken cancellationToken)
    {
        await using var server = new StallingServer(TimeSpan.FromSeconds(2.4));
        await using var requests = new Requests(server.Port, "a.example", PerSecond);
        await Task.Delay(2400, cancellationToken);

        Assert.That(await requests.FinishAsync(), Has.Some.StartsWith("answered after ").And.Some.StartsWith("only "));
    }

    /// <summary>Answers nothing for a time after the first connection, and then everything.</summary>
    private sealed class StallingServer : IAsyncDisposable
    {
        private static readonly byte[] Answer = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly TimeSpan _stall;
        private readonly Task _accepting;
        private int _answered;

        public StallingServer(TimeSpan stall)
        {
            _listener.Start();
            _stall = stall;
            _accepting = AcceptAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public int Answered => _answered;

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Stop();
            await _accepting;
            _stop.Dispose();
        }

        private async Task AcceptAsync()
        {
            var connections = new List<Task>();
            Task? stalling = null;
            try
            {
                while (true)
                {
                    var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                    connections.Add(ServeAsync(client, stalling ??= Task.Delay(_stall, _stop.Token)));
                }
            }
            catch (OperationCanceledException)
            {
                await Task.WhenAll(connections);
            }
        }

        private async Task ServeAsync(TcpClient client, Task stalling)
        {
            using var connection = client;
            using var reader = new StreamReader(connection.GetStream(), Encoding.ASCII);
            try
            {
                while (await reader.ReadLineAsync(_stop.Token) is { } line)
                {
                    if (line.Length > 0)
                        continue;
                    await stalling;
                    await connection.GetStream().WriteAsync(Answer, _stop.Token);
                    Interlocked.Increment(ref _answered);
                }
            }
            catch (Exception error) when (error is OperationCanceledException or IOException)
            {
                // The test is over.
            }
        }
    }
}
