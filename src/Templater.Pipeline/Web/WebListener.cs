using System.Net;
using System.Net.Sockets;

namespace Templater.Pipeline.Web;

/// <summary>
/// A small HTTP/1.1 server: one request a connection, GET and HEAD, no body. Kestrel would do more than is asked for here, and make
/// the shipped program a quarter larger. Somebody else may take the connections of TLS on the same port. Thread-safe.
/// </summary>
public sealed class WebListener : IDisposable
{
    /// <summary>Connections that are served at once; others wait in the system's queue.</summary>
    public const int MaxConnections = 32;

    /// <summary>Largest request line with all fields.</summary>
    public const int MaxHead = 8 * 1024;

    /// <summary>Time that a request, and then its answer, may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // ContentType handshake(22) of RFC 8446 section 5.1; no method of HTTP begins so.
    private const byte Handshake = 22;

    private static readonly TimeSpan AfterTrouble = TimeSpan.FromMilliseconds(100);

    private readonly TcpListener _listener;
    private readonly Func<RequestHead?, Answer> _answers;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _free = new(MaxConnections, MaxConnections);

    /// <summary>Begins to listen; nobody is answered before <see cref="RunAsync"/>.</summary>
    /// <param name="address">Where; port 0 is any that is free.</param>
    /// <param name="answers">The answer to a request, which is null when it could not be understood. Called from several threads; returns at once.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ListenFailedException">The address cannot be listened on.</exception>
    public WebListener(IPEndPoint address, Func<RequestHead?, Answer> answers, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(address);
        _answers = answers;
        _time = time;
        _listener = new TcpListener(address);
        try
        {
            _listener.Start();
        }
        catch (SocketException exception)
        {
            _listener.Dispose();
            throw new ListenFailedException($"cannot listen on {address}: {Why(exception)}", exception);
        }
    }

    /// <summary>
    /// Takes connections that begin with a handshake of TLS, each within <see cref="Patience"/>, and may throw <see cref="IOException"/>;
    /// null = they are requests that cannot be understood.
    /// </summary>
    public Func<Stream, CancellationToken, Task>? Tls { get; init; }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Answers until cancelled.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _free.WaitAsync(cancellationToken);
            Socket? socket = null;
            try
            {
                socket = await _listener.AcceptSocketAsync(cancellationToken);
            }
            catch (SocketException)
            {
                // Out of descriptors, or the client has gone: neither ends what it tells about.
                await Task.Delay(AfterTrouble, _time, cancellationToken);
            }
            finally
            {
                if (socket is null)
                    _free.Release();
            }

            if (socket is not null)
                _ = ServeAsync(socket, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync(Socket socket, CancellationToken cancellationToken)
    {
        try
        {
            using var _ = socket;
            socket.NoDelay = true;
            if (Tls is { } tls && await IsHandshakeAsync(socket, cancellationToken))
                await HandOnAsync(socket, tls, cancellationToken);
            else
                await AnswerAsync(socket, await ReadAsync(socket, cancellationToken), cancellationToken);
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // Who asked has gone, was too slow, or the program ends.
        }
        finally
        {
            _free.Release();
        }
    }

    // What is looked at stays to be read.
    private async Task<bool> IsHandshakeAsync(Socket socket, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var first = new byte[1];
        return await socket.ReceiveAsync(first, SocketFlags.Peek, either.Token) == 1 && first[0] == Handshake;
    }

    private async Task HandOnAsync(Socket socket, Func<Stream, CancellationToken, Task> tls, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        await using var stream = new NetworkStream(socket);
        await tls(stream, either.Token);
        await CloseAsync(socket, either.Token);
    }

    private async Task<(Answer? Instead, RequestHead? Request)> ReadAsync(Socket socket, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var buffer = new byte[MaxHead];
        var length = 0;
        try
        {
            while (length < buffer.Length)
            {
                var read = await socket.ReceiveAsync(buffer.AsMemory(length), SocketFlags.None, either.Token);
                if (read == 0)
                    return (Answer.Text(400, "the request is not complete"), null);
                length += read;
                if (buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) is >= 0 and var end)
                    return (null, RequestHead.Parse(buffer.AsSpan(0, end)));
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (Answer.Text(408, "the request took too long"), null);
        }

        return (Answer.Text(431, "the request is too large"), null);
    }

    private async Task AnswerAsync(Socket socket, (Answer? Instead, RequestHead? Request) read, CancellationToken cancellationToken)
    {
        var answer = (read.Instead ?? _answers(read.Request)).ToBytes(read.Request?.Method == "HEAD");
        using var limit = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        for (var sent = 0; sent < answer.Length;)
            sent += await socket.SendAsync(answer.AsMemory(sent), SocketFlags.None, either.Token);
        await CloseAsync(socket, either.Token);
    }

    // What was sent is lost when a socket is closed while something is unread.
    private static async Task CloseAsync(Socket socket, CancellationToken cancellationToken)
    {
        socket.Shutdown(SocketShutdown.Send);
        var rest = new byte[512];
        for (var reads = 0; reads < MaxHead / rest.Length && await socket.ReceiveAsync(rest, SocketFlags.None, cancellationToken) > 0; reads++)
        {
        }
    }

    private static string Why(SocketException exception) => exception.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "another program listens there.",
        SocketError.AccessDenied => "ports below 1024 are not for this user.",
        SocketError.AddressNotAvailable => "this host has no such address.",
        _ => exception.Message.TrimEnd('.') + ".",
    };
}

/// <summary>An address cannot be listened on.</summary>
/// <param name="message">Which, and why: a sentence.</param>
/// <param name="innerException">The cause.</param>
public sealed class ListenFailedException(string message, Exception innerException) : Exception(message, innerException);
