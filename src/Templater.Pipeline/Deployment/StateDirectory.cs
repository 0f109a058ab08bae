using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Templater.Pipeline.Deployment;

/// <summary>Why a state directory cannot be used.</summary>
public enum StateDirectoryReason
{
    /// <summary>It cannot be created, read or written.</summary>
    NotWritable,
    /// <summary>A newer version of Templater wrote it.</summary>
    NewerFormat,
    /// <summary>Another Templater is using the same output.</summary>
    InUse,
}

/// <summary>The state directory cannot be used; the message is one line for the operator.</summary>
/// <param name="reason">Why.</param>
/// <param name="message">What to show.</param>
/// <param name="inner">The failed call.</param>
public sealed class StateDirectoryException(StateDirectoryReason reason, string message, Exception? inner = null)
    : IOException(message, inner)
{
    /// <summary>Why.</summary>
    public StateDirectoryReason Reason { get; } = reason;
}

/// <summary>
/// What has to survive a restart: journals, proven files, slots. It has a format number; a program that meets a newer
/// one refuses before it has touched anything. Safe to use from several threads for different files.
/// </summary>
public sealed partial class StateDirectory
{
    /// <summary>The format this version writes, and the newest it reads.</summary>
    public const int Format = 1;

    /// <summary>End of the names of files that could not be understood.</summary>
    internal const string AsideSuffix = ".bad";

    private const string FormatFile = "format";
    private const int MaxFormatBytes = 32;
    private const int MaxFormatFileBytes = 4096;

    // ENOSPC, as .NET keeps it.
    private const int NoSpaceLeft = 28;

    private static readonly string[] Parts =
        ["journal", "proven", "failed", "served", "slots", "scratch", "archive", RollbackRequests.Folder, "acme", "acme/accounts", "acme/orders", "acme/requests"];

    private StateDirectory(string path) => Path = path;

    /// <summary>Absolute path of the directory.</summary>
    public string Path { get; }

    /// <summary>Opens the directory, creating it (mode 0700) when it is missing.</summary>
    /// <param name="path">Absolute path.</param>
    /// <exception cref="StateDirectoryException">It cannot be used; nothing in it was changed.</exception>
    public static StateDirectory Open(string path)
    {
        try
        {
            CreatePrivate(path);
            var state = new StateDirectory(System.IO.Path.GetFullPath(path));
            state.CheckFormat();
            foreach (var part in Parts)
                CreatePrivate(state[part]);
            return state;
        }
        catch (Exception error) when (error is UnauthorizedAccessException || (error is IOException and not StateDirectoryException))
        {
            throw NotWritable(path, error);
        }
    }

    /// <summary>Names a directory without opening or creating it.</summary>
    /// <param name="path">Absolute path.</param>
    internal static StateDirectory At(string path) => new(path);

    /// <summary>Looks whether a directory is one that this version can read; changes nothing.</summary>
    /// <param name="path">Absolute path.</param>
    /// <returns>Why not, as a line for the operator; null when it can.</returns>
    public static string? Problem(string path)
    {
        try
        {
            var format = System.IO.Path.Combine(path, FormatFile);
            if (!Directory.Exists(path) || !File.Exists(format))
                return NamedFile.Instead(format) is { } instead ? $"the state directory {path} cannot be read: {FormatFile} is {instead}."
                    : File.Exists(path) ? $"the state directory {path} is a file."
                    : $"no Templater has used the state directory {path}{(Directory.Exists(path) ? "" : ", which does not exist")}, or it may not be read as {UnixFile.OwnIdentity}. Ask inside the container that runs it, as its user, or name the directory by --state-dir.";
            return FormatOf(NamedFile.ReadBytes(format, MaxFormatFileBytes).Span) is { } newer and > Format ? Newer(format, newer).Message : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"the state directory {path} cannot be read: {error.Message}";
        }
    }

    /// <summary>Looks whether a directory could be written, or made; changes nothing.</summary>
    /// <param name="path">Absolute path.</param>
    /// <returns>Why not, as a line for the operator; null when it could.</returns>
    public static string? Obstacle(string path)
    {
        var nearest = path;
        while (!System.IO.Path.Exists(nearest) && System.IO.Path.GetDirectoryName(nearest) is { } above)
            nearest = above;
        if (File.Exists(nearest))
            return NotWritable(path, new IOException($"{nearest} is a file")).Message;
        return Parts.Select(part => System.IO.Path.Combine(path, part)).Where(Directory.Exists).Prepend(nearest)
            .Select(static folder => UnixFile.CannotWrite(folder, isDirectory: true)).FirstOrDefault(static error => error is not null) is { } error
            ? NotWritable(path, error).Message : null;
    }

    /// <summary>Absolute path of something in the directory.</summary>
    /// <param name="relative">Path below the directory.</param>
    public string this[string relative] => System.IO.Path.Combine(Path, relative);

    /// <summary>An output's name as a file name: what is not a letter, digit, <c>_</c>, <c>.</c> or <c>-</c> becomes %XX.</summary>
    internal static string FileNameOf(string output)
    {
        var name = new StringBuilder();
        foreach (var c in Encoding.UTF8.GetBytes(output))
        {
            if (char.IsAsciiLetterOrDigit((char)c) || c is (byte)'_' or (byte)'-' || (c == '.' && name.Length > 0))
                name.Append((char)c);
            else
                name.Append(CultureInfo.InvariantCulture, $"%{c:X2}");
        }

        return name.ToString();
    }

    /// <summary>Replaces a file whole: a crash leaves the old or the new content, never a part.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    internal void Write(string relative, ReadOnlySpan<byte> content)
    {
        var path = this[relative];
        var temporary = path + ".new";
        FolderOwner.MakeFile(temporary);
        using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, content, 0);
            Flush(file, path);
        }

        File.Move(temporary, path, overwrite: true);
        UnixFile.SyncDirectory(System.IO.Path.GetDirectoryName(path)!);
    }

    /// <summary>The same for a file with a key: from its first byte on nobody but its owner may read it.</summary>
    /// <exception cref="IOException">It cannot be written; what was there is there.</exception>
    internal void WriteSecret(string relative, ReadOnlySpan<byte> content)
    {
        var path = this[relative];
        var temporary = path + ".new";
        // What a crash left may have any mode.
        UnixFile.Discard(temporary);
        try
        {
            using (var file = UnixFile.IsSupported ? UnixFile.CreateNew(temporary) : File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                FolderOwner.Give(file, temporary);
                RandomAccess.Write(file, content, 0);
                Flush(file, path);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            UnixFile.Discard(temporary);
            throw;
        }

        UnixFile.SyncDirectory(System.IO.Path.GetDirectoryName(path)!);
    }

    /// <summary>Makes a folder that only its owner may enter, where there is none.</summary>
    internal void MakeFolder(string relative) => CreatePrivate(this[relative]);

    private static void Flush(Microsoft.Win32.SafeHandles.SafeFileHandle file, string path)
    {
        try
        {
            UnixFile.Flush(file);
        }
        catch (UnixFileException error)
        {
            throw new IOException($"{path}: {error.Message}", error);
        }
    }

    /// <summary>Puts a file that cannot be understood aside, so that a person can look at it.</summary>
    internal void PutAside(string relative) => File.Move(this[relative], this[relative] + AsideSuffix, overwrite: true);

    /// <summary>Removes a file, where it is there.</summary>
    internal void Remove(string relative)
    {
        if (!File.Exists(this[relative]))
            return;
        File.Delete(this[relative]);
        UnixFile.SyncDirectory(System.IO.Path.GetDirectoryName(this[relative])!);
    }

    /// <summary>The content of a file; null when there is none.</summary>
    internal byte[]? Read(string relative) => IfPresent(relative, File.ReadAllBytes);

    /// <summary>The digest of a file; null when there is none.</summary>
    internal string? Digest(string relative) => IfPresent(relative, ContentHash.OfFile);

    private T? IfPresent<T>(string relative, Func<string, T> read)
        where T : class
    {
        try
        {
            return read(this[relative]);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    internal static StateDirectoryException NotWritable(string path, Exception error)
    {
        // The runtime's text ends in a path, which says something only when it is that of a file inside.
        var quoted = QuotedPath().Match(error.Message);
        var inside = quoted.Success && quoted.Groups[1].Value is var file && file.StartsWith(path + "/", StringComparison.Ordinal) ? $" ({file[(path.Length + 1)..]})" : "";
        var why = File.Exists(path) ? "it is a file"
            : (error is UnauthorizedAccessException ? "permission denied" : QuotedPath().Replace(error.Message, "").TrimEnd('.')) + inside;
        return new StateDirectoryException(
            StateDirectoryReason.NotWritable,
            $"cannot use the state directory {path} as {UnixFile.OwnIdentity}: {why}. {(error.HResult == NoSpaceLeft ? "Free some space there" : "Mount a volume there that this user may write")}, or name another directory by state_dir (TEMPLATER_STATE_DIR).",
            error);
    }

    internal static StateDirectoryException Newer(string path, int format) => new(
        StateDirectoryReason.NewerFormat,
        $"{path} was written by a newer Templater (format {format}, this version knows up to {Format}); nothing was touched. Use that version or newer, or another state directory.");

    // Read-only file system : '/state/format.new'
    [GeneratedRegex(@"\s*:?\s*'([^']*)'( is denied)?\.?$", RegexOptions.CultureInvariant)]
    private static partial Regex QuotedPath();

    private static void CreatePrivate(string path)
    {
        var isNew = !Directory.Exists(path);
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (isNew)
            FolderOwner.GiveFolder(path);
    }

    private static int? FormatOf(ReadOnlySpan<byte> bytes) => int.TryParse(
        Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, MaxFormatBytes)]).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var format) && format > 0
        ? format
        : null;

    private void CheckFormat()
    {
        if (Read(FormatFile) is { } bytes)
        {
            if (FormatOf(bytes) is { } format)
            {
                if (format > Format)
                    throw Newer(Path, format);
                return;
            }

            // Torn by a full disk or an editor: the files themselves carry the number too.
            PutAside(FormatFile);
        }

        Write(FormatFile, Encoding.UTF8.GetBytes($"{Format}\n"));
    }
}
