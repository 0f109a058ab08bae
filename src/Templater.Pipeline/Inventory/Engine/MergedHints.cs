using Templater.Docker;
using Templater.Docker.Wire;
using Templater.Pipeline.Inventory.Swarm;

namespace Templater.Pipeline.Inventory.Engine;

/// <summary>The engine's events, and between them what polling a Swarm's tasks finds. For one listener.</summary>
internal sealed class MergedHints : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly IAsyncEnumerator<DockerEvent> _messages;
    private readonly SwarmPoller _poller;
    private Task<DockerException?>? _message;
    private Task<SourceChange>? _poll;

    /// <summary>Begins to listen.</summary>
    /// <param name="subscription">The events; its owner closes it.</param>
    /// <param name="poller">Asks for tasks.</param>
    /// <param name="cancellationToken">Ends both.</param>
    public MergedHints(IEventSubscription subscription, SwarmPoller poller, CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _messages = subscription.GetAsyncEnumerator(_stop.Token);
        _poller = poller;
    }

    /// <summary>The event that came last; null when <see cref="Polled"/> did.</summary>
    public DockerEvent? Event { get; private set; }

    /// <summary>What polling found; null when <see cref="Event"/> came.</summary>
    public SourceChange? Polled { get; private set; }

    /// <summary>Waits for either.</summary>
    /// <returns>Null when there is one; else why there will be no more events.</returns>
    public async Task<DockerException?> NextAsync()
    {
        (Event, Polled) = (null, null);
        _message ??= MessageAsync();
        _poll ??= _poller.NextAsync(_stop.Token);
        // Events are many and come first: what is polled for waits a second anyway.
        if (_message.IsCompleted || await Task.WhenAny(_message, _poll) == _message)
        {
            var failure = await _message;
            _message = null;
            Event = failure is null ? _messages.Current : null;
            return failure;
        }

        Polled = await _poll;
        _poll = null;
        return null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await SettledAsync(_message);
        await SettledAsync(_poll);
        await _messages.DisposeAsync();
        _stop.Dispose();
    }

    private static async Task SettledAsync(Task? task)
    {
        if (task is not null)
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<DockerException?> MessageAsync()
    {
        try
        {
            return await _messages.MoveNextAsync()
                ? null
                : new DockerException(DockerErrorReason.Unreachable, "the engine ended the event stream");
        }
        catch (DockerException exception)
        {
            return exception;
        }
    }
}
