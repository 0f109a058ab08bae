namespace Templater.Pipeline.Deployment.Proving;

/// <summary>Asks a question again and again until it is answered or a deadline passes.</summary>
internal static class Polling
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    /// <param name="ask">Gives the answer, or null for "not yet".</param>
    /// <param name="start">Timestamp of the clock from which the deadline counts.</param>
    /// <param name="deadline">How long to go on; asked at least once, and a last time when it has passed.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<T?> UntilAsync<T>(Func<Task<T?>> ask, long start, TimeSpan deadline, TimeProvider time, CancellationToken cancellationToken)
        where T : class
    {
        var pause = FirstPause;
        while (true)
        {
            var isLast = time.GetElapsedTime(start) >= deadline;
            if (await ask() is { } answer)
                return answer;
            if (isLast)
                return null;
            await Task.Delay(pause, time, cancellationToken);
            pause = pause * 1.5 < LongestPause ? pause * 1.5 : LongestPause;
        }
    }
}
