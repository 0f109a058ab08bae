using System.Buffers;
using Templater.Pipeline.Deployment;

namespace Templater.Pipeline.Rendering;

/// <summary>
/// A file that a template writes beside its configuration. It has a name that stays, goes live together with the configuration, and is
/// named there by a path that stays too.
/// </summary>
/// <param name="Name">Relative path, such as <c>maps/hosts.map</c>; see <see cref="Problem"/>.</param>
/// <param name="Content">The bytes.</param>
public sealed record FurtherFile(string Name, ReadOnlyMemory<byte> Content)
{
    /// <summary>Most further files of one output.</summary>
    public const int MaxFiles = 256;

    /// <summary>Most bytes of all of them.</summary>
    public const long MaxBytes = 64 * 1024 * 1024;

    /// <summary>Most characters of a name.</summary>
    public const int MaxNameLength = 200;

    /// <summary>Most directories in a name, and one for the file.</summary>
    public const int MaxParts = 4;

    private static readonly SearchValues<char> Legal = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-");

    /// <summary>What is wrong with a name, as a clause; null when it can be used.</summary>
    /// <param name="name">The name.</param>
    /// <param name="entry">Name of the configuration's own file.</param>
    public static string? Problem(string name, string entry)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length is 0 or > MaxNameLength)
            return $"must have 1 to {MaxNameLength} characters";
        var parts = name.Split('/');
        if (parts.Length > MaxParts)
            return $"lies in more than {MaxParts - 1} directories";
        foreach (var part in parts)
        {
            if (part.Length == 0)
                return "must be relative, without empty parts";
            if (part[0] is '.' or '-' || part.AsSpan().ContainsAnyExcept(Legal))
                return "may hold letters, digits, _ . - and single slashes, and no part may begin with . or -";
        }

        return parts[0] == entry ? $"is that of the configuration itself, {entry}" : null;
    }

    /// <summary>The directory, as Templater sees it, in which the files of an output are found under names that stay.</summary>
    /// <param name="path">Path of the output.</param>
    /// <param name="output">Name of the output.</param>
    public static string DirectoryOf(string path, string output) => new GroupPaths(path, output).CurrentLink;
}
