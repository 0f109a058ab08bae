using System.Collections.Immutable;

namespace Templater.Pipeline.Deployment;

/// <summary>Looks at the journal of an output that another process may be writing. Takes no lock and changes nothing.</summary>
public static class JournalReader
{
    private const int MaxBytes = 4 * 1024 * 1024;
    private const int MaxOutputs = 1000;
    private const string Folder = "journal";
    private const string Suffix = ".json";

    /// <summary>What the journal says.</summary>
    /// <param name="stateDirectory">The state directory.</param>
    /// <param name="output">Name of the output.</param>
    /// <returns>Null when there is none, it may not be read, or a newer version wrote it.</returns>
    public static JournalState? Read(string stateDirectory, string output) => Look(stateDirectory, output).State;

    /// <summary>What the journal says, or why that cannot be known.</summary>
    /// <param name="stateDirectory">The state directory.</param>
    /// <param name="output">Name of the output.</param>
    public static JournalReading Look(string stateDirectory, string output)
    {
        try
        {
            // It is replaced by rename, so that what is read is whole.
            var path = Path.Combine(stateDirectory, Journal.FileOf(StateDirectory.FileNameOf(output)));
            if (!File.Exists(path))
                return new JournalReading(output, null);
            var (state, problem) = Journal.Parse(NamedFile.ReadBytes(path, MaxBytes).ToArray());
            return state is { Format: > StateDirectory.Format }
                ? new JournalReading(output, null) { Problem = $"it is of a newer Templater (format {state.Format}, this version knows up to {StateDirectory.Format})" }
                : new JournalReading(output, state) { Problem = state is null ? problem : null };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return new JournalReading(output, null) { Problem = exception.Message.TrimEnd('.') };
        }
    }

    /// <summary>The outputs that have a journal, in ordinal order.</summary>
    /// <param name="stateDirectory">The state directory.</param>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be read.</exception>
    public static ImmutableArray<string> Outputs(string stateDirectory)
    {
        var folder = Path.Combine(stateDirectory, Folder);
        return !Directory.Exists(folder) ? [] :
        [
            .. Directory.EnumerateFiles(folder).Select(static path => Path.GetFileName(path))
                .Where(static name => name.EndsWith(Suffix, StringComparison.Ordinal)).Take(MaxOutputs)
                .Select(static name => Uri.UnescapeDataString(name[..^Suffix.Length])).Order(StringComparer.Ordinal),
        ];
    }
}

/// <summary>What came of looking at a journal.</summary>
/// <param name="Output">Name of the output.</param>
/// <param name="State">What it says; null when there is none, or it cannot be understood.</param>
public sealed record JournalReading(string Output, JournalState? State)
{
    /// <summary>Why it cannot be understood, as a clause; null when it can, or there is none.</summary>
    public string? Problem { get; init; }
}
