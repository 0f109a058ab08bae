using System.Text.Json;
using System.Text.Json.Serialization;

namespace Templater.Pipeline.Deployment;

/// <summary>A generation that was live and whose files are kept, so that the operator can go back to it. Immutable.</summary>
public sealed record ArchivedGeneration
{
    /// <summary>Format number of the file.</summary>
    public int Format { get; init; } = StateDirectory.Format;

    /// <summary>The generation id.</summary>
    public required string Generation { get; init; }

    /// <summary>What people call it.</summary>
    public required int Number { get; init; }

    /// <summary>SHA-256 over its files, lower-case hex.</summary>
    public required string Content { get; init; }

    /// <summary>The id that stands in the configuration where it is another one; else null.</summary>
    public string? ReloadGeneration { get; init; }

    /// <summary>True when the configuration contains its id.</summary>
    public bool PrintsGeneration { get; init; }

    /// <summary>When it was found to be live.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>What had made it necessary.</summary>
    public string Cause { get; init; } = "";

    /// <summary>Where its configuration names further files, as the proxy sees it; empty when there are none or that is not known.</summary>
    public string Directory { get; init; } = "";

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ArchiveJson.Default.ArchivedGeneration);

    /// <summary>What a file says; null when that cannot be understood.</summary>
    internal static ArchivedGeneration? Of(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ArchiveJson.Default.ArchivedGeneration) is { Format: > 0 and <= StateDirectory.Format, Generation.Length: > 0, Number: > 0, Content: not null } known ? known : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(ArchivedGeneration))]
internal sealed partial class ArchiveJson : JsonSerializerContext;
