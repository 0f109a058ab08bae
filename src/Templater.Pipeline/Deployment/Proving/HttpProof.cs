using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Deployment.Proving;

/// <summary>
/// Three answers of 2xx in a row, each on a new connection, because old workers go on answering old connections. A body
/// of 16 hex digits is a generation endpoint and must be the new generation.
/// </summary>
/// <param name="url">What to ask.</param>
/// <param name="deadline">How long to wait.</param>
/// <param name="time">The clock.</param>
internal sealed class HttpProof(Uri url, TimeSpan deadline, TimeProvider time) : IProof
{
    private const int HitsNeeded = 3;
    private const int GenerationLength = 16;
    private const int MaxBody = 4096;

    public bool CanProve => true;

    public async Task<bool> IsLiveAsync(IReloadTarget target, JournalEntry entry, CancellationToken cancellationToken) =>
        await AskAsync(cancellationToken) is { Generation: { } generation } && generation == entry.Generation;

    public Task<ProofBaseline> CaptureAsync(IReloadTarget target, CancellationToken cancellationToken) => Task.FromResult(ProofBaseline.None);

    public async Task<ProofResult> ProveAsync(ProofRequest request, CancellationToken cancellationToken)
    {
        var hits = 0;
        var last = new Answer(null, "no answer");
        var proven = await Polling.UntilAsync<ProofResult>(
            async () =>
            {
                last = await AskAsync(cancellationToken);
                var isHit = last.Problem is null && (last.Generation is null || last.Generation == request.Entry.Generation);
                hits = isHit ? hits + 1 : 0;
                return hits >= HitsNeeded ? new ProofResult.Proven(last.Generation is null ? $"{url.Authority} answers" : "generation endpoint") : null;
            },
            request.Told,
            deadline,
            time,
            cancellationToken);
        return proven ?? new ProofResult.NotSeen(
            $"{url.Authority}{url.AbsolutePath}: {last.Problem ?? "another generation"} after {deadline.TotalSeconds:0.###} s");
    }

    private async Task<Answer> AskAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
        client.MaxResponseContentBufferSize = MaxBody;
        client.Timeout = deadline;
        try
        {
            using var response = await client.GetAsync(url, cancellationToken);
            var body = (await response.Content.ReadAsStringAsync(cancellationToken)).Trim();
            return response.IsSuccessStatusCode
                ? new Answer(body.Length == GenerationLength && body.All(char.IsAsciiHexDigitLower) ? body : null, null)
                : new Answer(null, $"answered {(int)response.StatusCode}");
        }
        catch (HttpRequestException error)
        {
            return new Answer(null, error.Message);
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Answer(null, "no answer");
        }
    }

    private sealed record Answer(string? Generation, string? Problem);
}
