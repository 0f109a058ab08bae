using Mono.Unix.Native;
using Templater.Pipeline.Deployment.Preflight;

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
    private readonly OutputGroup _group;

    /// <param name="path">Absolute path of the output.</param>
    /// <param name="options">Mode and owner.</param>
    /// <param name="scratch">Where a candidate goes when a bind-mounted single file lies in a directory that is not writable.</param>
    /// <param name="output">Name of the output; null = that of the file.</param>
    public OutputFile(string path, OutputFileOptions options, string scratch, string? output = null)
    {
        _group = new OutputGroup(new GroupPaths(path, output ?? System.IO.Path.GetFileName(path)), options);
        Path = path;
        _options = options;
        _scratch = scratch;
    }

    public string Path { get; }

    /// <summary>The content on disk; null when there is no file.</summary>
    public byte[]? Read() => Readable(File.ReadAllBytes);

    /// <summary>The digest of all files of the output on disk; null when there is no file, or they are not whole.</summary>
    public string? Digest() => _group.Paths.IsLinked ? ReadSet()?.Digest : Readable(ContentHash.OfFile);

    /// <summary>All files of the output on disk; null when there is none, or they are not whole.</summary>
    public OutputSet? ReadSet()
    {
        if (_group.Paths.IsLinked)
            return Readable(_ => _group.Read());
        return Read() is { } content ? new OutputSet(content, []) : null;
    }

    private T? Readable<T>(Func<string, T?> read)
        where T : class
    {
        try
        {
            return read(Path);
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

    /// <summary>Bytes on disk; 0 when there is no file.</summary>
    public long Size => new FileInfo(Path) is { Exists: true } file ? file.Length : 0;

    public bool Exists() => File.Exists(Path);

    /// <summary>What a write would meet now, before there is anything to write; null when nothing stands in its way.</summary>
    public Finding? Obstacle()
    {
        var target = Target();
        if (UnixFile.CannotWrite(System.IO.Path.GetDirectoryName(target)!, isDirectory: true) is not { } error)
            return null;
        // A mounted single file is written in place.
        return UnixFile.IsMountPoint(target) && UnixFile.CannotWrite(target, isDirectory: false) is null ? null : OutputProblem.From(Path, error).Finding;
    }

    /// <summary>What is unusual about the place, though it can be written; nothing is changed.</summary>
    /// <param name="mounts">The own table of mounts.</param>
    public IEnumerable<Finding> Peculiarities(string mounts)
    {
        var target = Target();
        if (MountTable.PointsWithin(mounts, target).Contains(target, StringComparer.Ordinal))
            yield return OutputProblem.WrittenInPlace(Path);
        if (MountTable.PointsWithin(mounts, _group.Paths.Top).FirstOrDefault() is { } point)
            yield return OutputProblem.MountedInside(Path, point);
        if (!_group.Paths.IsLinked && new FileInfo(Path).LinkTarget is { } link)
            yield return OutputProblem.ForeignLink(Path, link, target, _options.Adopts);
    }

    /// <summary>True when the output is the link of its own group.</summary>
    public bool IsLinked => _group.Paths.IsLinked;

    /// <summary>Makes the last swap survive a power cut; it can be asked for again.</summary>
    /// <returns>What to say when the disk cannot promise it, else null.</returns>
    public Finding? Sync()
    {
        var error = UnixFile.TrySyncDirectory(System.IO.Path.GetDirectoryName(Target())!);
        if (error is null && _group.Paths.IsLinked)
            error = UnixFile.TrySyncDirectory(_group.Paths.Root);
        return error is null ? null : OutputProblem.NotSynced(Path, error);
    }

    /// <summary>Removes candidates that a crash or a failing disk left behind. Only to be called while the output's lock is held.</summary>
    public void RemoveStaleCandidates()
    {
        var target = Target();
        RemoveStale(System.IO.Path.GetDirectoryName(target)!, CandidatePrefix(target));
        RemoveStale(_scratch, ScratchPrefix(target));
        try
        {
            _group.RemoveStale();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // As above.
        }
    }

    /// <summary>Removes the sets of a group that are none of those named, nor the one that holds.</summary>
    /// <param name="kept">Says of the id of a set whether it is to stay.</param>
    public void RemoveOrphans(Func<string, bool> kept) => _group.RemoveOrphans(kept);

    /// <summary>The set that the group's link names, whether the output is a group now or was one; null when there is none.</summary>
    public string? CurrentSet => _group.Paths.CurrentId;

    /// <summary>Writes all files of an output, not yet visible under their names.</summary>
    /// <param name="set">The files.</param>
    /// <param name="generation">Their generation.</param>
    /// <param name="isOurs">Says of a digest whether Templater wrote that content here.</param>
    /// <exception cref="OutputFileException">They cannot be written; nothing is left behind.</exception>
    public ICandidate WriteCandidate(OutputSet set, string generation, Func<string, bool> isOurs)
    {
        // One that could not be removed would be in the way.
        RemoveStaleCandidates();
        if (!set.IsGroup)
            return WriteCandidate(set.Content, generation);
        if (UnixFile.IsMountPoint(Path))
            throw OutputProblem.GroupNeedsDirectory(Path);
        RequireOwnEntry(isOurs);
        try
        {
            return new GroupCandidate(_group, set, generation, content => WriteCandidate(content, generation));
        }
        catch (Exception error) when (OutputProblem.IsFailure(error))
        {
            throw OutputProblem.From(Path, error);
        }
    }

    // The link takes the place of what is there for good, not only of its content.
    private void RequireOwnEntry(Func<string, bool> isOurs)
    {
        if (_group.Paths.IsLinked || _options.Adopts)
            return;
        if (new FileInfo(Path).LinkTarget is { } target)
            throw OutputProblem.ForeignEntry(Path, $"it is a link to {target} that Templater did not make");
        if (File.Exists(Path) && (Digest() is not { } digest || !isOurs(digest)))
            throw OutputProblem.ForeignEntry(Path, "what is there was not written by Templater");
    }

    private static void RemoveStale(string directory, string prefix)
    {
        if (!Directory.Exists(directory))
            return;
        try
        {
            foreach (var stale in Directory.EnumerateFiles(directory, prefix + "*"))
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
            return Create(System.IO.Path.Combine(_scratch, ScratchPrefix(target) + generation), target, content, inPlace);
        }
    }

    /// <summary>Writes a new file with the owner and mode that were asked for, complete and synced.</summary>
    /// <param name="path">Where; nothing must be there.</param>
    /// <param name="content">The bytes.</param>
    public void WriteBeside(string path, ReadOnlySpan<byte> content)
    {
        if (!UnixFile.IsSupported)
        {
            File.WriteAllBytes(path, content);
            return;
        }

        using var side = UnixFile.CreateNew(path);
        OutputOwner.Give(_options, UnixFile.Owner(Target()), path, (uid, gid) => UnixFile.SetOwner(side, uid, gid));
        UnixFile.SetMode(side, (uint?)_options.Mode ?? OutputFileOptions.DefaultMode);
        UnixFile.WriteAll(side, content);
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
        catch (Exception error) when (OutputProblem.IsFailure(error))
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
        OutputOwner.Give(_options, existing, Path, (uid, gid) => UnixFile.SetOwner(file, uid, gid));
        UnixFile.SetMode(file, (uint?)_options.Mode ?? existing?.Mode ?? OutputFileOptions.DefaultMode);
        UnixFile.WriteAll(file, content);
    }

    // What O_EXCL refused to open is not ours to remove.
    private static void Discard(string path, Exception? error)
    {
        if (error is not UnixFileException { Errno: Errno.EEXIST })
            UnixFile.Discard(path);
    }

    private string Target()
    {
        // Our own link is replaced, or stays, as a whole: what it leads to never changes.
        if (_group.Paths.IsLinked)
            return Path;
        try
        {
            return File.ResolveLinkTarget(Path, returnFinalTarget: true)?.FullName ?? Path;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Path;
        }
    }

    internal static string CandidatePrefix(string target) => "." + System.IO.Path.GetFileName(target) + CandidateMark;

    // All outputs share that directory.
    private static string ScratchPrefix(string target) =>
        "." + ContentHash.Of(System.Text.Encoding.UTF8.GetBytes(target)) + CandidateMark;
}
