using System.Threading.Channels;

namespace Templater.Cli;

/// <summary>
/// The signals that reach the process, as values that tests can make too. SIGTERM and SIGINT end it, SIGHUP asks it to read its
/// settings and templates again, SIGUSR2 to replace itself by the program on disk. Thread-safe.
/// </summary>
internal sealed class ProcessSignals : IDisposable
{
    public const int Interrupt = 2;
    public const int Terminate = 15;
    public const int Renewal = 12;
    private readonly CancellationTokenSource _ended = new();
    private readonly Channel<bool> _hangups = Once();
    private readonly Channel<bool> _renewals = Once();

    /// <summary>Cancelled by the first signal that ends the process.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>The signal that ended it; null before.</summary>
    public int? EndedBy { get; private set; }

    /// <summary>One element after any number of SIGHUP.</summary>
    public ChannelReader<bool> Hangups => _hangups.Reader;

    /// <summary>One element after any number of SIGUSR2.</summary>
    public ChannelReader<bool> Renewals => _renewals.Reader;

    /// <summary>Ends the process in an orderly way.</summary>
    public void End(int signal)
    {
        EndedBy ??= signal;
        _ended.Cancel();
    }

    /// <summary>Asks to read everything again.</summary>
    public void HangUp() => _hangups.Writer.TryWrite(true);

    /// <summary>Asks the program to replace itself.</summary>
    public void Renew() => _renewals.Writer.TryWrite(true);

    /// <inheritdoc/>
    public void Dispose() => _ended.Dispose();

    private static Channel<bool> Once() => Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
}
