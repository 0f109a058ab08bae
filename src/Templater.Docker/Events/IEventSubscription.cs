using System.Runtime.CompilerServices;
using Templater.Docker.Wire;

namespace Templater.Docker;

/// <summary>An open subscription. Enumerate it once, by one reader; dispose it to end it.</summary>
/// <remarks>
/// The enumeration never ends by itself: a lost connection, a silent engine that does not answer a ping, and an unreadable event
/// throw <see cref="DockerException"/>. Then subscribe again and list again: events were missed.
/// </remarks>
public interface IEventSubscription : IAsyncEnumerable<DockerEvent>, IAsyncDisposable;

/// <summary>Shorter forms of subscribing.</summary>
public static class DockerEvents
{
    /// <summary>Subscribes at the first step of the enumeration and unsubscribes at its end.</summary>
    /// <param name="client">The engine.</param>
    /// <param name="filter">What to be told about.</param>
    /// <param name="since">Replays remembered events from this time on the engine's clock.</param>
    /// <param name="cancellationToken">Ends the enumeration with <see cref="OperationCanceledException"/>.</param>
    public static async IAsyncEnumerable<DockerEvent> EventsAsync(
        this IDockerClient client,
        EventFilter filter,
        DateTimeOffset? since = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        await using var stream = await client.OpenEventsAsync(filter, since, cancellationToken);
        await foreach (var message in stream.WithCancellation(cancellationToken))
            yield return message;
    }
}
