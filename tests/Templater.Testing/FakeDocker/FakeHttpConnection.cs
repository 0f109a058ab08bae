using System.Globalization;
using System.Text;

namespace Templater.Testing;

/// <summary>One HTTP/1.1 connection of the fake engine: reads requests, writes answers. As small as the engine's clients allow.</summary>
internal sealed class FakeHttpConnection(Stream stream)
{
    private const int MaxHeadBytes = 64 * 1024;

    private byte[] _buffer = new byte[4096];
    private int _length;

    /// <summary>Whether the client asked for the connection's end.</summary>
    public bool MustClose { get; private set; }

    /// <summary>The next request; null when the client is gone.</summary>
    public async Task<FakeRequest?> ReadAsync(CancellationToken cancellationToken)
    {
        int end;
        while ((end = _buffer.AsSpan(0, _length).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!await FillAsync(cancellationToken))
                return null;
        }

        var head = Encoding.ASCII.GetString(_buffer, 0, end).Split("\r\n");
        Take(end + 4);
        var body = "";
        if (Header(head, "Content-Length") is { } length)
            body = await ReadBodyAsync(int.Parse(length, CultureInfo.InvariantCulture), cancellationToken);
        MustClose = string.Equals(Header(head, "Connection"), "close", StringComparison.OrdinalIgnoreCase);
        return Parse(head[0], body) with { EndsConnection = MustClose };
    }

    /// <summary>Waits for the client to hang up; it sends nothing while it reads a stream.</summary>
    public async Task WaitForEndAsync(CancellationToken cancellationToken)
    {
        while (await FillAsync(cancellationToken))
            Take(_length);
    }

    public async Task WriteAsync(int status, string contentType, ReadOnlyMemory<byte> body, string apiVersion, CancellationToken cancellationToken)
    {
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status} {(status < 400 ? "OK" : "Error")}\r\nApi-Version: {apiVersion}\r\nServer: Docker/fake (linux)\r\nContent-Type: {contentType}\r\n{(status == 204 ? "" : $"Content-Length: {body.Length}\r\n")}\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), cancellationToken);
        if (body.Length > 0)
            await stream.WriteAsync(body, cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }

    /// <summary>Writes an answer that ends with the connection, so that nobody asks for anything more on it.</summary>
    public async Task WriteLastAsync(int status, string contentType, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var head = string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} OK\r\nContent-Type: {contentType}\r\n\r\n");
        await stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. body.Span], cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }

    /// <summary>Promises a body and sends half of it.</summary>
    public async Task WriteHalfAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var head = string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), cancellationToken);
        await stream.WriteAsync(body[..(body.Length / 2)], cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }

    public async Task StartStreamAsync(string apiVersion, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nApi-Version: {apiVersion}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"), cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }

    public async Task WriteChunkAsync(ReadOnlyMemory<byte> chunk, CancellationToken cancellationToken)
    {
        var head = string.Create(CultureInfo.InvariantCulture, $"{chunk.Length:x}\r\n");
        await stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. chunk.Span, (byte)'\r', (byte)'\n'], cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }

    private static FakeRequest Parse(string line, string body)
    {
        var parts = line.Split(' ');
        var target = parts[1].Split('?', 2);
        var path = Uri.UnescapeDataString(target[0]);
        var version = "";
        if (path.StartsWith("/v", StringComparison.Ordinal) && path.IndexOf('/', 1) is var slash and > 0 && char.IsAsciiDigit(path[2]))
            (version, path) = (path[2..slash], path[slash..]);
        var query = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in target.Length > 1 ? target[1].Split('&', StringSplitOptions.RemoveEmptyEntries) : [])
        {
            var sides = pair.Split('=', 2);
            query[Uri.UnescapeDataString(sides[0])] = sides.Length > 1 ? Uri.UnescapeDataString(sides[1]) : "";
        }

        return new FakeRequest(parts[0], version, path, query, body);
    }

    private static string? Header(string[] head, string name) =>
        head.Skip(1).FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

    private async Task<string> ReadBodyAsync(int length, CancellationToken cancellationToken)
    {
        while (_length < length && await FillAsync(cancellationToken))
        {
        }

        var body = Encoding.UTF8.GetString(_buffer, 0, Math.Min(length, _length));
        Take(Math.Min(length, _length));
        return body;
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_length == _buffer.Length)
            Array.Resize(ref _buffer, _length < MaxHeadBytes ? _length * 2 : throw new IOException("the request is too long"));
        var read = await stream.ReadAsync(_buffer.AsMemory(_length), cancellationToken);
        _length += read;
        return read > 0;
    }

    private void Take(int bytes)
    {
        _buffer.AsSpan(bytes, _length - bytes).CopyTo(_buffer);
        _length -= bytes;
    }
}
