namespace Templater.Cli.Running;

/// <summary>
/// Asks for a look at once, and for all that comes within some time after it once, at the end of that time, which is longer each time as long
/// as more comes: each request puts off what is rendered until nothing more comes, so that hundreds of certificates would delay the events of
/// containers. Thread-safe.
/// </summary>
internal sealed class GatheredNudges : IDisposable
{
    /// <summary>Time between the first two looks that are asked for; twice as much each time afterwards.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>No longer than that.</summary>
    public static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(10);

    private readonly Action<string> _nudge;
    private readonly Lock _lock = new();
    private readonly ITimer _timer;
    private string? _waiting;
    private bool _isResting;
    private TimeSpan _interval = Interval;

    /// <summary>Nothing is asked for yet.</summary>
    /// <param name="nudge">Asks for a look and says why; returns at once.</param>
    /// <param name="time">The clock.</param>
    public GatheredNudges(Action<string> nudge, TimeProvider time)
    {
        _nudge = nudge;
        _timer = time.CreateTimer(_ => GoOn(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Asks for a look, now or soon.</summary>
    /// <param name="cause">Why, in a few words; of several that wait the last one that says something is told.</param>
    public void Nudge(string cause)
    {
        lock (_lock)
        {
            if (_isResting)
            {
                _waiting = cause.Length == 0 ? _waiting ?? "" : cause;
                return;
            }

            Rest();
        }

        _nudge(cause);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void GoOn()
    {
        string cause;
        lock (_lock)
        {
            if (_waiting is null)
            {
                (_isResting, _interval) = (false, Interval);
                return;
            }

            (cause, _waiting) = (_waiting, null);
            _interval = TimeSpan.FromTicks(Math.Min(_interval.Ticks * 2, LongestInterval.Ticks));
            Rest();
        }

        _nudge(cause);
    }

    private void Rest()
    {
        _isResting = true;
        _timer.Change(_interval, Timeout.InfiniteTimeSpan);
    }
}
