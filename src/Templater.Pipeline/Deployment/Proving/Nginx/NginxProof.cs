using System.Collections.Immutable;
using System.Net;
using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Deployment.Proving.Nginx;

/// <summary>A place where a proxy may answer with its generation.</summary>
/// <param name="Place">The address.</param>
/// <param name="Endpoint">What to ask there.</param>
internal sealed record AskedPlace(IPEndPoint Place, GenerationEndpoint Endpoint)
{
    /// <summary>What came of asking it last.</summary>
    public GenerationAnswer Answer { get; init; }
}

/// <summary>
/// The proof for nginx: where its generation can be asked for from here, three answers in a row with the new one, each on a new
/// connection; else new workers and no refusal in its log. A refusal in the log ends both.
/// </summary>
/// <param name="files">The file in place, and what was there before.</param>
/// <param name="deadline">How long to wait, beside the time that loading a big file takes.</param>
/// <param name="time">The clock.</param>
internal sealed class NginxProof(Func<ProvenFiles> files, TimeSpan deadline, TimeProvider time) : IProof
{
    /// <summary>How that is called which proves it.</summary>
    public const string How = "generation endpoint";

    private const int MaxPlaces = 4;

    private readonly WorkersProof _workers = new(WorkerTitles.Nginx, deadline, time);

    // Where nothing came back at all is not asked again during one run of the proxy: each time would cost the time limit.
    private volatile ImmutableHashSet<(string Key, IPEndPoint Place)> _dead = [];

    public bool CanProve => true;

    public async Task<bool> IsLiveAsync(IReloadTarget target, JournalEntry entry, CancellationToken cancellationToken)
    {
        if (!entry.PrintsGeneration)
            return false;
        foreach (var asked in await AskAsync(Places(target, Endpoints(entry)), target, cancellationToken))
            if (asked.Answer.Generation == entry.Generation)
                return await HitsAgainAsync(asked, entry.Generation, cancellationToken);
        return false;
    }

    public Task<ProofBaseline> CaptureAsync(IReloadTarget target, CancellationToken cancellationToken) => _workers.CaptureAsync(target, cancellationToken);

    public Task<ProofResult> ProveAsync(ProofRequest request, CancellationToken cancellationToken)
    {
        var endpoints = request.Entry.PrintsGeneration ? Endpoints(request.Entry) : [];
        return endpoints.IsEmpty
            ? _workers.ProveAsync(request, cancellationToken)
            : new NginxWatch(this, new WorkersWatch(_workers, request), request, endpoints, files()).ProveAsync(deadline + request.LoadTime, time, cancellationToken);
    }

    /// <summary>Asks everywhere at once.</summary>
    internal async Task<ImmutableArray<AskedPlace>> AskAsync(ImmutableArray<AskedPlace> places, IReloadTarget target, CancellationToken cancellationToken)
    {
        var living = places.RemoveAll(place => _dead.Contains((target.Key, place.Place)));
        var answers = await Task.WhenAll(living.Select(place => GenerationQuestion.AskAsync(place.Place, place.Endpoint, time, cancellationToken)));
        var asked = ImmutableArray.CreateBuilder<AskedPlace>(living.Length);
        for (var i = 0; i < living.Length; i++)
        {
            if (!answers[i].IsReached)
                _dead = _dead.Where(dead => dead.Key == target.Key).ToImmutableHashSet().Add((target.Key, living[i].Place));
            asked.Add(living[i] with { Answer = answers[i] });
        }

        return asked.MoveToImmutable();
    }

    /// <summary>Asks again, so often as it takes until no old worker is in the way.</summary>
    /// <returns>True when it is that generation each time.</returns>
    internal async Task<bool> HitsAgainAsync(AskedPlace asked, string generation, CancellationToken cancellationToken)
    {
        // After nginx has started new workers it waits 100 ms before it ends the old ones.
        const int HitsNeeded = 3;
        var pause = TimeSpan.FromMilliseconds(50);
        for (var hits = 1; hits < HitsNeeded; hits++)
        {
            await Task.Delay(pause, time, cancellationToken);
            if ((await GenerationQuestion.AskAsync(asked.Place, asked.Endpoint, time, cancellationToken)).Generation != generation)
                return false;
        }

        return true;
    }

    /// <summary>Where endpoints can be asked, on the addresses by which the proxy is reached now.</summary>
    internal static ImmutableArray<AskedPlace> Places(IReloadTarget target, ImmutableArray<GenerationEndpoint> endpoints)
    {
        var places = ImmutableArray.CreateBuilder<AskedPlace>();
        foreach (var address in endpoints.IsEmpty ? [] : target.Addresses)
            foreach (var endpoint in endpoints)
                if (places.Count < MaxPlaces && endpoint.At(address) is { } place && places.All(known => !known.Place.Equals(place)))
                    places.Add(new AskedPlace(place, endpoint));
        return places.ToImmutable();
    }

    private ImmutableArray<GenerationEndpoint> Endpoints(JournalEntry entry) => GenerationEndpoint.In(files().All, entry.Generation);
}
