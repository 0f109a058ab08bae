using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Templater.Pipeline.Routing.Files;

/// <summary>
/// What files for a host and for a path are called, as nginx-proxy has it: <c>HOST</c>, where a regular expression is called by its
/// SHA-1, and <c>HOST_&lt;sha1(path)&gt;</c>. Names out of labels are no paths: they are only compared with names of files that are
/// there. Pure.
/// </summary>
internal static class HostFileNames
{
    /// <summary>Behind the name of a host: the file for its paths.</summary>
    public const string Location = "_location";

    /// <summary>Behind the name of a host: the file in the place of a path's location.</summary>
    public const string Override = "_location_override";

    /// <summary>The file for hosts without one of their own, alone or with what stands behind a host.</summary>
    public const string Default = "default";

    private const string TrailingStart = "^";
    private const string TrailingEnd = "\\..+$";
    private const string IgnoreCase = "(?i)";

    /// <summary>The names that stand for a host, the usual one first; none for the host of all unknown names.</summary>
    /// <param name="pattern">The host.</param>
    public static ImmutableArray<string> Of(HostPattern pattern) => pattern.Match switch
    {
        HostMatch.Default => [],
        HostMatch.Regex when Trailing(pattern.Text) is { } name => [name],
        // Users of other programs leave the tilde out.
        HostMatch.Regex => [Sha1(pattern.ToString()), Sha1(pattern.Text)],
        _ => [pattern.Text],
    };

    /// <summary>The texts that stand for a path, whose digests are part of names: as nginx-proxy's variable has it, then as labels have it.</summary>
    /// <param name="path">The path.</param>
    public static ImmutableArray<string> Of(PathPattern path) => path.Match switch
    {
        PathMatch.Exact => ["= " + path.Text, "=" + path.Text],
        PathMatch.Regex when path.Text.StartsWith(IgnoreCase, StringComparison.Ordinal) => ["~* " + path.Text[IgnoreCase.Length..], "~" + path.Text],
        PathMatch.Regex => ["~ " + path.Text, "~" + path.Text],
        _ when path.BeatsRegex => ["^~ " + path.Text, path.Text],
        _ when path.IsRaw || path.Text == "/" => [path.Text],
        _ => [path.Text, path.Text + "/"],
    };

    /// <summary>A path as a part of a name.</summary>
    /// <param name="text">One of the texts of a path.</param>
    public static string Sha1(string text) =>
#pragma warning disable CA5350 // A name that others chose long ago; nothing depends on its being hard to find.
        Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350

    // name.* is an expression for the rest of the program.
    private static string? Trailing(string regex)
    {
        if (!regex.StartsWith(TrailingStart, StringComparison.Ordinal) || !regex.EndsWith(TrailingEnd, StringComparison.Ordinal))
            return null;
        var name = regex[TrailingStart.Length..^TrailingEnd.Length].Replace("\\.", ".", StringComparison.Ordinal);
        return name.Length > 0 && name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_')
            && regex == $"{TrailingStart}{name.Replace(".", "\\.", StringComparison.Ordinal)}{TrailingEnd}"
            ? name + ".*"
            : null;
    }
}
