using Templater.Pipeline.Routing.Files;

namespace Templater.Pipeline.Routing.Grouping;

/// <summary>
/// Names of upstreams as nginx-proxy has them, which directives of its users name: the host, and for a path of it the path's SHA-1.
/// Pure.
/// </summary>
internal sealed class CompatNames
{
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
        // Of an expression the usual name is a digest already.
        var names = HostFileNames.Of(pattern);
        var name = _isHashed && names.Length == 1 ? HostFileNames.Sha1(names[0]) : names[0];
        return path == PathPattern.Root ? name : $"{name}-{HostFileNames.Sha1(HostFileNames.Of(path)[0])}";
    }
}
