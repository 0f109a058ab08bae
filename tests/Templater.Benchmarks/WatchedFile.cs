namespace Templater.Benchmarks;

/// <summary>A file that is replaced by renaming: every version has its own time of last change.</summary>
internal sealed class WatchedFile(string path)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private DateTime _last;

    /// <summary>Waits until there is another version than the last one seen.</summary>
    /// <exception cref="TimeoutException">There was none within half a minute.</exception>
    public async Task WaitForChangeAsync()
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!HasChanged())
        {
            if (TimeProvider.System.GetElapsedTime(start) > Limit)
                throw new TimeoutException($"{path} was not written");
            await Task.Delay(TimeSpan.FromMilliseconds(1));
        }
    }

    /// <summary>Counts the versions until the time is over.</summary>
    public async Task<int> CountChangesAsync(CancellationToken end)
    {
        var count = 0;
        while (!end.IsCancellationRequested)
        {
            count += HasChanged() ? 1 : 0;
            // Not cancelled: the loop's condition ends it.
            await Task.Delay(TimeSpan.FromMilliseconds(1), CancellationToken.None);
        }

        return count;
    }

    private bool HasChanged()
    {
        var time = File.GetLastWriteTimeUtc(path);
        if (time == _last || !File.Exists(path))
            return false;
        _last = time;
        return true;
    }
}
