using System.Collections.Immutable;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>A command of the operator reloads the proxy; exit code 0 means told.</summary>
/// <param name="words">The command's words.</param>
/// <param name="runner">Runs it.</param>
internal sealed class CommandReloader(ImmutableArray<string> words, CommandRunner runner) : IReloader, IReloadTarget
{
    public string Description => $"command:{words[0]}";

    public string Way => $"command:{string.Join('\0', words)}";

    public string Key => Description;

    public string Name => words[0];

    public DateTimeOffset? Started => null;

    public Task<TargetSearch> FindAsync(CancellationToken cancellationToken) => Task.FromResult(new TargetSearch([this]));

    public async Task<ReloadAnswer> ReloadAsync(CancellationToken cancellationToken)
    {
        var result = await runner.RunAsync(words, CommandRunner.DefaultTimeLimit, cancellationToken);
        return result.Succeeded ? new ReloadAnswer.Delivered() : new ReloadAnswer.Failed($"{words[0]}: {result.Describe()}");
    }

    public Task<ImmutableArray<ProxyProcess>?> ProcessesAsync(CancellationToken cancellationToken) =>
        Task.FromResult<ImmutableArray<ProxyProcess>?>(null);

    public Task<ContainerLog?> LogsSinceAsync(DateTimeOffset since, CancellationToken cancellationToken) => Task.FromResult<ContainerLog?>(null);
}
