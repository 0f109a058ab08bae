using System.Collections.Immutable;
using System.Threading.Channels;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Watching;

// What is said: findings, generations, status.
public sealed partial class Watcher
{
    private readonly Channel<bool> _statusChanged =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private const int MaxEngineLength = 80;

    private readonly Lock _saying = new();
    private readonly Dictionary<string, OutputResult> _outputs = new(StringComparer.Ordinal);
    private readonly HashSet<(string Output, string Generation)> _reported = [];
    private ImmutableArray<string> _outputOrder = [];
    private ImmutableArray<Finding> _pipelineFindings = [];
    private SnapshotFailedException? _readFailure;
    private Finding? _statusFailure;
    private DateTimeOffset _started;
    private DateTimeOffset? _lastComplete;
    private int _containers;
    private EngineDescription? _engine;
    private Lifecycle _known = new();

    /// <summary>
    /// Something became of an output between two looks, for example a reload that had been owed was delivered. Replaces what was
    /// known of the output.
    /// </summary>
    /// <param name="result">What became of it.</param>
    /// <param name="cause">For people, for example <c>proxy started</c>.</param>
    /// <param name="againAfter">Look again after this time even if nothing happens; null = no need.</param>
    public void Report(OutputResult result, string cause, TimeSpan? againAfter = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        lock (_lock)
        {
            if (!_outputs.TryGetValue(result.Output, out var known))
                _outputOrder = _outputOrder.Add(result.Output);
            // A late result knows no hosts: they are those of the look that rendered it.
            else if (result.Hosts.IsEmpty)
                result = result with { Hosts = known.Hosts };
            result = result with { OldWorkers = result.OldWorkers ?? known?.OldWorkers, LookFindings = result.LookFindings ?? known?.LookFindings };
            _outputs[result.Output] = result;
            _reported.Add((result.Output, result.Generation));
        }

        _generations.Report(result, cause, null);
        Publish();
        if (againAfter is { } after)
            _settle.EndWithin(after < LeastWait ? LeastWait : after);
    }

    /// <summary>What it would write into the status file now.</summary>
    public WatcherStatus Status => CurrentStatus();

    private void Note(OutputReport report, string cause, TimeSpan? took)
    {
        foreach (var result in report.Outputs.Where(IsNews))
            _generations.Report(result, cause, took);
        lock (_lock)
        {
            foreach (var gone in _outputs.Keys.Except(report.Outputs.Select(static result => result.Output)).ToList())
                _outputs.Remove(gone);
            foreach (var result in report.Outputs)
            {
                var known = _outputs.GetValueOrDefault(result.Output);
                if (IsNews(result))
                    // What was reported since the last look that ended is not said to be over by one that did not.
                    _outputs[result.Output] = result.IsInterim && known is not null ? result with { Findings = known.Findings, LookFindings = known.LookFindings } : result;
                // What it found out about containers nobody else knows.
                else if (!result.IsInterim && known is not null)
                    _outputs[result.Output] = known with { LookFindings = result.LookFindings };
            }

            _outputOrder = [.. report.Outputs.Select(static result => result.Output)];
            _pipelineFindings = report.Findings;
        }

        Publish();
    }

    // What became of the same generation while the look was going on is known better by whoever reported it.
    private bool IsNews(OutputResult result)
    {
        lock (_lock)
            return result.IsInterim ? !_reported.Any(reported => reported.Output == result.Output) : !_reported.Contains((result.Output, result.Generation));
    }

    private void NoteFailedRead(SnapshotFailedException failure)
    {
        lock (_lock)
        {
            // The words change from one attempt to the next; the same trouble is said once.
            if (_readFailure?.Reason != failure.Reason || failure.Reason is ReasonIds.InvalidInput or ReasonIds.CallForbidden)
                _readFailure = failure;
        }

        _meter?.NoteRead(isComplete: false);

        Publish();
    }

    private void NoteCompleteRead(Snapshot snapshot)
    {
        _readBackoff.Connected(Inventory.Engine.Backoff.HealthyAfter);
        lock (_lock)
        {
            _readFailure = null;
            _lastComplete = _time.GetUtcNow();
            _containers = snapshot.Containers.Length;
            _engine = snapshot.Engine ?? _engine;
        }

        _meter?.NoteRead(isComplete: true);
        _meter?.NoteCertificates(snapshot.Certificates);

        Publish();
    }

    private void Publish()
    {
        Say();
        _statusChanged.Writer.TryWrite(true);
    }

    private ImmutableArray<Finding> CurrentFindings(bool isInFile = false)
    {
        lock (_lock)
        {
            var findings = ImmutableArray.CreateBuilder<Finding>();
            if (_readFailure is { } failure)
                findings.Add(failure.ToFinding());
            else if (_lost is { } lost && _lastComplete is not null && Uptime - lost.Since >= LostPatience)
                findings.Add(lost.Failure.ToFinding());
            if (_statusFailure is not null && !isInFile)
                findings.Add(_statusFailure);
            findings.AddRange(_pipelineFindings);
            foreach (var output in _outputOrder)
                findings.AddRange(_outputs[output].LookFindings ?? []);
            foreach (var output in _outputOrder)
                findings.AddRange(_outputs[output].Findings);
            // What hinders an output may be known to itself, and be how its deployment ended too.
            return [.. findings.Distinct()];
        }
    }

    private async Task KeepStatusAsync(CancellationToken cancellationToken)
    {
        while (_status is not null)
        {
            await _statusChanged.Reader.ReadAsync(cancellationToken);
            try
            {
                // Whoever reads it can read it.
                await _status.WriteAsync(CurrentStatus(isInFile: true), cancellationToken);
                NoteStatus(null);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                NoteStatus(new Finding(
                    FindingSeverity.Error, ReasonIds.OutputFailed, $"cannot write the status file: {exception.Message.TrimEnd('.')}. The health check will fail. Make the state directory writable and free some space; it is tried again."));
                _statusChanged.Writer.TryWrite(true);
            }

            await Task.Delay(StatusInterval, _time, cancellationToken);
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, _time, cancellationToken);
    }

    // Whoever asks later is to know that it did not just fall silent.
    private async Task SayEndAsync()
    {
        try
        {
            if (_status is not null)
                await _status.WriteAsync(CurrentStatus(isInFile: true) with { Ended = _time.GetUtcNow() }, CancellationToken.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // That it cannot be written was said while it ran.
        }
    }

    private void NoteStatus(Finding? failure)
    {
        lock (_lock)
            _statusFailure = failure;
        Say();
    }

    // One at a time, so that the log never goes back to an older state.
    private void Say()
    {
        lock (_saying)
            _findingLog.Update(CurrentFindings());
    }

    private WatcherStatus CurrentStatus(bool isInFile = false)
    {
        var findings = CurrentFindings(isInFile);
        var certificates = Certificates?.Invoke();
        var keyChanges = KeyChanges?.Invoke();
        lock (_lock)
        {
            return new WatcherStatus
            {
                Started = _started,
                Written = _time.GetUtcNow(),
                Source = _source.Description,
                Engine = _engine is { } engine ? UntrustedText.Printable($"{engine.Version}, API {engine.ApiVersion}", MaxEngineLength) : null,
                LastCompleteSnapshot = _lastComplete,
                Containers = _containers,
                Outputs = [.. _outputOrder.Select(name => _outputs[name]).Select(output => new OutputStatus(
                    output.Output, output.Path, output.Generation, output.Number, output.Step.ToString().ToLowerInvariant(),
                    output.Exists, output.IsUnwritable, output.OwedSince, output.WaitsForProxy, output.Hosts.Length) { OldWorkers = output.OldWorkers, LeftOut = output.LeftOut, Excluded = output.Excluded })],
                Certificates = certificates is { IsDefault: false } wanted ? [.. wanted.Select(CertificateState.Of)] : null,
                AwaitsCertificates = certificates is { IsDefault: true },
                KeyChanges = keyChanges is { IsEmpty: false } changes ? [.. changes] : null,
                Held = [.. _known.Held.Select(static held => new WaitingStatus(held.Key, held.Value.Until, held.Value.Restarts))],
                Stopping = [.. _known.Stopping.Select(static told => new WaitingStatus(told.Key, told.Value, 0))],
                Findings = [.. findings.Select(static f => new FindingStatus(
                    f.Severity.ToString().ToLowerInvariant(), f.Reason, f.Message, f.Container))],
            };
        }
    }
}
