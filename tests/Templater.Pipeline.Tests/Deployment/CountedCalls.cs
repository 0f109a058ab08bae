using System.Collections.Immutable;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>Counts the calls to an engine that have no answer yet: a played clock stands still meanwhile. Thread-safe.</summary>
internal sealed class CountedCalls(IContainerControl control) : IContainerControl
{
    private int _pending;

    public int Pending => Volatile.Read(ref _pending);

    public Snapshot? Latest => control.Latest;

    public bool SharesClock => control.SharesClock;

    public Task<ContainerRun?> RunAsync(ContainerId id, CancellationToken cancellationToken) =>
        CountAsync(() => control.RunAsync(id, cancellationToken));

    public Task<bool> KillAsync(ContainerId id, ReloadSignal signal, CancellationToken cancellationToken) =>
        CountAsync(() => control.KillAsync(id, signal, cancellationToken));

    public Task<bool> RestartAsync(ContainerId id) => CountAsync(() => control.RestartAsync(id));

    public Task<ImmutableArray<ProxyProcess>?> TopAsync(ContainerId id, CancellationToken cancellationToken) =>
        CountAsync(() => control.TopAsync(id, cancellationToken));

    public Task<ContainerLog?> LogsAsync(ContainerId id, DateTimeOffset since, CancellationToken cancellationToken) =>
        CountAsync(() => control.LogsAsync(id, since, cancellationToken));

    public Task<ContainerCommandResult?> ExecAsync(
        ContainerId id, ImmutableArray<string> words, TimeSpan timeLimit, CancellationToken cancellationToken) =>
        CountAsync(() => control.ExecAsync(id, words, timeLimit, cancellationToken));

    private async Task<T> CountAsync<T>(Func<Task<T>> call)
    {
        Interlocked.Increment(ref _pending);
        try
        {
            return await call();
        }
        finally
        {
            Interlocked.Decrement(ref _pending);
        }
    }
}
