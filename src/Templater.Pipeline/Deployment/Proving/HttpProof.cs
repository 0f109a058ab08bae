using System.Text;
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
    // More than a generation and the blanks around it.
    private const int MaxBody = 256;

    public bool CanProve => true;

    public async Task<bool> IsLiveAsync(IReloadTarget target, JournalEntry entry, CancellationToken cancellationToken) =>
        await AskAsync(cancellationToken) is { Generation: { } generation } && generation == entry.Generation;

    public async Task<bool?> StillRunsAsync(IReloadTarget target, JournalEntry entry, CancellationToken cancellationToken) =>
        await AskAsync(cancellationToken) is { Generation: { } generation } ? generation == entry.Printed : null;

    public Task<ProofBaseline> CaptureAsync(IReloadTarget target, CancellationToken cancellationToken) => Task.FromResult(ProofBaseline.None);

    public async Task<ProofResult> ProveAsync(ProofRequest request, CancellationToken cancellationToken)
    {
        var hits = 0;
        var last = new Answer(null, "no answer");
        var proven = await Polling.UntilAsync<ProofResult>(
            async () =>
            {
                last = await AskAsync(cancellationToken);
                var isHit = last.Problem is null && (last.Generation is null || last.Generation == request.Entry.Printed);
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

    /// <summary>Asks once; null when the answer is 2xx, whatever generation it tells.</summary>
    public async Task<string?> ProblemAsync(CancellationToken cancellationToken) => (await AskAsync(cancellationToken)).Problem;

    private async Task<Answer> AskAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
        using var limit = new CancellationTokenSource(deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var response = await client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return response.IsSuccessStatusCode
                ? new Answer(await GenerationAsync(response, either.Token), null)
                : new Answer(null, $"answered {(int)response.StatusCode}");
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            return new Answer(null, error.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Answer(null, "no answer");
        }
    }

    // As bytes: what charset a stranger's page says it has is not worth knowing. A page that is longer is no generation endpoint.
    private static async Task<string?> GenerationAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var bytes = new byte[MaxBody];
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var length = await stream.ReadAtLeastAsync(bytes, MaxBody, throwOnEndOfStream: false, cancellationToken);
        var body = Encoding.ASCII.GetString(bytes, 0, length).Trim();
        return length < MaxBody && body.Length == GenerationLength && body.All(char.IsAsciiHexDigitLower) ? body : null;
    }

    private sealed record Answer(string? Generation, string? Problem);
}
