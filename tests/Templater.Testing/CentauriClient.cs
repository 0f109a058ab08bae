using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Templater.Testing;

/// <summary>
/// What Centauri does with its configuration when it fetches it over the network, written from the description of the protocol:
/// frames of eight letters, a version, a length and a text; ten seconds for the first; one dial more, 100 ms after any error;
/// the end of the process when that fails too, or the next frame. Routes in use stay in use meanwhile. SIGHUP changes nothing.
/// </summary>
public sealed class CentauriClient : IAsyncDisposable
{
    private const int HeaderLength = 16;
    private static readonly TimeSpan BeforeRedial = TimeSpan.FromMilliseconds(100);

    private readonly IPEndPoint _server;
    private readonly Options _options;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private ImmutableArray<string> _frames = [];
    private ImmutableArray<string> _warnings = [];
    private ImmutableArray<string> _notes = [];
    private string? _routes;
    private int _dials;

    private CentauriClient(IPEndPoint server, Options options)
    {
        _server = server;
        _options = options;
        Exited = RunAsync();
    }

    /// <summary>How it behaves.</summary>
    public sealed record Options
    {
        /// <summary>What it takes; everything by default.</summary>
        public Func<string, bool> Takes { get; init; } = static _ => true;

        /// <summary>Time for the first frame; Centauri's own is 10 s.</summary>
        public TimeSpan FirstFrame { get; init; } = TimeSpan.FromSeconds(10);

        /// <summary>False for versions before 2.6.</summary>
        public bool TakesLengthZero { get; init; } = true;

        /// <summary>Its clock, which a test may move.</summary>
        public TimeProvider Time { get; init; } = TimeProvider.System;
    }

    /// <summary>Ends when the process would, with its last words; they are empty when it was stopped.</summary>
    public Task<string> Exited { get; }

    /// <summary>The routes in use; null before there are any.</summary>
    public string? Routes
    {
        get
        {
            lock (_lock)
                return _routes;
        }
    }

    /// <summary>Every text that was received, good or bad.</summary>
    public ImmutableArray<string> Frames
    {
        get
        {
            lock (_lock)
                return _frames;
        }
    }

    /// <summary>Why connections were given up.</summary>
    public ImmutableArray<string> Warnings
    {
        get
        {
            lock (_lock)
                return _warnings;
        }
    }

    /// <summary>What else it logged.</summary>
    public ImmutableArray<string> Notes
    {
        get
        {
            lock (_lock)
                return _notes;
        }
    }

    /// <summary>How often it connected.</summary>
    public int Dials => Volatile.Read(ref _dials);

    /// <summary>Starts one.</summary>
    public static CentauriClient Start(IPEndPoint server, Options? options = null) => new(server, options ?? new Options());

    /// <summary>What SIGHUP does: that is for a file, and a line is logged.</summary>
    public void HangUp()
    {
        lock (_lock)
            _notes = _notes.Add("SIGHUP is ignored");
    }

    /// <summary>Waits until it uses these routes.</summary>
    /// <exception cref="InvalidOperationException">It ended before.</exception>
    public async Task WaitForAsync(Func<string, bool> routes, CancellationToken cancellationToken)
    {
        while (Routes is not { } present || !routes(present))
        {
            if (Exited.IsCompleted)
                throw new InvalidOperationException($"it ended: {await Exited}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Exited;
        _stop.Dispose();
    }

    private async Task<string> RunAsync()
    {
        var mayRedial = true;
        while (true)
        {
            string trouble;
            try
            {
                using var socket = new Socket(_server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                try
                {
                    await socket.ConnectAsync(_server, _stop.Token);
                }
                catch (SocketException error)
                {
                    return $"dial: {error.SocketErrorCode}";
                }

                Interlocked.Increment(ref _dials);
                trouble = await ServeAsync(socket, () => mayRedial = true);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return "";
            }

            lock (_lock)
                _warnings = _warnings.Add(trouble);
            if (!mayRedial)
                return trouble;
            mayRedial = false;
            try
            {
                await Task.Delay(BeforeRedial, _options.Time, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return "";
            }
        }
    }

    // What went wrong at last; nothing else ends it.
    private async Task<string> ServeAsync(Socket socket, Action onGood)
    {
        // After the first configuration there is no deadline any more.
        using var first = new CancellationTokenSource(Routes is null ? _options.FirstFrame : Timeout.InfiniteTimeSpan, _options.Time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, first.Token);
        try
        {
            while (true)
            {
                var text = await ReadAsync(socket, limit.Token);
                lock (_lock)
                    _frames = _frames.Add(text);
                if (!_options.Takes(text))
                    return "refused";
                lock (_lock)
                    _routes = text;
                first.CancelAfter(Timeout.InfiniteTimeSpan);
                onGood();
            }
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            return "no configuration in time";
        }
        catch (Exception error) when (error is SocketException or InvalidDataException)
        {
            return error.Message;
        }
    }

    private async Task<string> ReadAsync(Socket socket, CancellationToken cancellationToken)
    {
        var header = await ReadAsync(socket, HeaderLength, cancellationToken);
        if (!header.AsSpan(0, 8).SequenceEqual("CENTAURI"u8))
            throw new InvalidDataException("bad magic");
        if (BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(8)) != 1)
            throw new InvalidDataException("other version");
        var length = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(12));
        if (length == 0 && !_options.TakesLengthZero)
            throw new InvalidDataException("empty");
        return Encoding.UTF8.GetString(await ReadAsync(socket, checked((int)length), cancellationToken));
    }

    private static async Task<byte[]> ReadAsync(Socket socket, int length, CancellationToken cancellationToken)
    {
        var buffer = new byte[length];
        for (var read = 0; read < length;)
        {
            var now = await socket.ReceiveAsync(buffer.AsMemory(read), SocketFlags.None, cancellationToken);
            read += now > 0 ? now : throw new InvalidDataException("EOF");
        }

        return buffer;
    }
}
