using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Deployment;

/// <summary>
/// Keeps which server sits in which slot across restarts, per output. Losing it costs one reload and nothing else, so a
/// file that cannot be read is put aside and counts as empty. One caller at a time.
/// </summary>
/// <param name="directory">The state directory.</param>
public sealed class SlotStore(StateDirectory directory)
{
    private const int MaxBytes = 16 * 1024 * 1024;

    // They may be in place and yet not on the disk: the same content is written again.
    private readonly HashSet<string> _unsure = new(StringComparer.Ordinal);

    /// <summary>The last saved assignment of an output; empty when there is none.</summary>
    /// <param name="output">Name of the output.</param>
    /// <param name="damage">Set when the file on disk could not be understood and was put aside.</param>
    public SlotAssignment Load(string output, out Finding? damage)
    {
        damage = null;
        var file = FileOf(output);
        if (directory.Read(file) is not { } bytes)
            return SlotAssignment.Empty;
        try
        {
            if (bytes.Length <= MaxBytes && JsonSerializer.Deserialize(bytes, SlotJson.Default.StoredSlots) is { IsComplete: true } stored)
                return stored.ToAssignment();
        }
        catch (JsonException)
        {
            // Said below, together with the other ways to be unreadable.
        }

        directory.PutAside(file);
        damage = new Finding(
            FindingSeverity.Warning,
            ReasonIds.InvalidInput,
            $"the slots of output \"{output}\" could not be read and were kept as {directory[file]}.bad. They are assigned anew.");
        return SlotAssignment.Empty;
    }

    /// <summary>Saves the assignment of an output; nothing is written when the file already holds it.</summary>
    /// <param name="output">Name of the output.</param>
    /// <param name="assignment">The assignment.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string output, SlotAssignment assignment)
    {
        var file = FileOf(output);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(StoredSlots.From(assignment), SlotJson.Default.StoredSlots);
        if (!_unsure.Contains(file) && directory.Read(file) is { } present && present.AsSpan().SequenceEqual(bytes))
            return;
        _unsure.Add(file);
        directory.Write(file, bytes);
        _unsure.Remove(file);
    }

    private static string FileOf(string output) => $"slots/{StateDirectory.FileNameOf(output)}.json";
}

/// <summary>The file form of a <see cref="SlotAssignment"/>.</summary>
internal sealed record StoredSlots(SortedDictionary<string, StoredUpstream> Upstreams, int Format = StateDirectory.Format)
{
    /// <summary>False when an upstream is null, which the serializer lets through inside a dictionary.</summary>
    [JsonIgnore]
    public bool IsComplete => Upstreams.Values.All(upstream => upstream is not null);

    public static StoredSlots From(SlotAssignment assignment)
    {
        var upstreams = new SortedDictionary<string, StoredUpstream>(StringComparer.Ordinal);
        foreach (var (name, slots) in assignment.Upstreams)
            upstreams[name] = new StoredUpstream(slots.Capacity, new SortedDictionary<string, int>(slots.Taken, StringComparer.Ordinal));
        return new StoredSlots(upstreams);
    }

    public SlotAssignment ToAssignment() => new(Upstreams.ToImmutableSortedDictionary(
        pair => pair.Key,
        pair => new UpstreamSlots(pair.Value.Capacity, pair.Value.Taken.ToImmutableSortedDictionary(StringComparer.Ordinal)),
        StringComparer.Ordinal));
}

/// <summary>The file form of <see cref="UpstreamSlots"/>.</summary>
internal sealed record StoredUpstream(int Capacity, SortedDictionary<string, int> Taken);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    NewLine = "\n")]
[JsonSerializable(typeof(StoredSlots))]
internal sealed partial class SlotJson : JsonSerializerContext;
