using System.Collections.Immutable;

namespace Templater.Pipeline.Deployment.Proving;

/// <summary>What could be seen of a proxy at one moment.</summary>
/// <param name="Workers">Its workers; null when they cannot be seen.</param>
/// <param name="Log">What its log says; null when it cannot be read.</param>
internal sealed record WorkersSight(ImmutableHashSet<int>? Workers, ReloadLog? Log);

/// <summary>One wait for new workers. Not thread-safe.</summary>
/// <param name="proof">Looks.</param>
/// <param name="request">What is to be proven.</param>
internal sealed class WorkersWatch(WorkersProof proof, ProofRequest request)
{
    /// <summary>How that is called which proves it.</summary>
    public const string How = "new workers, nothing refused in the log";

    // A worker that dies at once must not count.
    private const int SightingsNeeded = 2;

    private WorkersSight _sight = new(null, null);
    private int _sightings;

    /// <summary>True when all its workers are other ones than before, again and again.</summary>
    public bool HasNewWorkers => _sightings >= SightingsNeeded;

    /// <summary>True when its log can be read as a whole, so that a refusal would have been seen.</summary>
    public bool SeesLog => _sight.Log is { IsWhole: true };

    /// <summary>True when its workers are seen and none has taken the place of another.</summary>
    public bool KeepsWorkers => request.Baseline.Workers is { } before && _sight.Workers is { } now && now.SetEquals(before);

    /// <summary>Looks once; null for "not yet".</summary>
    public async Task<ProofResult?> LookAsync(CancellationToken cancellationToken)
    {
        _sight = await proof.LookAsync(request, cancellationToken);
        if (_sight.Log is { Stage: ReloadStage.Refused } refusal)
            return WorkersProof.Refused(refusal);
        if (request.Baseline.Workers is not { } before)
            return _sight.Log is null ? new ProofResult.Impossible(IsBlind: true) : null;
        _sightings = _sight.Workers is { } now && _sight.Log is not { Stage: ReloadStage.Loading } && proof.IsNewGeneration(before, now) ? _sightings + 1 : 0;
        return HasNewWorkers ? new ProofResult.Proven(How) : null;
    }

    /// <summary>What holds when the time is over.</summary>
    /// <param name="patience">How long it was.</param>
    public ProofResult AfterDeadline(TimeSpan patience)
    {
        if (_sight.Log is { Stage: ReloadStage.Complaining } complaint)
            return WorkersProof.Refused(complaint);
        return request.Baseline.Workers is null
            ? new ProofResult.Impossible(IsBlind: _sight.Log is not { IsWhole: true })
            : new ProofResult.NotSeen(
                $"{request.Target.Name} has no new workers after {patience.TotalSeconds:0.###} s{(_sight.Log is null ? "; why stands in its own log. " + WorkersProof.WayToTheLog : "")}");
    }
}
