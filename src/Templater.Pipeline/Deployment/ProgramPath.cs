using Mono.Unix.Native;

namespace Templater.Pipeline.Deployment;

/// <summary>Finds a program as execvp(3) would.</summary>
internal static class ProgramPath
{
    // nginx and haproxy live in sbin, which the PATH of an unprivileged user often lacks.
    private static readonly string[] AlwaysSearched = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

    public static string? Find(string name)
    {
        if (name.Contains('/', StringComparison.Ordinal))
            return IsExecutable(name) ? Path.GetFullPath(name) : null;
        var directories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return directories.Concat(AlwaysSearched)
            .Where(Path.IsPathRooted)
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(IsExecutable);
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (!UnixFile.IsSupported || Syscall.access(path, AccessModes.X_OK) == 0);
}
