using System.Collections.Immutable;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Watching;

/// <summary>
/// Counts how often containers restart and notices which are told to stop, and writes both into snapshots. A container counts
/// by its id, and by its place in a compose project, so that one that is made anew each time is known again; not, if the one
/// before it was told to stop and did, as by who makes it anew on purpose. What ran for longer than
/// <see cref="Lifecycle.Window"/> comes back at once. A Swarm tells itself which tasks failed before. Not thread-safe.
/// </summary>
public sealed partial class LifecycleWatch
{
    /// <summary>How long the engine waits for a container to stop, where the container does not say.</summary>
    public static readonly TimeSpan DefaultStopTimeout = TimeSpan.FromSeconds(10);

    /// <summary>A container that was told to stop and still runs so long after its time has decided otherwise.</summary>
    public static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);

    private const int MaxRemembered = 10_000;
    // 2 to the power of six passes Lifecycle.MaxHold.
    private const int MaxCounted = 6;

    private static readonly ImmutableSortedDictionary<string, DateTimeOffset> Nobody =
        ImmutableSortedDictionary.Create<string, DateTimeOffset>(StringComparer.Ordinal);

    private readonly Dictionary<ContainerId, Seen> _seen = [];
    private readonly Dictionary<string, Runs> _runs = new(StringComparer.Ordinal);
    private Dictionary<ContainerId, DateTimeOffset> _told = [];
    private bool _isBaseline = true;

    /// <summary>Takes a hint in.</summary>
    /// <param name="change">The hint.</param>
    /// <param name="now">The present.</param>
    public void Note(SourceChange change, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(change);
        // After a gap nobody knows who started why: an engine that is restarted restarts everything.
        if (change.Kind == SourceChangeKind.Reconnected)
            _isBaseline = true;
        if (change.Container is not { } id)
            return;
        switch (change.Sign)
        {
            case LifecycleSign.Stopping:
                if (_told.Count < MaxRemembered)
                    _told.TryAdd(id, now);
                break;
            case LifecycleSign.Ended:
                if (_told.Remove(id))
                    Dismiss(id);
                break;
            case LifecycleSign.Started:
                _told.Remove(id);
                if (_seen.TryGetValue(id, out var seen) || _seen.Count < MaxRemembered)
                    _seen[id] = seen with { Events = seen.Events + 1 };
                break;
            default:
                break;
        }
    }

    /// <summary>The snapshot with what is known besides. Time is the snapshot's.</summary>
    /// <param name="snapshot">A complete snapshot of a live engine.</param>
    public Snapshot Complete(Snapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var now = snapshot.TakenAt;
        var present = new HashSet<ContainerId>(snapshot.Containers.Length);
        foreach (var container in snapshot.Containers)
        {
            present.Add(container.Id);
            if (_told.Count > 0 && container.State is not (ContainerState.Running or ContainerState.Paused or ContainerState.Restarting) && _told.Remove(container.Id))
                Dismiss(container.Id);
        }

        foreach (var id in _told.Keys.Where(id => !present.Contains(id)).ToList())
        {
            _told.Remove(id);
            Dismiss(id);
        }

        foreach (var container in snapshot.Containers)
            Count(container, now);
        _isBaseline = false;
        foreach (var id in _seen.Keys.Where(id => !present.Contains(id)).ToList())
            _seen.Remove(id);
        foreach (var (identity, runs) in _runs.ToList())
        {
            runs.Forget(now);
            if (runs.IsForgotten)
                _runs.Remove(identity);
        }

        var held = Held(snapshot);
        var stopping = Stopping(snapshot);
        return held.IsEmpty && stopping.IsEmpty ? snapshot : snapshot with { Lifecycle = new Lifecycle { Held = held, Stopping = stopping } };
    }

    // It has ended as it was told to: who takes its place in a compose project takes nothing over.
    private void Dismiss(ContainerId id)
    {
        if (_seen.TryGetValue(id, out var seen) && seen.Place is { } place && _runs.TryGetValue(place, out var runs))
            runs.Dismissed = id;
    }

    // Events tell of starts between two looks, looks of those that no event told; each start is counted by whichever knows of more.
    private void Count(Container container, DateTimeOffset now)
    {
        if (!_seen.TryGetValue(container.Id, out var seen) && _seen.Count >= MaxRemembered)
            return;
        var hasStarted = container.Started is not null && container.Started != seen.Started;
        var changes = seen.Changes + (hasStarted ? 1 : 0);
        // Started before anybody listened.
        if (_isBaseline)
            (changes, seen) = (0, seen with { Events = 0, Counted = 0 });
        var total = Math.Max(seen.Events, changes);
        var starts = total - seen.Counted;
        _seen[container.Id] = new Seen(container.Started, seen.Events, changes, total, Place(container));
        foreach (var identity in Identities(container))
        {
            if (starts <= 0 && !(_isBaseline && container.Started is not null))
                continue;
            if (!_runs.TryGetValue(identity, out var runs))
            {
                if (_runs.Count >= MaxRemembered)
                    continue;
                _runs[identity] = runs = new Runs();
            }

            if (starts > 0)
                runs.Add(container.Id, starts, now);
            else
                runs.Resume(container.Started!.Value);
        }
    }

    private ImmutableSortedDictionary<string, HoldDown> Held(Snapshot snapshot)
    {
        var held = ImmutableSortedDictionary.CreateBuilder<string, HoldDown>(StringComparer.Ordinal);
        foreach (var container in snapshot.Containers)
        {
            foreach (var identity in Identities(container))
            {
                if (_runs.TryGetValue(identity, out var runs) && runs.HoldAt(snapshot.TakenAt) is { } hold
                    && (!held.TryGetValue(container.Id.Value, out var other) || other.Until < hold.Until))
                    held[container.Id.Value] = hold;
            }

            if (AfterFailures(container, snapshot.TakenAt) is { } task && (!held.TryGetValue(container.Id.Value, out var known) || known.Until < task.Until))
                held[container.Id.Value] = task;
        }

        return held.ToImmutable();
    }

    // A Swarm makes a new task of each run and remembers the last few; one that an update replaced has not failed.
    private static HoldDown? AfterFailures(Container container, DateTimeOffset now) =>
        container is { Swarm.Failures: > 0 and var failures, Started: { } started }
        && started + Wait(failures) is var until && until > now && until <= now + Lifecycle.MaxHold ? new HoldDown(until, failures) : null;

    private static TimeSpan Wait(int restarts) => TimeSpan.FromSeconds(Math.Min(Math.Pow(2, restarts), Lifecycle.MaxHold.TotalSeconds));

    private ImmutableSortedDictionary<string, DateTimeOffset> Stopping(Snapshot snapshot)
    {
        if (_told.Count == 0)
            return Nobody;
        var stopping = ImmutableSortedDictionary.CreateBuilder<string, DateTimeOffset>(StringComparer.Ordinal);
        var still = new Dictionary<ContainerId, DateTimeOffset>();
        foreach (var container in snapshot.Containers)
        {
            if (container.State != ContainerState.Running || !_told.TryGetValue(container.Id, out var since))
                continue;
            var patience = container.StopTimeout is { } seconds ? TimeSpan.FromSeconds(seconds) : DefaultStopTimeout;
            var until = since + patience + StopGrace;
            if (until <= snapshot.TakenAt)
                continue;
            still[container.Id] = since;
            stopping[container.Id.Value] = until;
        }

        _told = still;
        return stopping.ToImmutable();
    }

    private static IEnumerable<string> Identities(Container container)
    {
        yield return container.Id.Value;
        if (Place(container) is { } place)
            yield return place;
    }

    // Runs of one service without a number may be several at once.
    private static string? Place(Container container) =>
        container.Compose is { Number: > 0 } compose ? $"{compose.Project}/{compose.Service}/{compose.Number}" : null;

    private readonly record struct Seen(DateTimeOffset? Started, int Events, int Changes, int Counted, string? Place);
}
