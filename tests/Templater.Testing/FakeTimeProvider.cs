namespace Templater.Testing;

/// <summary>A clock that stands still until <see cref="Advance"/> moves it; its timers fire during that call, in order.</summary>
/// <remarks>Thread-safe. <c>Task.Delay(span, fake, token)</c> and <c>CancellationTokenSource(span, fake)</c> work on it.</remarks>
public sealed class FakeTimeProvider : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<FakeTimer> _timers = [];
    private DateTimeOffset _now;
    private TimeSpan _setBack;
    private long _created;

    /// <summary>Creates a clock that shows <paramref name="start"/>.</summary>
    /// <param name="start">First time shown; 2026-01-02 03:04:05 UTC by default.</param>
    public FakeTimeProvider(DateTimeOffset? start = null) => _now = start ?? new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How many timers are waiting: tells a test that the code under test has begun to wait.</summary>
    public int PendingTimers
    {
        get
        {
            lock (_lock)
                return _timers.Count(timer => timer.Due is not null);
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return _now - _setBack;
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => Elapsing().UtcTicks;

    /// <summary>Sets the wall clock back, as an operator or NTP does; no time passes, and the timers do not notice.</summary>
    /// <param name="span">How far; negative to set it forward.</param>
    public void SetBack(TimeSpan span)
    {
        lock (_lock)
            _setBack += span;
    }

    /// <summary>Moves the clock on, stopping at each timer that falls due on the way.</summary>
    /// <param name="span">How far; not negative.</param>
    public void Advance(TimeSpan span)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        var end = Elapsing() + span;
        while (NextDue(end) is { } timer)
            timer.Fire();
        lock (_lock)
            _now = end;
    }

    /// <summary>Waits (on the real clock) until at least <paramref name="count"/> timers are pending, then advances.</summary>
    /// <param name="span">How far to move the clock on.</param>
    /// <param name="count">Timers to wait for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task AdvanceWhenWaitingAsync(TimeSpan span, int count = 1, CancellationToken cancellationToken = default)
    {
        while (PendingTimers < count)
            await Task.Delay(1, cancellationToken);
        Advance(span);
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new FakeTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private DateTimeOffset Elapsing()
    {
        lock (_lock)
            return _now;
    }

    private FakeTimer? NextDue(DateTimeOffset end)
    {
        lock (_lock)
        {
            var next = _timers.Where(timer => timer.Due <= end).OrderBy(timer => timer.Due).ThenBy(timer => timer.Number).FirstOrDefault();
            if (next?.Due > _now)
                _now = next.Due.Value;
            return next;
        }
    }

    private sealed class FakeTimer(FakeTimeProvider clock, Action callback) : ITimer
    {
        private TimeSpan _period = Timeout.InfiniteTimeSpan;

        public DateTimeOffset? Due { get; private set; }

        public long Number { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                clock._timers.Remove(this);
                Due = dueTime == Timeout.InfiniteTimeSpan ? null : clock._now + dueTime;
                Number = clock._created++;
                _period = period;
                if (Due is not null)
                    clock._timers.Add(this);
                return true;
            }
        }

        public void Fire()
        {
            lock (clock._lock)
            {
                if (Due is null)
                    return;
                Due = _period == Timeout.InfiniteTimeSpan || _period == TimeSpan.Zero ? null : Due + _period;
                if (Due is null)
                    clock._timers.Remove(this);
            }

            callback();
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
