namespace Templater.Pipeline.Deployment;

/// <summary>When a reload that is owed is delivered. Pure; the clock is an argument.</summary>
/// <param name="Interval">Shortest time between two reloads.</param>
internal sealed record DebtPolicy(TimeSpan Interval)
{
    /// <summary>How often a proxy is told about one generation before the last good one is put back.</summary>
    public const int MaxUnprovenDeliveries = 2;

    public static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(60);

    /// <summary>1, 2, 4 … 60 seconds after that many failures in a row; it never gives up.</summary>
    public static TimeSpan RetryDelay(int failures)
    {
        const int DoublingsToLongest = 6;
        var doublings = Math.Clamp(failures - 1, 0, DoublingsToLongest);
        var delay = FirstRetry * (1 << doublings);
        return delay < LongestRetry ? delay : LongestRetry;
    }

    /// <summary>
    /// The first moment at which the next delivery may happen: at once after calm, at the end of the interval otherwise, and
    /// not before the retry of a failed one.
    /// </summary>
    /// <param name="now">The present.</param>
    /// <param name="lastReload">When the proxy was last told anything; null for never.</param>
    /// <param name="failures">Failed deliveries of this generation in a row.</param>
    /// <param name="lastAttempt">When the last of them happened.</param>
    public DateTimeOffset NextDelivery(DateTimeOffset now, DateTimeOffset? lastReload, int failures, DateTimeOffset? lastAttempt)
    {
        var next = now;
        if (Until(now, lastReload, Interval) is { } throttled && throttled > next)
            next = throttled;
        if (failures > 0 && Until(now, lastAttempt, RetryDelay(failures)) is { } retry && retry > next)
            next = retry;
        return next;
    }

    // A clock that was set back must not hold a reload for longer than the wait itself.
    private static DateTimeOffset? Until(DateTimeOffset now, DateTimeOffset? since, TimeSpan wait) =>
        since is not { } start ? null : start > now ? now + wait : start + wait;
}
