using System.Formats.Tar;
using Templater.Testing;

namespace Templater.EndToEnd.Tests.Harness;

/// <summary>Packs programs of this machine with the libraries they load into an image's root file system; no /usr is mounted.</summary>
/// <remarks>Symbolic links are followed: the image holds plain files at the names under which they are looked up.</remarks>
internal sealed class ProgramTree
{
    private const UnixFileMode PlainDirectory =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute |
        UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private static readonly string[] MergedDirectories = ["bin", "sbin", "lib", "lib64"];

    private readonly SortedDictionary<string, TarEntry> _entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> _programs = new(StringComparer.Ordinal);

    public ProgramTree()
    {
        foreach (var name in MergedDirectories)
            _entries[name] = new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = "usr/" + name };
        foreach (var name in new[] { "etc", "proc", "sys", "dev", "run", "var", "usr/bin", "usr/sbin", "usr/lib", "usr/lib64" })
            AddDirectory(name);
        AddDirectory("tmp", PlainDirectory | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite | UnixFileMode.StickyBit);
    }

    public ProgramTree AddDirectory(string name, UnixFileMode mode = PlainDirectory)
    {
        for (var slash = name.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = name.IndexOf('/', slash + 1))
            _entries.TryAdd(name[..slash], new PaxTarEntry(TarEntryType.Directory, name[..slash] + "/") { Mode = PlainDirectory });
        _entries[name] = new PaxTarEntry(TarEntryType.Directory, name + "/") { Mode = mode };
        return this;
    }

    public ProgramTree AddLink(string name, string target)
    {
        _entries[name] = new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = target };
        return this;
    }

    public ProgramTree AddText(string name, string text)
    {
        _entries[name] = new PaxTarEntry(TarEntryType.RegularFile, name)
        {
            DataStream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)),
            Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
        };
        return this;
    }

    /// <summary>A file, or a directory with all below it, at the same path as on this machine.</summary>
    public ProgramTree Add(string path)
    {
        if (Directory.Exists(path))
        {
            AddDirectory(Inside(path));
            foreach (var entry in Directory.EnumerateFileSystemEntries(path))
                Add(entry);
        }
        else if (File.Exists(path))
        {
            AddFile(path);
        }

        return this;
    }

    /// <summary>A program or library and everything <c>ldd</c> says that it loads.</summary>
    public async Task<ProgramTree> AddProgramAsync(string path)
    {
        if (!_programs.Add(path))
            return this;
        AddFile(path);
        var libraries = await ChildProcess.RunAsync("ldd", [path]);
        foreach (var line in libraries.Output.Split('\n'))
        {
            if (line.Split(' ', '\t').FirstOrDefault(word => word.StartsWith('/')) is { } library)
                AddFile(library);
        }

        return this;
    }

    public void WriteTo(TarWriter tar)
    {
        foreach (var entry in _entries.Values)
            tar.WriteEntry(entry);
    }

    private void AddFile(string path)
    {
        var name = Inside(path);
        var real = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
        if (Path.GetDirectoryName(name) is { Length: > 0 } directory && !_entries.ContainsKey(directory))
            AddDirectory(directory);
        _entries[name] = new PaxTarEntry(TarEntryType.RegularFile, name)
        {
            DataStream = new MemoryStream(File.ReadAllBytes(real)),
            Mode = File.GetUnixFileMode(real),
        };
    }

    // /lib and its like are links into /usr; a file written through them would replace the link.
    private static string Inside(string path)
    {
        var name = path.TrimStart('/');
        return MergedDirectories.Contains(name.Split('/')[0]) ? "usr/" + name : name;
    }
}
