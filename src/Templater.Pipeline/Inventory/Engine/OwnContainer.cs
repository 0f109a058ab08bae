using System.Text.RegularExpressions;

namespace Templater.Pipeline.Inventory.Engine;

/// <summary>
/// Finds out which container this process runs in. What the process sees of itself gives candidates; a candidate counts
/// only when the engine lists it, so a nested engine or a made-up host name leads to nothing.
/// </summary>
internal static partial class OwnContainer
{
    private const int ShortIdLength = 12;
    private const int MaxFileLength = 1024 * 1024;

    /// <summary>Candidates from this process's surroundings, best first; none outside Linux.</summary>
    public static IReadOnlyList<string> Candidates() =>
    [
        .. FromMountInfo(Read("/proc/self/mountinfo")),
        .. FromCgroup(Read("/proc/self/cgroup")),
        .. FromHostName(Environment.MachineName),
    ];

    /// <summary>The listed container that a candidate means; null when none does.</summary>
    /// <param name="candidates">Ids or beginnings of ids, best first.</param>
    /// <param name="ids">Ids of the containers that the engine lists.</param>
    public static ContainerId? Find(IEnumerable<string> candidates, IReadOnlyCollection<string> ids)
    {
        foreach (var candidate in candidates)
        {
            var matches = ids.Where(id => id.StartsWith(candidate, StringComparison.Ordinal)).Take(2).ToList();
            if (matches.Count == 1)
                return new ContainerId(matches[0]);
        }

        return null;
    }

    /// <summary>
    /// Ids in <c>/proc/self/mountinfo</c>: the engine mounts <c>…/containers/ID/hostname</c> over three files of /etc. Other
    /// mount points are not looked at; they may show the directories of other containers.
    /// </summary>
    public static IEnumerable<string> FromMountInfo(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            // Fields 4 and 5 are the root within the file system and the mount point (proc(5)).
            var fields = line.Split(' ');
            if (fields.Length > 5 && fields[4] is "/etc/hostname" or "/etc/hosts" or "/etc/resolv.conf")
            {
                if (fields.Length > 3 && FullId().Matches(fields[3]) is { Count: > 0 } ids)
                    yield return ids[^1].Value;
            }
        }
    }

    /// <summary>Ids in <c>/proc/self/cgroup</c>, such as <c>0::/docker/ID</c> or <c>…/docker-ID.scope</c>; the innermost of a line.</summary>
    public static IEnumerable<string> FromCgroup(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            if (FullId().Matches(line) is { Count: > 0 } ids)
                yield return ids[^1].Value;
        }
    }

    /// <summary>The host name, when it looks like the short id that the engine gives by default.</summary>
    public static IEnumerable<string> FromHostName(string name) =>
        name.Length >= ShortIdLength && name.All(char.IsAsciiHexDigitLower) ? [name] : [];

    private static string Read(string path)
    {
        try
        {
            using var reader = new StreamReader(path);
            var buffer = new char[MaxFileLength];
            return new string(buffer, 0, reader.ReadBlock(buffer));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    [GeneratedRegex("(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", RegexOptions.CultureInvariant)]
    private static partial Regex FullId();
}
