using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>What a backend does with a connection.</summary>
internal enum Manner
{
    /// <summary>Answers with what it was sent.</summary>
    Echo,
    /// <summary>Closes it at once.</summary>
    Close,
    /// <summary>Reads a request and closes without an answer.</summary>
    Swallow,
}

/// <summary>
/// An application of a test: its answer's body is the request as it arrived. <c>X-Answer: A: b|C: d</c> in a request
/// asks for headers, <c>X-Status: 502</c> for a status, an upgrade is granted and answered in upper case, <c>/events</c> sends one event at once and a second
/// one when <see cref="Release"/> is called.
/// </summary>
internal sealed class EchoBackend : IAsyncDisposable
{
    private const int MaxRequestBytes = 1 << 20;

    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<TcpClient, Task> _open = new();
    private readonly TcpListener _listener;
    private readonly Task _accepting;
    private readonly string _name;
    private readonly X509Certificate2? _certificate;
    private int _connections;
    private int _requests;

    public EchoBackend(string name, IPEndPoint address, Manner manner, X509Certificate2? certificate = null)
    {
        _name = name;
        _certificate = certificate;
        Manner = manner;
        _listener = new TcpListener(address);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Manner Manner { get; set; }

    /// <summary>Status and headers, line by line, of an answer without body; null = it answers with what it was sent.</summary>
    public string? Reply { get; set; }

    /// <summary>The last request; empty before the first.</summary>
    public Answer Last { get; private set; } = new(0, [], "");

    /// <summary>Connections so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Requests so far.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public void Release() => _released.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_open.Values);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                _open[client] = ServeAsync(client);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                if (Manner != Manner.Close && _certificate is null)
                    await ConverseAsync(client.GetStream());
                else if (Manner != Manner.Close)
                    await ConverseSecurelyAsync(client.GetStream(), _certificate!);
            }
            catch (Exception exception) when (exception is AuthenticationException or IOException or OperationCanceledException or SocketException)
            {
                // The proxy went away, or the test is over.
            }
        }
    }

    private async Task ConverseSecurelyAsync(NetworkStream stream, X509Certificate2 certificate)
    {
        await using var secure = new SslStream(stream);
        await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, _stop.Token);
        await ConverseAsync(secure);
    }

    private async Task ConverseAsync(Stream stream)
    {
        while (await ReadRequestAsync(stream) is { } request)
        {
            Interlocked.Increment(ref _requests);
            if (Manner != Manner.Echo)
                return;
            var seen = new Answer(0, Answer.ReadHeaders(request), request);
            Last = seen;
            if (Reply is { } reply)
            {
                await WriteAsync(stream, $"HTTP/1.1 {reply.Replace("|", "\r\n", StringComparison.Ordinal)}\r\nContent-Length: 0\r\n\r\n");
                continue;
            }

            if (seen["Upgrade"] is { } protocol)
            {
                await WriteAsync(stream, $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: {protocol}\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {Accepted(seen["Sec-WebSocket-Key"])}\r\n\r\n");
                await ShoutAsync(stream);
                return;
            }

            var extra = (seen["X-Answer"]?.Replace("|", "\r\n", StringComparison.Ordinal) + "\r\n").TrimStart();
            if (request.Split(' ')[1] == "/events")
            {
                await WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n");
                await _released.Task.WaitAsync(RawConnection.Patience, _stop.Token);
                await WriteAsync(stream, "9\r\ndata: 2\n\n\r\n0\r\n\r\n");
                continue;
            }

            var length = Encoding.Latin1.GetByteCount(request);
            await WriteAsync(stream, string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {seen["X-Status"] ?? "200"} OK\r\nX-Backend: {_name}\r\nContent-Length: {length}\r\n{extra}\r\n{(request.StartsWith("HEAD", StringComparison.Ordinal) ? "" : request)}"));
        }
    }

    private async Task<string?> ReadRequestAsync(Stream stream)
    {
        var request = new StringBuilder();
        var buffer = new byte[4096];
        while (request.Length < MaxRequestBytes)
        {
            var count = await stream.ReadAsync(buffer, _stop.Token);
            if (count == 0)
                return null;
            request.Append(Encoding.Latin1.GetString(buffer, 0, count));
            var text = request.ToString();
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end < 0)
                continue;
            var head = new Answer(0, Answer.ReadHeaders(text[..end]), "");
            var isWhole = head["Transfer-Encoding"] is not null
                ? text.EndsWith("0\r\n\r\n", StringComparison.Ordinal)
                : text.Length >= end + 4 + int.Parse(head["Content-Length"] ?? "0", CultureInfo.InvariantCulture);
            if (isWhole)
                return text;
        }

        return null;
    }

    // RFC 6455 4.2.2: HAProxy checks it.
#pragma warning disable CA5350 // the protocol's choice
    private static string Accepted(string? key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350

    private async Task ShoutAsync(Stream stream)
    {
        var buffer = new byte[4096];
        int count;
        while ((count = await stream.ReadAsync(buffer, _stop.Token)) > 0)
            await WriteAsync(stream, Encoding.Latin1.GetString(buffer, 0, count).ToUpperInvariant());
    }

    private async Task WriteAsync(Stream stream, string text) => await stream.WriteAsync(Encoding.Latin1.GetBytes(text), _stop.Token);
}
