using Mono.Unix.Native;

namespace Templater.Pipeline.Deployment;

/// <summary>
/// The file of one output on disk. It is replaced whole or not at all: a dot-named candidate in the same directory (which
/// nginx's globs and HAProxy's directories do not read) gets its owner, mode and content, is synced, and is then renamed
/// over the file. A symbolic link at the destination stays a link.
/// </summary>
internal sealed class OutputFile
{
    private const string CandidateMark = ".templater-";

    private readonly OutputFileOptions _options;
    private readonly string _scratch;

    /// <param name="path">Absolute path of the output.</param>
    /// <param name="options">Mode and owner.</param>
    /// <param name="scratch">Where a candidate goes when a bind-mounted single file lies in a directory that is not writable.</param>
    public OutputFile(string path, OutputFileOptions options, string scratch)
    {
        Path = path;
        _options = options;
        _scratch = scratch;
    }

    public string Path { get; }

    /// <summary>The content on disk; null when there is no file.</summary>
    public byte[]? Read()
    {
        try
        {
            return File.ReadAllBytes(Path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A file that cannot be read cannot be compared, so it is replaced, which says better what is wrong.
            return null;
        }
    }

    public bool Exists() => File.Exists(Path);

    /// <summary>Removes candidates that a crash left behind. Only to be called while the output's lock is held.</summary>
    public void RemoveStaleCandidates()
    {
        var target = Target();
        var directory = System.IO.Path.GetDirectoryName(target)!;
        if (!Directory.Exists(directory))
            return;
        try
        {
            foreach (var stale in Directory.EnumerateFiles(directory, CandidatePrefix(target) + "*"))
                File.Delete(stale);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Not readable or not ours: the write that follows meets the same and reports it.
        }
    }

    /// <summary>Writes the candidate beside the file, complete and synced, not yet visible under the output's name.</summary>
    /// <exception cref="OutputFileException">It cannot be written; nothing is left behind.</exception>
    public Candidate WriteCandidate(ReadOnlyMemory<byte> content, string generation)
    {
        var target = Target();
        var inPlace = UnixFile.IsMountPoint(target);
        var beside = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(target)!, CandidatePrefix(target) + generation);
        try
        {
            return Create(beside, target, content, inPlace);
        }
        catch (OutputFileException) when (inPlace)
        {
            // The single file is writable although its directory is not (a read-only root).
            return Create(System.IO.Path.Combine(_scratch, CandidatePrefix(target) + generation), target, content, inPlace);
        }
    }

    private Candidate Create(string path, string target, ReadOnlyMemory<byte> content, bool inPlace)
    {
        try
        {
            if (!UnixFile.IsSupported)
                File.WriteAllBytes(path, content.Span);
            else
                WriteUnix(path, target, content.Span);
            return new Candidate(path, target, content, inPlace);
        }
        catch (IOException error) when (error is not OutputFileException)
        {
            Discard(path, error);
            throw OutputProblem.From(Path, error);
        }
        catch (OutputFileException)
        {
            Discard(path, null);
            throw;
        }
    }

    private void WriteUnix(string path, string target, ReadOnlySpan<byte> content)
    {
        var existing = UnixFile.Owner(target);
        using var file = UnixFile.CreateNew(path);
        SetOwner(file, existing);
        UnixFile.SetMode(file, (uint?)_options.Mode ?? existing?.Mode ?? OutputFileOptions.DefaultMode);
        UnixFile.WriteAll(file, content);
    }

    private void SetOwner(Microsoft.Win32.SafeHandles.SafeFileHandle file, FileOwner? existing)
    {
        const uint Unchanged = uint.MaxValue;
        var explicitOwner = _options.Owner is not null || _options.Group is not null;
        var uid = (uint?)_options.Owner ?? existing?.Uid ?? Unchanged;
        var gid = (uint?)_options.Group ?? existing?.Gid ?? Unchanged;
        if (uid == Unchanged && gid == Unchanged)
            return;
        try
        {
            UnixFile.SetOwner(file, uid, gid);
        }
        catch (UnixFileException error) when (error.Errno is Errno.EPERM or Errno.EINVAL && explicitOwner)
        {
            throw OutputProblem.CannotGive(Path, _options.Owner, _options.Group, error);
        }
        catch (UnixFileException error) when (error.Errno is Errno.EPERM or Errno.EINVAL)
        {
            // Nobody asked for the old owner; a file of our own that the mode makes readable does as well.
        }
    }

    // What O_EXCL refused to open is not ours to remove.
    private static void Discard(string path, IOException? error)
    {
        if (error is not UnixFileException { Errno: Errno.EEXIST })
            File.Delete(path);
    }

    private string Target()
    {
        try
        {
            return File.ResolveLinkTarget(Path, returnFinalTarget: true)?.FullName ?? Path;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Path;
        }
    }

    private static string CandidatePrefix(string target) => "." + System.IO.Path.GetFileName(target) + CandidateMark;
}
