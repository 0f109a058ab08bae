using System.Collections.Immutable;

namespace Templater.Pipeline.Routing;

/// <summary>Compares what is live with what is wanted. Pure.</summary>
public static class RoutingChange
{
    /// <summary>
    /// True when all that is live stays as it is for whoever asks: every host and path is there still, goes to the same servers at
    /// least, and lets in the same clients. When in doubt false: what cannot be compared counts as changed.
    /// </summary>
    /// <param name="live">What the proxy runs.</param>
    /// <param name="wanted">What it is to run.</param>
    public static bool OnlyAdds(RoutingResult live, RoutingResult wanted)
    {
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(wanted);
        var hosts = new Dictionary<string, VirtualHost>(StringComparer.Ordinal);
        foreach (var host in wanted.VirtualHosts)
            hosts.TryAdd(host.Pattern.ToString(), host);
        foreach (var host in live.VirtualHosts)
            if (!hosts.TryGetValue(host.Pattern.ToString(), out var other) || !Keeps(host, other))
                return false;
        return live.Streams.Length == 0 && wanted.Streams.Length == 0;
    }

    private static bool Keeps(VirtualHost live, VirtualHost wanted)
    {
        if (live.ClientAuth != wanted.ClientAuth || live.Https != wanted.Https || live.Include != wanted.Include
            || live.HttpPort != wanted.HttpPort || live.HttpsPort != wanted.HttpsPort || !IsSame(live.Aliases, wanted.Aliases) || !IsSame(live.AliasHttps, wanted.AliasHttps))
            return false;
        foreach (var route in live.Routes)
            if (!wanted.Routes.Any(other => other.Path == route.Path && Keeps(route, other)))
                return false;
        return true;
    }

    private static bool Keeps(Route live, Route wanted) =>
        live.IsClosed == wanted.IsClosed && IsSame(live.Allow, wanted.Allow) && IsSame(live.Deny, wanted.Deny)
        && live.Auth == wanted.Auth && live.ForwardAuth == wanted.ForwardAuth
        && live.AccessFile == wanted.AccessFile && live.Include == wanted.Include && live.Override == wanted.Override
        && live.Upstream.Servers.All(server => wanted.Upstream.Servers.Any(other => other.Address == server.Address && other.Port == server.Port && other.State == server.State));

    private static bool IsSame<T>(ImmutableArray<T> left, ImmutableArray<T> right) => left.SequenceEqual(right);
}
