namespace Templater.Pipeline.Deployment;

/// <summary>When a reload that is owed is delivered. Pure; what has passed since is an argument.</summary>
/// <param name="Interval">Shortest time between two reloads.</param>
internal sealed record DebtPolicy(TimeSpan Interval)
{
    /// <summary>How often a proxy is told about one generation before the last good one is put back.</summary>
    public const int MaxUnprovenDeliveries = 2;

    public static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan FirstTrial = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan LongestTrial = TimeSpan.FromMinutes(10);

    /// <summary>1, 2, 4 … 60 seconds after that many failures in a row; it never gives up.</summary>
    public static TimeSpan RetryDelay(int failures)
    {
        const int DoublingsToLongest = 6;
        var doublings = Math.Clamp(failures - 1, 0, DoublingsToLongest);
        var delay = FirstRetry * (1 << doublings);
        return delay < LongestRetry ? delay : LongestRetry;
    }

    /// <summary>
    /// 1½, 3, 6 … minutes, at most ten, after that many failures of what is wanted: what it failed of may lie outside of it and go
    /// by itself, as a port that is taken does, a key that is missing, or a proxy that is stopped.
    /// </summary>
    public static TimeSpan TrialDelay(int failures)
    {
        const int DoublingsToLongest = 3;
        var delay = FirstTrial * (1 << Math.Clamp(failures - 1, 0, DoublingsToLongest));
        return delay < LongestTrial ? delay : LongestTrial;
    }

    /// <summary>
    /// How long the next delivery has to wait: not at all after calm, to the end of the interval otherwise, and not less than
    /// the pause after a failed one.
    /// </summary>
    /// <param name="sinceReload">Time since the proxy was last told anything; null for never.</param>
    /// <param name="failures">Failed deliveries of this generation in a row.</param>
    /// <param name="sinceAttempt">Time since the last of them.</param>
    public TimeSpan Wait(TimeSpan? sinceReload, int failures, TimeSpan? sinceAttempt)
    {
        var throttled = Interval - sinceReload ?? TimeSpan.Zero;
        var retry = failures > 0 ? RetryDelay(failures) - sinceAttempt ?? TimeSpan.Zero : TimeSpan.Zero;
        var longer = throttled > retry ? throttled : retry;
        return longer > TimeSpan.Zero ? longer : TimeSpan.Zero;
    }
}
