namespace Templater.Pipeline.Watching;

/// <summary>The times of the loop. Immutable.</summary>
public sealed record WatcherOptions
{
    /// <summary>Quiet time after the last event before a snapshot is taken. Not negative; zero waits for no quiet.</summary>
    public TimeSpan SettleDelay { get; init => field = NotNegative(value); } = TimeSpan.FromMilliseconds(25);

    /// <summary>Longest time from the first event to the snapshot. Not negative.</summary>
    public TimeSpan SettleDeadline { get; init => field = NotNegative(value); } = TimeSpan.FromMilliseconds(500);

    /// <summary>Everything is read again after this time without events. Positive.</summary>
    public TimeSpan Resync { get; init => field = Positive(value); } = TimeSpan.FromSeconds(60);

    private static TimeSpan NotNegative(TimeSpan value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
        return value;
    }

    private static TimeSpan Positive(TimeSpan value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
        return value;
    }
}
