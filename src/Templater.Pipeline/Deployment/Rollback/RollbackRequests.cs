using System.Collections.Immutable;
using System.Text;

namespace Templater.Pipeline.Deployment;

/// <summary>
/// What an operator asks a running Templater to do with an output: a small file in the state directory, which the other takes away when
/// it has noted what it says. So asking needs the right to write there, and no door over the network.
/// </summary>
/// <param name="stateDirectory">Path of the state directory.</param>
/// <param name="output">Name of the output.</param>
public sealed class RollbackRequests(string stateDirectory, string output)
{
    /// <summary>Folder of the requests in the state directory.</summary>
    internal const string Folder = "requests";

    private const int MaxBytes = 256;
    private const string Pin = "rollback ";
    private const string Resume = "resume";

    private readonly string _path = Path.Combine(stateDirectory, Folder, StateDirectory.FileNameOf(output));

    // When the one was written that was read last, and the one that is noted and could not be taken away.
    private DateTime? _read;
    private DateTime? _stuck;

    /// <summary>True when there is one to take.</summary>
    internal bool IsThere => File.Exists(_path) && File.GetLastWriteTimeUtc(_path) != _stuck;

    /// <summary>True when the last one has not been taken yet.</summary>
    public bool IsPending => File.Exists(_path);

    /// <summary>The generations that can be gone back to, newest first.</summary>
    /// <exception cref="IOException">They cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">They may not be read.</exception>
    public ImmutableArray<ArchivedGeneration> Generations() => GenerationArchive.List(stateDirectory, output);

    /// <summary>Asks for a generation, which then stays.</summary>
    /// <param name="generation">Its id.</param>
    /// <exception cref="IOException">It cannot be asked.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be asked.</exception>
    public void AskFor(string generation) => Write(Pin + generation);

    /// <summary>Asks that the output follows its inputs again.</summary>
    /// <exception cref="IOException">It cannot be asked.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be asked.</exception>
    public void AskToResume() => Write(Resume);

    /// <summary>Takes back what was asked, if it has not been taken yet.</summary>
    public void Withdraw() => File.Delete(_path);

    /// <summary>What is asked; null when nothing is, or it cannot be understood.</summary>
    internal RollbackRequest? Read()
    {
        try
        {
            _read = File.GetLastWriteTimeUtc(_path);
            var text = Encoding.UTF8.GetString(NamedFile.ReadBytes(_path, MaxBytes).Span).Trim();
            return text == Resume ? new RollbackRequest(null)
                : text.StartsWith(Pin, StringComparison.Ordinal) && text[Pin.Length..] is { Length: > 0 } generation && generation.All(char.IsAsciiHexDigitLower) ? new RollbackRequest(generation)
                : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Takes it away once it is noted.</summary>
    internal void Remove()
    {
        try
        {
            File.Delete(_path);
            _stuck = null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Noted is noted: it is not read again in this run, and does not keep the next one from being read.
            _stuck = _read;
        }
    }

    /// <summary>Tries again to take away one that is noted.</summary>
    internal void RemoveStuck()
    {
        if (_stuck is not null && File.Exists(_path) && !IsThere)
            Remove();
    }

    private void Write(string text)
    {
        var unfinished = _path + ".new";
        File.WriteAllText(unfinished, text + "\n");
        File.Move(unfinished, _path, overwrite: true);
    }
}

/// <summary>What is asked.</summary>
/// <param name="Generation">The generation to go back to; null = follow the inputs again.</param>
internal sealed record RollbackRequest(string? Generation);
