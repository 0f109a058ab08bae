using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Inventory.Engine;
using Templater.Pipeline.Watching.Metrics;

namespace Templater.Pipeline.Watching;

/// <summary>
/// The loop of <c>templater run</c>: listen, read, apply, wait. Events only touch a timer; everything is decided from one
/// complete snapshot. A failed read changes nothing but what is said about it.
/// </summary>
/// <remarks><see cref="RunAsync"/> once; the other members from any thread.</remarks>
public sealed partial class Watcher
{
    /// <summary>How long a silent engine is waited for before a first configuration is written without it.</summary>
    public static readonly TimeSpan FirstBootPatience = TimeSpan.FromSeconds(2);

    /// <summary>A lost event stream is worth a line only after this time; most come back at once.</summary>
    public static readonly TimeSpan LostPatience = TimeSpan.FromSeconds(1);

    /// <summary>Least time between two writes of the status.</summary>
    public static readonly TimeSpan StatusInterval = TimeSpan.FromSeconds(1);

    /// <summary>Time that is left to what is going on when the program is told to end.</summary>
    public static readonly TimeSpan EndPatience = TimeSpan.FromMilliseconds(1500);

    private readonly ISnapshotSource _source;
    private readonly IOutputPipeline _pipeline;
    private readonly FileChanges _files;
    private readonly StatusFile? _status;
    private readonly WatcherOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RunMeter? _meter;
    private readonly SettleTimer _settle;
    private readonly FindingLog _findingLog;
    private readonly GenerationLog _generations;
    private readonly Backoff _readBackoff = new();
    private readonly TaskCompletionSource _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly long _origin;
    private readonly Lock _lock = new();
    private readonly LifecycleWatch _lifecycle = new();
    private CauseBatch _arrived = new();
    private (SnapshotFailedException Failure, TimeSpan Since)? _lost;

    /// <summary>Creates the loop; nothing happens yet.</summary>
    /// <param name="source">Where snapshots come from.</param>
    /// <param name="pipeline">What is done with them.</param>
    /// <param name="files">The operator's files.</param>
    /// <param name="status">Where the status goes; null = nowhere.</param>
    /// <param name="options">Times.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    /// <param name="meter">Counts what happens; null = nobody does.</param>
    public Watcher(
        ISnapshotSource source, IOutputPipeline pipeline, FileChanges files, StatusFile? status,
        WatcherOptions options, TimeProvider time, ILogger logger, RunMeter? meter = null)
    {
        _meter = meter;
        _source = source;
        _pipeline = pipeline;
        _files = files;
        _status = status;
        _options = options;
        _time = time;
        _origin = time.GetTimestamp();
        _logger = logger;
        _settle = new SettleTimer(time, options.SettleDelay, options.SettleDeadline);
        _findingLog = new FindingLog(logger, time);
        _generations = new GenerationLog(logger);
    }

    // Spans are not measured with a clock that somebody may set.
    private TimeSpan Uptime => _time.GetElapsedTime(_origin);

    /// <summary>Runs until cancelled. Then it ends within two seconds, whatever goes on.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var output in _status?.Read()?.Outputs ?? [])
            _generations.Resume(output.Name, output.Generation);
        _started = _time.GetUtcNow();
        // Replaces the status of the run before, which says nothing about this one.
        Publish();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var keeping = KeepStatusAsync(stop.Token);
        Task[] tasks = [ListenAsync(stop.Token), LookAtFilesAsync(stop.Token), keeping, LoopAsync(stop.Token)];
        // None of them ends by itself: one that does has been cancelled, or has failed because of a mistake in the program.
        var ended = await Task.WhenAny(tasks);
        await stop.CancelAsync();
        await Task.WhenAny(Task.WhenAll(tasks), Task.Delay(EndPatience, _time, CancellationToken.None));
        // Two may not write at once.
        if (keeping.IsCompleted)
            await SayEndAsync();
        await ended;
    }

    /// <summary>The operator asks for settings, templates and containers to be read again, now.</summary>
    public void RequestReload()
    {
        Arrive(new SourceChange(SourceChangeKind.Resync, null, "", "reload requested", ExplainsRemoval: true), isReload: true);
        _settle.TouchAtOnce();
    }

    /// <summary>Tells how it stands with the certificates that are wanted, the default while that is not known; null where none are obtained. From any thread, returns at once.</summary>
    public Func<ImmutableArray<CertificateStatus>>? Certificates { get; init; }

    /// <summary>Tells which accounts are given another key; null where no certificates are obtained. From any thread, returns at once.</summary>
    public Func<ImmutableArray<KeyChange>>? KeyChanges { get; init; }

    /// <summary>Something that only the caller knows makes another look worthwhile, for example a new certificate.</summary>
    /// <param name="text">For people, as a cause; empty when there is none that was not told already.</param>
    public void Nudge(string text)
    {
        Arrive(new SourceChange(SourceChangeKind.Resync, null, "", UntrustedText.Printable(text, SourceChange.MaxTextLength), ExplainsRemoval: false));
        _settle.Touch();
    }

    private void Arrive(SourceChange change, bool isFile = false, bool isReload = false)
    {
        lock (_lock)
        {
            _arrived.Add(change, Uptime, isFile, isReload);
            _lifecycle.Note(change, _time.GetUtcNow());
        }

        _meter?.Note(change.Kind, isFile, isReload);
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        await foreach (var change in _source.ChangesAsync(cancellationToken))
        {
            switch (change.Kind)
            {
                case SourceChangeKind.Lost:
                    lock (_lock)
                        _lost = (change.Failure ?? Unknown(), _lost?.Since ?? Uptime);
                    break;
                case SourceChangeKind.Reconnected:
                    lock (_lock)
                        _lost = null;
                    if (_listening.Task.IsCompleted)
                        Arrive(change);
                    break;
                default:
                    Arrive(change);
                    break;
            }

            _listening.TrySetResult();
            _settle.Touch();
        }
    }

    private SnapshotFailedException Unknown() =>
        new(ReasonIds.EngineUnreachable, $"the connection to {_source.Description} was lost.");

    private async Task LookAtFilesAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            foreach (var path in await ChangedFilesAsync(cancellationToken))
            {
                var text = UntrustedText.Printable($"{Path.GetFileName(path)} changed", SourceChange.MaxTextLength);
                Arrive(new SourceChange(SourceChangeKind.Event, null, "", text, ExplainsRemoval: true), isFile: true);
                _settle.Touch();
            }

            await Task.Delay(FileChanges.PollInterval, _time, cancellationToken);
        }
    }

    // Shells and editors empty a file before they fill it.
    private async Task<IEnumerable<string>> ChangedFilesAsync(CancellationToken cancellationToken)
    {
        var changed = new SortedSet<string>(_files.Look(), StringComparer.Ordinal);
        for (var look = 0; changed.Count > 0 && look < FileChanges.MaxQuietLooks; look++)
        {
            await Task.Delay(FileChanges.QuietTime, _time, cancellationToken);
            var more = _files.Look();
            if (more.IsEmpty)
                break;
            changed.UnionWith(more);
        }

        return changed;
    }
}
