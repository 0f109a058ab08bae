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

    /// <summary>Why the source stopped to listen; only with <see cref="SourceChangeKind.Lost"/>.</summary>
    public SnapshotFailedException? Failure { get; init; }
}
