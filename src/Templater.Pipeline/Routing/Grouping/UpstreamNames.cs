using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Templater.Pipeline.Routing.Grouping;

/// <summary>Gives upstreams and virtual hosts names that are printable, stable and unique.</summary>
internal sealed class UpstreamNames
{
    private const int MaxLength = 100;
    private const int HashDigits = 16;

    private static readonly SearchValues<char> Plain = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._-");

    private readonly HashSet<string> _taken;

    /// <summary>Starts with names that are reserved: a plain host always keeps its own name.</summary>
    /// <param name="hosts">The virtual hosts' names.</param>
    public UpstreamNames(IEnumerable<string> hosts) =>
        _taken = hosts.Where(host => Sanitized(host) == host && host.Length <= MaxLength).ToHashSet(StringComparer.Ordinal);

    /// <summary>Names that come first where they are free; null = none.</summary>
    public CompatNames? Compat { get; init; }

    /// <summary>
    /// The name of the upstream behind one path of one host: the host itself at the root. Whatever loses information
    /// on the way ends in a hash of the whole, so that no name depends on what else there is.
    /// </summary>
    /// <param name="host">Name of the virtual host.</param>
    /// <param name="path">The path.</param>
    public string Name(string host, PathPattern path)
    {
        if (Compat?.Name(host, path) is { } known && _taken.Add(known))
            return known;
        if (path == PathPattern.Root && _taken.Contains(host))
            return host;
        var segment = path.Text.Trim('/');
        var plain = path == PathPattern.Root ? host : $"{host}-{segment}";
        var name = Sanitized(plain);
        var isLossless = name == plain && name.Length <= MaxLength && path.Match == PathMatch.Prefix && (path == PathPattern.Root || path.Text.Length == segment.Length + 1) && !segment.Contains('-', StringComparison.Ordinal);
        if (isLossless && _taken.Add(name))
            return name;
        var start = name[..Math.Min(name.Length, MaxLength - HashDigits - 1)];
        return Unique($"{host}\n{path.Match}\n{path.Text}", hash => $"{start}-{hash}", _taken);
    }

    /// <summary>A name with a hash that nobody has yet: a host may be called like anything, even like a hash to come.</summary>
    /// <param name="whole">What is hashed.</param>
    /// <param name="form">Makes the name.</param>
    /// <param name="taken">The names in use; the new one is added.</param>
    public static string Unique(string whole, Func<string, string> form, HashSet<string> taken)
    {
        var name = form(Hash(whole));
        for (var attempt = 1; !taken.Add(name); attempt++)
            name = form(Hash(string.Create(CultureInfo.InvariantCulture, $"{whole}\n{attempt}")));
        return name;
    }

    /// <summary>Sixteen hex digits of the SHA-256 of a text.</summary>
    /// <param name="text">The text.</param>
    public static string Hash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..HashDigits];

    /// <summary>The name of a virtual host by its primary pattern.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="taken">Names in use, among them all plain hosts, which always keep their own; the new one is added.</param>
    public static string HostName(HostPattern pattern, HashSet<string> taken) => pattern.Match switch
    {
        HostMatch.Regex => Unique(pattern.Text, hash => "regex-" + hash, taken),
        HostMatch.Default => taken.Add("default") ? "default" : Unique(pattern.Text, hash => "default-" + hash, taken),
        _ => pattern.Text,
    };

    private static string Sanitized(string text)
    {
        if (text.Length <= MaxLength && !text.AsSpan().ContainsAnyExcept(Plain))
            return text;
        var name = new StringBuilder(Math.Min(text.Length, MaxLength + 1));
        foreach (var character in text.Take(MaxLength + 1))
        {
            var lower = char.ToLowerInvariant(character);
            name.Append(Plain.Contains(lower) ? lower : '-');
        }

        return name.ToString();
    }
}
