using Mono.Unix.Native;
using Templater.Pipeline.Deployment;

namespace Templater.Pipeline.Certificates.Store;

/// <summary>
/// Writes below the certificates directory. Files and folders have their owner before their mode, and their mode before their content;
/// at no moment they are open to more than that.
/// </summary>
/// <param name="options">Owner and modes.</param>
internal sealed class StoreFiles(StoreOptions options)
{
    // Neither HAProxy nor nginx's globs nor CertificateDirectory read names that begin with a dot.
    private const string Unfinished = ".templater-new-";
    private const uint PublicMode = 0b110_100_100;
    private const uint FolderMode = 0b111_101_101;

    /// <summary>Where something is made before it gets its name.</summary>
    /// <param name="path">Its path in the end.</param>
    public static string UnfinishedOf(string path) => Path.Combine(Path.GetDirectoryName(path)!, Unfinished + Path.GetFileName(path));

    /// <summary>True for a name that <see cref="UnfinishedOf"/> makes.</summary>
    public static bool IsUnfinished(string name) => name.StartsWith(Unfinished, StringComparison.Ordinal);

    /// <summary>Makes a folder that all may enter, where there is none.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public void MakeFolder(string path)
    {
        if (!UnixFile.CreateDirectory(path))
        {
            if (!Directory.Exists(path))
                throw new UnixFileException(Errno.ENOTDIR, $"{path} is no directory");
            return;
        }

        Give(path, (uid, gid) => UnixFile.SetOwner(path, uid, gid));
        UnixFile.SetMode(path, FolderMode);
        UnixFile.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Writes a new file, complete and synced.</summary>
    /// <exception cref="IOException">It cannot be written; a part of it may be there.</exception>
    public void Write(string path, ReadOnlySpan<byte> content, bool isSecret)
    {
        using var file = UnixFile.CreateNew(path);
        Give(path, (uid, gid) => UnixFile.SetOwner(file, uid, gid));
        UnixFile.SetMode(file, isSecret ? (uint)options.Mode : PublicMode);
        UnixFile.WriteAll(file, content);
    }

    /// <summary>Writes a file that is to take the place of another; <see cref="Finish"/> lets it.</summary>
    /// <exception cref="IOException">It cannot be written; nothing is left behind.</exception>
    public void Prepare(string path, ReadOnlySpan<byte> content, bool isSecret)
    {
        var unfinished = UnfinishedOf(path);
        UnixFile.Discard(unfinished);
        try
        {
            Write(unfinished, content, isSecret);
        }
        catch
        {
            UnixFile.Discard(unfinished);
            throw;
        }
    }

    /// <summary>Gives what was made its name.</summary>
    /// <exception cref="IOException">That failed; what was there is there.</exception>
    public static void Finish(string path)
    {
        UnixFile.Rename(UnfinishedOf(path), path);
        UnixFile.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Makes a link, or lets it lead elsewhere: by one rename.</summary>
    /// <exception cref="IOException">That failed; what was there is there.</exception>
    public static void Link(string path, string target)
    {
        if (new FileInfo(path).LinkTarget == target)
            return;
        var unfinished = UnfinishedOf(path);
        UnixFile.Discard(unfinished);
        UnixFile.CreateLink(unfinished, target);
        try
        {
            Finish(path);
        }
        catch
        {
            UnixFile.Discard(unfinished);
            throw;
        }
    }

    /// <summary>Gives what is there the owner and mode that it would be made with.</summary>
    /// <exception cref="IOException">That is not allowed.</exception>
    public void Correct(string path, bool isSecret)
    {
        if (UnixFile.Owner(path) is not { } there)
            return;
        if ((options.Owner is { } uid && there.Uid != uid) || (options.Group is { } gid && there.Gid != gid))
            Give(path, (user, group) => UnixFile.SetOwner(path, user, group));
        var mode = Directory.Exists(path) ? FolderMode : isSecret ? (uint)options.Mode : PublicMode;
        if (there.Mode != mode)
            UnixFile.SetMode(path, mode);
    }

    private void Give(string path, Action<uint, uint> change) => OutputOwner.Give(options.OwnerOf, FolderOwner.Of(path), path, change);
}
