using System.Text.RegularExpressions;

namespace Templater.Testing;

/// <summary>
/// nginx, HAProxy and curl of a later Debian beside this machine's own. What debootstrap gets lies unpacked below
/// <c>artifacts/proxies</c>, for all tests of this clone, and is made anew only when it has become old.
/// </summary>
public static partial class ProxyRelease
{
    private const string Debootstrap = "/usr/sbin/debootstrap";
    private const string Programs = "programs";
    private const string Authorities = "/usr/share/ca-certificates";

    private static readonly string[] Names = ["nginx", "haproxy", "curl"];

    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(14);
    private static readonly TimeSpan DownloadLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(200);

    // Its /usr takes the place of this machine's in a mount namespace of its own, which ends with it. The link gives the process the
    // name that it was called by: some tests choose it. Authorities are those of this machine, to which /etc/ssl/certs leads.
    private const string Script = """
        #!/bin/sh
        exec unshare --mount --propagation private sh -c '
            mount -t tmpfs -o size=64k,mode=755 none "$1/src" && ln -s "$2" "$1/src/$3" &&
                mount --bind /usr/share/ca-certificates "$1/share/ca-certificates" && mount --bind /usr/local "$1/local" &&
                mount --rbind "$1" /usr || exit 125
            program=/usr/src/$3
            shift 3
            exec "$program" "$@"' sh '@tree/usr' '@program' "${0##*/}" "$@"

        """;

    /// <summary>Gets the programs of a release; the test is skipped where they cannot be had.</summary>
    /// <param name="suite">The release, for example <c>trixie</c>.</param>
    /// <param name="cancellationToken">Ends a download.</param>
    /// <returns>A folder for <see cref="ProxyPrograms.Variable"/>.</returns>
    public static async Task<string> GetAsync(string suite, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
            Missing.Report("putting another /usr in the place of this machine's needs root");
        if (!Directory.Exists(Authorities))
            Missing.Report("ca-certificates is not installed");
        var root = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../proxies"));
        Directory.CreateDirectory(root);
        var (tree, unfinished) = (Path.Combine(root, suite), Path.Combine(root, suite + ".new"));
        using var mine = await LockAsync(Path.Combine(root, suite + ".lock"), cancellationToken);
        var programs = Path.Combine(tree, Programs);
        if (Directory.Exists(programs) && DateTime.UtcNow - Directory.GetLastWriteTimeUtc(programs) < MaxAge)
            return programs;
        Remove(unfinished);
        if (await UnpackAsync(suite, unfinished, cancellationToken) is { } problem)
        {
            Remove(unfinished);
            // An old one still tells more than none.
            if (!Directory.Exists(programs))
                Missing.Report(problem);
            return programs;
        }

        Remove(tree);
        Directory.Move(unfinished, tree);
        await WriteAsync(tree);
        return programs;
    }

    private static async Task<string?> UnpackAsync(string suite, string tree, CancellationToken cancellationToken)
    {
        if (!File.Exists(Debootstrap))
            return "debootstrap is not installed";
        var download = Path.Combine(tree, "download");
        var got = await ChildProcess.RunAsync(
            Debootstrap,
            ["--download-only", "--variant=minbase", "--include=nginx,libnginx-mod-stream,haproxy,curl,openssl", suite, download],
            timeLimit: DownloadLimit,
            cancellationToken: cancellationToken);
        if (got.ExitCode != 0)
            return $"debootstrap does not get nginx, haproxy and curl of {suite}: {(got.Output + got.Error).Trim().Split('\n')[^1]}";
        foreach (var package in Directory.GetFiles(Path.Combine(download, "var/cache/apt/archives"), "*.deb"))
            (await ChildProcess.RunAsync("dpkg-deb", ["--extract", package, tree], cancellationToken: cancellationToken)).MustSucceed();
        Remove(download);
        Directory.CreateDirectory(Path.Combine(tree, Authorities[1..]));
        Directory.CreateDirectory(Path.Combine(tree, "usr/local"));
        return null;
    }

    private static async Task WriteAsync(string tree)
    {
        var unfinished = Directory.CreateDirectory(Path.Combine(tree, Programs + ".new")).FullName;
        foreach (var name in Names)
        {
            var script = Path.Combine(unfinished, name);
            var folder = File.Exists(Path.Combine(tree, "usr/sbin", name)) ? "/usr/sbin/" : "/usr/bin/";
            await File.WriteAllTextAsync(script, Script.Replace("@tree", tree, StringComparison.Ordinal).Replace("@program", folder + name, StringComparison.Ordinal));
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
            var said = (await ChildProcess.RunAsync(script, [name == "curl" ? "-V" : "-v"])).MustSucceed();
            await File.WriteAllTextAsync(script + ".version", Number().Match(said.Output + said.Error).Value);
        }

        File.Copy(Path.Combine(tree, "usr/lib/nginx/modules", ProxyPrograms.Module), Path.Combine(unfinished, ProxyPrograms.Module));
        Directory.Move(unfinished, Path.Combine(tree, Programs));
    }

    // Two runs of the tests at the same time: the second one waits, and finds what the first one got.
    private static async Task<FileStream> LockAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (!cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(LockPause, cancellationToken);
            }
        }
    }

    private static void Remove(string directory)
    {
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);
    }

    [GeneratedRegex("[0-9]+[.][0-9]+[.][0-9]+")]
    private static partial Regex Number();
}
