using System.Runtime.CompilerServices;

namespace Templater.Pipeline.Inventory;

/// <summary>Snapshots from a file in any form that <see cref="SnapshotForms"/> reads; noticed when it is written or replaced.</summary>
/// <param name="path">The file.</param>
/// <param name="env">What is kept of environments.</param>
/// <param name="assembler">Adds certificates and slots, unless the file is a recorded snapshot.</param>
/// <param name="time">The clock that polls.</param>
/// <param name="followsClock">
/// True for a program that stays: certificates are renewed beside a file that is never written again, so "now" is the clock's
/// unless the file is ahead of it or a recorded snapshot. False gives the same snapshot for the same file at any time.
/// </param>
public sealed class FileSnapshotSource(
    string path, EnvFilter env, SnapshotAssembler assembler, TimeProvider time, bool followsClock = false) : ISnapshotSource
{
    /// <summary>Largest file that is read, in bytes: some 25,000 inspected containers.</summary>
    public const int MaxFileBytes = 256 * 1024 * 1024;

    /// <summary>Time between two looks at the file. Polling, because mounts of other machines deliver no notifications.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <summary>What the file holds, when it was read already and cannot be read again; null = it is read each time.</summary>
    public ReadOnlyMemory<byte>? Content { get; init; }

    /// <inheritdoc/>
    public string Description => path;

    /// <inheritdoc/>
    public async Task<Snapshot> ReadAsync(CancellationToken cancellationToken)
    {
        var (snapshot, isRecorded) = await SnapshotForms.ReadAsync(Content ?? await BytesAsync(cancellationToken), path, env, cancellationToken);
        if (isRecorded)
            return snapshot;
        var now = time.GetUtcNow();
        return assembler.Assemble(followsClock && now > snapshot.TakenAt ? snapshot with { TakenAt = now } : snapshot);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<SourceChange> ChangesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var last = FileStamp.Of(path);
        yield return new SourceChange(SourceChangeKind.Reconnected, null, "", $"watching {path}", ExplainsRemoval: false);
        while (true)
        {
            await Task.Delay(PollInterval, time, cancellationToken);
            if (FileStamp.Of(path) is var stamp && stamp == last)
                continue;
            last = stamp;
            // The file is what a person or a program wrote on purpose: it explains whatever it removes.
            yield return new SourceChange(
                SourceChangeKind.Event, null, "", $"{Path.GetFileName(path)} changed", ExplainsRemoval: true);
        }
    }

    private async Task<ReadOnlyMemory<byte>> BytesAsync(CancellationToken cancellationToken)
    {
        try
        {
            // A pipe may have an end that nobody writes to: whoever is told to end does not wait for it.
            return await Task.Run(() => NamedFile.ReadBytes(path, MaxFileBytes), cancellationToken).WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SnapshotFailedException(ReasonIds.InvalidInput, $"{path}: cannot be read: {exception.Message}", exception);
        }
    }
}
