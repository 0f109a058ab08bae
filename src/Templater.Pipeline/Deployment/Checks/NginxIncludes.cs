using System.Globalization;
using System.IO.Enumeration;
using System.Text;
using Templater.Pipeline.Deployment.Proving.Nginx;

namespace Templater.Pipeline.Deployment.Checks;

/// <summary>
/// A copy of the files by which a configuration of nginx comes to include a certain one, in which another stands in for that. All
/// else is read where it is. The copy lies as deep below its folder as the main file's directory below the root, and what is relative to
/// that is found through links, also by way of the directories above it.
/// </summary>
internal sealed class NginxIncludes
{
    /// <summary>Most files that are read in search of the one that is stood in for.</summary>
    private const int MaxFiles = 2000;

    /// <summary>How deep files may include one another.</summary>
    private const int MaxDepth = 16;

    private const int MaxFileBytes = 16 << 20;

    private readonly string _root;

    // Without links: the file may be included by another name, which may be there before the file is.
    private readonly string _live;
    private readonly string _liveFolder;
    private readonly string _liveName;
    private readonly string _candidate;
    private readonly string _top;
    private readonly string _folder;
    private readonly Dictionary<string, string?> _copies = new(StringComparer.Ordinal);

    // Where paths in the files leave the directories that lead to the main file's.
    private readonly SortedSet<string> _aside = new(StringComparer.Ordinal);

    private NginxIncludes(string main, string live, string candidate, string folder)
    {
        _root = RealPath.Of(Path.GetDirectoryName(main)!);
        (_live, _liveFolder, _liveName) = (RealPath.Of(live), RealPath.Of(Path.GetDirectoryName(live)!), Path.GetFileName(live));
        (_candidate, _top, _folder) = (candidate, folder, Path.Join(folder, _root));
    }

    /// <summary>Writes the copy.</summary>
    /// <param name="main">The main file, absolute.</param>
    /// <param name="live">The file that is stood in for, absolute; it need not exist.</param>
    /// <param name="candidate">Who stands in, absolute.</param>
    /// <param name="folder">An empty directory for the copy.</param>
    /// <returns>Each copied file by the path of its copy, the main one first; empty when nothing includes the file.</returns>
    /// <exception cref="InvalidDataException">The files are too many, too large or nested too deep, or a pattern is one that this does not know.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read or written.</exception>
    public static IReadOnlyList<(string Copy, string Original)> Write(string main, string live, string candidate, string folder)
    {
        var tree = new NginxIncludes(main, live, candidate, folder);
        Directory.CreateDirectory(tree._folder);
        if (tree.Copy(main, Path.GetFileName(main), depth: 0) is not { } copy)
            return [];
        foreach (var directive in NginxDirectives.Of(Read(candidate)))
            tree.NoteAside(directive);
        tree.LinkTheRest();
        return [(copy, main), .. tree._copies.Where(pair => pair.Value is not null && pair.Key != main).Select(static pair => (pair.Value!, pair.Key))];
    }

    // Null when neither it nor what it includes has to differ.
    private string? Copy(string file, string name, int depth)
    {
        if (_copies.TryGetValue(file, out var known))
            return known;
        if (depth > MaxDepth || _copies.Count >= MaxFiles)
            throw new InvalidDataException($"files that include one another are more than {MaxFiles}, or nested deeper than {MaxDepth}");
        _copies[file] = null;
        if (Rewritten(Read(file), depth) is not { } text)
            return null;
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text, Encoding.Latin1);
        return _copies[file] = path;
    }

    private void NoteAside(NginxDirective directive)
    {
        foreach (var word in directive.Words.Where(static word => word.StartsWith("..", StringComparison.Ordinal)))
        {
            var (path, above) = (Path.GetFullPath(word, _root), _root + "/");
            while (!path.StartsWith(above, StringComparison.Ordinal))
                above = above[..(above.LastIndexOf('/', above.Length - 2) + 1)];
            _aside.Add(above + path[above.Length..].Split('/')[0]);
        }
    }

    private void LinkTheRest()
    {
        foreach (var entry in Directory.EnumerateFileSystemEntries(_root).Concat(_aside.SelectMany(Entries)))
            if (Path.Join(_top, entry) is var link && !Path.Exists(link))
                File.CreateSymbolicLink(link, entry);
    }

    private static IEnumerable<string> Entries(string pattern) => pattern.IndexOfAny(['*', '?']) < 0
        ? [pattern]
        : Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(pattern)!).Where(entry => IsMatch(Path.GetFileName(pattern), Path.GetFileName(entry)));

    // Everything stays on its line, so that a complaint names the right one.
    private string? Rewritten(string text, int depth)
    {
        var result = new StringBuilder();
        var done = 0;
        foreach (var directive in NginxDirectives.Of(text))
        {
            NoteAside(directive);
            if (directive is not { Mark: NginxMark.Simple, Words: ["include", var pattern] } || Included(pattern, depth) is not { } files)
                continue;
            result.Append(text, done, directive.Start - done);
            foreach (var file in files)
                result.Append(CultureInfo.InvariantCulture, $"include \"{file.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"; ");
            result.Append('\n', text.AsSpan(directive.Start, directive.End - directive.Start).Count('\n'));
            done = directive.End;
        }

        return done == 0 ? null : result.Append(text, done, text.Length - done).ToString();
    }

    // In the order of glob(7); null when they are those that nginx finds by itself.
    private List<string>? Included(string pattern, int depth)
    {
        var files = new SortedSet<string>(Matches(Path.GetFullPath(pattern, _root)), StringComparer.Ordinal);
        var differs = false;
        var result = new List<string>();
        foreach (var file in files)
        {
            var used = IsLive(file) ? _candidate : Copy(file, $"included-{_copies.Count}", depth + 1) ?? file;
            differs |= used != file;
            result.Add(used);
        }

        return differs ? result : null;
    }

    private bool IsLive(string file) => RealPath.Of(file) == _live;

    private IEnumerable<string> Matches(string pattern)
    {
        if (pattern.IndexOfAny(['*', '?', '[']) < 0)
            return File.Exists(pattern) || IsLive(pattern) ? [pattern] : [];
        if (pattern.Contains('[', StringComparison.Ordinal))
            throw new InvalidDataException($"include {ShownText.OneLine(pattern)} has brackets, which are not understood here");
        var (directory, name) = (Path.GetDirectoryName(pattern)!, Path.GetFileName(pattern));
        var directories = directory.IndexOfAny(['*', '?']) < 0 ? [directory] : Directories(directory);
        return directories.Where(Directory.Exists).SelectMany(FilesIn).Where(file => IsMatch(name, Path.GetFileName(file)));
    }

    private static IEnumerable<string> Directories(string pattern)
    {
        var (parent, name) = (Path.GetDirectoryName(pattern)!, Path.GetFileName(pattern));
        var parents = parent.IndexOfAny(['*', '?']) < 0 ? [parent] : Directories(parent);
        return parents.Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories).Where(directory => IsMatch(name, Path.GetFileName(directory)));
    }

    // The live one is among them before it is there.
    private IEnumerable<string> FilesIn(string directory) =>
        RealPath.Of(directory) == _liveFolder ? Directory.EnumerateFiles(directory).Append(Path.Combine(directory, _liveName)) : Directory.EnumerateFiles(directory);

    // A star leaves out what begins with a dot.
    private static bool IsMatch(string pattern, string name) =>
        pattern == name || (name.StartsWith('.') == pattern.StartsWith('.') && FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false));

    private static string Read(string file)
    {
        var info = new FileInfo(file);
        return info.Length <= MaxFileBytes ? File.ReadAllText(file, Encoding.Latin1) : throw new InvalidDataException($"{file} is larger than {MaxFileBytes >> 20} MiB");
    }
}
