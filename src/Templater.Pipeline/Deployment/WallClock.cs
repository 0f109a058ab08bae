namespace Templater.Pipeline.Deployment;

/// <summary>
/// Whether the moments that others stamped can be compared: a wall clock that was set back shows every hour twice. Sees that
/// by the time that has really passed between two looks. Thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class WallClock(TimeProvider time)
{
    // The two readings of one look are not made at once.
    private static readonly TimeSpan Unnoticed = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly long _begin = time.GetTimestamp();
    private DateTimeOffset _start = time.GetUtcNow();
    private DateTimeOffset _shownTwice = DateTimeOffset.MinValue;

    /// <summary>The present.</summary>
    public DateTimeOffset Now => Read().Now;

    /// <summary>Looks at the clock: the more often that is done, the better is known which hours it shows twice.</summary>
    public void Look() => Read();

    /// <summary>Whether something happened after something else; null when the clock was set back between them, or may have been.</summary>
    /// <param name="moment">When it happened, by a clock that is ours; null when that is not known.</param>
    /// <param name="other">When the other thing happened.</param>
    /// <param name="margin">How much later it has to be.</param>
    public bool? IsAfter(DateTimeOffset? moment, DateTimeOffset? other, TimeSpan margin = default)
    {
        var (now, shownTwice) = Read();
        return moment is not { } later || other is not { } earlier || later > now || earlier > now || later <= shownTwice
            ? null
            : later > earlier + margin;
    }

    private (DateTimeOffset Now, DateTimeOffset ShownTwice) Read()
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            var elapsed = time.GetElapsedTime(_begin);
            var expected = _start + elapsed;
            if (now < expected - Unnoticed && expected > _shownTwice)
                _shownTwice = expected;
            if (now < expected - Unnoticed || now > expected)
                _start = now - elapsed;
            return (now, _shownTwice);
        }
    }
}
