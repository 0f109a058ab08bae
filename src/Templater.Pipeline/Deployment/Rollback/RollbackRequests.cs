using System.Collections.Immutable;

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

    private readonly RequestFile _file = new(Path.Combine(stateDirectory, Folder, StateDirectory.FileNameOf(output)), MaxBytes);

    /// <summary>True when there is one to take.</summary>
    internal bool IsThere => _file.IsThere;

    /// <summary>True when the last one has not been taken yet.</summary>
    public bool IsPending => _file.IsPending;

    /// <summary>The generations that can be gone back to, newest first.</summary>
    /// <exception cref="IOException">They cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">They may not be read.</exception>
    public ImmutableArray<ArchivedGeneration> Generations() => GenerationArchive.List(stateDirectory, output);

    /// <summary>Asks for a generation, which then stays.</summary>
    /// <param name="generation">Its id.</param>
    /// <exception cref="IOException">It cannot be asked.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be asked.</exception>
    public void AskFor(string generation) => _file.Write(Pin + generation);

    /// <summary>Asks that the output follows its inputs again.</summary>
    /// <exception cref="IOException">It cannot be asked.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be asked.</exception>
    public void AskToResume() => _file.Write(Resume);

    /// <summary>Takes back what was asked, if it has not been taken yet.</summary>
    public void Withdraw() => _file.Withdraw();

    /// <summary>What is asked; null when nothing is, or it cannot be understood.</summary>
    internal RollbackRequest? Read() => _file.Read() switch
    {
        Resume => new RollbackRequest(null),
        { } text when text.StartsWith(Pin, StringComparison.Ordinal) && text[Pin.Length..] is { Length: > 0 } generation && generation.All(char.IsAsciiHexDigitLower) => new RollbackRequest(generation),
        _ => null,
    };

    /// <summary>Takes it away once it is noted.</summary>
    internal void Remove() => _file.Remove();

    /// <summary>Tries again to take away one that is noted.</summary>
    internal void RemoveStuck() => _file.RemoveStuck();
}

/// <summary>What is asked.</summary>
/// <param name="Generation">The generation to go back to; null = follow the inputs again.</param>
internal sealed record RollbackRequest(string? Generation);
