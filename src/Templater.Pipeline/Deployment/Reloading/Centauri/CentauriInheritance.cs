using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Mono.Unix.Native;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>
/// How a listener and its connections pass from one program to the next in the same process: by number of descriptor, in a text
/// such as <c>12,15/DIGEST,16/</c> for each listener. Such descriptors stay open when the program is replaced.
/// </summary>
internal static class CentauriInheritance
{
    private const int CloseOnExec = 1;
    private const int DigestLength = 64;

    /// <summary>Makes descriptors that stay open.</summary>
    public static string Leave(int listener, ImmutableArray<(int Descriptor, string? Content)> sessions)
    {
        var text = string.Join(',', [Number(listener), .. sessions.Select(static session => $"{Number(session.Descriptor)}/{session.Content}")]);
        Mark(text, 0);
        return text;
    }

    /// <summary>Takes that back: no child of ours is to have them.</summary>
    public static void Keep(string text)
    {
        foreach (var part in text.Split(' '))
            Mark(part, CloseOnExec);
    }

    /// <summary>The listeners of a text; those that are not whole are left out.</summary>
    public static IEnumerable<ImmutableArray<(int Descriptor, string? Content)>> Parse(string text)
    {
        foreach (var part in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            ImmutableArray<(int, string?)?> all = [.. part.Split(',').Select(ParseOne)];
            if (all.All(static one => one is not null))
                yield return [.. all.Select(static one => one!.Value)];
        }
    }

    /// <summary>The listener of such descriptors; null when they are none.</summary>
    public static CentauriListener? Take(ImmutableArray<(int Descriptor, string? Content)> inherited, TimeProvider time, CentauriTimes times)
    {
        foreach (var (descriptor, _) in inherited)
            _ = Syscall.fcntl(descriptor, FcntlCommand.F_SETFD, CloseOnExec);
        if (SocketOf(inherited[0].Descriptor) is not { LocalEndPoint: IPEndPoint } listener)
            return null;
        var sessions = new List<InheritedSession>();
        foreach (var (descriptor, content) in inherited[1..])
            if (SocketOf(descriptor) is { } socket && RemoteOf(socket) is { } remote)
                sessions.Add(new InheritedSession(socket, remote, content));
        return CentauriListener.Inherit(listener, sessions, time, times);
    }

    private static (int, string?)? ParseOne(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var content = slash < 0 ? "" : text[(slash + 1)..];
        return int.TryParse(slash < 0 ? text : text[..slash], NumberStyles.None, CultureInfo.InvariantCulture, out var descriptor)
            && (content.Length == 0 || (content.Length == DigestLength && content.All(char.IsAsciiHexDigitLower)))
            ? (descriptor, content.Length > 0 ? content : null)
            : null;
    }

    // A handle of anything else would close it one day, whatever has that number then.
    private static Socket? SocketOf(int descriptor)
    {
        if (Syscall.fstat(descriptor, out var status) != 0 || (status.st_mode & FilePermissions.S_IFMT) != FilePermissions.S_IFSOCK)
            return null;
        try
        {
            return new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));
        }
        catch (SocketException)
        {
            return null;
        }
    }

    // It may be gone since.
    private static IPEndPoint? RemoteOf(Socket socket)
    {
        try
        {
            return socket.RemoteEndPoint as IPEndPoint;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    private static void Mark(string text, int flags)
    {
        foreach (var inherited in Parse(text))
            foreach (var (descriptor, _) in inherited)
                _ = Syscall.fcntl(descriptor, FcntlCommand.F_SETFD, flags);
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
