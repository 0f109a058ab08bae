using System.Collections.Immutable;
using System.Net;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>A container that reads its configuration when it starts: it is restarted, and its next run is watched.</summary>
/// <param name="control">The engine.</param>
/// <param name="container">The container as last seen.</param>
/// <param name="view">How it sees the output's file.</param>
/// <param name="begun">Runs that were begun from here and have not been seen to stay up.</param>
internal sealed class RestartedContainer(IContainerControl control, Container container, OutputView view, BegunRuns begun) : IReloadTarget
{
    public string Key => SignalledContainer.KeyOf(container);

    public string Name => container.Name;

    public DateTimeOffset? Started => control.SharesClock ? container.Started : null;

    public OutputView? View => view;

    public bool SharesClock => control.SharesClock;

    public bool IsRestarted => true;

    public ImmutableArray<IPAddress> Addresses => SignalledContainer.AddressesOf(control, container);

    public IReloadTarget RunOf(DateTimeOffset started) => new RestartedContainer(control, container with { Started = started }, view, begun);

    public async Task<IReloadTarget?> LastRunAsync(CancellationToken cancellationToken) =>
        await control.RunAsync(container.Id, cancellationToken) is { } run ? run.Started is { } started ? RunOf(started) : this : null;

    public bool IsRunOf(string key) => SignalledContainer.IsOf(container, key);

    public bool IsLaterRunThan(string key) => SignalledContainer.IsLaterRun(container, key);

    public void StaysUp() => begun.Forget(container.Id);

    public async Task<ReloadAnswer> ReloadAsync(CancellationToken cancellationToken)
    {
        try
        {
            begun.Note(container.Id);
            if (!await control.RestartAsync(container.Id))
            {
                begun.Forget(container.Id);
                return new ReloadAnswer.Gone();
            }

            return await control.RunAsync(container.Id, cancellationToken) is { Started: { } started }
                ? new ReloadAnswer.Restarted(started)
                : new ReloadAnswer.Failed($"{container.Name} was restarted, and the engine does not say when it began to run");
        }
        catch (ContainerControlException error)
        {
            // It was never stopped from here.
            if (error.IsForbidden)
                begun.Forget(container.Id);
            return ReloadAnswer.Failed.Of(error);
        }
    }

    public Task<bool> HasEndedAsync(CancellationToken cancellationToken) => SignalledContainer.HasEndedAsync(control, container, cancellationToken);

    public Task<ImmutableArray<ProxyProcess>?> ProcessesAsync(CancellationToken cancellationToken) =>
        control.TopAsync(container.Id, cancellationToken);

    public Task<ContainerLog?> LogsSinceAsync(DateTimeOffset since, CancellationToken cancellationToken) =>
        control.LogsAsync(container.Id, since, cancellationToken);
}

/// <summary>
/// Containers that were restarted and not seen to stay up: one that was stopped on the way, or ended on what it was given, is
/// started again with what comes next. Who was stopped by anybody else stays stopped. Thread-safe.
/// </summary>
internal sealed class BegunRuns
{
    private readonly Lock _lock = new();
    private readonly HashSet<ContainerId> _containers = [];

    public void Note(ContainerId id)
    {
        lock (_lock)
            _containers.Add(id);
    }

    public void Forget(ContainerId id)
    {
        lock (_lock)
            _containers.Remove(id);
    }

    public bool Holds(ContainerId id)
    {
        lock (_lock)
            return _containers.Contains(id);
    }
}
