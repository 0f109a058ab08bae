using System.Collections.Immutable;
using System.Text;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering.Model;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Rendering;

/// <summary>
/// The list that tells HAProxy which pair to show for which name, and what holds for its connections (<c>crt-list</c>). Without one
/// HAProxy loads a whole folder: then the kind of its key decides between two pairs that cover a name, and all hosts of a port are alike.
/// Pure.
/// </summary>
internal static class CertificateList
{
    private const string Ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
    private const string OldCiphers = Ciphers + ":ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:AES128-GCM-SHA256:AES128-SHA:@SECLEVEL=0";

    /// <summary>The list; null when the folder does as well.</summary>
    /// <param name="sites">All sites.</param>
    /// <param name="snapshot">For its pairs.</param>
    /// <param name="policy">What holds for hosts that ask for nothing else.</param>
    /// <param name="paths">The proxy's view of paths.</param>
    public static string? Of(ImmutableArray<Site> sites, Snapshot snapshot, RoutingPolicy policy, ProxyPaths paths)
    {
        var served = sites.Where(static site => site.IsHttpsServed).ToArray();
        var names = Names(served);
        return IsNeeded(served, names, snapshot.Certificates, policy) ? Text(names, policy, paths) : null;
    }

    private static bool IsNeeded(Site[] served, SortedDictionary<string, Site> names, ImmutableArray<CertificatePair> pairs, RoutingPolicy policy)
    {
        foreach (var site in served)
            if (Options(site.Host, policy, static path => path) is not "")
                return true;
        foreach (var name in names.Keys)
            if (pairs.Count(pair => CertificateSelection.Covers(pair, name)) > 1)
                return true;
        return false;
    }

    /// <summary>
    /// The names that clients may ask for, each with the site that answers. Expressions cannot be listed: in their stead stand the names
    /// of their pair that nobody else has.
    /// </summary>
    private static SortedDictionary<string, Site> Names(Site[] served)
    {
        var names = new SortedDictionary<string, Site>(StringComparer.Ordinal);
        foreach (var site in served)
            foreach (var name in site.Names)
                if (name.Match is HostMatch.Exact or HostMatch.Wildcard)
                    names.TryAdd(name.Text, site);
        foreach (var site in served)
            if (site.Names.Any(static name => name.Match is HostMatch.Regex or HostMatch.Default))
                foreach (var name in site.Certificate!.Names)
                    if (!System.Net.IPAddress.TryParse(name, out _))
                        names.TryAdd(name, site);
        return names;
    }

    private static string Text(SortedDictionary<string, Site> names, RoutingPolicy policy, ProxyPaths paths)
    {
        var lines = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var (name, site) in names)
        {
            var path = Printable(paths.Of(site.Certificate!.ChainPath));
            var options = Options(site.Host, policy, file => Printable(paths.Of(file)));
            // A name that is not listed gets no connection, which is less than it asks for, and never more.
            if (path is null || options is null)
                continue;
            var start = options.Length > 0 ? $"{path} [{options}]" : path;
            if (!lines.TryGetValue(start, out var listed))
                lines[start] = listed = [];
            listed.Add(name);
        }

        var text = new StringBuilder();
        foreach (var (start, listed) in lines)
            foreach (var name in listed)
                text.Append(start).Append(' ').Append(name).Append(name.StartsWith('*') ? Exceptions(name, names.Keys) : "").Append('\n');
        return text.ToString();
    }

    // HAProxy looks for the name and for its wildcard, and of all that it finds takes the pair whose key it likes best.
    private static string Exceptions(string wildcard, IEnumerable<string> names)
    {
        var text = new StringBuilder();
        foreach (var name in names)
            if (!name.StartsWith('*') && name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && name.AsSpan(dot).SequenceEqual(wildcard.AsSpan(1)))
                text.Append(" !").Append(name);
        return text.ToString();
    }

    private static string? Options(VirtualHost host, RoutingPolicy policy, Func<string, string?> pathOf)
    {
        var options = new List<string>();
        if (host.ClientAuth is { } auth)
        {
            if (pathOf(auth.Path) is not { } file)
                return null;
            if (auth.RevocationsPath is { } revocations)
            {
                if (pathOf(revocations) is not { } revoked)
                    return null;
                options.Add($"crl-file {revoked}");
            }

            options.Add($"ca-file {file} verify {(auth.Mode == ClientAuthMode.Required ? "required" : "optional")}");
        }

        if (host.Https.Http2 != policy.Http2)
            options.Add(host.Https.Http2 ? "alpn h2,http/1.1" : "alpn http/1.1");
        if (host.Https.Policy != policy.TlsPolicy)
            options.Add(host.Https.Policy switch
            {
                TlsPolicy.Modern => "ssl-min-ver TLSv1.3",
                TlsPolicy.Old => $"ssl-min-ver TLSv1.0 ciphers {OldCiphers}",
                _ => $"ssl-min-ver TLSv1.2 ciphers {Ciphers}",
            });
        return string.Join(' ', options);
    }

    // The list knows no quotes.
    private static string? Printable(string path) =>
        path.Any(static character => char.IsWhiteSpace(character) || char.IsControl(character) || character is '[' or ']' or '"' or '\'' or '\\' or '#' or '!') ? null : path;
}
