using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace Templater.EndToEnd.Tests.Harness;

/// <summary>
/// Stands between Templater and the engine on a socket of its own, in a directory that a container can mount: records every request
/// line, can answer in the engine's place, and stays where it is when the engine restarts (as a socket that systemd holds does).
/// </summary>
internal sealed class EngineRelay : IAsyncDisposable
{
    private const int MaxHeadBytes = 64 * 1024;

    private readonly string _engineSocket;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    public EngineRelay(string engineSocket, string directory)
    {
        _engineSocket = engineSocket;
        Directory = directory;
        System.IO.Directory.CreateDirectory(directory);
    }

    /// <summary>To be mounted at <c>/engine</c>; the socket in it is <c>docker.sock</c>.</summary>
    public string Directory { get; }

    /// <summary>Path of the socket.</summary>
    public string SocketPath => Path.Combine(Directory, "docker.sock");

    /// <summary>Options of <c>docker run</c> that make a container use this relay.</summary>
    public string[] ContainerOptions => ["-v", Directory + ":/engine", "-e", "DOCKER_HOST=unix:///engine/docker.sock"];

    /// <summary>Request lines so far: <c>GET /v1.41/info</c>.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    /// <summary>Requests whose line contains this text get <see cref="FailStatus"/>; null relays all.</summary>
    public string? FailWhenContains { get; set; }

    /// <summary>What a proxy of the socket lets through, by request line; everything else gets <see cref="FailStatus"/>. All of it unless set.</summary>
    public Func<string, bool> Allows { get; set; } = static _ => true;

    /// <summary>500, as of an engine in trouble, or 403, as of a proxy of its socket that does not allow the call.</summary>
    public int FailStatus { get; init; } = 500;

    /// <summary>Creates the socket; until then the engine is "not there".</summary>
    public void Start()
    {
        File.Delete(SocketPath);
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        File.SetUnixFileMode(SocketPath, (UnixFileMode)0b110_110_110);
        _listener.Listen();
        _accepting = AcceptAsync(_listener);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener?.Dispose();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                open.RemoveAll(task => task.IsCompleted);
                open.Add(ServeAsync(await listener.AcceptAsync(_end.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var clientStream = new NetworkStream(client, ownsSocket: true);
        using var engine = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await engine.ConnectAsync(new UnixDomainSocketEndPoint(_engineSocket), _end.Token);
            using var engineStream = new NetworkStream(engine);
            var answers = CopyAsync(engineStream, clientStream);
            await RelayRequestsAsync(clientStream, engineStream);
            engine.Shutdown(SocketShutdown.Send);
            await answers;
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Either side went away, which is what the tests are about.
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to)
    {
        try
        {
            await from.CopyToAsync(to, _end.Token);
        }
        finally
        {
            to.Socket.Close();
        }
    }

    private byte[] Failure() => Encoding.ASCII.GetBytes(
        $"HTTP/1.1 {FailStatus} No\r\nContent-Type: application/json\r\nContent-Length: 24\r\nConnection: close\r\n\r\n{{\"message\":\"on purpose\"}}");

    // Bodies (of exec and kill, if any) are passed on as they come: only what looks like a request line is noted.
    private async Task RelayRequestsAsync(NetworkStream client, NetworkStream engine)
    {
        var buffer = new byte[MaxHeadBytes];
        while (await client.ReadAsync(buffer, _end.Token) is > 0 and var length)
        {
            var line = Encoding.ASCII.GetString(buffer, 0, length).Split("\r\n")[0];
            if (line.EndsWith(" HTTP/1.1", StringComparison.Ordinal))
            {
                line = line[..^" HTTP/1.1".Length];
                _requests.Enqueue(line);
            }

            var isRequest = line.StartsWith("GET /", StringComparison.Ordinal) || line.StartsWith("POST /", StringComparison.Ordinal);
            if ((isRequest && !Allows(line)) || (FailWhenContains is { } text && line.Contains(text, StringComparison.Ordinal)))
            {
                await client.WriteAsync(Failure(), _end.Token);
                return;
            }

            await engine.WriteAsync(buffer.AsMemory(0, length), _end.Token);
        }
    }
}
