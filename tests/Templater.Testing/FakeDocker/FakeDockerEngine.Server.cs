using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Templater.Testing;

/// <content>The server: connections, faults, the request log.</content>
public sealed partial class FakeDockerEngine
{
    private readonly FakeDockerEngineOptions _options;
    private readonly TempDirectory? _directory;
    private readonly HashSet<Socket> _open = [];
    private readonly List<FakeRequest> _requests = [];
    private TaskCompletionSource _running = Opened();
    private Socket? _listener;
    private CancellationTokenSource _stop = new();

    /// <summary>Creates an engine and starts it.</summary>
    /// <param name="options">What it looks like from outside.</param>
    public FakeDockerEngine(FakeDockerEngineOptions? options = null)
    {
        _options = options ?? new FakeDockerEngineOptions();
        _directory = _options.SocketPath is null && !_options.UseTcp ? new TempDirectory("templater-fake-") : null;
        Socket = _options.UseTcp ? "" : _options.SocketPath ?? _directory!["docker.sock"];
        _apiVersion = "";
        _json = null!;
        ApiVersion = _options.ApiVersion;
        StartListening();
    }

    /// <summary>Path of its unix socket; empty on TCP.</summary>
    public string Socket { get; }

    /// <summary>TCP port on 127.0.0.1; 0 on a unix socket.</summary>
    public int Port { get; private set; }

    /// <summary>The value for <c>DOCKER_HOST</c>.</summary>
    public string Host => _options.UseTcp ? string.Create(CultureInfo.InvariantCulture, $"tcp://127.0.0.1:{Port}") : "unix://" + Socket;

    /// <summary>All requests so far, in the order of their arrival.</summary>
    public IReadOnlyList<FakeRequest> Requests
    {
        get
        {
            lock (_lock)
                return [.. _requests];
        }
    }

    /// <summary>What a proxy of the socket lets through; everything else gets 403, and nothing else. All of it unless set.</summary>
    public Func<FakeRequest, bool> Allows { get; set; } = static _ => true;

    /// <summary>How many connections are open.</summary>
    public int Connections
    {
        get
        {
            lock (_lock)
                return _open.Count;
        }
    }

    /// <summary>How many requests a method and path had; a <c>*</c> at the end of the path matches any rest.</summary>
    public int CountOf(string method, string path) => Requests.Count(request => request.Method == method
        && (path.EndsWith('*') ? request.Path.StartsWith(path[..^1], StringComparison.Ordinal) : request.Path == path));

    /// <summary>Forgets the requests so far.</summary>
    public void ClearRequests()
    {
        lock (_lock)
            _requests.Clear();
    }

    /// <summary>Accepts connections but answers nothing and emits nothing, like a stopped process (SIGSTOP).</summary>
    public void Freeze() => Interlocked.Exchange(ref _running, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>Goes on after <see cref="Freeze"/>.</summary>
    public void Thaw() => _running.TrySetResult();

    /// <summary>Ends the server as the end of dockerd does: all connections are closed, the socket is gone. State stays.</summary>
    public void StopListening()
    {
        _stop.Cancel();
        _listener?.Dispose();
        lock (_lock)
        {
            foreach (var socket in _open)
                socket.Dispose();
            _open.Clear();
        }

        if (!_options.UseTcp)
            File.Delete(Socket);
    }

    /// <summary>Starts the server again after <see cref="StopListening"/>, on the same address.</summary>
    public void StartListening()
    {
        _stop = new CancellationTokenSource();
        _listener = _options.UseTcp
            ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(_options.UseTcp ? new IPEndPoint(IPAddress.Loopback, Port) : new UnixDomainSocketEndPoint(Socket));
        if (_options.UseTcp)
            Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _listener.Listen(512);
        _ = AcceptAsync(_listener, _stop.Token);
    }

    /// <summary>Ends the server and removes its socket.</summary>
    public ValueTask DisposeAsync()
    {
        Thaw();
        StopListening();
        _directory?.Dispose();
        return ValueTask.CompletedTask;
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    private async Task AcceptAsync(Socket listener, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptAsync(cancellationToken), cancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The listener was closed.
        }
    }

    private async Task ServeAsync(Socket socket, CancellationToken cancellationToken)
    {
        lock (_lock)
            _open.Add(socket);
        try
        {
            await using var stream = await SecureAsync(new NetworkStream(socket, ownsSocket: true), cancellationToken);
            var connection = new FakeHttpConnection(stream);
            while (!connection.MustClose && await connection.ReadAsync(cancellationToken) is { } request)
            {
                lock (_lock)
                    _requests.Add(request);
                await _running.Task.WaitAsync(cancellationToken);
                if (!await AnswerAsync(socket, connection, request, cancellationToken))
                    return;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or SocketException or System.Security.Authentication.AuthenticationException)
        {
            // The client hung up, or the server was stopped.
        }
        finally
        {
            lock (_lock)
                _open.Remove(socket);
            socket.Dispose();
        }
    }

    private async Task<Stream> SecureAsync(NetworkStream plain, CancellationToken cancellationToken)
    {
        if (_options.ServerCertificate is null)
            return plain;
        var secure = new SslStream(plain);
        await secure.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificate = _options.ServerCertificate,
                ClientCertificateRequired = _options.ClientCertificate is not null,
                RemoteCertificateValidationCallback = (_, theirs, _, _) =>
                    _options.ClientCertificate is null || _options.ClientCertificate.GetCertHashString() == theirs?.GetCertHashString(),
            },
            cancellationToken);
        return secure;
    }

    private async Task<bool> AnswerAsync(Socket socket, FakeHttpConnection connection, FakeRequest request, CancellationToken cancellationToken)
    {
        if (!Allows(request))
        {
            // In the words of Tecnativa's.
            await connection.WriteAsync(403, "text/html", "<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>\n"u8.ToArray(), ApiVersion, cancellationToken);
            return true;
        }

        var fault = Faults.Take(request.Path);
        switch (fault?.Kind)
        {
            case FakeFaults.Kind.Answer:
                await connection.WriteAsync(fault.Status, fault.ContentType, fault.Body, ApiVersion, cancellationToken);
                return true;
            case FakeFaults.Kind.Hang:
                await connection.WaitForEndAsync(cancellationToken);
                return false;
            case FakeFaults.Kind.Reset:
                // Lingering for no time makes TCP send a reset.
                socket.LingerState = new LingerOption(true, 0);
                return false;
            case FakeFaults.Kind.Delay:
                await Task.Delay(fault.Time, cancellationToken);
                break;
        }

        if (request is { Method: "GET", Path: "/events" })
        {
            await StreamEventsAsync(connection, request, cancellationToken);
            return false;
        }

        var (status, contentType, body) = Answer(request);
        if (fault?.Kind == FakeFaults.Kind.Close)
        {
            await connection.WriteHalfAsync(body, cancellationToken);
            return false;
        }

        if (fault?.Kind == FakeFaults.Kind.Truncate)
            body = body[..(body.Length / 2)];
        // The real engine takes the connection over for a command's output and ends it after that.
        if (status == 200 && request.Path.StartsWith("/exec/", StringComparison.Ordinal) && request.Path.EndsWith("/start", StringComparison.Ordinal))
        {
            await connection.WriteLastAsync(status, contentType, body, cancellationToken);
            return false;
        }

        await connection.WriteAsync(status, contentType, body, ApiVersion, cancellationToken);
        return true;
    }

    private async Task StreamEventsAsync(FakeHttpConnection connection, FakeRequest request, CancellationToken cancellationToken)
    {
        var filter = new FakeEventFilter(request["filters"]);
        var channel = System.Threading.Channels.Channel.CreateUnbounded<FakeEvent>();
        lock (_lock)
        {
            if (FakeEventFilter.Since(request["since"]) is { } since)
            {
                foreach (var message in _history.Where(message => message.Time >= since && filter.Matches(message)))
                    channel.Writer.TryWrite(message);
            }

            _subscribers.Add((filter, channel));
        }

        try
        {
            await connection.StartStreamAsync(ApiVersion, cancellationToken);
            _ = connection.WaitForEndAsync(cancellationToken).ContinueWith(_ => channel.Writer.TryComplete(), TaskScheduler.Default);
            await foreach (var message in channel.Reader.ReadAllAsync(cancellationToken))
            {
                await _running.Task.WaitAsync(cancellationToken);
                await connection.WriteChunkAsync(message.ToJson(hasOldFields: !ApiVersion.StartsWith("1.52", StringComparison.Ordinal)), cancellationToken);
            }
        }
        finally
        {
            lock (_lock)
                _subscribers.RemoveAll(subscriber => subscriber.Channel == channel);
        }
    }
}
