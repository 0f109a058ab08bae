using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Rendering.Model;

/// <summary>What plain http does for a site.</summary>
internal enum HttpAction
{
    /// <summary>The routes are served.</summary>
    Serve,
    /// <summary>Redirected to https.</summary>
    Redirect,
    /// <summary>Answered with 503.</summary>
    Unavailable,
}

/// <summary>Names of one virtual host that are answered alike, because the same pair covers them.</summary>
internal sealed record Site
{
    /// <summary>Unique within the output, printable: the host's name, with a number for all but its first site.</summary>
    public required string Key { get; init; }

    /// <summary>The host.</summary>
    public required VirtualHost Host { get; init; }

    /// <summary>The names.</summary>
    public required ImmutableArray<HostPattern> Names { get; init; }

    /// <summary>The pair; null when none covers the names.</summary>
    public CertificatePair? Certificate { get; init; }

    /// <summary>What http does.</summary>
    public required HttpAction Http { get; init; }

    /// <summary>True when https answers.</summary>
    public bool IsHttpsServed => Certificate is not null && Host.Https.Mode != HttpsMode.Off;

    /// <summary>Base URL that all requests are redirected to, without path; null for a site that has routes.</summary>
    public string? MovedTo { get; init; }

    /// <summary>Thumbprint by which http answers challenges for the names; null when it answers none, or differently for each (HAProxy).</summary>
    public string? Thumbprint { get; init; }

    /// <summary>True when the site answers names that nobody else claims.</summary>
    public bool IsDefault => Names.Any(name => name.Match == HostMatch.Default);
}

/// <summary>A name with the site that it leads to.</summary>
/// <param name="Site">The site.</param>
/// <param name="Pattern">The name.</param>
internal sealed record SiteName(Site Site, HostPattern Pattern);

/// <summary>Groups a host's names by certificate. Pure.</summary>
internal static class HostSites
{
    // Names with a pair are answered alike, whichever it is.
    private static readonly Cover AnyPair = new(null, IsWithheld: false) { IsAny = true };

    private const int DefaultHttpPort = 80;
    private const int DefaultHttpsPort = 443;

    /// <summary>The sites of a host: the one of the primary name first, then aliases, then names that only redirect.</summary>
    /// <param name="host">The host.</param>
    /// <param name="snapshot">For its certificates and time.</param>
    /// <param name="kind">The proxy that reads them.</param>
    /// <param name="joinsPairs">True when a site may have names with different pairs, if they are answered alike; it shows that of the first.</param>
    public static ImmutableArray<Site> Of(VirtualHost host, Snapshot snapshot, ProxyKind kind, bool joinsPairs)
    {
        var sites = ImmutableArray.CreateBuilder<Site>(1);
        Add(sites, host, [host.Pattern, .. host.Aliases], null, snapshot, kind, joinsPairs);
        if (host.RedirectFrom.Length > 0 && BaseUrl(host) is { } target)
            Add(sites, host, host.RedirectFrom, target, snapshot, kind, joinsPairs);
        return sites.DrainToImmutable();
    }

    private static void Add(
        ImmutableArray<Site>.Builder sites, VirtualHost host, ImmutableArray<HostPattern> names, string? movedTo, Snapshot snapshot, ProxyKind kind, bool joinsPairs)
    {
        // As nearly all hosts have.
        if (names is [var only])
        {
            sites.Add(Of(sites.Count, host, names, new Alike(Choose(host, only, snapshot, kind), Thumbprint(host, only, kind)), movedTo));
            return;
        }

        foreach (var (alike, covered) in Covered(host, names, snapshot, kind, joinsPairs))
            sites.Add(Of(sites.Count, host, covered, alike, movedTo));
    }

    private static IEnumerable<CoveredNames> Covered(VirtualHost host, ImmutableArray<HostPattern> names, Snapshot snapshot, ProxyKind kind, bool joinsPairs) =>
        names.Distinct().Select(name => (Name: name, Alike: new Alike(Choose(host, name, snapshot, kind), Thumbprint(host, name, kind))))
            .GroupBy(named => joinsPairs && named.Alike.Cover.Pair is not null ? named.Alike with { Cover = AnyPair } : named.Alike)
            .Select(static group => new CoveredNames(group.First().Alike, [.. group.Select(static named => named.Name)]));

    private static Site Of(int number, VirtualHost host, ImmutableArray<HostPattern> names, Alike alike, string? movedTo) => new()
    {
        Key = number == 0 ? host.Name : string.Create(CultureInfo.InvariantCulture, $"{host.Name}/{number}"),
        Host = host,
        Names = names,
        Certificate = alike.Cover.Pair,
        Thumbprint = alike.Thumbprint,
        Http = movedTo is null ? Guarded(host, alike.Cover.Real, Action(host.Https, alike.Cover.Real, alike.Cover.IsWithheld)) : HttpAction.Serve,
        MovedTo = movedTo,
    };

    // HAProxy is told of challenges name by name, and not site by site: so they change while it runs.
    private static string? Thumbprint(VirtualHost host, HostPattern name, ProxyKind kind) =>
        kind == ProxyKind.HAProxy ? null : host.Https.Thumbprints.GetValueOrDefault(Plain(name));

    private static Cover Choose(VirtualHost host, HostPattern name, Snapshot snapshot, ProxyKind kind)
    {
        if (host.Https.Mode == HttpsMode.Off)
            return new Cover(null, IsWithheld: false);
        if (host.HttpsOf(name) is var https && !ReferenceEquals(https, host.Https))
            return https.Certificate is { } other ? new Cover(other, IsWithheld: false) : Placeholder(host, name, snapshot, kind);
        if (Certificate(host, name, snapshot, kind) is { } pair)
            return new Cover(pair, IsWithheld: false);
        return (IsHosts(name, host) ? host.Https.Unusable is not null : CertificateSelection.Unusable(snapshot.UnusableCertificates, Plain(name), kind) is not null)
            ? new Cover(null, IsWithheld: true)
            : Placeholder(host, name, snapshot, kind);
    }

    // Only where a certificate is on its way. HAProxy cannot read it, and needs none.
    private static Cover Placeholder(VirtualHost host, HostPattern name, Snapshot snapshot, ProxyKind kind) =>
        host.Https.Acme is not null && snapshot.Acme is { Placeholders: { IsDefaultOrEmpty: false } pairs } && CertificateSelection.For(pairs, Plain(name), kind, snapshot.TakenAt) is { } pair
            ? new Cover(pair, IsWithheld: false) { IsPlaceholder = true }
            : new Cover(null, IsWithheld: false);

    // Names that stand for many have the host's own pair: nothing can be checked about them beforehand.
    private static bool IsHosts(HostPattern name, VirtualHost host) => name == host.Pattern || name.Match is HostMatch.Regex or HostMatch.Default;

    private static string Plain(HostPattern name) => name.Text.Trim('[', ']');

    private static CertificatePair? Certificate(VirtualHost host, HostPattern name, Snapshot snapshot, ProxyKind kind)
    {
        var own = host.Https.Certificate is { } pair && CertificateSelection.IsUsable(pair, kind) ? pair : null;
        if (IsHosts(name, host))
            return own;
        var plain = Plain(name);
        return own is not null && CertificateSelection.Covers(own, plain) ? own : CertificateSelection.For(snapshot.Certificates, plain, kind, snapshot.TakenAt)
            ?? (host.Https.IsDefaultPair && CertificateSelection.Unusable(snapshot.UnusableCertificates, plain, kind) is null ? own : null);
    }

    private static HttpAction Action(HttpsPolicy https, CertificatePair? certificate, bool isWithheld) => https.Mode switch
    {
        HttpsMode.Only when certificate is null && !isWithheld && https.WithoutPair == MissingPair.Serve => HttpAction.Serve,
        HttpsMode.Only => HttpAction.Unavailable,
        HttpsMode.Redirect when certificate is not null => HttpAction.Redirect,
        // What went by https yesterday is not sent in plain text today because a renewal went wrong.
        HttpsMode.Redirect when isWithheld => HttpAction.Unavailable,
        HttpsMode.Redirect when https.WithoutPair == MissingPair.Refuse => HttpAction.Redirect,
        _ => HttpAction.Serve,
    };

    // Plain http asks nobody for a certificate.
    private static HttpAction Guarded(VirtualHost host, CertificatePair? certificate, HttpAction action) =>
        action != HttpAction.Serve || host.ClientAuth is not { Mode: ClientAuthMode.Required } ? action
            : certificate is null || host.Https.Mode == HttpsMode.Off ? HttpAction.Unavailable : HttpAction.Redirect;

    private static string? BaseUrl(VirtualHost host)
    {
        if (host.Pattern.Match is not (HostMatch.Exact or HostMatch.Ip))
            return null;
        var isSecure = host.Https is { Certificate: not null, Mode: not HttpsMode.Off } || host.Https.IsWithheld || host.Https.IsPlainRefused;
        var (scheme, port, usual) = isSecure ? ("https", host.HttpsPort, DefaultHttpsPort) : ("http", host.HttpPort, DefaultHttpPort);
        var name = host.Pattern.Text.Contains(':', StringComparison.Ordinal) && !host.Pattern.Text.StartsWith('[') ? $"[{host.Pattern.Text}]" : host.Pattern.Text;
        return port == usual ? $"{scheme}://{name}" : string.Create(CultureInfo.InvariantCulture, $"{scheme}://{name}:{port}");
    }

    /// <summary>The pair that covers a name.</summary>
    /// <param name="Pair">The pair; null when there is none.</param>
    /// <param name="IsWithheld">Whether there is none only because the one that is there cannot be used.</param>
    private sealed record Cover(CertificatePair? Pair, bool IsWithheld)
    {
        /// <summary>True for the one that stands for all that have a pair.</summary>
        public bool IsAny { get; init; }

        /// <summary>True when the pair stands for one that is not there yet, so that http goes on as without.</summary>
        public bool IsPlaceholder { get; init; }

        /// <summary>The pair, if it is a real one.</summary>
        public CertificatePair? Real => IsPlaceholder ? null : Pair;
    }

    /// <summary>What names have in common that one site answers.</summary>
    /// <param name="Cover">The pair that covers them.</param>
    /// <param name="Thumbprint">By which http answers challenges for them.</param>
    private sealed record Alike(Cover Cover, string? Thumbprint);

    private sealed record CoveredNames(Alike Alike, ImmutableArray<HostPattern> Names);
}
