using System.Text;
using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Deployment;

/// <summary>
/// A set that waits to be the one that holds. A checker gets a copy of the configuration that names the files of this very set: in
/// place of the directory under which they will be found it has that of the set, letter by letter; nothing else differs.
/// </summary>
internal sealed class GroupCandidate : ICandidate
{
    private readonly OutputGroup _group;
    private readonly Func<Candidate> _copy;
    private readonly OutputSet _set;
    private readonly string _id;
    private readonly bool _isNew;
    private Candidate? _checked;
    private string? _checkFolder;
    private bool _isSwapped;

    /// <param name="group">The sets on disk.</param>
    /// <param name="set">The files.</param>
    /// <param name="generation">Their generation.</param>
    /// <param name="copy">Writes the copy for the checker beside the output.</param>
    public GroupCandidate(OutputGroup group, OutputSet set, string generation, Func<ReadOnlyMemory<byte>, Candidate> copy)
    {
        _group = group;
        _set = set;
        (_id, _isNew) = group.Write(set, generation);
        _copy = () => copy(ForCheck(set.Content));
    }

    /// <inheritdoc/>
    public string Path => (_checked ??= Copy()).Path;

    /// <inheritdoc/>
    public Finding? Swap()
    {
        var paths = _group.Paths;
        var path = System.IO.Path.Combine(paths.Directory, paths.Entry);
        try
        {
            _group.PointTo(_id);
            _isSwapped = true;
            if (!paths.IsLinked)
                Link(path);
            return null;
        }
        catch (Exception error) when (OutputProblem.IsFailure(error))
        {
            throw OutputProblem.From(path, error);
        }
    }

    public void Dispose()
    {
        _checked?.Dispose();
        if (_checkFolder is not null)
            OutputGroup.Remove(_checkFolder);
        if (_isNew && !_isSwapped)
            OutputGroup.Remove(_group.Paths.Set(_id));
    }

    // The one time that the output's own file is replaced; from then on it stays.
    private void Link(string path)
    {
        // Never a link to what a power cut takes away.
        UnixFile.SyncDirectory(_group.Paths.Root);
        var link = System.IO.Path.Combine(_group.Paths.Directory, OutputFile.CandidatePrefix(path) + "link");
        UnixFile.Discard(link);
        UnixFile.CreateLink(link, _group.Paths.EntryTarget);
        try
        {
            UnixFile.Rename(link, path);
        }
        catch (UnixFileException error)
        {
            UnixFile.Discard(link);
            throw error.Errno == Mono.Unix.Native.Errno.EBUSY ? OutputProblem.GroupNeedsDirectory(path) : OutputProblem.From(path, error);
        }
    }

    private Candidate Copy()
    {
        try
        {
            return WriteCopy();
        }
        catch (Exception error) when (OutputProblem.IsFailure(error))
        {
            throw OutputProblem.From(System.IO.Path.Combine(_group.Paths.Directory, _group.Paths.Entry), error);
        }
    }

    private Candidate WriteCopy()
    {
        // Files that name one another need a set of their own to be looked at.
        if (_set.Files.Any(file => file.Content.Span.IndexOf(Prefix) >= 0))
            _checkFolder = _group.WriteForCheck(_set.Files.Select(file => new FurtherFile(file.Name, ForCheck(file.Content, OutputGroup.CheckName(_id)))), _id);
        return _copy();
    }

    private byte[] Prefix => Encoding.UTF8.GetBytes(_set.Directory + "/");

    private ReadOnlyMemory<byte> ForCheck(ReadOnlyMemory<byte> content) => ForCheck(content, _checkFolder is null ? _id : OutputGroup.CheckName(_id));

    private byte[] ForCheck(ReadOnlyMemory<byte> content, string name)
    {
        if (_set.Directory.Length == 0)
            return content.ToArray();
        var group = _set.Directory[..^(GroupPaths.Current.Length + 1)];
        return PathReplacement.In(content.Span, Prefix, Encoding.UTF8.GetBytes($"{group}/{GroupPaths.LinkTo(name)}/"));
    }
}
