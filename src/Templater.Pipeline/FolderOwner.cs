using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Templater.Pipeline.Deployment;

namespace Templater.Pipeline;

/// <summary>
/// What root makes in a directory of another user's belongs to that one: a command that was run as root leaves nothing behind that the
/// Templater of that user could neither open nor replace. Only what was just made is given away; what was there may lead anywhere.
/// </summary>
internal static class FolderOwner
{
    private const uint Root = 0;

    /// <summary>To whom something at a path is to belong that is made now; null where that is who makes it.</summary>
    /// <param name="path">Its path.</param>
    public static FileOwner? Of(string path) =>
        UnixFile.IsRoot && Path.GetDirectoryName(path) is { Length: > 0 } folder && UnixFile.Owner(folder) is { Uid: not Root } owner ? owner : null;

    /// <summary>Gives a file that was just made to whom it is to belong, where the file system lets it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">Its path.</param>
    public static void Give(SafeFileHandle file, string path) => Give(path, (uid, gid) => UnixFile.SetOwner(file, uid, gid));

    /// <summary>Gives a folder that was just made to whom it is to belong, where the file system lets it.</summary>
    /// <param name="path">Its path.</param>
    public static void GiveFolder(string path) => Give(path, (uid, gid) => UnixFile.SetOwner(path, uid, gid));

    /// <summary>Makes an empty file where there is none and it is to belong to somebody else, so that it does before it is opened.</summary>
    /// <param name="path">Its path.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static void MakeFile(string path)
    {
        if (Of(path) is null)
            return;
        try
        {
            using var file = UnixFile.CreateNew(path);
            Give(file, path);
        }
        catch (UnixFileException error) when (error.Errno == Errno.EEXIST)
        {
            // It keeps its owner.
        }
    }

    private static void Give(string path, Action<uint, uint> change)
    {
        if (Of(path) is { } owner)
            OutputOwner.Give(new OutputFileOptions(), owner, path, change);
    }
}
