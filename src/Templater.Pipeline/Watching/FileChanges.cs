using System.Collections.Immutable;

namespace Templater.Pipeline.Watching;

/// <summary>The operator's files that outputs depend on.</summary>
/// <param name="Paths">Files and directories; a directory stands for the files in it, three levels deep.</param>
/// <param name="Ignored">Files in these directories that Templater writes itself, so that it does not wake itself.</param>
public sealed record WatchedFiles(ImmutableArray<string> Paths, ImmutableArray<string> Ignored);

/// <summary>
/// Notices that files were written, replaced, added or removed, by looking at them once a second: mounts of other
/// machines and of virtual ones deliver no notifications. Not thread-safe.
/// </summary>
/// <param name="watched">What to look at now; asked at each look, since a new template may include other files.</param>
/// <param name="read">How files were when they were read before the first look; a later edit is seen by it.</param>
public sealed class FileChanges(Func<WatchedFiles> watched, params IEnumerable<FileStamps> read)
{
    /// <summary>Time between two looks.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <summary>A file that is being written is not read before it stayed the same for so long.</summary>
    public static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(100);

    /// <summary>How often it is looked at until then; afterwards it is read as it is.</summary>
    public const int MaxQuietLooks = 20;

    private const int MaxPaths = 1000;

    private readonly Dictionary<string, FileStamp> _read =
        read.SelectMany(static stamps => stamps.ByPath).DistinctBy(static file => file.Key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);

    private Dictionary<string, FileStamp>? _known;

    /// <summary>Looks, and compares with the last look.</summary>
    /// <returns>
    /// The paths whose files changed, and those that are looked at for the first time: what they held when somebody read them
    /// is not known. At the very first look only what is not as it was when it was read.
    /// </returns>
    public ImmutableArray<string> Look()
    {
        var (paths, ignored) = watched();
        var ours = ignored.Select(Path.GetFullPath).ToHashSet(StringComparer.Ordinal);
        var now = paths.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(MaxPaths)
            .ToDictionary(static path => path, path => FileStamp.Of(path, ours), StringComparer.Ordinal);
        var (before, isFirst) = (_known ?? _read, _known is null);
        _known = now;
        return
        [
            .. now.Where(file => before.TryGetValue(file.Key, out var stamp) ? stamp != file.Value : !isFirst)
                .Select(static file => file.Key).Order(StringComparer.Ordinal),
        ];
    }
}
