using System.Collections.Immutable;
using System.Globalization;
using Templater.Docker;
using Templater.Docker.Wire;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Inventory.Engine;

namespace Templater.Pipeline.Deployment;

/// <summary>The real engine behind <see cref="IContainerControl"/>. Thread-safe.</summary>
/// <param name="client">The engine.</param>
/// <param name="sharesClock">True when the engine runs on this machine: over a unix socket, not over TCP.</param>
public sealed class DockerContainerControl(IDockerClient client, bool sharesClock) : IContainerControl
{
    // The engine counts the lines of both streams, also of the one that was not asked for.
    private const int MaxLogLines = 20_000;

    private const int MaxTerminalLines = 1000;

    // A refusal comes last: what it must not be pushed out by is what is written while it is waited for.
    private const int MaxLogBytes = 1024 * 1024;

    // What engines give a container to stop that says nothing of its own.
    private static readonly TimeSpan StopWait = TimeSpan.FromSeconds(10);

    private volatile Snapshot? _latest;

    /// <summary>The last complete snapshot; set by whoever reads them.</summary>
    public Snapshot? Latest
    {
        get => _latest;
        set => _latest = value;
    }

    /// <inheritdoc/>
    public bool SharesClock => sharesClock;

    /// <inheritdoc/>
    public async Task<ContainerRun?> RunAsync(ContainerId id, CancellationToken cancellationToken)
    {
        try
        {
            var state = (await client.InspectContainerAsync(id.Value, cancellationToken)).State;
            return new ContainerRun(state.Running && !state.Restarting, state.StartedAt, state.ExitCode) { Error = state.Error, IsPaused = state.Paused };
        }
        catch (DockerException error) when (error.Reason == DockerErrorReason.NotFound)
        {
            return new ContainerRun(IsRunning: false, null, 0);
        }
        catch (DockerException error) when (error.Reason == DockerErrorReason.Forbidden)
        {
            return null;
        }
        catch (DockerException error)
        {
            throw Failed(id, error);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> KillAsync(ContainerId id, ReloadSignal signal, CancellationToken cancellationToken)
    {
        // A default-constructed signal has no name, and the engine takes no name for KILL.
        ArgumentException.ThrowIfNullOrEmpty(signal.Name, nameof(signal));
        try
        {
            await client.KillAsync(id.Value, signal.Name, cancellationToken);
            return true;
        }
        catch (DockerException error) when (IsNotRunning(error))
        {
            return false;
        }
        catch (DockerException error)
        {
            throw Failed(id, error);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> RestartAsync(ContainerId id)
    {
        try
        {
            await client.RestartAsync(id.Value, StopWait, CancellationToken.None);
            return true;
        }
        catch (DockerException error) when (IsNotRunning(error))
        {
            return false;
        }
        catch (DockerException error)
        {
            throw Failed(id, error);
        }
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<ProxyProcess>?> TopAsync(ContainerId id, CancellationToken cancellationToken)
    {
        try
        {
            return Read(await client.TopAsync(id.Value, cancellationToken));
        }
        catch (DockerException error) when (IsNotRunning(error) || error.Reason == DockerErrorReason.Forbidden)
        {
            return null;
        }
        catch (DockerException error)
        {
            throw Failed(id, error);
        }
    }

    /// <inheritdoc/>
    public async Task<ContainerLog?> LogsAsync(ContainerId id, DateTimeOffset since, CancellationToken cancellationToken)
    {
        try
        {
            // Refusals go to standard error, where no access log drowns them. With a terminal there is only one stream.
            var request = new LogsRequest { Since = since, Tail = MaxLogLines, ErrorsOnly = true, MaxBytes = MaxLogBytes };
            var log = await client.LogsAsync(id.Value, request, cancellationToken);
            if (log.Error.Length > 0)
                return new ContainerLog(log.Error, !log.IsTruncated);
            var both = await client.LogsAsync(id.Value, request with { Tail = MaxTerminalLines, ErrorsOnly = false }, cancellationToken);
            return both.IsOneStream
                ? new ContainerLog(both.Output, !both.IsTruncated && both.Output.Count(static c => c == '\n') < MaxTerminalLines)
                : new ContainerLog(both.Error);
        }
        catch (DockerException error) when (IsNotRunning(error) || error.Reason == DockerErrorReason.Forbidden)
        {
            return null;
        }
        catch (DockerException error)
        {
            throw Failed(id, error);
        }
    }

    /// <inheritdoc/>
    public async Task<ContainerCommandResult?> ExecAsync(
        ContainerId id, ImmutableArray<string> words, TimeSpan timeLimit, CancellationToken cancellationToken)
    {
        try
        {
            var result = await client.ExecAsync(id.Value, new ExecRequest(words) { TimeLimit = timeLimit }, cancellationToken);
            return new ContainerCommandResult(result.ExitCode, result.Output.Error + result.Output.Output);
        }
        catch (DockerException error) when (IsNotRunning(error))
        {
            return null;
        }
        catch (DockerException error)
        {
            throw Failed(id, error);
        }
    }

    // An operator knows containers by name.
    private ContainerControlException Failed(ContainerId id, DockerException error)
    {
        var name = Latest?.Containers.FirstOrDefault(container => container.Id == id)?.Name;
        return new ContainerControlException(EngineFailure.What(error).Replace(id.Value, ShownText.OneLine(name ?? id.ShortId), StringComparison.Ordinal), error)
        {
            IsForbidden = error.Reason == DockerErrorReason.Forbidden,
            Remedy = EngineFailure.Remedy(error),
        };
    }

    // Which columns there are, and in which order, is up to the ps of the engine's host.
    internal static ImmutableArray<ProxyProcess>? Read(ContainerTop top)
    {
        var titles = top.Titles.ToList();
        var (pid, parent) = (titles.IndexOf("PID"), titles.IndexOf("PPID"));
        var command = titles.FindIndex(title => title is "CMD" or "COMMAND" or "ARGS");
        if (pid < 0 || parent < 0 || command < 0)
            return null;
        return [.. top.Processes
            .Where(row => row.Count == titles.Count && IsNumber(row[pid]) && IsNumber(row[parent]))
            .Select(row => new ProxyProcess(Number(row[pid]), Number(row[parent]), row[command]))];
    }

    private static bool IsNotRunning(DockerException error) => error.Reason is DockerErrorReason.NotFound or DockerErrorReason.Conflict;

    private static bool IsNumber(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
