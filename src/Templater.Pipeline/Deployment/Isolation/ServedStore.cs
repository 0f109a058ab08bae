using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Deployment.Isolation;

/// <summary>
/// Keeps who is in the last live generation of each output across restarts, each container with a digest of what it says: a
/// newcomer that clashes with one of them loses, also after a restart. Losing it costs only that knowledge, so a file that cannot be
/// read counts as empty.
/// </summary>
/// <param name="directory">The state directory.</param>
public sealed class ServedStore(StateDirectory directory)
{
    private const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>Digests by container id, as saved last.</summary>
    /// <param name="output">Name of the output.</param>
    public ImmutableSortedDictionary<string, string> Load(string output)
    {
        try
        {
            if (directory.Read(FileOf(output)) is { Length: <= MaxBytes } bytes
                && JsonSerializer.Deserialize(bytes, ServedJson.Default.StoredServed) is { Format: StateDirectory.Format } stored
                && stored.Containers.Values.All(static digest => digest is not null))
                return stored.Containers.ToImmutableSortedDictionary(StringComparer.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            // Everybody counts as new then, and the older ones win.
        }

        return Ordinal.Empty;
    }

    /// <summary>Saves who is live.</summary>
    /// <param name="output">Name of the output.</param>
    /// <param name="digests">Digests by container id.</param>
    /// <returns>What to say when it cannot be written; it stays as it was.</returns>
    public Finding? Save(string output, IReadOnlyDictionary<string, string> digests)
    {
        ArgumentNullException.ThrowIfNull(digests);
        try
        {
            directory.Write(FileOf(output), JsonSerializer.SerializeToUtf8Bytes(
                new StoredServed(new SortedDictionary<string, string>(digests.ToDictionary(), StringComparer.Ordinal)), ServedJson.Default.StoredServed));
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Finding(
                FindingSeverity.Warning,
                ReasonIds.OutputFailed,
                $"cannot keep who is served: {error.Message.TrimEnd('.')}. After a restart a container that clashes with one of them might win. Make the state directory writable and free some space; it is tried again.");
        }
    }

    private static string FileOf(string output) => $"served/{StateDirectory.FileNameOf(output)}.json";
}

/// <summary>The file form of who is live.</summary>
internal sealed record StoredServed(SortedDictionary<string, string> Containers, int Format = StateDirectory.Format);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    NewLine = "\n")]
[JsonSerializable(typeof(StoredServed))]
internal sealed partial class ServedJson : JsonSerializerContext;
