using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Dialects.NginxProxy;
using Templater.Pipeline.Routing.Files;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Spelling;

/// <summary>
/// What files that are called like hosts add to the words of nginx-proxy, and to no others: a native label has to name the same file,
/// or nothing may be said at all.
/// </summary>
internal sealed class FileWords(HostFiles files, Dialect dialect)
{
    /// <summary>Why a claim must not be described in native labels; null when it may.</summary>
    /// <param name="claim">The claim.</param>
    public string? Unspeakable(RouteClaim claim)
    {
        if (dialect != Dialect.NginxProxy)
            return null;
        if (claim.Settings.Allow.Length > 0 && files.InternalClients is { } clients)
            return $"{Untrusted.Shown(clients.Path)} says who is internal, and no native label names it";
        OperatorFile? first = null;
        foreach (var host in claim.Hosts)
        {
            var own = AuthorityOf(host, claim);
            if (own is null && Mode(claim) is not null)
                return $"{ProxyLabels.ClientCertificates} needs the authorities of the clients, and the certificates directory has none for {Untrusted.Shown(host.ToString())}";
            if (own != first && host != claim.Hosts[0])
                return "its hosts have different authorities of clients";
            first = own;
        }

        // What the authorities took back is found by the name of their file, whoever names that.
        return null;
    }

    /// <summary>What clients have to show; null = nothing.</summary>
    /// <param name="claim">The claim.</param>
    public ClientAuth? Authority(RouteClaim claim) =>
        dialect == Dialect.NginxProxy && claim.Hosts.Length > 0 && AuthorityOf(claim.Hosts[0], claim) is { } file
            ? new ClientAuth(Mode(claim) ?? ClientAuthMode.Required, file.Name)
            : claim.Host.ClientAuth;

    private OperatorFile? AuthorityOf(HostPattern host, RouteClaim claim) => files.Authority(host, claim.Host);

    private static ClientAuthMode? Mode(RouteClaim claim) => claim.Host.VerifiesClients is { } mode and not ClientAuthMode.Off ? mode : null;
}
