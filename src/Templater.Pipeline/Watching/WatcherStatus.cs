using System.Text.Json;
using System.Text.Json.Serialization;
using Templater.Pipeline.Certificates.Keeping;

namespace Templater.Pipeline.Watching;

/// <summary>What the running program says about itself to <c>templater healthcheck</c>.</summary>
public sealed record WatcherStatus
{
    /// <summary>The format that this version writes.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Version of this form.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>When the program started.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>When this was written.</summary>
    public required DateTimeOffset Written { get; init; }

    /// <summary>When it ended in an orderly way; null while it runs, and in files of earlier versions.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>What the engine says of itself, such as <c>20.10.24, API 1.41</c>; null when it has not, and in files of earlier versions.</summary>
    public string? Engine { get; init; }

    /// <summary>What it reads: an engine's address or a file.</summary>
    public required string Source { get; init; }

    /// <summary>When the last complete snapshot was read; null when none was since the start.</summary>
    public DateTimeOffset? LastCompleteSnapshot { get; init; }

    /// <summary>Containers in it.</summary>
    public int Containers { get; init; }

    /// <summary>The outputs, in the order of the settings.</summary>
    public IReadOnlyList<OutputStatus> Outputs { get; init; } = [];

    /// <summary>Everything that is to be said now.</summary>
    public IReadOnlyList<FindingStatus> Findings { get; init; } = [];

    /// <summary>Certificates that are wanted, by name; null where none are obtained or it is not known yet which, and in files of earlier versions.</summary>
    public IReadOnlyList<CertificateState>? Certificates { get; init; }

    /// <summary>True while certificates are obtained and it is not known yet which are wanted.</summary>
    public bool AwaitsCertificates { get; init; }

    /// <summary>Accounts at authorities that are given another key, or were since the start; null where none is, and in files of earlier versions.</summary>
    public IReadOnlyList<KeyChange>? KeyChanges { get; init; }

    /// <summary>Containers that restart in a loop and wait; null in files of earlier versions.</summary>
    public IReadOnlyList<WaitingStatus>? Held { get; init; }

    /// <summary>Containers that were told to stop, and until when that is believed; null in files of earlier versions.</summary>
    public IReadOnlyList<WaitingStatus>? Stopping { get; init; }
}

/// <summary>A container of a <see cref="WatcherStatus"/> that gets no new requests for a time.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Until">Until when.</param>
/// <param name="Restarts">How often it restarted lately.</param>
public sealed record WaitingStatus(string Id, DateTimeOffset Until, int Restarts);

/// <summary>A container that one output leaves out because a line that comes from it was refused.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Why">What was refused.</param>
public sealed record LeftOutContainer(string Id, string Why)
{
    /// <summary>Its name; null in files of earlier versions.</summary>
    public string? Name { get; init; }
}

/// <summary>How many containers one output does not route for one reason.</summary>
/// <param name="Reason">Reason id.</param>
/// <param name="Containers">Their number.</param>
public sealed record ExcludedContainers(string Reason, int Containers);

/// <summary>One output in a <see cref="WatcherStatus"/>.</summary>
/// <param name="Name">Name of the output.</param>
/// <param name="Path">Its file.</param>
/// <param name="Generation">Id of its generation.</param>
/// <param name="Number">Number of its generation, counted from 1.</param>
/// <param name="Step">How far the generation came.</param>
/// <param name="Exists">True when the file exists.</param>
/// <param name="IsUnwritable">True when it could not be written.</param>
/// <param name="OwedSince">Since when a reload is owed.</param>
/// <param name="WaitsForProxy">True when it is owed only because no proxy runs.</param>
/// <param name="Hosts">How many virtual hosts it has.</param>
public sealed record OutputStatus(
    string Name, string Path, string Generation, int Number, string Step, bool Exists, bool IsUnwritable,
    DateTimeOffset? OwedSince, bool WaitsForProxy, int Hosts)
{
    /// <summary>Sets of workers of its proxy that only finish their connections; null when nobody can tell, and in files of earlier versions.</summary>
    public int? OldWorkers { get; init; }

    /// <summary>Containers that it leaves out; null in files of earlier versions.</summary>
    public IReadOnlyList<LeftOutContainer>? LeftOut { get; init; }

    /// <summary>How many containers it does not route, by reason; null in files of earlier versions.</summary>
    public IReadOnlyList<ExcludedContainers>? Excluded { get; init; }
}

/// <summary>One finding in a <see cref="WatcherStatus"/>.</summary>
/// <param name="Severity"><c>info</c>, <c>warning</c> or <c>error</c>.</param>
/// <param name="Reason">Reason id.</param>
/// <param name="Message">The message.</param>
/// <param name="Container">The container it is about, if any.</param>
public sealed record FindingStatus(string Severity, string Reason, string Message, string? Container);

/// <summary>The status as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(WatcherStatus))]
internal sealed partial class StatusJson : JsonSerializerContext;

/// <summary>The status file: replaced as a whole, so that a reader sees the old one or the new one. Thread-safe.</summary>
/// <param name="directory">The state directory.</param>
public sealed class StatusFile(string directory)
{
    /// <summary>Name of the file in the state directory.</summary>
    public const string FileName = "status.json";

    private const int MaxBytes = 16 * 1024 * 1024;

    private string FullPath => Path.Combine(directory, FileName);

    /// <summary>Replaces the file. It is not forced to the disk: after a crash of the machine nothing in it would be true.</summary>
    /// <param name="status">The new status.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public async Task WriteAsync(WatcherStatus status, CancellationToken cancellationToken)
    {
        var temporary = Path.Combine(directory, $".{FileName}.new");
        await File.WriteAllBytesAsync(
            temporary, JsonSerializer.SerializeToUtf8Bytes(status, StatusJson.Default.WatcherStatus), cancellationToken);
        File.Move(temporary, FullPath, overwrite: true);
    }

    /// <summary>The status that was written last; null when there is none that this version understands.</summary>
    public WatcherStatus? Read() => Look().Status;

    /// <summary>The status that was written last, or why it cannot be understood, as a clause; neither when there is none.</summary>
    public (WatcherStatus? Status, string? Problem) Look()
    {
        try
        {
            if (!File.Exists(FullPath))
                return (null, null);
            using var document = JsonDocument.Parse(NamedFile.ReadBytes(FullPath, MaxBytes));
            // Another format may hold anything; its number is looked at before the rest is.
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("format", out var number) || !number.TryGetInt32(out var format))
                return (null, "it has no format number");
            if (format != WatcherStatus.CurrentFormat)
                return (null, $"it is of another version (format {format}, this one knows {WatcherStatus.CurrentFormat})");
            var status = document.Deserialize(StatusJson.Default.WatcherStatus);
            return status is { Outputs: not null, Findings: not null } ? (status, null) : (null, "it lacks outputs or findings");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return (null, "it is not the JSON that was written");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (null, exception.Message.TrimEnd('.'));
        }
    }
}
