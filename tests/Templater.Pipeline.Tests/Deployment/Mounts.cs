using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>A real mount below a test's own directory, taken away on disposal. Needs root.</summary>
internal sealed class Mounts : IDisposable
{
    private readonly string _target;

    private Mounts(string target) => _target = target;

    public static async Task<Mounts> MountAsync(string target, params string[] arguments)
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
            Missing.Report("mounting needs root on Linux");
        (await ChildProcess.RunAsync("mount", [.. arguments, target])).MustSucceed();
        return new Mounts(target);
    }

    public static Task<Mounts> BindAsync(string source, string target) => MountAsync(target, "--bind", source);

    public static Task<Mounts> SmallTmpfsAsync(string target, int kilobytes) => MountAsync(target, "-t", "tmpfs", "-o", $"size={kilobytes}k,mode=0755", "tmpfs");

    public void Dispose() => ChildProcess.RunAsync("umount", ["-l", _target]).GetAwaiter().GetResult().MustSucceed();
}
