using System.Collections.Immutable;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>A POST request reloads the proxy; 2xx means told.</summary>
/// <param name="url">Where to.</param>
/// <param name="time">Clock of the time limit.</param>
internal sealed class HttpReloader(Uri url, TimeProvider time) : IReloader, IReloadTarget
{
    public string Description => $"http:{url.Scheme}://{url.Authority}{url.AbsolutePath}";

    public string Way => $"http:{url.AbsoluteUri}";

    public string Key => Description;

    public string Name => url.Authority;

    public DateTimeOffset? Started => null;

    public Task<TargetSearch> FindAsync(CancellationToken cancellationToken) => Task.FromResult(new TargetSearch([this]));

    public async Task<ReloadAnswer> ReloadAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
        client.Timeout = Timeout.InfiniteTimeSpan;
        using var limit = new CancellationTokenSource(CommandRunner.DefaultTimeLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var response = await client.PostAsync(url, null, either.Token);
            return response.IsSuccessStatusCode
                ? new ReloadAnswer.Delivered()
                : new ReloadAnswer.Failed($"{Description} answered {(int)response.StatusCode}");
        }
        catch (HttpRequestException error)
        {
            return new ReloadAnswer.Failed($"{Description}: {error.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ReloadAnswer.Failed($"{Description} did not answer in time");
        }
    }

    public Task<ImmutableArray<ProxyProcess>?> ProcessesAsync(CancellationToken cancellationToken) =>
        Task.FromResult<ImmutableArray<ProxyProcess>?>(null);

    public Task<ContainerLog?> LogsSinceAsync(DateTimeOffset since, CancellationToken cancellationToken) => Task.FromResult<ContainerLog?>(null);
}
