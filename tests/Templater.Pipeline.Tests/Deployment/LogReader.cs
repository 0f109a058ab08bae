using System.Collections.Immutable;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>An engine that knows one proxy by its label and is asked for nothing but its log.</summary>
internal sealed class LogReader(string program) : IContainerControl
{
    public Func<string?> Log { get; set; } = static () => "";

    public Snapshot? Latest { get; } = new()
    {
        TakenAt = DateTimeOffset.UnixEpoch,
        Containers =
        [
            new Container
            {
                Id = new ContainerId("e1"),
                Name = "edge",
                Image = new ImageReference("", program, "1", ""),
                State = ContainerState.Running,
                Labels = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("templater.proxy", program),
            },
        ],
    };

    public Task<ContainerLog?> LogsAsync(ContainerId id, DateTimeOffset since, CancellationToken cancellationToken) => Task.FromResult(Log() is { } text ? new ContainerLog(text) : null);

    public Task<ContainerRun?> RunAsync(ContainerId id, CancellationToken cancellationToken) => Task.FromResult<ContainerRun?>(null);

    public Task<bool> KillAsync(ContainerId id, ReloadSignal signal, CancellationToken cancellationToken) => throw new InvalidOperationException();

    public Task<bool> RestartAsync(ContainerId id) => throw new InvalidOperationException();

    public Task<ImmutableArray<ProxyProcess>?> TopAsync(ContainerId id, CancellationToken cancellationToken) => throw new InvalidOperationException();

    public Task<ContainerCommandResult?> ExecAsync(ContainerId id, ImmutableArray<string> words, TimeSpan timeLimit, CancellationToken cancellationToken) =>
        throw new InvalidOperationException();
}
