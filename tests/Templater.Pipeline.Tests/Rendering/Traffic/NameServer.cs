using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>A name server as the engine has one for its containers: knows IPv4 addresses of a few names, and says of all others that they do not exist.</summary>
internal sealed class NameServer : IAsyncDisposable
{
    private const int HeaderBytes = 12;

    private readonly ConcurrentDictionary<string, IPAddress> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly CancellationTokenSource _stop = new();
    private readonly UdpClient _socket;
    private readonly Task _answering;

    public NameServer(IPEndPoint address)
    {
        _socket = new UdpClient(address);
        _answering = AnswerAsync();
    }

    public IPEndPoint Address => (IPEndPoint)_socket.Client.LocalEndPoint!;

    /// <summary>Gives a name an address from now on.</summary>
    public void Set(string name, IPAddress address) => _names[name] = address;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _answering;
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                var query = await _socket.ReceiveAsync(_stop.Token);
                await _socket.SendAsync(Answer(query.Buffer), query.RemoteEndPoint, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private byte[] Answer(byte[] query)
    {
        var labels = new List<string>();
        var at = HeaderBytes;
        for (; query[at] > 0; at += 1 + query[at])
            labels.Add(Encoding.ASCII.GetString(query, at + 1, query[at]));
        var isForIPv4 = query[at + 2] == 1;
        var end = at + 5;
        var isKnown = _names.TryGetValue(string.Join('.', labels), out var address);
        byte[] record = isKnown && isForIPv4 ? [0xc0, HeaderBytes, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, .. address!.GetAddressBytes()] : [];
        // Its id, "an answer, recursion available", one question, and no additional records, whatever was sent along.
        return [query[0], query[1], 0x81, (byte)(isKnown ? 0x80 : 0x83), 0, 1, 0, (byte)(record.Length > 0 ? 1 : 0), 0, 0, 0, 0, .. query[HeaderBytes..end], .. record];
    }
}
