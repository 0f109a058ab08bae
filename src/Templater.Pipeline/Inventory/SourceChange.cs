namespace Templater.Pipeline.Inventory;

/// <summary>What kind of hint a <see cref="SourceChange"/> is.</summary>
public enum SourceChangeKind
{
    /// <summary>Something happened to a container or a network, or the file changed.</summary>
    Event,

    /// <summary>Nothing is known to have happened; read everything again all the same.</summary>
    Resync,

    /// <summary>The source listens (again); whatever happened before that was not reported.</summary>
    Reconnected,

    /// <summary>The source no longer listens; it tries again by itself.</summary>
    Lost,
}

/// <summary>What a hint says about the run of its container.</summary>
public enum LifecycleSign
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It was started.</summary>
    Started,

    /// <summary>It was told to stop.</summary>
    Stopping,

    /// <summary>It has ended.</summary>
    Ended,
}

/// <summary>
/// Something that an engine reports before its list shows it: Docker writes these to the disk in between, which takes as long as
/// the disk is busy.
/// </summary>
/// <param name="Container">A container that runs.</param>
/// <param name="NetworkId">The network that it is on; null: it is not paused.</param>
public readonly record struct ListExpectation(ContainerId Container, string? NetworkId)
{
    /// <summary>True when a list shows the contrary.</summary>
    /// <param name="containers">What is listed.</param>
    public bool IsMissedIn(IEnumerable<Container> containers)
    {
        var (id, network) = this;
        return containers.FirstOrDefault(one => one.Id == id) is { } found && (network is null
            ? found.State == ContainerState.Paused
            : found.State == ContainerState.Running && found.Endpoints.All(endpoint => endpoint.NetworkId != network));
    }
}

/// <summary>A hint that a new snapshot may differ from the last one. Hints are never data.</summary>
/// <param name="Kind">What kind of hint.</param>
/// <param name="Container">The container it is about, if it is about one.</param>
/// <param name="ContainerName">That container's name as the event gave it; empty when unknown.</param>
/// <param name="Text">For people, at most 200 characters without control characters, for example <c>hopeful_bell started</c>.</param>
/// <param name="ExplainsRemoval">
/// True when it can be the reason that routes disappear: a stop, a failed health check, a rename, a lost network.
/// </param>
public sealed record SourceChange(
    SourceChangeKind Kind, ContainerId? Container, string ContainerName, string Text, bool ExplainsRemoval)
{
    /// <summary>Longest <see cref="Text"/>, in characters.</summary>
    public const int MaxTextLength = 200;

    /// <summary>True for a step on the way of something larger, such as joining a network on the way of starting.</summary>
    public bool IsStep { get; init; }

    /// <summary>What it says about the run of its container.</summary>
    public LifecycleSign Sign { get; init; }

    /// <summary>What the source's list shows once it is as new as this; null where that is the case already.</summary>
    public ListExpectation? Expects { get; init; }

    /// <summary>Why the source stopped to listen; only with <see cref="SourceChangeKind.Lost"/>.</summary>
    public SnapshotFailedException? Failure { get; init; }
}
