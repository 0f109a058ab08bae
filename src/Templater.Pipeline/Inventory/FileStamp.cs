namespace Templater.Pipeline.Inventory;

/// <summary>What tells cheaply that a file was replaced or written: where links end, its time and its length.</summary>
/// <param name="Target">The file that the path means after following links; empty when there is none.</param>
/// <param name="Written">Time of the last write.</param>
/// <param name="Length">Length in bytes; for a directory, a digest of its entries.</param>
internal readonly record struct FileStamp(string Target, DateTime Written, long Length)
{
    private const int MaxEntries = 1000;

    /// <summary>The stamp of a file or of a directory's entries now. What cannot be looked at counts as absent.</summary>
    public static FileStamp Of(string path)
    {
        try
        {
            return Directory.Exists(path) ? OfDirectory(path) : OfFile(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new FileStamp("", default, 0);
        }
    }

    private static FileStamp OfFile(string path)
    {
        var file = (FileInfo)(File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path));
        return file.Exists ? new FileStamp(file.FullName, file.LastWriteTimeUtc, file.Length) : new FileStamp("", default, 0);
    }

    private static FileStamp OfDirectory(string path)
    {
        var digest = new HashCode();
        foreach (var entry in Directory.EnumerateFiles(path).Order(StringComparer.Ordinal).Take(MaxEntries))
            digest.Add(OfFile(entry));
        return new FileStamp(path, default, digest.ToHashCode());
    }
}
