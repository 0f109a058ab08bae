using System.Collections.Immutable;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Certificates;

/// <summary>Which pair a host name is served with. Pure.</summary>
public static class CertificateSelection
{
    /// <summary>Name of the pair that nginx-proxy shows for names that no pair covers.</summary>
    public const string DefaultName = "default";

    /// <summary>
    /// The best pair for a name: one that names it exactly before one with a wildcard; among equals the one that is valid longest,
    /// then the first by name and path. One that has expired comes last, but it comes: a site that redirects to https must not
    /// fall back to plain text because a renewal was missed. One that is not valid yet is never taken.
    /// </summary>
    /// <param name="pairs">The pairs to choose from.</param>
    /// <param name="host">A host name, wildcard (<c>*.example.com</c>) or address; lower case.</param>
    /// <param name="kind">The proxy that is to read it.</param>
    /// <param name="now">The snapshot's time.</param>
    /// <returns>The pair; null when none covers the name in a form that the proxy can read.</returns>
    public static CertificatePair? For(ImmutableArray<CertificatePair> pairs, string host, ProxyKind kind, DateTimeOffset now)
    {
        CertificatePair? best = null;
        var bestRank = (IsValid: false, IsExact: false, NotAfter: DateTimeOffset.MinValue);
        foreach (var pair in pairs)
        {
            if (!IsUsable(pair, kind) || !Covers(pair, host) || now < pair.NotBefore)
                continue;
            var rank = (now < pair.NotAfter, pair.Names.Contains(host), pair.NotAfter);
            if (best is not null && rank.CompareTo(bestRank) <= 0)
                continue;
            best = pair;
            bestRank = rank;
        }

        return best;
    }

    /// <summary>
    /// The first pair that is there for a name and cannot be used; null when there is none. Meaningful where
    /// <see cref="For"/> finds nothing: then the name is meant to be served by https, and must not be served in plain text instead.
    /// </summary>
    /// <param name="pairs">The pairs to choose from.</param>
    /// <param name="host">A host name, wildcard or address; lower case.</param>
    /// <param name="kind">The proxy that is to read it.</param>
    public static UnusablePair? Unusable(ImmutableArray<UnusablePair> pairs, string host, ProxyKind kind)
    {
        foreach (var pair in pairs)
            if (IsMeantFor(pair, kind) && Covers(pair.Names, host))
                return pair;
        return null;
    }

    /// <summary>True when the pair is valid for a name, exactly or by a wildcard for one label.</summary>
    /// <param name="pair">The pair.</param>
    /// <param name="host">A host name, wildcard or address; lower case.</param>
    public static bool Covers(CertificatePair pair, string host) => Covers(pair.Names, host);

    private static bool Covers(ImmutableArray<string> names, string host)
    {
        if (names.Contains(host))
            return true;
        var dot = host.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && !host.StartsWith('*') && names.Contains("*" + host[dot..]);
    }

    /// <summary>
    /// True when the proxy of that kind can read the pair: HAProxy only loads its own folder, Centauri obtains its certificates
    /// itself.
    /// </summary>
    /// <param name="pair">The pair.</param>
    /// <param name="kind">The kind of proxy.</param>
    public static bool IsUsable(CertificatePair pair, ProxyKind kind) => IsFor(kind, pair.IsInHAProxyFolder);

    /// <summary>True when the proxy of that kind could read the pair if it were not bad.</summary>
    /// <param name="pair">The pair.</param>
    /// <param name="kind">The kind of proxy.</param>
    public static bool IsMeantFor(UnusablePair pair, ProxyKind kind) => IsFor(kind, pair.IsInHAProxyFolder);

    private static bool IsFor(ProxyKind kind, bool isInHAProxyFolder) => kind switch
    {
        ProxyKind.HAProxy => isInHAProxyFolder,
        ProxyKind.Centauri => false,
        _ => true,
    };
}
