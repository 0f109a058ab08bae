using System.Collections.Immutable;

namespace Templater.Pipeline.Deployment.Proving.Nginx;

/// <summary>One wait for a generation of nginx, by its endpoint, its workers and its log. Not thread-safe.</summary>
/// <param name="proof">Asks.</param>
/// <param name="workers">Looks at workers and log.</param>
/// <param name="request">What is to be proven.</param>
/// <param name="endpoints">Where the file says that its generation is answered.</param>
/// <param name="files">The file, and what was live before it.</param>
internal sealed class NginxWatch(NginxProof proof, WorkersWatch workers, ProofRequest request, ImmutableArray<GenerationEndpoint> endpoints, ProvenFiles files)
{
    private ImmutableArray<AskedPlace> _places = [];

    /// <summary>The last answers, where something answered.</summary>
    private ImmutableArray<AskedPlace> _asked = [];

    /// <param name="patience">How long to wait.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ProofResult> ProveAsync(TimeSpan patience, TimeProvider time, CancellationToken cancellationToken) =>
        await Polling.UntilAsync(() => LookAsync(cancellationToken), request.Told, patience, time, cancellationToken) ?? AfterDeadline(patience);

    private async Task<ProofResult?> LookAsync(CancellationToken cancellationToken)
    {
        // A proxy that listens for the first time shows only then that it is reached.
        if (_places.IsEmpty)
            _places = NginxProof.Places(request.Target, endpoints);
        _asked = await proof.AskAsync(_places, request.Target, cancellationToken);
        foreach (var asked in _asked)
            if (asked.Answer.Generation == request.Entry.Generation && await proof.HitsAgainAsync(asked, request.Entry.Generation, cancellationToken))
                return new ProofResult.Proven(NginxProof.How);
        var seen = await workers.LookAsync(cancellationToken);
        if (seen is ProofResult.Refused)
            return seen;
        // Whoever answers with a generation decides by that.
        return Stale is null && !Answers ? WithoutEndpoint(seen) : null;
    }

    private AskedPlace? Stale => _asked.FirstOrDefault(asked => asked.Answer.Generation is { } other && other != request.Entry.Generation);

    private bool Answers => _asked.Any(asked => asked.Answer.Generation == request.Entry.Generation);

    // Where it could have been asked, and could not, is said once.
    private ProofResult? WithoutEndpoint(ProofResult? seen) => seen is ProofResult.Proven proven && !_asked.IsEmpty
        ? proven with { Note = NginxProofFindings.Unreachable(request.Target.Name, _asked[0]) }
        : seen;

    private ProofResult AfterDeadline(TimeSpan patience)
    {
        if (Stale is not { Answer.Generation: { } other } stale)
            return WithoutEndpoint(workers.AfterDeadline(patience))!;
        if (workers.HasNewWorkers && workers.SeesLog)
            return new ProofResult.Proven(WorkersWatch.How) { Note = NginxProofFindings.Stray(request.Target.Name, stale.Place, files.NameOf(other)) };
        var news = files.LastGood is { } former ? NginxListen.New(files.Present, former) : [];
        return new ProofResult.NotSeen(NginxProofFindings.StillAnswers(request.Target.Name, stale.Place, files.NameOf(other), patience, workers, news))
        {
            Lines = [.. news.Select(static listen => listen.Line)],
        };
    }
}
