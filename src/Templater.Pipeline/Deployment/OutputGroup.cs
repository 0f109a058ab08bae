using Mono.Unix.Native;
using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Deployment;

/// <summary>
/// The sets of an output of several files on disk. A set is written under a name that nobody reads, synced, and given its name whole;
/// it never changes. Which one holds is one link, replaced by one rename.
/// </summary>
/// <param name="paths">Where they lie.</param>
/// <param name="options">Mode and owner of the files.</param>
internal sealed class OutputGroup(GroupPaths paths, OutputFileOptions options)
{
    /// <summary>Most sets of one generation: its name may be taken by one that somebody changed.</summary>
    private const int MaxVariants = 100;

    private const string UnfinishedPrefix = ".new-";
    private const string LinkPrefix = ".current-";
    private const string CheckPrefix = ".check-";
    private const uint ReadBits = 0b100_100_100;

    /// <summary>Where they lie.</summary>
    public GroupPaths Paths { get; } = paths;

    /// <summary>The set that the link names; null when there is none, or it is not whole.</summary>
    public OutputSet? Read() => Paths.CurrentId is { } id ? ReadSet(Paths.Set(id)) : null;

    /// <summary>Writes a set, complete and synced; one that is there already is taken as it is.</summary>
    /// <param name="set">The files.</param>
    /// <param name="generation">What it is to be called.</param>
    /// <returns>Its id, and whether it was written now.</returns>
    public (string Id, bool IsNew) Write(OutputSet set, string generation)
    {
        var digest = set.Digest;
        for (var variant = 1; variant <= MaxVariants; variant++)
        {
            var id = variant == 1 ? generation : $"{generation}-{variant}";
            if (ReadSet(Paths.Set(id)) is { } there && there.Digest == digest)
                return (id, false);
            if (Directory.Exists(Paths.Set(id)))
                continue;
            Create(set, id);
            return (id, true);
        }

        throw new IOException($"all names for generation {generation} are taken in {Paths.AllSets}");
    }

    /// <summary>Writes the further files of a set a second time, with other texts in them, for a checker alone.</summary>
    /// <param name="files">The files.</param>
    /// <param name="id">The set they stand for.</param>
    /// <returns>The folder; removed by <see cref="Remove"/>.</returns>
    public string WriteForCheck(IEnumerable<FurtherFile> files, string id)
    {
        var folder = Paths.Set(CheckPrefix + id);
        DeleteFolder(folder);
        MakeFolder(folder);
        foreach (var file in files)
            WriteFile(folder, file.Name, file.Content.Span);
        return folder;
    }

    /// <summary>Name of the folder that <see cref="WriteForCheck"/> makes.</summary>
    /// <param name="id">The set.</param>
    public static string CheckName(string id) => CheckPrefix + id;

    /// <summary>Makes a set the one that holds.</summary>
    /// <param name="id">The set.</param>
    public void PointTo(string id)
    {
        if (Paths.CurrentId == id)
            return;
        var link = Path.Combine(Paths.Root, LinkPrefix + id);
        UnixFile.Discard(link);
        UnixFile.CreateLink(link, GroupPaths.LinkTo(id));
        UnixFile.Rename(link, Paths.CurrentLink);
    }

    /// <summary>Removes a folder of a set or of a check; what cannot be removed does no harm.</summary>
    /// <param name="folder">The folder.</param>
    public static void Remove(string folder)
    {
        try
        {
            DeleteFolder(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It is tried again after the next swap.
        }
    }

    /// <summary>Removes sets but those named, and the one that holds. Only folders with names that sets have are looked at.</summary>
    /// <param name="kept">Says of an id whether that set is to stay.</param>
    public void RemoveOrphans(Func<string, bool> kept)
    {
        if (!Directory.Exists(Paths.AllSets))
            return;
        var current = Paths.CurrentId;
        foreach (var folder in Folders())
            if (Path.GetFileName(folder) is var id && GroupPaths.IsSet(id) && id != current && !kept(id))
                Remove(folder);
    }

    /// <summary>Removes what a crash left unfinished.</summary>
    public void RemoveStale()
    {
        if (!Directory.Exists(Paths.Root))
            return;
        foreach (var folder in Folders())
            if (Path.GetFileName(folder) is var name && (name.StartsWith(UnfinishedPrefix, StringComparison.Ordinal) || name.StartsWith(CheckPrefix, StringComparison.Ordinal)))
                Remove(folder);
        foreach (var link in Directory.EnumerateFileSystemEntries(Paths.Root, LinkPrefix + "*"))
            File.Delete(link);
    }

    private string[] Folders()
    {
        try
        {
            return Directory.Exists(Paths.AllSets) ? Directory.GetDirectories(Paths.AllSets) : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static void DeleteFolder(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private OutputSet? ReadSet(string folder)
    {
        if (!Directory.Exists(folder))
            return null;
        var names = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Take(FurtherFile.MaxFiles + 2).Select(path => Path.GetRelativePath(folder, path)).Where(name => name != Paths.Entry).Order(StringComparer.Ordinal).ToArray();
        var entry = Path.Combine(folder, Paths.Entry);
        if (!File.Exists(entry) || names.Length > FurtherFile.MaxFiles || Array.Exists(names, name => FurtherFile.Problem(name, Paths.Entry) is not null))
            return null;
        return new OutputSet(File.ReadAllBytes(entry), [.. names.Select(name => new FurtherFile(name, File.ReadAllBytes(Path.Combine(folder, name))))]);
    }

    private void Create(OutputSet set, string id)
    {
        MakeFolder(Paths.Top);
        MakeFolder(Paths.Root);
        MakeFolder(Paths.AllSets);
        var unfinished = Path.Combine(Paths.AllSets, UnfinishedPrefix + id);
        try
        {
            DeleteFolder(unfinished);
            MakeFolder(unfinished);
            WriteFile(unfinished, Paths.Entry, set.Content.Span);
            foreach (var file in set.Files)
                WriteFile(unfinished, file.Name, file.Content.Span);
            SyncFolders(unfinished);
            UnixFile.Rename(unfinished, Paths.Set(id));
            UnixFile.SyncDirectory(Paths.AllSets);
        }
        catch
        {
            Remove(unfinished);
            // Nothing was there. Taken as it is at the next attempt, it would go live although a power cut may take it away.
            Remove(Paths.Set(id));
            throw;
        }
    }

    private static void SyncFolders(string folder)
    {
        foreach (var inner in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories))
            UnixFile.SyncDirectory(inner);
        UnixFile.SyncDirectory(folder);
    }

    private void WriteFile(string folder, string name, ReadOnlySpan<byte> content)
    {
        var parts = name.Split('/');
        for (var depth = 1; depth < parts.Length; depth++)
            MakeFolder(Path.Combine(folder, Path.Combine(parts[..depth])));
        var path = Path.Combine(folder, name);
        var former = Former;
        using var file = UnixFile.CreateNew(path);
        OutputOwner.Give(options, former, path, (uid, gid) => UnixFile.SetOwner(file, uid, gid));
        UnixFile.SetMode(file, ModeOf(former));
        UnixFile.WriteAll(file, content);
    }

    private void MakeFolder(string path)
    {
        if (!UnixFile.CreateDirectory(path))
        {
            // A link would lead elsewhere.
            if (new FileInfo(path).LinkTarget is not null || !Directory.Exists(path))
                throw new UnixFileException(Errno.ENOTDIR, $"{path} is no directory");
            return;
        }

        var former = Former;
        OutputOwner.Give(options, former, path, (uid, gid) => UnixFile.SetOwner(path, uid, gid));
        // Who may read a file may enter its folder.
        var mode = ModeOf(former);
        UnixFile.SetMode(path, mode | ((mode & ReadBits) >> 2) | (uint)FilePermissions.S_IRWXU);
        UnixFile.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    private FileOwner? Former => UnixFile.Owner(Path.Combine(Paths.Directory, Paths.Entry));

    private uint ModeOf(FileOwner? former) => (uint?)options.Mode ?? former?.Mode ?? OutputFileOptions.DefaultMode;
}
