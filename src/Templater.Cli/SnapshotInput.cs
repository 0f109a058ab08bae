using Templater.Pipeline;
using Templater.Pipeline.Inventory;

namespace Templater.Cli;

/// <summary>What <c>--from</c> names: a file, or what standard input brought, which can be read only once.</summary>
/// <param name="Name">Path of the file, or a name for messages.</param>
/// <param name="Content">What was read already; null for a file.</param>
internal sealed record SnapshotInput(string Name, ReadOnlyMemory<byte>? Content = null)
{
    /// <summary>The word for standard input.</summary>
    public const string StandardInput = "-";

    /// <summary>The file to be watched; null for standard input.</summary>
    public string? File => Content is null ? Name : null;

    /// <summary>The input that the flag names, standard input read to its end.</summary>
    /// <returns>Null without the flag: the engine is meant.</returns>
    /// <exception cref="SnapshotFailedException">Standard input cannot be read.</exception>
    public static async Task<SnapshotInput?> OfAsync(string? from, Surroundings surroundings, CancellationToken cancellationToken)
    {
        if (from is not StandardInput)
            return from is { Length: > 0 } ? new SnapshotInput(from) : null;
        const string Shown = "standard input";
        try
        {
            // Whoever is told to end does not wait for somebody to write.
            var bytes = await Task.Run(() => NamedFile.ReadBytes(surroundings.Input, FileSnapshotSource.MaxFileBytes), cancellationToken).WaitAsync(cancellationToken);
            return new SnapshotInput(Shown, bytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SnapshotFailedException(ReasonIds.InvalidInput, $"{Shown}: cannot be read: {exception.Message}", exception);
        }
    }
}
