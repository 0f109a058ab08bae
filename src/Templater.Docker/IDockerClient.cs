using Templater.Docker.Wire;

namespace Templater.Docker;

/// <summary>The Docker Engine API as far as it is needed. A boundary: tests of others put their own engine behind it.</summary>
/// <remarks>
/// Implementations are thread-safe. Every method throws <see cref="DockerException"/> with a reason, or
/// <see cref="OperationCanceledException"/> when its token asks for it. What comes back is not trusted.
/// </remarks>
public interface IDockerClient
{
    /// <summary>Asks whether the engine lives and settles the API version for the calls that follow.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The version in use: the engine's, at most <see cref="ApiVersion.Newest"/>.</returns>
    /// <exception cref="DockerException">Also <see cref="DockerErrorReason.TooOld"/>.</exception>
    Task<ApiVersion> PingAsync(CancellationToken cancellationToken);

    /// <summary>Versions of the engine.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task<EngineVersion> VersionAsync(CancellationToken cancellationToken);

    /// <summary>Name, architecture and Swarm state of the engine.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task<SystemInfo> InfoAsync(CancellationToken cancellationToken);

    /// <summary>Lists containers, newest first as the engine does.</summary>
    /// <param name="all">Whether those that do not run are listed, too.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task<IReadOnlyList<ContainerSummary>> ListContainersAsync(bool all, CancellationToken cancellationToken);

    /// <summary>Reads everything about one container.</summary>
    /// <param name="id">Id, short id or name.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task<ContainerInspect> InspectContainerAsync(string id, CancellationToken cancellationToken);

    /// <summary>Lists networks.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task<IReadOnlyList<NetworkSummary>> ListNetworksAsync(CancellationToken cancellationToken);

    /// <summary>Reads everything about one network.</summary>
    /// <param name="id">Id or name.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task<NetworkSummary> InspectNetworkAsync(string id, CancellationToken cancellationToken);

    /// <summary>Lists the services of a Swarm. Only managers answer.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task<IReadOnlyList<ServiceRecord>> ListServicesAsync(CancellationToken cancellationToken);

    /// <summary>Lists the tasks of all services of a Swarm, also those that have ended. Only managers answer.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task<IReadOnlyList<TaskRecord>> ListTasksAsync(CancellationToken cancellationToken);

    /// <summary>Lists the nodes of a Swarm. Only managers answer.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task<IReadOnlyList<NodeRecord>> ListNodesAsync(CancellationToken cancellationToken);

    /// <summary>Subscribes to events; the engine has accepted the subscription when this returns.</summary>
    /// <remarks>Subscribe first, then list: what happens between the two is then seen by one of them.</remarks>
    /// <param name="filter">What to be told about; the engine filters.</param>
    /// <param name="since">Replays remembered events (at most 256) from this time on the engine's clock.</param>
    /// <param name="cancellationToken">Stops the attempt; an open stream is ended by its disposal.</param>
    Task<IEventSubscription> OpenEventsAsync(EventFilter filter, DateTimeOffset? since, CancellationToken cancellationToken);

    /// <summary>Sends a signal to a container's first process.</summary>
    /// <param name="id">Id, short id or name.</param>
    /// <param name="signal">Name with or without SIG, or a number. Never empty: the engine would take that for KILL.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="DockerException"><see cref="DockerErrorReason.Conflict"/>: it does not run.</exception>
    Task KillAsync(string id, string signal, CancellationToken cancellationToken);

    /// <summary>Stops and starts a container.</summary>
    /// <param name="id">Id, short id or name.</param>
    /// <param name="stopWait">How long it may take to stop before it is killed; rounded up to whole seconds.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task RestartAsync(string id, TimeSpan stopWait, CancellationToken cancellationToken);

    /// <summary>Runs a command in a running container and waits for its end.</summary>
    /// <remarks>A command that does not end in time is left running: the API cannot end it.</remarks>
    /// <param name="id">Id, short id or name.</param>
    /// <param name="request">The command and its bounds.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task<ExecResult> ExecAsync(string id, ExecRequest request, CancellationToken cancellationToken);

    /// <summary>Reads the end of a container's log.</summary>
    /// <param name="id">Id, short id or name.</param>
    /// <param name="request">How much of it.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task<CapturedOutput> LogsAsync(string id, LogsRequest request, CancellationToken cancellationToken);

    /// <summary>Lists the processes of a running container.</summary>
    /// <param name="id">Id, short id or name.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task<ContainerTop> TopAsync(string id, CancellationToken cancellationToken);
}
