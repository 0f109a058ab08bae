using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Rendering;

/// <summary>
/// A file that a configuration names, beside it in the same directory. Its name holds the digest of its content: it never changes, and
/// a configuration that is put back finds what it named.
/// </summary>
/// <param name="Name">Name of the file without directory; it begins with a dot, so that no glob of a proxy reads it.</param>
/// <param name="Content">The bytes. Secret.</param>
public sealed record SideFile(string Name, ReadOnlyMemory<byte> Content)
{
    /// <summary>Number of hex digits at the end of each name.</summary>
    public const int DigestDigits = 16;

    /// <summary>Matches the names of the lists of certificates of all outputs.</summary>
    public const string ListPattern = ".*" + ListMark + "*";

    private const string ListMark = ".crt-list-";

    /// <summary>How the names of the password files of an output begin; no two outputs share it.</summary>
    /// <param name="output">Name of the output.</param>
    public static string PrefixOf(string output) => $".{output}.auth-";

    /// <summary>How the names of all side files of an output begin.</summary>
    /// <param name="output">Name of the output.</param>
    public static ImmutableArray<string> PrefixesOf(string output) => [PrefixOf(output), ListPrefixOf(output)];

    /// <summary>Name of a list of certificates.</summary>
    /// <param name="output">Name of the output.</param>
    /// <param name="list">The list.</param>
    public static string NameOfList(string output, string list)
    {
        ArgumentNullException.ThrowIfNull(list);
        return ListPrefixOf(output) + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(list)))[..DigestDigits];
    }

    private static string ListPrefixOf(string output) => $".{output}{ListMark}";

    /// <summary>Name of the password file of a login.</summary>
    /// <param name="output">Name of the output.</param>
    /// <param name="auth">The login.</param>
    public static string NameOf(string output, BasicAuth auth)
    {
        ArgumentNullException.ThrowIfNull(auth);
        return PrefixOf(output) + auth.Digest;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>The password files of logins, each once, and the list of certificates, by name.</summary>
    internal static ImmutableArray<SideFile> Of(string output, IEnumerable<BasicAuth> logins, string? certificateList = null)
    {
        var files = new SortedDictionary<string, SideFile>(StringComparer.Ordinal);
        foreach (var auth in logins)
        {
            var name = NameOf(output, auth);
            if (!files.ContainsKey(name))
                files[name] = new SideFile(name, Encoding.UTF8.GetBytes(auth.Text));
        }

        if (certificateList is not null && NameOfList(output, certificateList) is var listName)
            files[listName] = new SideFile(listName, Encoding.UTF8.GetBytes(certificateList));
        return [.. files.Values];
    }

    /// <summary>Those that a content names.</summary>
    internal static ImmutableArray<SideFile> NamedIn(ReadOnlySpan<byte> content, ImmutableArray<SideFile> files)
    {
        var named = ImmutableArray.CreateBuilder<SideFile>();
        foreach (var file in files)
            if (content.IndexOf(Encoding.UTF8.GetBytes(file.Name)) >= 0)
                named.Add(file);
        return named.ToImmutable();
    }
}
