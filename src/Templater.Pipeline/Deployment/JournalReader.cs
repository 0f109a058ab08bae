namespace Templater.Pipeline.Deployment;

/// <summary>Looks at the journal of an output that another process may be writing. Takes no lock and changes nothing.</summary>
public static class JournalReader
{
    private const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>What the journal says.</summary>
    /// <param name="stateDirectory">The state directory.</param>
    /// <param name="output">Name of the output.</param>
    /// <returns>Null when there is none, it may not be read, or a newer version wrote it.</returns>
    public static JournalState? Read(string stateDirectory, string output)
    {
        try
        {
            // It is replaced by rename, so that what is read is whole.
            var path = Path.Combine(stateDirectory, Journal.FileOf(StateDirectory.FileNameOf(output)));
            return File.Exists(path) && Journal.Parse(NamedFile.ReadBytes(path, MaxBytes).ToArray()).State is { } state && state.Format <= StateDirectory.Format ? state : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
