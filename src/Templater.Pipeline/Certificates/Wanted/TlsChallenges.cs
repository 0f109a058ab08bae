using Templater.Acme;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Certificates.Wanted;

/// <summary>Whether a proxy hands challenges of tls-alpn-01 (RFC 8737) on to Templater. Pure.</summary>
internal static class TlsChallenges
{
    /// <summary>What it does not: the second half of a sentence with the way out. Null where it does.</summary>
    /// <param name="kind">The proxy.</param>
    /// <param name="policy">The operator's settings.</param>
    public static string? Obstacle(ProxyKind kind, AcmePolicy policy) => kind switch
    {
        ProxyKind.Nginx => $"nginx hands no {ChallengeType.TlsAlpn01} on. Use {ChallengeType.Http01}, or {ChallengeType.Dns01}.",
        _ when policy.Listen is null => $"{ChallengeType.TlsAlpn01} needs acme_listen, an address of Templater that the proxy reaches. Set it, or use {ChallengeType.Http01}.",
        _ => null,
    };

    /// <summary>True when it is to do so: somebody wants it, and there is where to hand them on to.</summary>
    /// <param name="hosts">The proxy's virtual hosts.</param>
    /// <param name="kind">The proxy.</param>
    /// <param name="policy">The operator's settings; null where no certificates are obtained.</param>
    public static bool AreHandedOn(IEnumerable<VirtualHost> hosts, ProxyKind kind, AcmePolicy? policy) =>
        policy is not null && kind != ProxyKind.Centauri && Obstacle(kind, policy) is null
        && (policy.ProvesByTls || hosts.Any(static host => host.Https.Acme?.Challenge == ChallengeType.TlsAlpn01));
}
