using System.Runtime.InteropServices;

namespace Templater.Testing;

/// <summary>A program of a Debian package that <c>tests/fetch</c> unpacked below <c>artifacts/packages</c>; nothing of it is installed.</summary>
/// <param name="Path">The program's path.</param>
/// <param name="Environment">What it is to be started with, so that it finds its libraries.</param>
public sealed record FetchedPackage(string Path, IReadOnlyDictionary<string, string?> Environment)
{
    /// <summary>A program of a package; the test is skipped where it was not fetched.</summary>
    /// <param name="package">The package's name, which <c>tests/fetch</c> was given.</param>
    /// <param name="program">Path in the package, without a slash in front.</param>
    /// <param name="suite">The release that it has to be of; null for this machine's.</param>
    public static FetchedPackage Require(string package, string program, string? suite = null)
    {
        var root = System.IO.Path.GetFullPath(System.IO.Path.Combine(AppContext.BaseDirectory, "../../../packages", package));
        var path = System.IO.Path.Combine(root, program);
        if (!File.Exists(path))
            Missing.Report($"{program} is not there: bash tests/fetch {package}{(suite is null ? "" : $" {suite}")}");
        var libraries = System.IO.Path.Combine(root, "usr/lib", RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64-linux-gnu" : "x86_64-linux-gnu");
        return new(path, new Dictionary<string, string?> { ["LD_LIBRARY_PATH"] = libraries });
    }
}
