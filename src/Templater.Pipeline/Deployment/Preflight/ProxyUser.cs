using System.Collections.Immutable;
using System.Globalization;

namespace Templater.Pipeline.Deployment.Preflight;

/// <summary>The user that a container's program runs as, as far as that is known from outside.</summary>
/// <param name="Uid">User id.</param>
/// <param name="Gid">Group id; null when only its image knows.</param>
/// <param name="Groups">Further groups; null for one that only its image knows.</param>
internal readonly record struct ProxyUser(uint Uid, uint? Gid, ImmutableArray<uint?> Groups)
{
    // The ids of Docker's own images, which name their users by words.
    private const uint HAProxy = 99;
    private const uint Nginx = 101;

    /// <summary>Reads the engine's <c>User</c>; null when it names somebody whom only the image knows.</summary>
    /// <param name="text"><c>UID</c>, <c>UID:GID</c>, names in their place, or empty for root.</param>
    /// <param name="groups">Further groups by number or name, with a space between them; null for none.</param>
    public static ProxyUser? Of(string text, string? groups = null)
    {
        var parts = text.Split(':', 2);
        if (IdOf(parts[0].Length == 0 ? "root" : parts[0]) is not { } uid)
            return null;
        var further = (groups ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IdOf);
        return new ProxyUser(uid, parts.Length > 1 ? IdOf(parts[1]) : uid is 0 or HAProxy or Nginx ? uid : null, [.. further]);
    }

    /// <inheritdoc/>
    public override string ToString() => Gid is { } gid ? $"{Uid}:{gid}" : Uid.ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether it may do something with a file; true where that cannot be known.</summary>
    /// <param name="file">The file.</param>
    /// <param name="right">4 to read, 1 to enter a folder.</param>
    public bool May(FileFacts file, uint right)
    {
        if (Uid == 0 || (file.Mode & right) != 0)
            return true;
        if (Uid == file.Uid)
            return (file.Mode & (right << 6)) != 0;
        return (file.Mode & (right << 3)) != 0 && (Gid is null || Gid == file.Gid || Groups.Any(group => group is null || group == file.Gid));
    }

    private static uint? IdOf(string word) => word switch
    {
        "root" => 0,
        "haproxy" => HAProxy,
        "nginx" => Nginx,
        _ => uint.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null,
    };
}
