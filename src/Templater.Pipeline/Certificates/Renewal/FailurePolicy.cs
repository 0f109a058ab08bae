namespace Templater.Pipeline.Certificates.Renewal;

/// <summary>What is remembered of orders for one set of names that failed, until one succeeds or what is wanted for it changes.</summary>
/// <param name="Count">How many failed in a row; from 1.</param>
/// <param name="At">When the last one failed.</param>
/// <param name="NotBefore">Until when its CA does not want to be asked again (Retry-After), as an instant; null when it said nothing.</param>
public sealed record FailedOrders(int Count, DateTimeOffset At, DateTimeOffset? NotBefore = null)
{
    /// <summary>True when somebody wants it to be tried again without our own pause; what its CA said holds nevertheless.</summary>
    public bool IsHurried { get; init; }
}

/// <summary>
/// When a certificate that could not be obtained is tried again: after 1, 10, 100 minutes, then once a day, the pauses that Let's
/// Encrypt asks for. Pure. Events of containers have no say in it.
/// </summary>
public static class FailurePolicy
{
    /// <summary>The longest pause after a failure, whatever its authority says.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromDays(1);

    /// <summary>The pauses after the first, the second … failure in a row; the last one holds for all that follow.</summary>
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(100), LongestPause];

    // No CA is believed to want to be left alone for longer: a wrong clock or a wrong header must not end all attempts.
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromDays(7);

    // Of what is left to a certificate: a short-lived one has to be tried several times before it ends.
    private const int AttemptsInRest = 8;

    // What is left shrinks with each attempt, the pause does not below this, or this part of the lifetime where that is shorter.
    private const int ShortestPausesInLifetime = 50;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMinutes(10);

    /// <summary>The earliest instant of the next attempt.</summary>
    /// <param name="failed">What failed.</param>
    /// <param name="renewed">The certificate that is to be renewed; null when there is none.</param>
    public static DateTimeOffset RetryAt(FailedOrders failed, CertificateLife? renewed)
    {
        ArgumentNullException.ThrowIfNull(failed);
        var pause = Pauses[Math.Clamp(failed.Count, 1, Pauses.Length) - 1];
        if (renewed is not null && renewed.NotAfter > failed.At)
            pause = Min(pause, Max((renewed.NotAfter - failed.At) / AttemptsInRest, Min(ShortestPause, renewed.Lifetime / ShortestPausesInLifetime)));
        var ours = failed.IsHurried ? failed.At : failed.At + pause;
        var longest = failed.At + LongestRetryAfter;
        var theirs = failed.NotBefore < longest ? failed.NotBefore : failed.NotBefore is null ? null : longest;
        return theirs > ours ? theirs.Value : ours;
    }

    /// <summary>
    /// What holds of a memory at an instant: a failure that lies in the future was noted by a clock that has been put back since, and
    /// counts as one of now.
    /// </summary>
    /// <param name="failed">What is remembered.</param>
    /// <param name="now">The wall clock.</param>
    public static FailedOrders AsOf(FailedOrders failed, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(failed);
        return failed.At <= now ? failed : failed with { At = now };
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
