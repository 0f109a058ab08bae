using System.Text.Json;
using Templater.Pipeline.Inventory.Files;

namespace Templater.Pipeline.Inventory;

/// <summary>
/// Reads containers from text in any of three forms, told apart by their beginning: Templater's recorded snapshot, the
/// array that <c>docker inspect</c> prints, the lines that <c>docker ps --no-trunc --format json</c> prints.
/// </summary>
public static class SnapshotForms
{
    private const string Expected =
        "a recorded snapshot, the output of docker inspect, or lines of docker ps --no-trunc --format json was expected";

    /// <summary>Reads the text. The same text always gives an equal snapshot: its "now" is taken from what is written in it.</summary>
    /// <param name="bytes">The whole text.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <param name="env">What is kept of environments; a recorded snapshot was filtered when it was made.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The snapshot, and whether it is a recorded one, which is complete as it is.</returns>
    /// <exception cref="SnapshotFailedException"><see cref="ReasonIds.InvalidInput"/>, with line and position.</exception>
    public static async Task<(Snapshot Snapshot, bool IsRecorded)> ReadAsync(
        ReadOnlyMemory<byte> bytes, string name, EnvFilter env, CancellationToken cancellationToken)
    {
        bytes = JsonFileText.Repaired(bytes);
        var start = bytes.Span.IndexOfAnyExcept(" \t\r\n"u8);
        if (start < 0)
            throw JsonFileText.Invalid(name, 1, 1, $"{Expected}, but it is empty. Write it with: templater snapshot, or docker inspect $(docker ps -q).");
        return (char)bytes.Span[start] switch
        {
            '[' => (await InspectForm.ReadAsync(bytes, name, env, cancellationToken), false),
            '{' when LooksRecorded(bytes.Span) => (SnapshotFile.Read(bytes, name), true),
            '{' => (PsForm.Read(bytes, name), false),
            _ => throw JsonFileText.Invalid(name, 1, start + 1, $"{Expected}. Write it with: templater snapshot, or docker inspect $(docker ps -q)."),
        };
    }

    private static bool LooksRecorded(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return SnapshotFile.Recognises(bytes);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
