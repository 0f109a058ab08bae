using System.Text;
using Mono.Unix.Native;

namespace Templater.Pipeline;

/// <summary>
/// A file that a person named in a setting, on the command line or in a template. Such a name may as well be that of a
/// directory, of a pipe that nobody writes to, or of a device without end: none of them may hang or fill the program.
/// Without state, safe for several threads.
/// </summary>
public static class NamedFile
{
    private const int LeastBuffer = 4096;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>What is there instead of a file, such as <c>a directory</c>; null for a file and for nothing.</summary>
    /// <param name="path">Any path.</param>
    public static string? Instead(string path)
    {
        if (Directory.Exists(path))
            return "a directory";
        // What is no file has no length; of everything else the system need not be asked twice. A link has one of its own.
        if (OperatingSystem.IsWindows() || new FileInfo(path) is not { Exists: true } info || (info.Length > 0 && info.LinkTarget is null)
            || Syscall.stat(path, out var status) != 0)
            return null;
        return (status.st_mode & FilePermissions.S_IFMT) switch
        {
            FilePermissions.S_IFIFO => "a pipe",
            FilePermissions.S_IFSOCK => "a socket",
            FilePermissions.S_IFCHR or FilePermissions.S_IFBLK => "a device",
            _ => null,
        };
    }

    /// <summary>Reads it whole.</summary>
    /// <param name="path">Any path; a pipe only by the name of a descriptor of this process, as shells write them.</param>
    /// <param name="maxBytes">Most bytes that it may have.</param>
    /// <exception cref="IOException">It cannot be read, or is no file of at most that size; the message is a clause without the path.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static ReadOnlyMemory<byte> ReadBytes(string path, int maxBytes) => Read(path, maxBytes);

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">The stream, one that is never read twice.</param>
    /// <param name="maxBytes">Most bytes that it may have.</param>
    /// <exception cref="IOException">It cannot be read, or has more; the message is a clause.</exception>
    public static ReadOnlyMemory<byte> ReadBytes(Stream stream, int maxBytes)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Read(stream, 0, maxBytes);
    }

    /// <summary>Reads it whole as text: UTF-8, or what its byte order mark says.</summary>
    /// <param name="path">Any path.</param>
    /// <param name="maxBytes">Most bytes that it may have.</param>
    /// <exception cref="IOException">As with <see cref="ReadBytes(string, int)"/>; and when it is not UTF-8.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static string ReadText(string path, int maxBytes)
    {
        var bytes = Read(path, maxBytes);
        using var reader = new StreamReader(new MemoryStream(bytes.Array!, 0, bytes.Count), Strict);
        try
        {
            return reader.ReadToEnd();
        }
        catch (DecoderFallbackException exception)
        {
            throw new IOException("it is not UTF-8.", exception);
        }
    }

    private static ArraySegment<byte> Read(string path, int maxBytes)
    {
        var instead = Instead(path);
        if (instead is "a directory" or "a socket" || (instead is "a pipe" && !IsDescriptor(path)))
            throw new IOException($"it is {instead}; a file was expected.");
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            return Read(stream, stream.CanSeek ? stream.Length : 0, maxBytes);
        }
        catch (FileNotFoundException exception)
        {
            throw new FileNotFoundException("there is no such file.", exception);
        }
        catch (DirectoryNotFoundException exception)
        {
            throw new DirectoryNotFoundException("there is no such directory.", exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new UnauthorizedAccessException($"it may not be read as {UnixFile.OwnIdentity}.", exception);
        }
    }

    private static ArraySegment<byte> Read(Stream stream, long length, int maxBytes)
    {
        // One more than it says, so that the end is seen without another buffer; pipes and devices say nothing.
        var content = new byte[Math.Max((int)Math.Min(length, maxBytes) + 1, LeastBuffer)];
        var read = 0;
        while (stream.Read(content, read, content.Length - read) is > 0 and var more)
        {
            read += more;
            if (read > maxBytes)
                throw new IOException($"it is larger than {maxBytes} bytes.");
            if (read == content.Length)
                Array.Resize(ref content, (int)Math.Min(2L * read, maxBytes + 1L));
        }

        return new ArraySegment<byte>(content, 0, read);
    }

    // Somebody holds the other end of those: a shell that was told to read from a command.
    private static bool IsDescriptor(string path) =>
        path == "/dev/stdin" || path.StartsWith("/dev/fd/", StringComparison.Ordinal) || path.StartsWith("/proc/self/fd/", StringComparison.Ordinal);
}
