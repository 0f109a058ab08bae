using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Certificates.Wanted;

/// <summary>Who serves which name, by the decisions of routing. Immutable.</summary>
/// <param name="hosts">All virtual hosts of all outputs.</param>
internal sealed class NameOwners(IEnumerable<VirtualHost> hosts)
{
    private const string Star = "*.";

    private readonly ILookup<string, VirtualHost> _hosts = hosts
        .SelectMany(static host => NamesOf(host).Select(name => (Name: name, Host: host)))
        .ToLookup(static entry => entry.Name, static entry => entry.Host, StringComparer.Ordinal);

    /// <summary>The names and addresses that a host answers or redirects.</summary>
    /// <param name="host">The host.</param>
    public static IEnumerable<string> NamesOf(VirtualHost host) =>
        host.Aliases.Prepend(host.Pattern).Concat(host.RedirectFrom)
            .Where(static pattern => pattern.Match is HostMatch.Exact or HostMatch.Wildcard or HostMatch.Ip)
            .Select(static pattern => pattern.Text.Trim('[', ']'));

    /// <summary>True for a name one label below a wildcard.</summary>
    /// <param name="name">The name.</param>
    /// <param name="wildcard">What may be a wildcard.</param>
    public static bool IsBelow(string name, string wildcard) =>
        wildcard.StartsWith(Star, StringComparison.Ordinal) && name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && !name.StartsWith('*')
        && name.AsSpan(dot).SequenceEqual(wildcard.AsSpan(1));

    /// <summary>
    /// True when a host may have a certificate for a name: it serves it, or one of its containers does under another host. A
    /// wildcard that nobody serves is its own when it serves names below it and nobody else does.
    /// </summary>
    /// <param name="host">The host.</param>
    /// <param name="name">The name.</param>
    public bool Owns(VirtualHost host, string name)
    {
        if (_hosts[name].Any(other => AreOfOne(host, other)))
            return true;
        if (!name.StartsWith(Star, StringComparison.Ordinal) || _hosts.Contains(name))
            return false;
        var below = _hosts.Where(entry => IsBelow(entry.Key, name)).SelectMany(static entry => entry).ToArray();
        return below.Length > 0 && below.All(other => AreOfOne(host, other));
    }

    private static bool AreOfOne(VirtualHost host, VirtualHost other) =>
        ReferenceEquals(host, other) || host.Name == other.Name || host.Containers.Any(other.Containers.Contains);
}
