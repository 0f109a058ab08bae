namespace Templater.Testing;

/// <summary>
/// A clock that begins now and runs many times as fast as the real one, timers included: pauses of minutes pass in seconds, while what
/// answers in real time still does. Thread-safe.
/// </summary>
/// <param name="factor">How many times as fast; so many times less is what a limit leaves to who is waited for.</param>
public sealed class ScaledTimeProvider(int factor) : TimeProvider
{
    private readonly DateTimeOffset _start = System.GetUtcNow();
    private readonly long _began = System.GetTimestamp();
    private long _jumped;

    /// <inheritdoc/>
    public override long TimestampFrequency => System.TimestampFrequency;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _start + (System.GetElapsedTime(_began) * factor) + TimeSpan.FromTicks(Interlocked.Read(ref _jumped));

    /// <summary>The wall clock is put forward or back, as somebody or a time server does it: no timer notices.</summary>
    /// <param name="by">By how much.</param>
    public void Jump(TimeSpan by) => Interlocked.Add(ref _jumped, by.Ticks);

    /// <inheritdoc/>
    public override long GetTimestamp() => _began + ((System.GetTimestamp() - _began) * factor);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new ScaledTimer(System.CreateTimer(callback, state, Scale(dueTime), Scale(period)), Scale);

    private TimeSpan Scale(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? time : time / factor;

    private sealed class ScaledTimer(ITimer inner, Func<TimeSpan, TimeSpan> scale) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => inner.Change(scale(dueTime), scale(period));

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
