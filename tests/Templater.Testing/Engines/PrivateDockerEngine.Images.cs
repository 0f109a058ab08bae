using System.Formats.Tar;

namespace Templater.Testing;

/// <content>Images without a registry: a small tree is packed and imported.</content>
public sealed partial class PrivateDockerEngine
{
    private const UnixFileMode Executable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute |
        UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private static readonly string[] Applets =
        ["sh", "httpd", "nc", "sleep", "wget", "cat", "hostname", "ls", "ps", "env", "true", "false", "test", "touch", "rm", "echo", "ip", "date"];

    // PID 1 has no default signal handlers: without the traps TERM would be ignored for ten seconds and HUP for ever.
    private const string WebCommand =
        "trap 'sleep ${LINGER:-0}; exit 0' TERM INT; trap 'echo hup' HUP; hostname >/www/index.html; httpd -f -p ${PORT:-8080} -h /www & p=$!; " +
        "echo serving; while kill -0 $p 2>/dev/null; do wait $p; done";

    /// <summary>
    /// Imports <c>web:1</c>, a backend of 2 MB: busybox httpd on port 8080 (or <c>PORT</c>) that answers with its container's short id,
    /// stops at TERM at once (or after <c>LINGER</c> seconds), writes <c>serving</c> at start and <c>hup</c> at HUP to its log.
    /// </summary>
    public Task ImportWebImageAsync() => ImportAsync(
        "web:1",
        tar =>
        {
            AddDirectories(tar, "bin", "www", "etc", "tmp");
            tar.WriteEntry(FindProgram("busybox")!, "bin/busybox");
            foreach (var applet in Applets)
                AddLink(tar, "bin/" + applet, "busybox");
        },
        "EXPOSE 8080",
        $"CMD [\"sh\",\"-c\",\"{WebCommand}\"]");

    /// <summary>
    /// Imports <c>host:1</c>, an empty tree with this machine's users and nginx settings: with <c>-v /usr:/usr:ro</c> it runs every
    /// program of this machine (nginx, haproxy, ...) in a container.
    /// </summary>
    public Task ImportHostImageAsync() => ImportAsync("host:1", tar =>
    {
        AddDirectories(tar, "etc", "var", "var/log", "var/log/nginx", "var/lib", "var/lib/nginx", "var/lib/nginx/body", "run", "tmp", "proc", "sys", "dev", "usr");
        foreach (var link in new[] { "bin", "sbin", "lib", "lib64" })
            AddLink(tar, link, "usr/" + link);
        foreach (var file in new[] { "/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/ld.so.cache", "/etc/mime.types" }.Where(File.Exists))
            tar.WriteEntry(file, file[1..]);
        foreach (var tree in new[] { "/etc/nginx", "/etc/ssl/certs", "/etc/alternatives" }.Where(Directory.Exists))
            AddTree(tar, tree);
    });

    /// <summary>Imports an image from a tree that <paramref name="fill"/> writes.</summary>
    /// <param name="name">Image name with its tag.</param>
    /// <param name="fill">Writes the entries of the root file system.</param>
    /// <param name="changes">Dockerfile instructions (<c>CMD</c>, <c>EXPOSE</c>, <c>USER</c>, ...).</param>
    public async Task ImportAsync(string name, Action<TarWriter> fill, params string[] changes)
    {
        var path = _directory["image-" + name.Replace(':', '-').Replace('/', '-') + ".tar"];
        using (var tar = new TarWriter(File.Create(path)))
            fill(tar);
        await RunAsync(["import", .. changes.SelectMany(change => new[] { "--change", change }), path, name]);
        File.Delete(path);
    }

    private static void AddTree(TarWriter tar, string root)
    {
        tar.WriteEntry(root, root[1..]);
        foreach (var entry in new DirectoryInfo(root).EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            if (entry is DirectoryInfo { LinkTarget: null })
                AddTree(tar, entry.FullName);
            else
                tar.WriteEntry(entry.FullName, entry.FullName[1..]);
        }
    }

    private static void AddDirectories(TarWriter tar, params string[] names)
    {
        foreach (var name in names)
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, name + "/") { Mode = name == "tmp" ? Executable | UnixFileMode.StickyBit | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite : Executable });
    }

    private static void AddLink(TarWriter tar, string name, string target) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = target });
}
