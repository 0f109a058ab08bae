using System.ComponentModel;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;

namespace Templater.Pipeline;

/// <summary>Owner and mode of a file or directory.</summary>
/// <param name="Uid">User id.</param>
/// <param name="Gid">Group id.</param>
/// <param name="Mode">Permission bits.</param>
internal readonly record struct FileOwner(uint Uid, uint Gid, uint Mode)
{
    public string Describe() => $"{Uid}:{Gid} (mode 0{Convert.ToString(Mode, 8).PadLeft(3, '0')})";
}

/// <summary>A call to the operating system that failed, with its error number.</summary>
/// <param name="errno">The error number.</param>
/// <param name="call">The call and what it was about.</param>
internal sealed class UnixFileException(Errno errno, string call)
    : IOException($"{call}: {new Win32Exception(NativeConvert.FromErrno(errno)).Message}")
{
    public Errno Errno { get; } = errno;
}

/// <summary>The calls that .NET's file classes do not offer: owner, exclusive creation, directory sync, rename with its errno.</summary>
internal static class UnixFile
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    private const int WindowsSharingViolation = unchecked((int)0x80070020);

    public static bool IsSupported => OperatingSystem.IsLinux() || OperatingSystem.IsMacOS();

    /// <summary>The user and group Templater runs as, <c>UID:GID</c>.</summary>
    public static string OwnIdentity => IsSupported ? $"{Syscall.geteuid()}:{Syscall.getegid()}" : Environment.UserName;

    /// <summary>Whether Templater runs as root.</summary>
    public static bool IsRoot => IsSupported && Syscall.geteuid() == 0;

    /// <summary>Whether a file could not be opened because somebody else has locked it.</summary>
    // .NET keeps the number of the system's error here: flock(2) would have to wait.
    public static bool IsHeldBySomebodyElse(IOException error) =>
        error.HResult == (IsSupported ? NativeConvert.FromErrno(Errno.EWOULDBLOCK) : WindowsSharingViolation);

    public static FileOwner? Owner(string path)
    {
        if (!IsSupported || Syscall.stat(path, out var stat) != 0)
            return null;
        return new FileOwner(stat.st_uid, stat.st_gid, (uint)stat.st_mode & 0xFFF);
    }

    /// <summary>When content, owner or mode changed last, in nanoseconds since 1970; 0 when that is not known. Nobody can set it.</summary>
    public static long Changed(string path) =>
        IsSupported && Syscall.stat(path, out var stat) == 0 ? (stat.st_ctime * NanosecondsPerSecond) + stat.st_ctime_nsec : 0;

    /// <summary>Creates a file that did not exist; never follows a link, never opens what somebody else put there.</summary>
    public static SafeFileHandle CreateNew(string path)
    {
        var fd = Syscall.open(
            path,
            OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_WRONLY | OpenFlags.O_NOFOLLOW | OpenFlags.O_CLOEXEC,
            FilePermissions.S_IRUSR | FilePermissions.S_IWUSR);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw Failed($"create {path}");
    }

    public static SafeFileHandle OpenExisting(string path)
    {
        var fd = Syscall.open(path, OpenFlags.O_WRONLY | OpenFlags.O_CLOEXEC);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw Failed($"open {path}");
    }

    /// <summary>Why something may not be written by this user, or in this mount; null when it may.</summary>
    public static UnixFileException? CannotWrite(string path, bool isDirectory)
    {
        if (!IsSupported || Syscall.access(path, isDirectory ? AccessModes.W_OK | AccessModes.X_OK : AccessModes.W_OK) == 0)
            return null;
        return Failed($"write {path}");
    }

    public static void WriteAll(SafeFileHandle file, ReadOnlySpan<byte> content)
    {
        RandomAccess.Write(file, content, 0);
        RandomAccess.SetLength(file, content.Length);
        Flush(file);
    }

    /// <summary>Makes a content survive a power cut. .NET's own flush does not tell of an error, and a disk may say only here that it is full.</summary>
    public static void Flush(SafeFileHandle file)
    {
        if (!IsSupported)
        {
            RandomAccess.FlushToDisk(file);
            return;
        }

        var descriptor = Descriptor(file);
        while (Syscall.fsync(descriptor) != 0)
        {
            // Some file systems cannot; the content is written there too.
            if (Stdlib.GetLastError() is var error && error is Errno.EINVAL or Errno.ENOSYS or Errno.EOPNOTSUPP)
                return;
            if (error != Errno.EINTR)
                throw new UnixFileException(error, "cannot bring it to the disk");
        }
    }

    public static void SetMode(SafeFileHandle file, uint mode)
    {
        if (Syscall.fchmod(Descriptor(file), (FilePermissions)mode) != 0)
            throw Failed($"change the mode to 0{Convert.ToString(mode, 8)}");
    }

    public static void SetOwner(SafeFileHandle file, uint uid, uint gid)
    {
        if (Syscall.fchown(Descriptor(file), uid, gid) != 0)
            throw Failed($"change the owner to {uid}:{gid}");
    }

    /// <summary>Makes a directory; false when something is there already.</summary>
    public static bool CreateDirectory(string path)
    {
        if (Syscall.mkdir(path, FilePermissions.S_IRWXU) == 0)
            return true;
        return Stdlib.GetLastError() == Errno.EEXIST ? false : throw Failed($"create {path}");
    }

    public static void SetMode(string path, uint mode)
    {
        if (Syscall.chmod(path, (FilePermissions)mode) != 0)
            throw Failed($"change the mode of {path} to 0{Convert.ToString(mode, 8)}");
    }

    /// <summary>Changes user and group of what is at a path; of a link itself, never of what it leads to.</summary>
    public static void SetOwner(string path, uint uid, uint gid)
    {
        if (Syscall.lchown(path, uid, gid) != 0)
            throw Failed($"change the owner of {path} to {uid}:{gid}");
    }

    /// <summary>Makes a symbolic link where nothing is.</summary>
    public static void CreateLink(string path, string target)
    {
        if (Syscall.symlink(target, path) != 0)
            throw Failed($"create the link {path}");
    }

    public static void Rename(string from, string to)
    {
        if (Stdlib.rename(from, to) != 0)
            throw Failed($"rename {from} to {to}");
    }

    /// <summary>Makes a rename in a directory survive a power cut.</summary>
    /// <returns>Why it may not, where the disk failed; null when it does, or the file system does not offer it.</returns>
    public static UnixFileException? TrySyncDirectory(string directory)
    {
        if (!IsSupported)
            return null;
        var fd = Syscall.open(directory, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC);
        if (fd < 0)
            return null;
        using var handle = new SafeFileHandle(fd, ownsHandle: true);
        // Some file systems (FUSE, 9p) cannot sync a directory; the rename itself has happened and is atomic there too.
        return Syscall.fsync(fd) != 0 && Stdlib.GetLastError() is var error && error is Errno.EIO or Errno.ENOSPC or Errno.EDQUOT
            ? new UnixFileException(error, $"cannot bring {directory} to the disk")
            : null;
    }

    /// <summary>Makes a rename in a directory survive a power cut.</summary>
    /// <exception cref="UnixFileException">The disk failed.</exception>
    public static void SyncDirectory(string directory)
    {
        if (TrySyncDirectory(directory) is { } error)
            throw error;
    }

    /// <summary>Removes a file that nobody needs any more; where that fails it stays, and does no harm.</summary>
    public static void Discard(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Whoever wants its place, or cleans up there, tries again.
        }
    }

    /// <summary>Removes a folder with all that is in it; what cannot be removed stays, and does no harm.</summary>
    public static void DiscardFolder(string path)
    {
        try
        {
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Whoever wants its place, or cleans up there, tries again.
        }
    }

    /// <summary>True when something is mounted exactly at this path, so that no file can be renamed over it.</summary>
    public static bool IsMountPoint(string path)
    {
        const string MountTable = "/proc/self/mountinfo";
        const int MountPointField = 4;
        if (!File.Exists(MountTable))
            return false;
        return File.ReadLines(MountTable, Encoding.UTF8)
            .Select(line => line.Split(' '))
            .Any(fields => fields.Length > MountPointField && UnescapeMount(fields[MountPointField]) == path);
    }

    /// <summary>A path out of a table of mounts. proc(5): space, tab, newline and backslash are written as three octal digits.</summary>
    public static string UnescapeMount(string text) => text
        .Replace("\\040", " ", StringComparison.Ordinal)
        .Replace("\\011", "\t", StringComparison.Ordinal)
        .Replace("\\012", "\n", StringComparison.Ordinal)
        .Replace("\\134", "\\", StringComparison.Ordinal);

    private static int Descriptor(SafeFileHandle file) => (int)file.DangerousGetHandle();

    private static UnixFileException Failed(string call) => new(Stdlib.GetLastError(), $"cannot {call}");
}
