using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Templater.Pipeline.Certificates;

namespace Templater.Pipeline.Inventory.Files;

/// <summary>A recorded snapshot as it lies in a file: the format number first, so that it can be refused unread.</summary>
/// <param name="TemplaterSnapshot">Version of the recorded form, <see cref="Snapshot.Format"/> when written by this version.</param>
/// <param name="Snapshot">The content.</param>
internal sealed record RecordedSnapshot(int TemplaterSnapshot, Snapshot Snapshot);

/// <summary>
/// The recorded form's JSON. Strict: our own files hold exactly what this version writes, so a member that is not
/// known is a sign of damage or of a newer program, never something to skip.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    NewLine = "\n",
    IgnoreReadOnlyProperties = true,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    MaxDepth = 32,
    Converters = [typeof(ContainerIdConverter), typeof(LowerCaseEnum<ContainerState>), typeof(LowerCaseEnum<HealthStatus>), typeof(LowerCaseEnum<OriginKind>)])]
[JsonSerializable(typeof(RecordedSnapshot))]
internal sealed partial class SnapshotJson : JsonSerializerContext;

/// <summary>How the recorded form is written and read.</summary>
internal static class RecordedForm
{
    /// <summary>The form's contract; every member is required, but those that older files cannot have.</summary>
    public static JsonTypeInfo<RecordedSnapshot> TypeInfo { get; } = Create();

    // What older files do not have, and what is not written where there is nothing to say.
    private static bool IsOptional(Type type, string member) =>
        (type == typeof(Container) && member is "origin" or "tcp_keepalive_time" or "stop_timeout" or "health_failure")
        || (type == typeof(OperatorFile) && member == "directives")
        || (type == typeof(SwarmIdentity) && member == "failures")
        || (type == typeof(SwarmOrigin) && member is "places" or "node_address")
        || (type == typeof(AcmeAnswers) && member == "placeholders")
        || (type == typeof(Snapshot) && member is "operator_files" or "lifecycle" or "proxy_versions" or "swarm" or "acme");

    private static JsonTypeInfo<RecordedSnapshot> Create()
    {
        var options = new JsonSerializerOptions(SnapshotJson.Default.Options)
        {
            // Leaves letters of all scripts readable; the file is never put into HTML.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            // An init-only member that is absent would be left null by the generated reader, whatever its initialiser.
            TypeInfoResolver = SnapshotJson.Default.WithAddedModifier(static info =>
            {
                foreach (var property in info.Properties)
                {
                    property.IsRequired = (property.Set is not null || property.AssociatedParameter is not null) && !IsOptional(info.Type, property.Name);
                    // Only where labels name such files: what older versions wrote holds none, and they read what holds none.
                    if (info.Type == typeof(SwarmOrigin) && property.Name == "places")
                        property.ShouldSerialize = static (_, value) => value is not 0;
                    if (info.Type == typeof(SwarmOrigin) && property.Name == "node_address")
                        property.ShouldSerialize = static (_, value) => value is not null;
                    if (info.Type == typeof(AcmeAnswers) && property.Name == "placeholders")
                        property.ShouldSerialize = static (_, value) => value is ImmutableArray<CertificatePair> { IsDefaultOrEmpty: false };
                    if (property.PropertyType == typeof(ImmutableArray<OperatorFile>))
                        property.ShouldSerialize = static (_, value) => value is ImmutableArray<OperatorFile> { IsDefaultOrEmpty: false };
                    else if (info.Type == typeof(OperatorFile) && property.Name == "directives")
                        property.ShouldSerialize = static (_, value) => value is string { Length: > 0 };
                }
            }),
        };
        return (JsonTypeInfo<RecordedSnapshot>)options.GetTypeInfo(typeof(RecordedSnapshot));
    }
}

/// <summary>A container id as a plain string.</summary>
internal sealed class ContainerIdConverter : JsonConverter<ContainerId>
{
    /// <inheritdoc/>
    public override ContainerId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.TokenType == JsonTokenType.String
            ? reader.GetString()!
            : throw new JsonException("A container id is a string."));

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ContainerId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Value);
}

/// <summary>Enum members in lower case, as the engine writes them; numbers are refused.</summary>
internal sealed class LowerCaseEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
