using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>An address cannot be listened on; the message is one line for the operator.</summary>
/// <param name="message">What is wrong and what to do.</param>
public sealed class CentauriListenerException(string message) : IOException(message);

/// <summary>A connection that the program before this one had.</summary>
/// <param name="Connection">The connection.</param>
/// <param name="Remote">Who is at its other end.</param>
/// <param name="Content">What was sent last; null when nothing was.</param>
internal readonly record struct InheritedSession(Socket Connection, IPEndPoint Remote, string? Content);

/// <summary>
/// Where Centauri fetches its configuration. It stands as long as the program does, whatever happens to settings and outputs,
/// because a Centauri that cannot connect ends. Whoever connects is sent the present configuration at once, or is kept waiting
/// until there is one; and the last good one where the present one seems to be refused. Thread-safe.
/// </summary>
internal sealed class CentauriListener : IDisposable
{
    /// <summary>Connections at a time.</summary>
    public const int MaxSessions = 64;

    private const int Backlog = 1024;
    private static readonly TimeSpan PauseAfterTrouble = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private readonly CentauriTimes _times;
    private readonly CancellationTokenSource _life = new();
    private readonly Lock _lock = new();
    private readonly List<CentauriSession> _sessions = [];
    private readonly string _run;
    private CentauriConfig? _present;
    private CentauriConfig? _good;
    private string? _refused;

    // The last one that ended on the present configuration, or seems to have.
    private CentauriSession? _doubtful;
    private ImmutableArray<CentauriSession> _paused = [];
    private int _number;
    private int _turnedAway;

    private CentauriListener(Socket socket, IPEndPoint address, TimeProvider time, CentauriTimes times, IEnumerable<InheritedSession> inherited)
    {
        _socket = socket;
        _time = time;
        _times = times;
        Address = address;
        _run = time.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        foreach (var (connection, remote, content) in inherited)
            Begin(new CentauriSession(connection, remote, KeyOfNext(), times, time) { Content = content });
        Accepting = AcceptAsync();
    }

    /// <summary>Told when somebody has connected, on a thread of the listener.</summary>
    public event Action? Appeared;

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Runs until it is disposed of; fails only by a mistake of ours.</summary>
    public Task Accepting { get; }

    /// <summary>Those who are connected now.</summary>
    public ImmutableArray<CentauriSession> Sessions
    {
        get
        {
            lock (_lock)
                return [.. _sessions];
        }
    }

    /// <summary>The present configuration; null before there is one.</summary>
    public CentauriConfig? Present
    {
        get
        {
            lock (_lock)
                return _present;
        }
    }

    /// <summary>Connections that were closed at once because there were too many, since this was asked last.</summary>
    public int TakeTurnedAway() => Interlocked.Exchange(ref _turnedAway, 0);

    /// <summary>Begins to listen.</summary>
    /// <exception cref="CentauriListenerException">The address cannot be had.</exception>
    public static CentauriListener Open(IPEndPoint address, TimeProvider time, CentauriTimes times)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(address);
            socket.Listen(Backlog);
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw new CentauriListenerException(Trouble(address, error));
        }

        return new CentauriListener(socket, (IPEndPoint)socket.LocalEndPoint!, time, times, []);
    }

    /// <summary>Goes on with what the program before this one listened on, and with those who were connected.</summary>
    public static CentauriListener Inherit(Socket socket, IEnumerable<InheritedSession> sessions, TimeProvider time, CentauriTimes times) =>
        new(socket, (IPEndPoint)socket.LocalEndPoint!, time, times, sessions);

    /// <summary>What another program needs to go on; until then nothing is sent, and who connects meanwhile waits.</summary>
    /// <returns>Descriptors: of the listener, and of every connection with what it was sent.</returns>
    public async Task<(int Listener, ImmutableArray<(int Descriptor, string? Content)> Sessions)> PauseAsync()
    {
        var sessions = Sessions;
        var descriptors = await Task.WhenAll(sessions.Select(static session => session.PauseAsync()));
        var paused = sessions.Zip(descriptors).Where(static pair => pair.Second is not null).ToList();
        _paused = [.. paused.Select(static pair => pair.First)];
        return ((int)_socket.SafeHandle.DangerousGetHandle(), [.. paused.Select(static pair => (pair.Second!.Value, pair.First.Content))]);
    }

    /// <summary>Goes on itself after all.</summary>
    public void Resume()
    {
        foreach (var session in _paused)
            session.Resume();
        _paused = [];
    }

    /// <summary>Whoever connects from now on gets this; and so does, at once, who has none yet.</summary>
    /// <param name="config">The configuration.</param>
    /// <returns>Those who are connected, and may end on it at once.</returns>
    public ImmutableArray<CentauriSession> Offer(CentauriConfig config)
    {
        ImmutableArray<CentauriSession> present;
        lock (_lock)
        {
            NoteGood();
            if (_present?.Content != config.Content)
                (_present, _refused, _doubtful) = (config, null, null);
            present = [.. _sessions];
        }

        foreach (var session in present)
            if (session.Content is null)
                _ = session.SendAsync(config, CancellationToken.None);
        return present;
    }

    /// <summary>What to fall back on before anybody was seen to keep a configuration.</summary>
    /// <param name="config">A configuration that was live once.</param>
    public void OfferGood(CentauriConfig config)
    {
        lock (_lock)
            _good ??= config;
    }

    /// <summary>Closes all.</summary>
    public void Dispose()
    {
        _life.Cancel();
        _socket.Dispose();
        foreach (var session in Sessions)
            session.Dispose();
    }

    private static string Trouble(IPEndPoint address, SocketException error) => error.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => $"reload push:{address}: the port is in use. Stop who listens there (ss -ltnp tells), or choose another port, here and in Centauri's CONFIG_NETWORK_ADDRESS.",
        SocketError.AddressNotAvailable => $"reload push:{address}: this machine or container does not have that address. Name one of its own, or 0.0.0.0 for all of them.",
        SocketError.AccessDenied => $"reload push:{address}: Templater may not listen on that port. Choose one above 1023.",
        _ => $"reload push:{address}: {error.Message}.",
    };

    private async Task AcceptAsync()
    {
        while (!_life.IsCancellationRequested)
        {
            try
            {
                Welcome(await _socket.AcceptAsync(_life.Token));
            }
            catch (SocketException) when (!_life.IsCancellationRequested)
            {
                // No more descriptors, as a rule: some will be free again.
                await Task.Delay(PauseAfterTrouble, _time, CancellationToken.None);
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private void Welcome(Socket socket)
    {
        CentauriSession? session = null;
        CentauriConfig? greeting = null;
        lock (_lock)
        {
            if (_sessions.Count < MaxSessions && RemoteOf(socket) is { } remote)
            {
                session = new CentauriSession(socket, remote, KeyOfNext(), _times, _time);
                greeting = GreetingOf(remote.Address);
                _sessions.Add(session);
            }
        }

        if (session is null)
        {
            Interlocked.Increment(ref _turnedAway);
            socket.Dispose();
            return;
        }

        _ = AttendAsync(session, greeting);
        Appeared?.Invoke();
    }

    private string KeyOfNext() => $"push:{Address}#{_run}.{++_number}";

    private void Begin(CentauriSession session)
    {
        _sessions.Add(session);
        _ = AttendAsync(session, null);
    }

    // It may be gone already.
    private static IPEndPoint? RemoteOf(Socket socket)
    {
        try
        {
            return socket.RemoteEndPoint as IPEndPoint;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private async Task AttendAsync(CentauriSession session, CentauriConfig? greeting)
    {
        if (greeting is not null)
            _ = session.SendAsync(greeting, CancellationToken.None);
        await session.WatchAsync();
        lock (_lock)
        {
            NoteGood();
            _sessions.Remove(session);
            if (session.IsDoubtful && session.Content == _present?.Content && _present?.Content != _good?.Content)
                _doubtful = session;
        }
    }

    private CentauriConfig? GreetingOf(IPAddress address)
    {
        NoteGood();
        if (_doubtful is { End: { } end } former && former.Address.Equals(address) && _time.GetElapsedTime(end) is var pause
            && pause >= _times.BeforeRedial && pause <= _times.ToRedial)
        {
            _refused = _present?.Content;
            former.NoteRefusal();
        }

        // What was refused is not sent again, and nothing is better than that; what may have been is, when nothing else is known.
        if (_present is not null && _refused == _present.Content)
            return _good;
        return _doubtful is null ? _present : _good ?? _present;
    }

    // Somebody has kept it.
    private void NoteGood()
    {
        if (_present is null || _good?.Content == _present.Content || !_sessions.Any(session => session.HasKept && session.Content == _present.Content))
            return;
        (_good, _doubtful, _refused) = (_present, null, null);
    }
}
