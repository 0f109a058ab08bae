namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>Nobody is to be told (<c>none</c>).</summary>
internal sealed class NobodyReloader : IReloader
{
    public string Description => "none";

    public Task<TargetSearch> FindAsync(CancellationToken cancellationToken) => Task.FromResult(new TargetSearch([]) { IsNobody = true });
}
