using System.Collections.Immutable;
using Templater.Docker;

namespace Templater.Pipeline.Deployment.Preflight;

/// <summary>What became of a call that was tried.</summary>
public enum CallOutcome
{
    /// <summary>It was not tried: it would change something, or there was nobody to try it on.</summary>
    NotTried,
    /// <summary>The engine answered, whatever it said.</summary>
    Allowed,
    /// <summary>The engine, or what stands before it, refused it.</summary>
    Forbidden,
    /// <summary>There was no answer.</summary>
    Failed,
}

/// <summary>A call that settings need, and whether it may be made.</summary>
/// <param name="Call">The call.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Said">What was answered to a call that was refused or failed; one line, without a full stop.</param>
public sealed record CallTrial(AllowedCall Call, CallOutcome Outcome, string Said = "")
{
    /// <summary>Tries all calls that only read, one after another.</summary>
    /// <param name="client">May make all calls that are to be tried.</param>
    /// <param name="calls">The calls.</param>
    /// <param name="container">A container to ask about; null when none is known.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ImmutableArray<CallTrial>> TryAsync(
        IDockerClient client, IEnumerable<AllowedCall> calls, string? container, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(calls);
        var trials = ImmutableArray.CreateBuilder<CallTrial>();
        foreach (var call in calls)
            trials.Add(await TryAsync(client, call, container, cancellationToken));
        return trials.ToImmutable();
    }

    private static async Task<CallTrial> TryAsync(IDockerClient client, AllowedCall call, string? container, CancellationToken cancellationToken)
    {
        try
        {
            return await MakeAsync(client, call, container, cancellationToken) ? new CallTrial(call, CallOutcome.Allowed) : new CallTrial(call, CallOutcome.NotTried);
        }
        catch (DockerException error) when (error.Reason == DockerErrorReason.Forbidden)
        {
            // A ping goes ahead of the first call, and may be what was refused.
            var isThis = error.Call is { } made && made.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space && call.Matches(made[..space], made.AsSpan(space + 1));
            return isThis ? new CallTrial(call, CallOutcome.Forbidden, error.Message.TrimEnd('.')) : new CallTrial(call, CallOutcome.NotTried);
        }
        catch (DockerException error) when (error.Reason is DockerErrorReason.NotFound or DockerErrorReason.Conflict or DockerErrorReason.EngineError)
        {
            // Whoever says that has let it through.
            return new CallTrial(call, CallOutcome.Allowed);
        }
        catch (DockerException error)
        {
            return new CallTrial(call, CallOutcome.Failed, error.Message.TrimEnd('.'));
        }
    }

    private static async Task<bool> MakeAsync(IDockerClient client, AllowedCall call, string? container, CancellationToken cancellationToken)
    {
        switch (call.ToString())
        {
            case "GET /_ping":
                await client.PingAsync(cancellationToken);
                return true;
            case "GET /version":
                await client.VersionAsync(cancellationToken);
                return true;
            case "GET /info":
                await client.InfoAsync(cancellationToken);
                return true;
            case "GET /events":
                await using (await client.OpenEventsAsync(EventFilter.Watching, null, cancellationToken))
                    return true;
            case "GET /containers/json":
                await client.ListContainersAsync(all: false, cancellationToken);
                return true;
            case "GET /networks":
                await client.ListNetworksAsync(cancellationToken);
                return true;
            case "GET /services":
                await client.ListServicesAsync(cancellationToken);
                return true;
            case "GET /tasks":
                await client.ListTasksAsync(cancellationToken);
                return true;
            case "GET /nodes":
                await client.ListNodesAsync(cancellationToken);
                return true;
            case "GET /containers/{id}/json" when container is not null:
                await client.InspectContainerAsync(container, cancellationToken);
                return true;
            case "GET /containers/{id}/top" when container is not null:
                await client.TopAsync(container, cancellationToken);
                return true;
            case "GET /containers/{id}/logs" when container is not null:
                await client.LogsAsync(container, new LogsRequest { Tail = 1 }, cancellationToken);
                return true;
            default:
                return false;
        }
    }
}
