using System.Collections.Immutable;
using System.Text.Json;
using Templater.Pipeline.Inventory.Files;

namespace Templater.Pipeline.Inventory;

/// <summary>
/// Templater's own recorded form of a snapshot: JSON, with a format number, in one canonical order. Equal snapshots give
/// equal bytes; what was written is read back field by field. Stateless and thread-safe.
/// </summary>
public static class SnapshotFile
{
    private const string Expected = "a recorded snapshot";
    private static readonly byte[] FormatMember = "templater_snapshot"u8.ToArray();

    /// <summary>Writes a snapshot, in canonical order, with a final newline.</summary>
    /// <param name="stream">Where to; it is not closed.</param>
    /// <param name="snapshot">What to write.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public static async Task WriteAsync(Stream stream, Snapshot snapshot, CancellationToken cancellationToken)
    {
        var recorded = new RecordedSnapshot(Snapshot.Format, SnapshotOrder.Canonical(snapshot));
        await JsonSerializer.SerializeAsync(stream, recorded, RecordedForm.TypeInfo, cancellationToken);
        await stream.WriteAsync("\n"u8.ToArray(), cancellationToken);
    }

    /// <summary>The bytes that <see cref="WriteAsync"/> writes.</summary>
    /// <param name="snapshot">What to write.</param>
    public static byte[] ToBytes(Snapshot snapshot) =>
    [
        .. JsonSerializer.SerializeToUtf8Bytes(
            new RecordedSnapshot(Snapshot.Format, SnapshotOrder.Canonical(snapshot)), RecordedForm.TypeInfo),
        (byte)'\n',
    ];

    /// <summary>Reads what <see cref="WriteAsync"/> wrote.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <exception cref="SnapshotFailedException">
    /// <see cref="ReasonIds.InvalidInput"/>: it is something else, damaged, or of a newer format.
    /// </exception>
    public static Snapshot Read(ReadOnlyMemory<byte> bytes, string file)
    {
        bytes = JsonFileText.Repaired(bytes);
        try
        {
            RequireKnownFormat(bytes.Span, file);
            var recorded = JsonSerializer.Deserialize(bytes.Span, RecordedForm.TypeInfo)!;
            RequireNoNulls(recorded.Snapshot);
            return SnapshotOrder.Canonical(recorded.Snapshot);
        }
        catch (JsonException exception)
        {
            throw JsonFileText.Invalid(file, exception, Expected);
        }
    }

    /// <summary>True when the text begins like a recorded snapshot of any format.</summary>
    internal static bool Recognises(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes, isFinalBlock: false, default);
        return reader.Read() && reader.TokenType == JsonTokenType.StartObject
            && reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(FormatMember);
    }

    // The serialiser checks members for null, but not what lies in lists and maps.
    private static void RequireNoNulls(Snapshot snapshot)
    {
        var isComplete = snapshot.Containers.All(static c => c is not null
                && c.Labels.Values.All(static v => v is not null) && c.Env.Values.All(static v => v is not null)
                && c.Ports.All(static p => p is not null) && c.Mounts.All(static m => m is not null)
                && (c.Origin is null || c.Origin.ServiceLabels.Values.All(static v => v is not null))
                && c.Endpoints.All(static e => e is not null && e.Aliases.All(static a => a is not null)))
            && snapshot.Networks.All(static n => n is not null && n.Subnets.All(static s => s is not null))
            && snapshot.Certificates.All(static c => c is not null && c.Names.All(static n => n is not null))
            && snapshot.UnusableCertificates.All(static c => c is not null && c.Names.All(static n => n is not null))
            && snapshot.OperatorFiles.All(static f => f is not null)
            && snapshot.Slots.Values.All(static s => s is not null && s.Upstreams.Values.All(static u => u is not null))
            && (snapshot.Swarm is not { } swarm || IsComplete(swarm))
            && snapshot.ProxyVersions?.Values.Any(static v => v is null) != true
            && (snapshot.Acme is not { } acme || (acme.Thumbprints.Values.All(static v => v is not null) && acme.Turned.Values.All(static v => v is not null)
                && (acme.Placeholders.IsDefault || acme.Placeholders.All(static c => c is not null && c.Names.All(static n => n is not null)))))
            && snapshot.Quarantined.Values.All(static v => v is not null);
        if (!isComplete)
            throw new JsonException("null stands where a value was expected");
    }

    private static bool IsComplete(SwarmContent swarm) =>
        swarm.Services.All(static s => s is not null && s.Labels.Values.All(static v => v is not null) && IsComplete(s.Endpoints) && s.Ports.All(static p => p is not null))
        && swarm.Tasks.All(static t => t is not null && IsComplete(t.Endpoints))
        && swarm.Nodes.All(static n => n is not null && n.Labels.Values.All(static v => v is not null));

    private static bool IsComplete(ImmutableArray<Endpoint> endpoints) =>
        !endpoints.IsDefault && endpoints.All(static e => e is not null && e.Aliases.All(static a => a is not null));

    // Before anything else is looked at: a newer format may differ in every other member.
    private static void RequireKnownFormat(ReadOnlySpan<byte> bytes, string file)
    {
        if (!Recognises(bytes))
            throw JsonFileText.Invalid(file, 1, 1, $"{Expected} was expected, an object that begins with \"templater_snapshot\".");
        var reader = new Utf8JsonReader(bytes);
        reader.Read();
        reader.Read();
        reader.Read();
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out var format) || format < 1)
            throw JsonFileText.Invalid(file, 1, 1, "the format number \"templater_snapshot\" must be a positive integer.");
        if (format > Snapshot.Format)
            throw JsonFileText.Invalid(file, 1, 1,
                $"the snapshot has format {format}, and this version reads formats up to {Snapshot.Format}. Use a newer Templater.");
    }
}
