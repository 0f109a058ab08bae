using Mono.Unix.Native;

namespace Templater.Pipeline.Deployment;

/// <summary>To whom the files of an output belong.</summary>
internal static class OutputOwner
{
    private const uint Unchanged = uint.MaxValue;

    /// <summary>Gives the file to whom it belongs: the owner that was asked for, else that of the file it replaces.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="existing">The file it replaces.</param>
    /// <param name="path">Path for messages.</param>
    /// <param name="change">Changes user and group; the largest number leaves one as it is.</param>
    public static void Give(OutputFileOptions options, FileOwner? existing, string path, Action<uint, uint> change)
    {
        var uid = (uint?)options.Owner ?? existing?.Uid ?? Unchanged;
        var gid = (uint?)options.Group ?? existing?.Gid ?? Unchanged;
        if ((uid == Unchanged && gid == Unchanged) || Change(uid, gid, change) is not { } error)
            return;
        // Only root gives files away, but anybody may give one to a group of his own.
        if (options.Owner is null && uid != Unchanged && gid != Unchanged)
            error = Change(Unchanged, gid, change);
        // Nobody asked for the old owner; a file of our own that the mode makes readable does as well.
        if (error is not null && (options.Owner is not null || options.Group is not null))
            throw OutputProblem.CannotGive(path, options.Owner, options.Group, error);
    }

    private static UnixFileException? Change(uint uid, uint gid, Action<uint, uint> change)
    {
        try
        {
            change(uid, gid);
            return null;
        }
        // Some file systems (FUSE) know no owners.
        catch (UnixFileException error) when (error.Errno is Errno.EPERM or Errno.EINVAL or Errno.ENOSYS or Errno.EOPNOTSUPP)
        {
            return error;
        }
    }
}
