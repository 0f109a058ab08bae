namespace Templater.Pipeline.Inventory;

/// <summary>Where snapshots come from: a live engine or a file.</summary>
/// <remarks>One reader and one listener at a time; the two may run concurrently.</remarks>
public interface ISnapshotSource
{
    /// <summary>What the source reads, for messages: an engine's address or a file's path.</summary>
    string Description { get; }

    /// <summary>Reads everything that is there now.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A complete snapshot; never a part of one.</returns>
    /// <exception cref="SnapshotFailedException">Any part of it could not be read.</exception>
    Task<Snapshot> ReadAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Hints that something has changed, for ever: the sequence ends only by cancellation. The first element is
    /// <see cref="SourceChangeKind.Reconnected"/> once the source listens, or <see cref="SourceChangeKind.Lost"/> if it
    /// cannot; whatever happens after that first element is either reported or seen by a later read.
    /// </summary>
    /// <param name="cancellationToken">Ends the sequence.</param>
    IAsyncEnumerable<SourceChange> ChangesAsync(CancellationToken cancellationToken);
}
