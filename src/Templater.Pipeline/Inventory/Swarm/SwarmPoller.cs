using Templater.Docker;

namespace Templater.Pipeline.Inventory.Swarm;

/// <summary>
/// Notices what becomes of tasks, for which no events exist: asks every second while something moves, almost as often where tasks
/// run on other nodes, which may be put elsewhere at any time without a word, and else every 15 seconds.
/// Thread-safe: readers tell it what they saw while it waits.
/// </summary>
/// <param name="client">The engine.</param>
/// <param name="time">The clock.</param>
internal sealed class SwarmPoller(IDockerClient client, TimeProvider time)
{
    /// <summary>Between two questions while something moves.</summary>
    public static readonly TimeSpan Moving = TimeSpan.FromSeconds(1);

    /// <summary>Between two questions while nothing does.</summary>
    public static readonly TimeSpan Calm = TimeSpan.FromSeconds(15);

    /// <summary>Between two questions while nothing moves, and tasks run where no event tells of them.</summary>
    public static readonly TimeSpan Elsewhere = TimeSpan.FromSeconds(1.5);

    /// <summary>So long after the last sign of a movement it is still expected to go on.</summary>
    public static readonly TimeSpan CalmAfter = TimeSpan.FromSeconds(10);

    // A Swarm of thousands of tasks is not asked all the time: a question costs at most one part in so many.
    private const int MaxShare = 20;

    private readonly Lock _lock = new();
    private SwarmReading? _seen;
    private long? _movedAt;
    private TimeSpan _calm = Calm;
    private TimeSpan _took;
    private TaskCompletionSource _changed = New();

    /// <summary>Takes what was read last; null stops the questions.</summary>
    /// <param name="reading">The reading.</param>
    public void Saw(SwarmReading? reading)
    {
        lock (_lock)
        {
            var wasOff = _seen is null;
            _seen = reading;
            var calm = reading?.RunsElsewhere() == true ? Elsewhere : Calm;
            wasOff |= calm < _calm;
            _calm = calm;
            if (reading?.IsMoving() == true)
                NoteMovement();
            else if (wasOff && reading is not null)
                Wake();
        }
    }

    /// <summary>Something was reported that begins a movement, such as the update of a service.</summary>
    public void ExpectMovement()
    {
        lock (_lock)
            NoteMovement();
    }

    /// <summary>Waits until tasks are not what a reader saw last.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The hint.</returns>
    public async Task<SourceChange> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await WaitAsync(cancellationToken);
            if (await LookAsync(cancellationToken) is { } change)
                return change;
        }
    }

    private async Task<SourceChange?> LookAsync(CancellationToken cancellationToken)
    {
        SwarmReading? before;
        lock (_lock)
            before = _seen;
        if (before is null)
            return null;
        try
        {
            var begun = time.GetTimestamp();
            var now = new SwarmReading(before.OwnNode, before.Services, await client.ListTasksAsync(cancellationToken), []);
            lock (_lock)
                _took = time.GetElapsedTime(begun);
            var moved = Moved(before, now);
            if (moved.Count == 0)
                return null;
            ExpectMovement();
            return Change(string.Join(", ", moved.Take(3)) + (moved.Count > 3 ? ", …" : ""));
        }
        catch (DockerException)
        {
            // A reader asks the same, and says why it fails.
            return Change("the Swarm's tasks could not be listed") with { ExplainsRemoval = false };
        }
    }

    /// <summary>Names of the services with tasks that are not what they were.</summary>
    private static List<string> Moved(SwarmReading before, SwarmReading now)
    {
        var facts = before.Tasks.ToDictionary(static task => task.ID, SwarmReading.Facts, StringComparer.Ordinal);
        var changed = now.Tasks.Where(task => !facts.Remove(task.ID, out var known) || known != SwarmReading.Facts(task)).Select(static task => task.ServiceID).ToList();
        changed.AddRange(before.Tasks.Where(task => facts.ContainsKey(task.ID)).Select(static task => task.ServiceID));
        return [.. changed.Distinct(StringComparer.Ordinal).Select(id => now.Service(id)?.Spec.Name ?? "a removed service").Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal).Select(static name => UntrustedText.Printable(name, 60))];
    }

    private static SourceChange Change(string text) => new(
        SourceChangeKind.Event, null, "", UntrustedText.Printable($"tasks of {text} changed", SourceChange.MaxTextLength), ExplainsRemoval: true);

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        while (true)
        {
            Task changed;
            TimeSpan? wait;
            lock (_lock)
            {
                var interval = Interval();
                wait = _seen is null ? null : interval - time.GetElapsedTime(begun);
                if (wait <= TimeSpan.Zero)
                    return;
                changed = _changed.Task;
            }

            if (wait is not { } span)
            {
                await changed.WaitAsync(cancellationToken);
                continue;
            }

            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(changed, Task.Delay(span, time, stop.Token));
            await stop.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private TimeSpan Interval()
    {
        if (_movedAt is { } moved && time.GetElapsedTime(moved) < CalmAfter)
            return Moving;
        var affordable = _took * MaxShare;
        return affordable > _calm ? affordable < Calm ? affordable : Calm : _calm;
    }

    private void NoteMovement()
    {
        _movedAt = time.GetTimestamp();
        Wake();
    }

    private void Wake()
    {
        _changed.TrySetResult();
        _changed = New();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
