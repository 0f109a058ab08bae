using System.Text.Json;
using System.Text.Json.Serialization;

namespace Templater.Docker.Wire;

/// <summary>Serialisation of everything that goes over the wire: names as the API has them, unknown members ignored, nothing by reflection.</summary>
[JsonSourceGenerationOptions(
    NumberHandling = JsonNumberHandling.AllowReadingFromString,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(TolerantStringConverter), typeof(TolerantMapConverter)])]
[JsonSerializable(typeof(ContainerSummary[]))]
[JsonSerializable(typeof(ContainerInspect[]))]
[JsonSerializable(typeof(NetworkSummary[]))]
[JsonSerializable(typeof(NodeRecord[]))]
[JsonSerializable(typeof(ServiceRecord[]))]
[JsonSerializable(typeof(TaskRecord[]))]
[JsonSerializable(typeof(SystemInfo))]
[JsonSerializable(typeof(EngineVersion))]
[JsonSerializable(typeof(ContainerTop))]
[JsonSerializable(typeof(DockerEvent))]
[JsonSerializable(typeof(ExecConfig))]
[JsonSerializable(typeof(ExecStart))]
[JsonSerializable(typeof(ExecCreated))]
[JsonSerializable(typeof(ExecInspect))]
[JsonSerializable(typeof(ErrorBody))]
internal sealed partial class DockerJson : JsonSerializerContext;

/// <summary>Reads what the docker command prints, for work without an engine.</summary>
public static class InspectFile
{
    /// <summary>Reads what <c>docker inspect ID...</c> prints: an array of containers.</summary>
    /// <param name="json">UTF-8 text; read to its end, not closed. The caller bounds its length.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <returns>The containers in the file's order; null elements are left out.</returns>
    /// <exception cref="JsonException">It is not such an array; the message has line and position.</exception>
    public static async Task<IReadOnlyList<ContainerInspect>> ReadAsync(Stream json, CancellationToken cancellationToken) =>
        Absent.Filled(await JsonSerializer.DeserializeAsync(json, DockerJson.Default.ContainerInspectArray, cancellationToken));
}
