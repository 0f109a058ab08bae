using Mono.Unix.Native;

namespace Templater.Pipeline.Deployment;

/// <summary>The messages about a file that cannot be written: one method per message.</summary>
internal static class OutputProblem
{
    private const string Reassurance = "The proxy keeps its present configuration.";

    public static OutputFileException From(string path, UnixFileException error) => error.Errno switch
    {
        Errno.EACCES or Errno.EPERM => Denied(path, error),
        Errno.EROFS => Make(ReasonIds.OutputDenied, $"cannot write {path}: the file system is mounted read-only here. Mount it read-write for Templater. {Reassurance}", error),
        Errno.ENOSPC or Errno.EDQUOT => Make(ReasonIds.OutputFailed, $"cannot write {path}: no space is left on its file system. Free some; the write is tried again. {Reassurance}", error),
        Errno.ENOENT or Errno.ENOTDIR => Make(ReasonIds.OutputFailed, $"cannot write {path}: its directory does not exist. Create it, or mount a volume there. {Reassurance}", error),
        Errno.EIO => Make(ReasonIds.OutputFailed, $"cannot write {path}: {error.Message}. Look after its disk; the write is tried again. {Reassurance}", error),
        _ => Make(ReasonIds.OutputFailed, $"cannot write {path}: {error.Message}. The write is tried again. {Reassurance}", error),
    };

    /// <summary>True for the ways in which the system refuses a write, and that nobody has put into words yet.</summary>
    /// <param name="error">What was thrown.</param>
    public static bool IsFailure(Exception error) => error is UnauthorizedAccessException || (error is IOException and not OutputFileException);

    /// <param name="path">The output.</param>
    /// <param name="error">One of <see cref="IsFailure"/>.</param>
    public static OutputFileException From(string path, Exception error) => error switch
    {
        UnixFileException unix => From(path, unix),
        UnauthorizedAccessException => From(path, new UnixFileException(Errno.EACCES, error.Message)),
        _ when IsFull(error) => From(path, new UnixFileException(Errno.ENOSPC, error.Message)),
        _ when IsReadOnly(error) => From(path, new UnixFileException(Errno.EROFS, error.Message)),
        _ => Make(ReasonIds.OutputFailed, $"cannot write {path}: {error.Message.TrimEnd('.')}. The write is tried again. {Reassurance}", error),
    };

    /// <summary>A single file that is mounted could not be written whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="error">Why.</param>
    /// <param name="remains">Why the former content could not be put back; null when it was.</param>
    public static OutputFileException HalfWritten(string path, IOException error, IOException? remains)
    {
        var problem = From(path, error).Finding;
        return Make(
            problem.Reason,
            remains is null
                ? $"{problem.Message} What was in the file was put back."
                : $"{problem.Message} The file is half written, and what was in it could not be put back: {remains.Message.TrimEnd('.')}. A restarted proxy would meet it.",
            error);
    }

    public static OutputFileException CannotGive(string path, int? uid, int? gid, UnixFileException error)
    {
        var group = gid is { } wanted ? $" Add group_add: [\"{wanted}\"] so that it may give a file to that group;" : "";
        return Make(
            ReasonIds.OutputDenied,
            $"cannot give {path} to {uid?.ToString() ?? "-"}:{gid?.ToString() ?? "-"}: Templater runs as {UnixFile.OwnIdentity}.{group} an owner can only be set by root (user: \"0:0\"). {Reassurance}",
            error);
    }

    /// <summary>The file is in place, and the disk could not promise to keep it there.</summary>
    /// <param name="path">The output.</param>
    /// <param name="error">Why.</param>
    public static Finding NotSynced(string path, UnixFileException error) => new(
        FindingSeverity.Error,
        ReasonIds.OutputFailed,
        $"{path} is in place, but {error.Message}: after a power cut the former file may be there again. Look after its disk; it is tried again.");

    /// <summary>A template writes several files, and only one is mounted.</summary>
    /// <param name="path">The mounted file.</param>
    public static OutputFileException GroupNeedsDirectory(string path) => Make(
        ReasonIds.SingleFileMount,
        $"cannot write {path}: it is mounted as a single file, and its template writes further files that go live together with it. Mount its directory, {Path.GetDirectoryName(path)}, in both containers instead. {Reassurance}",
        null);

    /// <summary>The place of the link belongs to somebody else.</summary>
    /// <param name="path">The output.</param>
    /// <param name="what">What is there, as a clause.</param>
    public static OutputFileException ForeignEntry(string path, string what) => Make(
        ReasonIds.OutputFailed,
        $"cannot write {path}: {what}, and this template writes further files, for which a link has to take its place. Move it away, or let it be replaced by adopt (--adopt). {Reassurance}",
        null);

    public static Finding WrittenInPlace(string path) => new(
        FindingSeverity.Warning,
        ReasonIds.SingleFileMount,
        $"{path} is mounted as a single file, so it is written in place: a crash in that moment leaves half a file. Mount the directory instead.");

    /// <summary>The sets of a group lie on a file system that is mounted inside of the output's directory.</summary>
    /// <param name="path">The output.</param>
    /// <param name="point">Where it is mounted.</param>
    public static Finding MountedInside(string path, string point) => new(
        FindingSeverity.Warning,
        ReasonIds.PathNotShared,
        $"{ShownText.OneLine(point)} is a mount of its own, inside of the directory of {path}: whoever mounts that directory alone does not see the files there, and the link to them leads nowhere. Remove that mount, or mount the same at the same place in the proxy.");

    /// <summary>The output is a link that somebody else made.</summary>
    /// <param name="path">The output.</param>
    /// <param name="link">What the link says.</param>
    /// <param name="target">The file that it leads to in the end.</param>
    /// <param name="adopts">Whether a group may take its place.</param>
    public static Finding ForeignLink(string path, string link, string target, bool adopts)
    {
        var isInside = Path.GetDirectoryName(target) == Path.GetDirectoryName(path);
        var group = adopts ? "a template with further files puts its own link in its place, because adopt is set"
            : "a template with further files is refused, unless adopt (--adopt) lets its own link take its place";
        return new Finding(
            isInside ? FindingSeverity.Info : FindingSeverity.Warning,
            ReasonIds.OutputLink,
            $"{path} is a link to {ShownText.OneLine(link)} that Templater did not make: the link stays, and {ShownText.OneLine(target)} is written. {(isInside ? $"As for groups: {group}." : $"The proxy has to see that file at that place, too; name it as the output, or replace the link by a file. As for groups: {group}.")}");
    }

    private static OutputFileException Denied(string path, UnixFileException error)
    {
        var directory = Path.GetDirectoryName(path)!;
        var owner = UnixFile.Owner(directory)?.Describe() ?? "somebody else";
        return Make(
            ReasonIds.OutputDenied,
            $"cannot write {path}: the directory belongs to {owner} and Templater runs as {UnixFile.OwnIdentity}. If another image filled the volume first, mount it there with \"nocopy\" and recreate the volume; otherwise chown it, or run with user: \"0:0\". {Reassurance}",
            error);
    }

    // .NET reports ENOSPC of write(2) as an IOException whose HResult is the errno.
    private static bool IsFull(Exception error) =>
        error.HResult == (int)Errno.ENOSPC || error.HResult == (int)Errno.EDQUOT || error.HResult == unchecked((int)0x80070070);

    // The same of a file system that was mounted anew, read-only, while the file was open.
    private static bool IsReadOnly(Exception error) => UnixFile.IsSupported && error.HResult == (int)Errno.EROFS;

    private static OutputFileException Make(string reason, string message, Exception? inner) =>
        new(new Finding(FindingSeverity.Error, reason, message), inner);
}
