using System.Collections.Immutable;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Deployment;

/// <summary>A process of a proxy.</summary>
/// <param name="Pid">Process id, in whichever namespace it is seen.</param>
/// <param name="ParentPid">Its parent's id.</param>
/// <param name="Title">Its command line or title.</param>
public sealed record ProxyProcess(int Pid, int ParentPid, string Title);

/// <summary>What a container wrote to its log. Not trusted.</summary>
/// <param name="Text">Standard error; everything, if it has a terminal.</param>
/// <param name="IsWhole">False when there was more than could be kept, so that a line that is not in it may have been written all the same.</param>
public sealed record ContainerLog(string Text, bool IsWhole = true);

/// <summary>How a command inside a container ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it wrote, bounded.</param>
public sealed record ContainerCommandResult(int ExitCode, string Output);

/// <summary>The present or last run of a container.</summary>
/// <param name="IsRunning">False once it has ended, also while the restart policy is about to start the next run.</param>
/// <param name="Started">When it began, by the engine's clock; null if never.</param>
/// <param name="ExitCode">How it ended.</param>
public sealed record ContainerRun(bool IsRunning, DateTimeOffset? Started, int ExitCode)
{
    /// <summary>True while it runs and is paused.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Why the engine could not start it; empty otherwise.</summary>
    public string Error { get; init; } = "";
}

/// <summary>An engine call failed; the message is one line for the operator.</summary>
/// <param name="message">What failed and why, without a full stop.</param>
/// <param name="inner">The engine client's error.</param>
public sealed class ContainerControlException(string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>True when the engine, or what stands before it, does not allow the call: trying again does not help.</summary>
    public bool IsForbidden { get; init; }

    /// <summary>What to do, as a sentence; empty when the message says it.</summary>
    public string Remedy { get; init; } = "";
}

/// <summary>
/// What deployment needs of the engine, and no more. Every call but <see cref="ExecAsync"/>, <see cref="KillAsync"/> and <see cref="RestartAsync"/>
/// only reads. Failures other than those named here are <see cref="ContainerControlException"/>s.
/// </summary>
public interface IContainerControl
{
    /// <summary>The last complete snapshot; null before the engine has answered once.</summary>
    Snapshot? Latest { get; }

    /// <summary>True when the engine runs on this machine, so that its times can be compared with ours.</summary>
    bool SharesClock => false;

    /// <summary>Looks at a container's run; null when the engine may not tell. A container that is gone does not run.</summary>
    /// <param name="id">The container.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<ContainerRun?> RunAsync(ContainerId id, CancellationToken cancellationToken);

    /// <summary>Sends a signal.</summary>
    /// <param name="id">The container.</param>
    /// <param name="signal">Always sent by name: the engine takes a missing signal for KILL.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False when there is no such container, or it is not running.</returns>
    Task<bool> KillAsync(ContainerId id, ReloadSignal signal, CancellationToken cancellationToken);

    /// <summary>Stops and starts a container, also one that has ended. Not given up once it has begun: some engines would leave it stopped.</summary>
    /// <param name="id">The container.</param>
    /// <returns>False when there is no such container.</returns>
    Task<bool> RestartAsync(ContainerId id);

    /// <summary>Lists a running container's processes; null when it is not running or the engine may not tell.</summary>
    /// <param name="id">The container.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<ImmutableArray<ProxyProcess>?> TopAsync(ContainerId id, CancellationToken cancellationToken);

    /// <summary>Reads the end of a container's log; null when the engine cannot or may not tell.</summary>
    /// <param name="id">The container.</param>
    /// <param name="since">Oldest line wanted.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<ContainerLog?> LogsAsync(ContainerId id, DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>Runs a command inside a container; null when it is not running.</summary>
    /// <param name="id">The container.</param>
    /// <param name="words">The command's words; no shell is involved.</param>
    /// <param name="timeLimit">Longest time to wait for its end.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<ContainerCommandResult?> ExecAsync(ContainerId id, ImmutableArray<string> words, TimeSpan timeLimit, CancellationToken cancellationToken);
}
