using System.Collections.Concurrent;

namespace Templater.EndToEnd.Tests.Harness;

/// <summary>Sends requests at a steady rate, whether or not earlier ones were answered, and keeps every answer.</summary>
internal sealed class SteadyLoad : IAsyncDisposable
{
    private const int RequestsPerSecond = 50;
    private const int MaxRequests = RequestsPerSecond * 60;

    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentBag<Answer> _answers = [];
    private readonly Task _sending;

    private SteadyLoad(SiteClient client, string host, string scheme) => _sending = SendAsync(client, host, scheme);

    /// <summary>Starts 50 requests a second, for at most a minute.</summary>
    public static SteadyLoad Start(SiteClient client, string host, string scheme = "http") => new(client, host, scheme);

    /// <summary>
    /// Stops sending, waits for all answers and returns those that are not 200, one line each; and those that broke off, as an answer
    /// may that was on its way out of a container when it was stopped.
    /// </summary>
    public async Task<(int Sent, IReadOnlyList<string> Failures, IReadOnlyList<string> Broken)> EndAsync()
    {
        await _end.CancelAsync();
        await _sending;
        var failed = _answers.Where(static answer => answer.Status != 200).ToLookup(static answer => answer.Status == 0 && answer.Body.Contains("ResponseEnded", StringComparison.Ordinal));
        return (_answers.Count, [.. failed[false].Select(static answer => answer.ToString())], [.. failed[true].Select(static answer => answer.ToString())]);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _sending;
        _end.Dispose();
    }

    private async Task SendAsync(SiteClient client, string host, string scheme)
    {
        var open = new List<Task>(MaxRequests);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / RequestsPerSecond));
        try
        {
            while (open.Count < MaxRequests && await timer.WaitForNextTickAsync(_end.Token))
                open.Add(AskAsync(client, host, scheme));
        }
        catch (OperationCanceledException)
        {
            // The end that was asked for.
        }

        await Task.WhenAll(open);
    }

    private async Task AskAsync(SiteClient client, string host, string scheme) => _answers.Add(await client.GetAsync(host, "/", scheme));
}
