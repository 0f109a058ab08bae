using System.Collections.Immutable;
using Templater.Pipeline.Deployment;

namespace Templater.Pipeline.Watching;

/// <summary>What a Templater does and did, put together from what it says of itself and from its journals. Immutable.</summary>
public sealed record StatusReport
{
    /// <summary>When it was put together.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>What the program said last; null when it never said anything that can be read.</summary>
    public WatcherStatus? Told { get; init; }

    /// <summary>True when the program runs, as far as can be seen.</summary>
    public bool IsRunning { get; init; }

    /// <summary>The outputs: those of the program in the order of its settings, then those that only have a journal.</summary>
    public ImmutableArray<ReportedOutput> Outputs { get; init; } = [];

    /// <summary>Whether it is healthy; null when it does not run.</summary>
    public HealthReport? Health { get; init; }

    /// <summary>The same for whoever would restart the program: one that has only just started lacks nothing yet; null when it does not run.</summary>
    public HealthReport? Liveness { get; init; }

    /// <summary>How old the last complete snapshot is; null when there is none, or the program does not run.</summary>
    public TimeSpan? SnapshotAge => IsRunning && Told?.LastCompleteSnapshot is { } last ? Positive(Now - last) : null;

    /// <summary>Puts it together. Pure.</summary>
    /// <param name="told">What the program said last; null when nothing can be read.</param>
    /// <param name="journals">What the journals say, each output at most once.</param>
    /// <param name="now">The time.</param>
    /// <param name="staleAfter">A program that said nothing for so long runs no more; also the longest time without a complete snapshot.</param>
    /// <param name="reloadAlarm">Longest time that a reload may be owed to a proxy that runs.</param>
    /// <param name="isLocked">Whether a program holds the <see cref="RunLock"/>: one that was killed says nothing of that; null = unknown.</param>
    public static StatusReport Of(WatcherStatus? told, ImmutableArray<JournalReading> journals, DateTimeOffset now, TimeSpan staleAfter, TimeSpan reloadAlarm, bool? isLocked = null)
    {
        var isRunning = told is { Ended: null } && isLocked is not false && now - told.Written <= staleAfter;
        var known = told?.Outputs ?? [];
        return new StatusReport
        {
            Now = now,
            Told = told,
            IsRunning = isRunning,
            Health = isRunning ? HealthReport.Evaluate(told, now, staleAfter, reloadAlarm) : null,
            Liveness = isRunning ? HealthReport.OfLiveness(told!, now, staleAfter, reloadAlarm) : null,
            Outputs =
            [
                .. known.Select(output => new ReportedOutput(output.Name, output, journals.FirstOrDefault(journal => journal.Output == output.Name))),
                .. journals.Where(journal => !known.Any(output => output.Name == journal.Output)).Select(static journal => new ReportedOutput(journal.Output, null, journal)),
            ],
        };
    }

    private static TimeSpan Positive(TimeSpan span) => span > TimeSpan.Zero ? span : TimeSpan.Zero;
}

/// <summary>One output in a <see cref="StatusReport"/>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Told">What the program says of it; null when it does not, because it has not looked yet or the settings name it no more.</param>
/// <param name="Journal">Its journal; null when there is none.</param>
public sealed record ReportedOutput(string Name, OutputStatus? Told, JournalReading? Journal)
{
    /// <summary>The generation that is in place, or on its way; null when there is none.</summary>
    public JournalEntry? Current => Journal?.State?.Current;

    /// <summary>Finished generations and <see cref="Current"/>, in the order in which they were wanted.</summary>
    public ImmutableArray<JournalEntry> Generations => Journal?.State is not { } state ? []
        : [.. (state.Current is { } current ? state.History.Add(current) : state.History).OrderBy(static entry => entry.Desired)];

    /// <summary>Since when a reload is owed; null when none is.</summary>
    public DateTimeOffset? OwedSince => Current is { IsOwed: true } owed ? owed.OwedAnew ?? owed.Swapped ?? owed.Desired : null;

    /// <summary>The last generation that did not become live, unless it has since.</summary>
    public JournalEntry? LastRefused
    {
        get
        {
            var generations = Generations;
            var refused = generations.LastOrDefault(static entry => entry.HasFailed);
            return refused is null || generations.SkipWhile(entry => !ReferenceEquals(entry, refused)).Any(entry => entry.IsLive && entry.Generation == refused.Generation) ? null : refused;
        }
    }
}
