using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>A FastCGI application: the body of its answer is the parameters that it was given, one a line.</summary>
internal sealed class FastCgiBackend : IAsyncDisposable
{
    private const int HeaderBytes = 8;
    private const int MaxParameterBytes = 1 << 20;
    private const byte EndRequest = 3;
    private const byte Parameters = 4;
    private const byte StandardInput = 5;
    private const byte StandardOutput = 6;

    private readonly CancellationTokenSource _stop = new();
    private readonly TcpListener _listener;
    private readonly Task _serving;
    private int _requests;

    public FastCgiBackend(IPEndPoint address)
    {
        _listener = new TcpListener(address);
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Requests so far.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true)
                open.Add(ConverseAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }

        await Task.WhenAll(open);
    }

    private async Task ConverseAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                while (await ReadParametersAsync(stream) is { } parameters)
                {
                    Interlocked.Increment(ref _requests);
                    await AnswerAsync(stream, $"Status: 200 OK\r\nContent-Type: text/plain\r\n\r\n{Text(parameters)}");
                }
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or SocketException)
            {
                // The proxy went away, or the test is over.
            }
        }
    }

    /// <summary>Reads records to the end of a request.</summary>
    /// <returns>Its parameters; null at the end of the connection.</returns>
    private async Task<byte[]?> ReadParametersAsync(NetworkStream stream)
    {
        var parameters = new MemoryStream();
        var header = new byte[HeaderBytes];
        while (parameters.Length < MaxParameterBytes && await stream.ReadAtLeastAsync(header, HeaderBytes, throwOnEndOfStream: false, _stop.Token) == HeaderBytes)
        {
            var (type, length, padding) = (header[1], BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(4)), header[6]);
            var content = new byte[length + padding];
            await stream.ReadExactlyAsync(content, _stop.Token);
            if (type == Parameters)
                parameters.Write(content, 0, length);
            else if (type == StandardInput && length == 0)
                return parameters.ToArray();
        }

        return null;
    }

    private async Task AnswerAsync(NetworkStream stream, string text)
    {
        await stream.WriteAsync(Record(StandardOutput, Encoding.Latin1.GetBytes(text)), _stop.Token);
        await stream.WriteAsync(Record(StandardOutput, []), _stop.Token);
        await stream.WriteAsync(Record(EndRequest, new byte[8]), _stop.Token);
    }

    private static byte[] Record(byte type, byte[] content)
    {
        var record = new byte[HeaderBytes + content.Length];
        (record[0], record[1], record[3]) = (1, type, 1);
        BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(4), (ushort)content.Length);
        content.CopyTo(record, HeaderBytes);
        return record;
    }

    private static string Text(ReadOnlySpan<byte> parameters)
    {
        var text = new StringBuilder();
        while (parameters.Length > 0)
        {
            var name = Length(ref parameters);
            var value = Length(ref parameters);
            text.Append(Encoding.Latin1.GetString(parameters[..name])).Append('=').Append(Encoding.Latin1.GetString(parameters.Slice(name, value))).Append('\n');
            parameters = parameters[(name + value)..];
        }

        return text.ToString();
    }

    // One byte, or four of which the first bit is no part of the number.
    private static int Length(ref ReadOnlySpan<byte> parameters)
    {
        var isShort = parameters[0] < 128;
        var length = isShort ? parameters[0] : (int)(BinaryPrimitives.ReadUInt32BigEndian(parameters) & int.MaxValue);
        parameters = parameters[(isShort ? 1 : 4)..];
        return length;
    }
}
