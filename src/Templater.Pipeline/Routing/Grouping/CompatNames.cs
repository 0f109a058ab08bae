using System.Security.Cryptography;
using System.Text;

namespace Templater.Pipeline.Routing.Grouping;

/// <summary>
/// Names of upstreams as nginx-proxy has them, which directives of its users name: the host, and for a path of it the path's SHA-1.
/// Pure.
/// </summary>
internal sealed class CompatNames
{
    private const string IgnoreCase = "(?i)";
    private const string TrailingStart = "^";
    private const string TrailingEnd = "\\..+$";

    private readonly Dictionary<string, HostPattern> _hosts = new(StringComparer.Ordinal);
    private readonly bool _isHashed;

    private CompatNames(bool isHashed) => _isHashed = isHashed;

    /// <summary>The names of hosts; null where nobody asks for them.</summary>
    /// <param name="drafts">The hosts.</param>
    /// <param name="kind">The proxy: only nginx takes such names.</param>
    /// <param name="compat">What holds where nginx-proxy is replaced.</param>
    public static CompatNames? Of(IEnumerable<HostDraft> drafts, ProxyKind kind, NginxProxyCompat? compat)
    {
        if (compat is null || kind != ProxyKind.Nginx)
            return null;
        var names = new CompatNames(compat.HashesUpstreamNames);
        foreach (var draft in drafts)
            names._hosts[draft.Name] = draft.Patterns[0];
        return names;
    }

    /// <summary>The name of the upstream behind a path; null when the host has none there.</summary>
    /// <param name="host">Name of the virtual host.</param>
    /// <param name="path">The path.</param>
    public string? Name(string host, PathPattern path)
    {
        if (!_hosts.TryGetValue(host, out var pattern) || pattern.Match == HostMatch.Default)
            return null;
        var written = Written(pattern);
        var name = _isHashed || written.StartsWith('~') ? Sha1(written) : written;
        return path == PathPattern.Root ? name : $"{name}-{Sha1(Written(path))}";
    }

    /// <summary>A host as containers write it.</summary>
    private static string Written(HostPattern pattern)
    {
        if (pattern.Match != HostMatch.Regex)
            return pattern.Text;
        var text = pattern.Text;
        if (!text.StartsWith(TrailingStart, StringComparison.Ordinal) || !text.EndsWith(TrailingEnd, StringComparison.Ordinal))
            return "~" + text;
        var name = text[TrailingStart.Length..^TrailingEnd.Length].Replace("\\.", ".", StringComparison.Ordinal);
        return name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-') ? name + ".*" : "~" + text;
    }

    private static string Written(PathPattern path) => path.Match switch
    {
        PathMatch.Exact => "= " + path.Text,
        PathMatch.Regex when path.Text.StartsWith(IgnoreCase, StringComparison.Ordinal) => "~* " + path.Text[IgnoreCase.Length..],
        PathMatch.Regex => "~ " + path.Text,
        _ => path.BeatsRegex ? "^~ " + path.Text : path.Text,
    };

    private static string Sha1(string text) =>
#pragma warning disable CA5350 // A name that others chose long ago; nothing depends on its being hard to find.
        Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
}
