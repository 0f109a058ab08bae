using System.Globalization;

namespace Templater.Docker;

/// <summary>The message about a socket that exists but may not be opened: numbers, and what to do.</summary>
internal static class SocketDenied
{
    private const string OwnStatusFile = "/proc/self/status";
    private const UnixFileMode GroupAccess = UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    public static string Explain(string path, SocketOwner? owner)
    {
        var mode = Mode(path);
        var octal = mode is null ? "" : $" (mode 0{Convert.ToString((int)mode, 8)})";
        if (owner is not { GroupId: var group, UserId: var user })
            return $"cannot open {path}{octal}: permission denied for {Ourselves()}. Add the socket's group: group_add: [\"GID\"] with GID from stat -c %g {path}.";
        return mode is null || (mode & GroupAccess) == GroupAccess
            ? $"cannot open {path}: it belongs to group {Number(group)}{octal} and {Ourselves()}. Add group_add: [\"{Number(group)}\"] to the service, or --group-add {Number(group)}."
            : $"cannot open {path}: it belongs to {Number(user)}:{Number(group)}{octal} and {Ourselves()}. Give its group access (chmod g+rw), or run with user: \"{Number(user)}:{Number(group)}\".";
    }

    private static string Number(long id) => id.ToString(CultureInfo.InvariantCulture);

    private static UnixFileMode? Mode(string path)
    {
        try
        {
            return OperatingSystem.IsWindows() ? null : File.GetUnixFileMode(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // A directory above it is closed to us, too.
        }
    }

    private static string Ourselves()
    {
        try
        {
            var lines = File.ReadAllLines(OwnStatusFile);
            return $"Templater runs as {Effective("Uid:", lines)}:{Effective("Gid:", lines)}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"Templater runs as {Environment.UserName}";
        }
    }

    // "Uid: real effective saved file-system" (proc_pid_status(5)).
    private static string Effective(string key, string[] lines) =>
        lines.First(line => line.StartsWith(key, StringComparison.Ordinal)).Split('\t', StringSplitOptions.RemoveEmptyEntries)[2];
}
