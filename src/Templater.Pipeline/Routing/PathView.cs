using System.Buffers;
using System.Collections.Immutable;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Routing;

/// <summary>Where a file of one container lies in another one: what both mount is the same place under two names. Pure.</summary>
internal static class PathView
{
    // A destination is the choice of whoever made the container. One that needs quoting is refused rather than quoted.
    private static readonly SearchValues<char> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+@=,:");

    /// <summary>The path by which the other container sees the same place.</summary>
    /// <param name="own">Mounts of the container in which the path is meant.</param>
    /// <param name="other">Mounts of the other container.</param>
    /// <param name="path">Absolute path of a file or directory.</param>
    /// <returns>The path, unchanged where both see it alike; null when the other container does not see that place.</returns>
    public static string? Translate(ImmutableArray<Mount> own, ImmutableArray<Mount> other, string path)
    {
        var wanted = path.Length > 1 ? path.TrimEnd('/') : path;
        if (wanted.Split('/').Contains("..") || Holder(own, wanted) is not { } mine)
            return null;
        var seen = other
            .Select(theirs => (Mount: theirs, Path: Through(mine, theirs, Below(mine.Destination, wanted)!)))
            // What another mount covers is not to be seen there.
            .Where(view => view.Path is not null && Holder(other, view.Path) == view.Mount)
            .Select(view => view.Path!)
            .Where(view => view == wanted || !view.AsSpan().ContainsAnyExcept(Plain))
            .Order(StringComparer.Ordinal)
            .ToImmutableArray();
        return seen.IsEmpty ? null : seen.Contains(wanted) ? path : seen[0];
    }

    /// <summary>The mount that a path lies in; null when it lies in the container's own layer.</summary>
    /// <param name="mounts">The container's mounts.</param>
    /// <param name="path">Absolute path without a slash at its end.</param>
    public static Mount? Holder(ImmutableArray<Mount> mounts, string path) =>
        mounts.Where(mount => Below(mount.Destination, path) is not null).MaxBy(static mount => mount.Destination.TrimEnd('/').Length);

    // Directories of the host are told apart by their path, volumes too: a part of one may be mounted. Drivers that keep them
    // elsewhere give no path, but a name.
    private static string? Through(Mount mine, Mount theirs, string rest)
    {
        if (mine.Type == "tmpfs" || theirs.Type == "tmpfs")
            return null;
        if (mine.Source.Length > 0 && theirs.Source.Length > 0)
            return Below(theirs.Source, Join(mine.Source, rest)) is { } inside ? Join(theirs.Destination, inside) : null;
        return mine.Name.Length > 0 && mine.Name == theirs.Name ? Join(theirs.Destination, rest) : null;
    }

    /// <summary>What of a path lies below a directory: empty or beginning with a slash; null when it lies elsewhere.</summary>
    private static string? Below(string directory, string path)
    {
        var start = directory.TrimEnd('/');
        return path.StartsWith(start, StringComparison.Ordinal) && (path.Length == start.Length || path[start.Length] == '/')
            ? path[start.Length..].TrimEnd('/')
            : null;
    }

    private static string Join(string directory, string rest) => directory.TrimEnd('/') + rest is { Length: > 0 } path ? path : "/";
}
