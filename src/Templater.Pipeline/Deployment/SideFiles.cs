using System.Collections.Immutable;
using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Deployment;

/// <summary>
/// The files that lie beside an output because its content names them. They are there before a file that names them takes its place, never
/// change, and go when neither the present file nor the one before it names them: workers that are about to end still read theirs.
/// </summary>
internal sealed class SideFiles(string output, OutputFile file)
{
    private const string UnfinishedMark = ".new";

    private readonly ImmutableArray<string> _prefixes = SideFile.PrefixesOf(output);

    private string Directory => Path.GetDirectoryName(file.Path)!;

    /// <summary>Writes those that are not there as they should be.</summary>
    /// <param name="files">The files.</param>
    /// <exception cref="OutputFileException">One cannot be written.</exception>
    public void Write(ImmutableArray<SideFile> files)
    {
        foreach (var side in files)
        {
            var path = Path.Combine(Directory, side.Name);
            if (!HasContent(path, side.Content.Span))
                Write(path, side.Content.Span);
        }
    }

    /// <summary>The files of former generations that none of these contents names.</summary>
    /// <param name="contents">Reads the contents; asked only when there is a file that may go.</param>
    public ImmutableArray<string> Unnamed(Func<IEnumerable<byte[]>> contents)
    {
        try
        {
            var present = _prefixes.SelectMany(prefix => System.IO.Directory.EnumerateFiles(Directory, prefix + "*")).ToArray();
            if (present.Length == 0)
                return [];
            var naming = contents().ToArray();
            return [.. present.Where(path => !Array.Exists(naming, content => Names(content, Path.GetFileName(path))))];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Nobody knows what is named: all stay.
            return [];
        }
    }

    /// <summary>Those on disk that a content names, by name.</summary>
    /// <param name="content">The content.</param>
    /// <exception cref="IOException">One cannot be read.</exception>
    public ImmutableArray<SideFile> NamedIn(ReadOnlySpan<byte> content)
    {
        var named = ImmutableArray.CreateBuilder<SideFile>();
        foreach (var path in _prefixes.SelectMany(prefix => System.IO.Directory.EnumerateFiles(Directory, prefix + "*")).Order(StringComparer.Ordinal))
            if (Path.GetFileName(path) is var name && content.IndexOf(System.Text.Encoding.UTF8.GetBytes(name)) >= 0)
                named.Add(new SideFile(name, File.ReadAllBytes(path)));
        return named.ToImmutable();
    }

    /// <summary>Removes files; what cannot be removed does no harm.</summary>
    /// <param name="paths">The files.</param>
    public static void Remove(ImmutableArray<string> paths)
    {
        foreach (var path in paths)
            UnixFile.Discard(path);
    }

    private static bool Names(byte[] content, string name) => content.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(name)) >= 0;

    private static bool HasContent(string path, ReadOnlySpan<byte> content)
    {
        try
        {
            return File.Exists(path) && new FileInfo(path).Length == content.Length && content.SequenceEqual(File.ReadAllBytes(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private void Write(string path, ReadOnlySpan<byte> content)
    {
        var unfinished = path + UnfinishedMark;
        try
        {
            UnixFile.Discard(unfinished);
            file.WriteBeside(unfinished, content);
            if (UnixFile.IsSupported)
                UnixFile.Rename(unfinished, path);
            else
                File.Move(unfinished, path, overwrite: true);
            UnixFile.SyncDirectory(Directory);
        }
        catch (Exception error) when (OutputProblem.IsFailure(error))
        {
            throw OutputProblem.From(path, error);
        }
    }
}
