using System.Security.Cryptography;
using System.Text;

namespace Templater.Pipeline.Routing.Grouping;

/// <summary>Gives upstreams and virtual hosts names that are printable, stable and unique.</summary>
internal sealed class UpstreamNames
{
    private const int MaxLength = 100;
    private const int HashDigits = 8;

    private readonly HashSet<string> _taken;

    /// <summary>Starts with names that are reserved: a plain host always keeps its own name.</summary>
    /// <param name="hosts">The virtual hosts' names.</param>
    public UpstreamNames(IEnumerable<string> hosts) =>
        _taken = hosts.Where(host => Sanitized(host) == host && host.Length <= MaxLength).ToHashSet(StringComparer.Ordinal);

    /// <summary>
    /// The name of the upstream behind one path of one host: the host itself at the root. Whatever loses information
    /// on the way ends in a hash of the whole, so that no name depends on what else there is.
    /// </summary>
    /// <param name="host">Name of the virtual host.</param>
    /// <param name="path">The path.</param>
    public string Name(string host, PathPattern path)
    {
        if (path == PathPattern.Root && _taken.Contains(host))
            return host;
        var segment = path.Text.Trim('/');
        var plain = path == PathPattern.Root ? host : $"{host}-{segment}";
        var name = Sanitized(plain);
        var isLossless = name == plain && name.Length <= MaxLength && path.Match == PathMatch.Prefix && !segment.Contains('-', StringComparison.Ordinal);
        if (isLossless && _taken.Add(name))
            return name;
        name = $"{name[..Math.Min(name.Length, MaxLength - HashDigits - 1)]}-{Hash($"{host}\n{path.Match}\n{path.Text}")}";
        _taken.Add(name);
        return name;
    }

    /// <summary>Eight hex digits of the SHA-256 of a text.</summary>
    /// <param name="text">The text.</param>
    public static string Hash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..HashDigits];

    /// <summary>The name of a virtual host by its primary pattern.</summary>
    /// <param name="pattern">The pattern.</param>
    public static string HostName(HostPattern pattern) => pattern.Match switch
    {
        HostMatch.Regex => "regex-" + Hash(pattern.Text),
        HostMatch.Default => "default",
        _ => pattern.Text,
    };

    private static string Sanitized(string text)
    {
        var name = new StringBuilder(Math.Min(text.Length, MaxLength + 1));
        foreach (var character in text.Take(MaxLength + 1))
        {
            var lower = char.ToLowerInvariant(character);
            name.Append(char.IsAsciiLetterLower(lower) || char.IsAsciiDigit(lower) || lower is '.' or '_' or '-' ? lower : '-');
        }

        return name.ToString();
    }
}
