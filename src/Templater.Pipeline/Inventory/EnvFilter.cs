using System.Collections.Frozen;
using System.Collections.Immutable;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Inventory;

/// <summary>
/// Decides which environment variables of a container are kept. Environments are full of secrets, so nothing is kept
/// but what a dialect in use reads, what tells a proxy's version, and what the operator named. Immutable.
/// </summary>
public sealed class EnvFilter
{
    /// <summary>How many variables of one container are kept at most.</summary>
    public const int MaxVariables = 256;

    private static readonly ImmutableArray<string> ProxyVersions = ["HAPROXY_VERSION", "NGINX_VERSION"];

    /// <summary>A closed list: an application's own secrets begin with the same words (<c>ACME_DNS_API_TOKEN</c>, <c>VIRTUAL_DB_PASSWORD</c>).</summary>
    internal static readonly ImmutableArray<string> NginxProxyNames =
    [
        "ACME_CA_URI", "ACME_CERT_PROFILE", "ACME_CHALLENGE", "ACME_EMAIL", "ACME_HOST", "ACME_HTTP_CHALLENGE_LOCATION", "ACME_KEYSIZE", "ACME_OCSP", "ACME_PREFERRED_CHAIN",
        "ACME_RENEW_AFTER", "ACME_RENEW_PRIVATE_KEYS", "ACME_RESTART_CONTAINER", "ACME_SINGLE_DOMAIN_CERTS", "CERT_NAME", "ENABLE_HTTP_ON_MISSING_CERT", "EXTERNAL_HTTPS_PORT", "EXTERNAL_HTTP_PORT",
        "HSTS", "HTTPS_METHOD", "LETSENCRYPT_EMAIL", "LETSENCRYPT_HOST", "LETSENCRYPT_KEYSIZE",
        "LETSENCRYPT_RESTART_CONTAINER", "LETSENCRYPT_SINGLE_DOMAIN_CERTS", "LETSENCRYPT_TEST", "NETWORK_ACCESS", "NON_GET_REDIRECT",
        "SERVER_TOKENS", "SSL_POLICY", "VIRTUAL_DEST", "VIRTUAL_HOST", "VIRTUAL_HOST_MULTIPORTS", "VIRTUAL_PATH", "VIRTUAL_PORT",
        "VIRTUAL_PROTO", "VIRTUAL_ROOT",
    ];

    private readonly FrozenSet<string> _names;

    /// <summary>Creates the filter.</summary>
    /// <param name="dialects">Dialects that are read.</param>
    /// <param name="allow">Further names, exactly as written, that the operator wants templates to see.</param>
    public EnvFilter(IEnumerable<Dialect> dialects, IEnumerable<string> allow)
    {
        var read = dialects.Contains(Dialect.NginxProxy) ? NginxProxyNames : [];
        _names = ProxyVersions.Concat(read).Concat(allow).ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>The filter of the default dialects, with nothing allowed besides.</summary>
    public static EnvFilter Default { get; } = new(new RoutingPolicy().Dialects, []);

    /// <summary>True for a variable that the dialect of nginx-proxy reads.</summary>
    /// <param name="name">Its name.</param>
    internal static bool IsOfNginxProxy(string name) => NginxProxyNames.Contains(name);

    /// <summary>True for a variable of acme-companion's.</summary>
    /// <param name="name">Its name.</param>
    internal static bool IsOfCompanion(string name) =>
        name != "ACME_HTTP_CHALLENGE_LOCATION" && (name.StartsWith("ACME_", StringComparison.Ordinal) || name.StartsWith("LETSENCRYPT_", StringComparison.Ordinal)) && IsOfNginxProxy(name);

    /// <summary>True when the variable may be kept.</summary>
    /// <param name="name">Its name.</param>
    public bool Keeps(string name) => _names.Contains(name);

    /// <summary>What is kept of an environment. Where a name is given twice the last one holds, as for the process.</summary>
    /// <param name="variables">Lines <c>NAME=value</c>; a line without <c>=</c> sets nothing.</param>
    public ImmutableSortedDictionary<string, string> Apply(IEnumerable<string> variables)
    {
        var kept = Ordinal.Empty.ToBuilder();
        foreach (var variable in variables)
        {
            var equals = variable.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && Keeps(variable[..equals]) && (kept.Count < MaxVariables || kept.ContainsKey(variable[..equals])))
                kept[variable[..equals]] = UntrustedText.Bounded(variable[(equals + 1)..]);
        }

        return kept.ToImmutable();
    }
}
