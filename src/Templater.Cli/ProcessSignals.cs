using System.Threading.Channels;

namespace Templater.Cli;

/// <summary>
/// The signals that reach the process, as values that tests can make too. SIGTERM and SIGINT end it, SIGHUP asks it to read its
/// settings and templates again. Thread-safe.
/// </summary>
internal sealed class ProcessSignals : IDisposable
{
    public const int Interrupt = 2;
    public const int Terminate = 15;
    private readonly CancellationTokenSource _ended = new();
    private readonly Channel<bool> _hangups =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Cancelled by the first signal that ends the process.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>The signal that ended it; null before.</summary>
    public int? EndedBy { get; private set; }

    /// <summary>One element after any number of SIGHUP.</summary>
    public ChannelReader<bool> Hangups => _hangups.Reader;

    /// <summary>Ends the process in an orderly way.</summary>
    public void End(int signal)
    {
        EndedBy ??= signal;
        _ended.Cancel();
    }

    /// <summary>Asks to read everything again.</summary>
    public void HangUp() => _hangups.Writer.TryWrite(true);

    /// <inheritdoc/>
    public void Dispose() => _ended.Dispose();
}
