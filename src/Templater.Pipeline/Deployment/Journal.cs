using System.Text.Json;

namespace Templater.Pipeline.Deployment;

/// <summary>
/// The memory of one output across crashes: written before and after the rename and at every later step, so that a
/// reload that is owed stays owed. Holds a lock on the output for its whole life. Not thread-safe.
/// </summary>
internal sealed class Journal : IDisposable
{
    private const int MaxBytes = 4 * 1024 * 1024;
    private readonly StateDirectory _directory;
    private readonly string _name;
    private readonly FileStream _lock;

    private Journal(StateDirectory directory, string name, FileStream @lock)
    {
        _directory = directory;
        _name = name;
        _lock = @lock;
    }

    public JournalState State { get; private set; } = new();

    /// <summary>Set when the journal on disk could not be understood and was put aside.</summary>
    public Finding? Damage { get; private set; }

    public string ScratchDirectory => _directory["scratch"];

    private string JournalFile => FileOf(_name);

    /// <summary>Where a journal lies in the state directory.</summary>
    /// <param name="name">The output's name as a file name.</param>
    public static string FileOf(string name) => $"journal/{name}.json";

    private string GoodFile => $"proven/{_name}";

    /// <exception cref="StateDirectoryException">Another Templater holds the output, or the journal is of a newer format.</exception>
    public static Journal Open(StateDirectory directory, string output)
    {
        var name = StateDirectory.FileNameOf(output);
        var journal = new Journal(directory, name, Lock(directory, name, output));
        try
        {
            journal.Load(output);
            return journal;
        }
        catch (Exception error) when (error is UnauthorizedAccessException || (error is IOException and not StateDirectoryException))
        {
            journal.Dispose();
            throw StateDirectory.NotWritable(directory.Path, error);
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>Notes a state. It holds for this run even when it cannot be written.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public void Write(JournalState state)
    {
        State = state;
        _directory.Write(JournalFile, JsonSerializer.SerializeToUtf8Bytes(state, JournalJson.Default.JournalState));
    }

    /// <summary>
    /// Keeps a live file, so that it can be put back when a later one is refused. Before it is noted: a record without its file
    /// would promise a roll-back that cannot be had.
    /// </summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public void KeepGood(ReadOnlySpan<byte> content) => _directory.Write(GoodFile, content);

    /// <summary>The kept file, if its content is what the journal says.</summary>
    public byte[]? ReadGood() =>
        State.LastGood is { } good && _directory.Read(GoodFile) is { } bytes && ContentHash.Of(bytes) == good.Content ? bytes : null;

    /// <summary>True when <see cref="ReadGood"/> has something to give.</summary>
    public bool HasGood() => State.LastGood is { } good && _directory.Digest(GoodFile) == good.Content;

    public void Dispose() => _lock.Dispose();

    private static FileStream Lock(StateDirectory directory, string name, string output)
    {
        var path = directory[$"journal/{name}.lock"];
        try
        {
            FolderOwner.MakeFile(path);
            // On Unix FileShare.None is flock(2): released by the kernel however the process ends.
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (UnixFile.IsHeldBySomebodyElse(error))
        {
            throw new StateDirectoryException(
                StateDirectoryReason.InUse,
                $"another Templater already manages the output \"{output}\" with the state directory {directory.Path}. Stop it, or give this one another state directory.",
                error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StateDirectory.NotWritable(directory.Path, error);
        }
    }

    private void Load(string output)
    {
        var bytes = _directory.Read(JournalFile);
        if (bytes is null)
            return;
        var (state, problem) = Parse(bytes);
        if (state is { Format: > StateDirectory.Format })
            throw StateDirectory.Newer(_directory[JournalFile], state.Format);
        if (state is not null)
        {
            State = state;
            return;
        }

        _directory.PutAside(JournalFile);
        Damage = new Finding(
            FindingSeverity.Warning,
            ReasonIds.InvalidInput,
            $"the journal of output \"{output}\" could not be read ({problem}) and was kept as {_directory[JournalFile]}.bad. Nothing counts as proven: the proxy is reloaded once.");
    }

    /// <summary>What a journal on disk says; null, with the reason, when that cannot be understood.</summary>
    public static (JournalState? State, string Problem) Parse(byte[] bytes)
    {
        if (bytes.Length > MaxBytes)
            return (null, $"larger than {MaxBytes} bytes");
        try
        {
            using var document = JsonDocument.Parse(bytes);
            // A newer format may hold anything; its number is looked at before the rest is.
            if (document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("format", out var number)
                && number.TryGetInt32(out var format)
                && format > StateDirectory.Format)
                return (new JournalState { Format = format }, "");
            var state = document.Deserialize(JournalJson.Default.JournalState);
            return state is not { Format: > 0 } ? (null, "no format number")
                : Entries(state).All(IsWhole) ? (Normalised(state), "") : (null, "a generation lacks its id or content");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return (null, "not the JSON that was written");
        }
    }

    private static IEnumerable<JournalEntry?> Entries(JournalState state) =>
        (state.History.IsDefault ? [] : state.History).Append(state.Current ?? new JournalEntry { Generation = "", Content = "", Phase = DeliveryPhase.Proven });

    private static bool IsWhole(JournalEntry? entry) => entry is { Generation: not null, Content: not null };

    // Files of earlier versions, and hand-edited ones, may lack members.
    private static JournalState Normalised(JournalState state) => state with
    {
        Pin = state.Pin is { Generation.Length: > 0 } ? state.Pin : null,
        Waiting = state.Waiting is { Generation.Length: > 0 } ? state.Waiting : null,
        History = state.History.IsDefault ? [] : [.. state.History.Select(Normalised)],
        Current = state.Current is { } current ? Normalised(current) : null,
    };

    private static JournalEntry Normalised(JournalEntry entry) => entry with
    {
        Targets = entry.Targets.IsDefault ? [] : entry.Targets,
        Restarted = entry.Restarted.IsDefault ? [] : entry.Restarted,
        RunningOtherwise = entry.RunningOtherwise.IsDefault ? [] : entry.RunningOtherwise,
        Cause = entry.Cause ?? "",
        Result = entry.Result ?? "",
    };
}
