using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Templater.Pipeline.Tests.Deployment.Runtime;

/// <summary>An application that handles TERM: it accepts nobody any more, answers what it was asked, and only then ends.</summary>
internal sealed class Replica : IAsyncDisposable
{
    private static readonly byte[] Answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray();

    private readonly CancellationTokenSource _term = new();
    private readonly ConcurrentDictionary<Socket, Task> _open = new();
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Task _accepting;

    public Replica(IPEndPoint address)
    {
        _listener.Bind(address);
        _listener.Listen(512);
        _accepting = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _term.CancelAsync();
        await _accepting;
        await Task.WhenAll(_open.Values);
        _term.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var connection = await _listener.AcceptAsync(_term.Token);
                _open[connection] = Task.Run(() => ServeAsync(connection));
            }
        }
        catch (OperationCanceledException)
        {
            _listener.Dispose();
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        var buffer = new byte[8192];
        try
        {
            while (await connection.ReceiveAsync(buffer, SocketFlags.None, _term.Token) > 0)
                await connection.SendAsync(Answer, SocketFlags.None, CancellationToken.None);
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException)
        {
            // It was told to end, or the proxy went away.
        }

        connection.Dispose();
        _open.TryRemove(connection, out _);
    }
}
