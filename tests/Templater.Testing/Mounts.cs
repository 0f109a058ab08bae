namespace Templater.Testing;

/// <summary>A real mount below a test's own directory, taken away on disposal. Needs root.</summary>
public sealed class Mounts : IDisposable
{
    private const int PageSize = 4096;

    private readonly string _target;

    private Mounts(string target) => _target = target;

    /// <summary>Mounts; the test is skipped where that is not allowed.</summary>
    /// <param name="target">Where.</param>
    /// <param name="arguments">Those of <c>mount</c> before it.</param>
    public static async Task<Mounts> MountAsync(string target, params string[] arguments)
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
            Missing.Report("mounting needs root on Linux");
        (await ChildProcess.RunAsync("mount", [.. arguments, target])).MustSucceed();
        return new Mounts(target);
    }

    /// <summary>Shows a folder or file in a second place.</summary>
    /// <param name="source">Which.</param>
    /// <param name="target">Where.</param>
    public static Task<Mounts> BindAsync(string source, string target) => MountAsync(target, "--bind", source);

    /// <summary>Makes a folder a small disk of its own.</summary>
    /// <param name="target">The folder.</param>
    /// <param name="kilobytes">Its size.</param>
    public static Task<Mounts> SmallTmpfsAsync(string target, int kilobytes) => MountAsync(target, "-t", "tmpfs", "-o", $"size={kilobytes}k,mode=0755", "tmpfs");

    /// <summary>Writes to the end of a file until its disk has no room left.</summary>
    /// <param name="file">The file.</param>
    public static void Fill(FileStream file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var page = new byte[PageSize];
        try
        {
            while (true)
                RandomAccess.Write(file.SafeFileHandle, page, RandomAccess.GetLength(file.SafeFileHandle));
        }
        catch (IOException)
        {
            // Full.
        }
    }

    /// <summary>Takes it away.</summary>
    public void Dispose() => ChildProcess.RunAsync("umount", ["-l", _target]).GetAwaiter().GetResult().MustSucceed();
}
