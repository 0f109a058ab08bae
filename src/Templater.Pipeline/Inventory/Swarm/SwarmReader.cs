using Templater.Docker;
using Templater.Docker.Wire;
using Templater.Pipeline.Inventory.Engine;

namespace Templater.Pipeline.Inventory.Swarm;

/// <summary>Asks a manager about its Swarm, all or nothing. One reader at a time.</summary>
/// <param name="client">The engine.</param>
/// <param name="mode">Where services are read.</param>
internal sealed class SwarmReader(IDockerClient client, SwarmMode mode)
{
    private bool _hasRead;

    /// <summary>True when the engine's part in a Swarm matters at all.</summary>
    public bool IsWanted => mode != SwarmMode.Off;

    /// <summary>Reads services, tasks and nodes.</summary>
    /// <param name="part">The engine's part in a Swarm.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The reading, or null with what is to be said, if anything, where there is none to be had.</returns>
    /// <exception cref="DockerException">A call failed: what the Swarm runs is not known.</exception>
    /// <exception cref="SnapshotFailedException">Services are demanded of an engine that is no manager.</exception>
    public async Task<(SwarmReading? Reading, Finding? Finding)> ReadAsync(SwarmInfo part, CancellationToken cancellationToken)
    {
        if (mode == SwarmMode.Off)
            return (null, null);
        if (!part.ControlAvailable)
        {
            return mode == SwarmMode.Auto ? (null, null) : throw new SnapshotFailedException(
                ReasonIds.SnapshotFailed,
                "the setting SWARM is on, and the engine is not a manager of a Swarm: only managers list services. Run Templater on a manager (node.role == manager), or set SWARM to auto.");
        }

        try
        {
            var services = await client.ListServicesAsync(cancellationToken);
            var tasks = await client.ListTasksAsync(cancellationToken);
            var nodes = await client.ListNodesAsync(cancellationToken);
            _hasRead = true;
            return (new SwarmReading(part.NodeID, services, tasks, nodes), null);
        }
        catch (DockerException exception) when (exception.Reason == DockerErrorReason.Forbidden && mode == SwarmMode.Auto && !_hasRead)
        {
            // A socket proxy from before the node was a manager: what it does not allow was never read.
            return (null, new Finding(
                FindingSeverity.Warning,
                ReasonIds.CallForbidden,
                $"services are not read: {EngineFailure.What(exception)}. {EngineFailure.Remedy(exception)} Or set SWARM to off."));
        }
    }
}
