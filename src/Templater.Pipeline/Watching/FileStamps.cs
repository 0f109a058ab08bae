
namespace Templater.Pipeline.Watching;

/// <summary>How some files were at one moment, to tell later whether they have changed since. Immutable.</summary>
public sealed class FileStamps
{
    private FileStamps(Dictionary<string, FileStamp> byPath) => ByPath = byPath;

    internal IReadOnlyDictionary<string, FileStamp> ByPath { get; }

    /// <summary>True when these are the same files, and none has changed.</summary>
    public bool IsSameAs(FileStamps other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return ByPath.Count == other.ByPath.Count && ByPath.All(file => other.ByPath.TryGetValue(file.Key, out var stamp) && stamp == file.Value);
    }

    /// <summary>Looks at files, and at directories as <see cref="WatchedFiles"/> has them; what is not there counts as that.</summary>
    public static FileStamps Of(IEnumerable<string> paths) =>
        new(paths.Distinct(StringComparer.Ordinal).ToDictionary(static path => path, static path => FileStamp.Of(path), StringComparer.Ordinal));
}
