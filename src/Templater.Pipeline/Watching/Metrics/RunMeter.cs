using System.Collections.Immutable;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Watching.Metrics;

/// <summary>Counts what happens in a run. Thread-safe.</summary>
public sealed class RunMeter
{
    private const int MaxCertificates = 1000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, ImmutableHashSet<Mark>> _seen = new(StringComparer.Ordinal);
    private RunCounts _counts = new();

    /// <summary>What was counted so far.</summary>
    public RunCounts Counts
    {
        get
        {
            lock (_lock)
                return _counts;
        }
    }

    /// <summary>The words of phases, which are results here.</summary>
    private static string Result(DeliveryPhase phase) => phase switch
    {
        DeliveryPhase.NotNeeded => "not-needed",
        DeliveryPhase.RolledBack => "rolled-back",
        _ => phase.ToString().ToLowerInvariant(),
    };

    /// <summary>Something asked for a look.</summary>
    internal void Note(SourceChangeKind kind, bool isFile, bool isReload) => Count(MetricNames.Events, MetricLabels.Of(("kind",
        isReload ? "request" : isFile ? "file" : kind switch
        {
            SourceChangeKind.Event => "engine",
            SourceChangeKind.Resync => "re-sync",
            SourceChangeKind.Reconnected => "reconnected",
            _ => "lost",
        })));

    /// <summary>A snapshot was read, or could not be.</summary>
    internal void NoteRead(bool isComplete) => Count(MetricNames.Snapshots, MetricLabels.Of(("result", isComplete ? "complete" : "failed")));

    /// <summary>The certificates are these.</summary>
    internal void NoteCertificates(ImmutableArray<CertificatePair> pairs)
    {
        var ends = ImmutableSortedDictionary.CreateBuilder<string, DateTimeOffset>(StringComparer.Ordinal);
        foreach (var pair in pairs.Take(MaxCertificates))
            ends[pair.Name] = pair.NotAfter;
        lock (_lock)
            _counts = _counts with { Certificates = ends.ToImmutable() };
    }

    /// <summary>An output was rendered.</summary>
    /// <param name="output">Its name.</param>
    /// <param name="took">The time that took.</param>
    public void NoteRender(string output, TimeSpan took) => Time(MetricNames.RenderSeconds, output, took);

    /// <summary>
    /// Counts what has become of generations since the last call; those that the first call finds were there before the run. A journal
    /// keeps many more generations than can pass between two calls.
    /// </summary>
    /// <param name="output">Name of the output.</param>
    /// <param name="status">Its deployment now.</param>
    public void Note(string output, DeliveryStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        var settled = (status.Current is { } current ? status.History.Add(current) : status.History).Where(static entry => entry.Settled is not null).ToList();
        lock (_lock)
        {
            var seen = _seen.GetValueOrDefault(output);
            _seen[output] = [.. settled.Select(static entry => Mark.Of(entry))];
            if (seen is null)
                return;
            foreach (var entry in settled.Where(entry => !seen.Contains(Mark.Of(entry))))
                Add(output, entry);
        }
    }

    private void Add(string output, JournalEntry entry)
    {
        Count(MetricNames.Generations, MetricLabels.Of(("output", output), ("result", Result(entry.Phase))));
        if (entry.Checked is { } judged)
            Time(MetricNames.CheckSeconds, output, judged - entry.Desired);
        if (entry.Delivered is not { } told)
            return;
        Count(MetricNames.Reloads, MetricLabels.Of(("output", output), ("reason", ReloadReasons.Of(entry)), ("result", Result(entry.Phase))));
        Time(MetricNames.ReloadSeconds, output, entry.Settled!.Value - told);
    }

    private void Count(string name, string labels)
    {
        lock (_lock)
        {
            var series = _counts.Counters.GetValueOrDefault(name) ?? ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);
            _counts = _counts with { Counters = _counts.Counters.SetItem(name, series.SetItem(labels, series.GetValueOrDefault(labels) + 1)) };
        }
    }

    private void Time(string name, string output, TimeSpan took)
    {
        lock (_lock)
        {
            var series = _counts.Histograms.GetValueOrDefault(name) ?? ImmutableSortedDictionary.Create<string, Histogram>(StringComparer.Ordinal);
            _counts = _counts with { Histograms = _counts.Histograms.SetItem(name, series.SetItem(output, (series.GetValueOrDefault(output) ?? Histogram.Empty).With(took))) };
        }
    }

    // One generation may be settled more than once: for a proxy that came later, or after it was put back.
    private readonly record struct Mark(string Generation, DateTimeOffset Desired, DateTimeOffset? Settled)
    {
        public static Mark Of(JournalEntry entry) => new(entry.Generation, entry.Desired, entry.Settled);
    }
}
