using System.Collections.Immutable;
using Templater.Acme;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Certificates.Wanted;

/// <summary>A virtual host of an output.</summary>
/// <param name="Output">Name of the output.</param>
/// <param name="Kind">Its proxy.</param>
/// <param name="Host">The host.</param>
internal sealed record ServedHost(string Output, ProxyKind Kind, VirtualHost Host);

/// <summary>Which names a certificate is needed for, and why not for the others.</summary>
/// <param name="hosts">All virtual hosts.</param>
/// <param name="asked">Names of certificates that the settings ask for.</param>
/// <param name="pairs">Pairs that somebody else made.</param>
/// <param name="policy">The operator's settings.</param>
/// <param name="now">The time of the look.</param>
internal sealed class NameRules(IReadOnlyCollection<ServedHost> hosts, ImmutableArray<string> asked, ImmutableArray<CertificatePair> pairs, AcmePolicy policy, DateTimeOffset now)
{
    private const string Star = "*.";

    private readonly NameOwners _owners = new(hosts.Select(static served => served.Host));
    private readonly SortedDictionary<string, Finding> _findings = new(StringComparer.Ordinal);

    private readonly ILookup<string, ServedHost> _served = hosts
        .Where(static served => served.Host.Https.Acme is not null)
        .SelectMany(static served => NameOwners.NamesOf(served.Host).Select(name => (Name: name, Served: served)))
        .ToLookup(static entry => entry.Name, static entry => entry.Served, StringComparer.Ordinal);

    /// <summary>What was left out, ordered by text.</summary>
    public ImmutableArray<Finding> Findings => [.. _findings.Values];

    /// <summary>The names of a group that a certificate is needed for, in its order.</summary>
    /// <param name="group">The group.</param>
    /// <param name="host">Who asks.</param>
    public string[] Needed(CertificateGroup group, VirtualHost host) =>
        [.. group.Names.Where(name => !IsAsked(name) && !IsCovered(name) && IsObtainable(name, group, host))];

    private bool IsAsked(string name) => asked.Any(other => other == name || NameOwners.IsBelow(name, other));

    /// <summary>Outputs that serve a name of a certificate and want it, ordinal order.</summary>
    /// <param name="names">The names of the certificate.</param>
    public ImmutableArray<string> OutputsOf(IEnumerable<string> names) =>
        [.. names.SelectMany(Served).Select(static entry => entry.Host.Output).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>What the hosts that want a certificate are without it.</summary>
    /// <param name="names">The names of the certificate.</param>
    public HostsWithoutPair WithoutPair(IEnumerable<string> names)
    {
        var waiting = names.SelectMany(Served).Select(static entry => entry.Host.Host.Https).Where(static https => https.Certificate is null).ToList();
        return waiting.Count == 0 ? HostsWithoutPair.Other : waiting.Exists(static https => https.IsPlainRefused || https.IsWithheld) ? HostsWithoutPair.Refused : HostsWithoutPair.Served;
    }

    // A wildcard is covered when all that is served below it is; each proxy reads other pairs.
    private bool IsCovered(string name)
    {
        var served = Served(name).ToArray();
        return served.Length > 0 && served.All(entry => IsCovered(entry.Name, entry.Host.Kind));
    }

    private IEnumerable<(string Name, ServedHost Host)> Served(string name) => name.StartsWith(Star, StringComparison.Ordinal)
        ? _served.Where(entry => entry.Key == name || NameOwners.IsBelow(entry.Key, name)).SelectMany(static entry => entry.Select(served => (entry.Key, served)))
        : _served[name].Select(served => (name, served));

    private bool IsCovered(string name, ProxyKind kind) => CertificateSelection.For(pairs, name, kind, now) is { } pair && now < pair.NotAfter;

    private bool IsObtainable(string name, CertificateGroup group, VirtualHost host)
    {
        if (policy.Wildcards.Contains(name))
            return true;
        if (!PublicNames.IsSignable(name, host.Https.Acme!, policy))
            return LeftOut(name, host, FindingSeverity.Info, "its authority signs for no such name. Put a pair into the certificates directory, or choose a CA of your own (cas in the settings).");
        if (name.StartsWith(Star, StringComparison.Ordinal) && !AcmePolicy.ProvesWildcards(group.Challenge))
            return LeftOut(name, host, FindingSeverity.Warning, $"{group.Challenge} proves no wildcards. Use {ChallengeType.Dns01} or {ChallengeType.DnsPersist01} for the host.");
        return _owners.Owns(host, name)
            || LeftOut(name, host, FindingSeverity.Warning, "it belongs to none of the hosts of its containers. A container obtains certificates for names that it serves.");
    }

    private bool LeftOut(string name, VirtualHost host, FindingSeverity severity, string why)
    {
        var message = $"{Untrusted.Shown(host.Name)}: no certificate is obtained for {Untrusted.Shown(name)}: {why}";
        _findings[message] = new Finding(severity, ReasonIds.UnsupportedOption, message) { Host = host.Name };
        return false;
    }
}
