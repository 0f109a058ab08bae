namespace Templater.Pipeline;

/// <summary>Paths without symbolic links in them.</summary>
internal static class RealPath
{
    private const int MaxLinks = 40;

    /// <summary>Where a path leads when its links are followed, as the system does; from what is not there on it stays as it is written.</summary>
    /// <exception cref="IOException">There are too many links, perhaps in a circle.</exception>
    public static string Of(string path)
    {
        var pending = new Stack<string>(Path.GetFullPath(path).Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        var resolved = "/";
        var links = 0;
        while (pending.TryPop(out var part))
        {
            if (part == "..")
            {
                resolved = Path.GetDirectoryName(resolved) ?? "/";
                continue;
            }

            var next = Path.Combine(resolved, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                resolved = next;
                continue;
            }

            if (++links > MaxLinks)
                throw new IOException($"{path}: too many symbolic links");
            if (Path.IsPathRooted(target))
                resolved = "/";
            foreach (var step in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(step => step != ".").Reverse())
                pending.Push(step);
        }

        return resolved;
    }
}
