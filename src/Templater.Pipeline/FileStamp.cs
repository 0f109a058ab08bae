namespace Templater.Pipeline;

/// <summary>What tells cheaply that a file was replaced or written, or may be read now: where links end, its times and its length.</summary>
/// <param name="Target">The file that the path means after following links; empty when there is none.</param>
/// <param name="Written">Time of the last write.</param>
/// <param name="Changed">Time of the last change of content, owner or mode, in nanoseconds; 0 where the system does not tell.</param>
/// <param name="Length">Length in bytes; for a directory, a digest of its entries.</param>
internal readonly record struct FileStamp(string Target, DateTime Written, long Changed, long Length)
{
    private const int MaxEntries = 10_000;

    // Deep enough for NAME/fullchain.pem below a certificates directory and for partial templates in a folder.
    private static readonly EnumerationOptions Below = new() { RecurseSubdirectories = true, MaxRecursionDepth = 2 };

    /// <summary>The stamp of a file, or of the files in a directory, now. What cannot be looked at counts as absent.</summary>
    /// <param name="path">A file or a directory.</param>
    /// <param name="ignored">Full paths of files that do not count.</param>
    public static FileStamp Of(string path, IReadOnlySet<string>? ignored = null)
    {
        try
        {
            return Directory.Exists(path) ? OfDirectory(path, ignored) : OfFile(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new FileStamp("", default, 0, 0);
        }
    }

    private static FileStamp OfFile(string path)
    {
        var file = (FileInfo)(File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path));
        return file.Exists ? new FileStamp(file.FullName, file.LastWriteTimeUtc, UnixFile.Changed(file.FullName), file.Length) : new FileStamp("", default, 0, 0);
    }

    private static FileStamp OfDirectory(string path, IReadOnlySet<string>? ignored)
    {
        var digest = new HashCode();
        // Names that begin with a dot are half-written files of ours and of editors.
        foreach (var entry in Directory.EnumerateFiles(path, "*", Below).Take(MaxEntries).Order(StringComparer.Ordinal))
        {
            if (!Path.GetFileName(entry).StartsWith('.') && ignored?.Contains(Path.GetFullPath(entry)) is not true)
                digest.Add(OfFile(entry));
        }

        return new FileStamp(path, default, 0, digest.ToHashCode());
    }
}
