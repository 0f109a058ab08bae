namespace Templater.Pipeline.Watching;

/// <summary>
/// Waits until events have calmed down: a quiet time after the last one, but never longer than a deadline after the
/// first, so that a steady stream of events starves nobody. Thread-safe; one waiter at a time.
/// </summary>
internal sealed class SettleTimer(TimeProvider time, TimeSpan quiet, TimeSpan deadline)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _waiter;
    private readonly long _origin = time.GetTimestamp();
    private TimeSpan? _first;
    private TimeSpan _last;
    private bool _isUrgent;
    private TimeSpan? _latest;

    // A wall clock may be set; what is waited for here are spans.
    private TimeSpan Now => time.GetElapsedTime(_origin);

    /// <summary>When a wait ends. Pure.</summary>
    /// <param name="first">The first event since the last wait.</param>
    /// <param name="last">The last event.</param>
    /// <param name="quiet">Time without events.</param>
    /// <param name="deadline">Longest time after the first.</param>
    public static TimeSpan DueAt(TimeSpan first, TimeSpan last, TimeSpan quiet, TimeSpan deadline) =>
        last + quiet < first + deadline ? last + quiet : first + deadline;

    /// <summary>Something happened.</summary>
    public void Touch() => Touch(isUrgent: false);

    /// <summary>Something happened that needs no quiet time.</summary>
    public void TouchAtOnce() => Touch(isUrgent: true);

    /// <summary>Lets the wait that goes on, else the next one, end after this time at the latest, as if nothing had happened.</summary>
    public void EndWithin(TimeSpan span)
    {
        lock (_lock)
        {
            var latest = Now + span;
            if (_latest <= latest)
                return;
            _latest = latest;
            _waiter?.TrySetResult();
        }
    }

    /// <summary>Forgets what happened: a look that begins now will see it.</summary>
    public void Forget()
    {
        lock (_lock)
            ForgetAlone();
    }

    private void ForgetAlone()
    {
        _first = null;
        _isUrgent = false;
        _latest = null;
    }

    /// <summary>Waits until touched and calm, and forgets it then.</summary>
    /// <param name="atMost">Give up waiting for a first touch after this time; null = never.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>True when it was touched; false when the time was over first.</returns>
    public async Task<bool> WaitAsync(TimeSpan? atMost, CancellationToken cancellationToken)
    {
        var latest = Now + atMost;
        while (true)
        {
            Task touched;
            TimeSpan? wait;
            lock (_lock)
            {
                var now = Now;
                var due = _first is not { } first ? (TimeSpan?)null : _isUrgent ? now : DueAt(first, _last, quiet, deadline);
                if (due <= now)
                {
                    ForgetAlone();
                    return true;
                }

                var end = _latest is null || latest < _latest ? latest : _latest;
                if (due is null && end <= now)
                {
                    ForgetAlone();
                    return false;
                }

                _waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                touched = _waiter.Task;
                wait = (due ?? end) - now;
            }

            await WaitAsync(touched, wait, cancellationToken);
        }
    }

    private void Touch(bool isUrgent)
    {
        lock (_lock)
        {
            _last = Now;
            _isUrgent |= isUrgent;
            // Later touches only move the end of the wait, which is looked up when the wait would end.
            if (_first is null || isUrgent)
                _waiter?.TrySetResult();
            _first ??= _last;
        }
    }

    private async Task WaitAsync(Task touched, TimeSpan? wait, CancellationToken cancellationToken)
    {
        if (wait is not { } span)
        {
            await touched.WaitAsync(cancellationToken);
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(touched, Task.Delay(span, time, stop.Token));
        await stop.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }
}
