using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>One connection of a Centauri. It has one writer at a time, and a frame that was begun is ended. Thread-safe.</summary>
internal sealed class CentauriSession : IDisposable
{
    private readonly Socket _socket;
    private readonly CentauriTimes _times;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _writer = new(1, 1);
    private readonly CancellationTokenSource _life = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private string? _content;
    private long _sent;
    private bool _isWhole;
    private long? _end;
    private bool _isEndedByPeer;
    private volatile bool _isSlow;

    /// <param name="socket">The connection; owned from now on.</param>
    /// <param name="remote">Who is at its other end.</param>
    /// <param name="key">Names it in the journal.</param>
    /// <param name="times">How long things may take.</param>
    /// <param name="time">The clock.</param>
    public CentauriSession(Socket socket, IPEndPoint remote, string key, CentauriTimes times, TimeProvider time)
    {
        _socket = socket;
        _times = times;
        _time = time;
        Address = remote.Address;
        Name = $"Centauri at {remote}";
        Key = key;
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)times.ToAsk.TotalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
    }

    /// <summary>Where it comes from.</summary>
    public IPAddress Address { get; }

    /// <summary>How messages call it.</summary>
    public string Name { get; }

    /// <summary>Identifies it in the journal.</summary>
    public string Key { get; }

    /// <summary>Ends with the connection.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Ends when it is known that the other end closed the connection over the configuration that it was sent last.</summary>
    public Task Refused => _refused.Task;

    /// <summary>The content that was sent last, or is being sent, as the journal names it; null when none was.</summary>
    public string? Content
    {
        get
        {
            lock (_lock)
                return _content;
        }

        init => (_content, _isWhole) = (value, value is not null);
    }

    /// <summary>When the connection ended; null while it stands.</summary>
    public long? End
    {
        get
        {
            lock (_lock)
                return _end;
        }
    }

    /// <summary>True when the last configuration has been in use for longer than a refusal takes.</summary>
    public bool HasKept
    {
        get
        {
            lock (_lock)
                return _isWhole && Elapsed() >= _times.ToRefuse;
        }
    }

    /// <summary>True when the other end closed the connection so soon after a configuration that this may be the reason.</summary>
    public bool IsDoubtful
    {
        get
        {
            lock (_lock)
                return _content is not null && _isEndedByPeer && Elapsed() < _times.ToRefuse;
        }
    }

    /// <summary>Time until the configuration counts as kept.</summary>
    public TimeSpan UntilKept
    {
        get
        {
            lock (_lock)
                return _times.ToRefuse - Elapsed();
        }
    }

    /// <summary>Sends a configuration, unless it is the one that was sent last.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="cancellationToken">Gives up waiting for it; a frame that was begun is ended nevertheless.</param>
    public Task<ReloadAnswer> SendAsync(CentauriConfig config, CancellationToken cancellationToken) => WriteAsync(config).WaitAsync(cancellationToken);

    /// <summary>Waits for the end of the connection, and ends it when the other end says something: Centauri never does.</summary>
    public async Task WatchAsync()
    {
        var isClosed = false;
        try
        {
            isClosed = await _socket.ReceiveAsync(new byte[1], SocketFlags.None, _life.Token) == 0;
        }
        catch (SocketException)
        {
            isClosed = true;
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            // We have ended it.
        }

        Close(isClosed);
    }

    /// <summary>Waits until no frame is on its way, and lets none begin.</summary>
    /// <returns>The descriptor; null when the connection has ended, or takes too long.</returns>
    public async Task<int?> PauseAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(_times.ToTake, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _life.Token);
            await _writer.WaitAsync(either.Token);
            return End is null ? (int)_socket.SafeHandle.DangerousGetHandle() : null;
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>Goes on after a pause.</summary>
    public void Resume() => _writer.Release();

    /// <summary>It is known now that the other end closed it over the configuration.</summary>
    public void NoteRefusal() => _refused.TrySetResult();

    /// <summary>Ends the connection.</summary>
    public void Dispose() => Close(isEndedByPeer: false);

    private async Task<ReloadAnswer> WriteAsync(CentauriConfig config)
    {
        try
        {
            await _writer.WaitAsync(_life.Token);
        }
        catch (OperationCanceledException)
        {
            return AnswerOfEnded(config);
        }

        using var limit = new CancellationTokenSource(_times.ToTake, _time);
        try
        {
            if (Has(config))
                return new ReloadAnswer.Delivered();
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _life.Token);
            Note(config, isWhole: false);
            for (var rest = config.Frame; !rest.IsEmpty;)
                rest = rest[await _socket.SendAsync(rest, SocketFlags.None, either.Token)..];
            Note(config, isWhole: true);
            return new ReloadAnswer.Delivered();
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            _isSlow = true;
            Close(isEndedByPeer: false);
            return AnswerOfEnded(config);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            Close(isEndedByPeer: error is SocketException);
            return AnswerOfEnded(config);
        }
        finally
        {
            _writer.Release();
        }
    }

    private bool Has(CentauriConfig config)
    {
        lock (_lock)
            return _isWhole && _content == config.Content;
    }

    // One that has taken it and ended was told nevertheless: whether it ended over it is another question.
    private ReloadAnswer AnswerOfEnded(CentauriConfig config) => Has(config) ? new ReloadAnswer.Delivered()
        : _isSlow ? new ReloadAnswer.Failed(string.Create(CultureInfo.InvariantCulture, $"{Name} did not take the configuration within {_times.ToTake.TotalSeconds:0.###} s and was dropped"))
        : new ReloadAnswer.Gone();

    // One that closes the connection before it has all of it may do so over what it has.
    private void Note(CentauriConfig config, bool isWhole)
    {
        lock (_lock)
        {
            (_content, _isWhole) = (config.Content, isWhole);
            _sent = _end ?? _time.GetTimestamp();
        }
    }

    private TimeSpan Elapsed() => _time.GetElapsedTime(_sent, _end ?? _time.GetTimestamp());

    private void Close(bool isEndedByPeer)
    {
        lock (_lock)
        {
            if (_end is not null)
                return;
            (_end, _isEndedByPeer) = (_time.GetTimestamp(), isEndedByPeer);
        }

        _life.Cancel();
        _socket.Dispose();
        _ended.TrySetResult();
    }
}
