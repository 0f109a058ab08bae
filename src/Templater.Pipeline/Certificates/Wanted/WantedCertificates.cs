using System.Collections.Immutable;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Certificates.Wanted;

/// <summary>What is wanted, and what the operator should know about it.</summary>
/// <param name="Certificates">The certificates, by name (ordinal).</param>
/// <param name="Findings">Names that are left out, with the reason; ordered by text.</param>
public sealed record WantedResult(ImmutableArray<WantedCertificate> Certificates, ImmutableArray<Finding> Findings);

/// <summary>
/// Which certificates are to be there, out of what routing decided for all outputs. A certificate is for names that the virtual host
/// which asks owns, or its container owns elsewhere; who lost a name in a conflict orders nothing for it. Pure: the same in whatever
/// order outputs and hosts come.
/// </summary>
public static class WantedCertificates
{
    /// <summary>Decides.</summary>
    /// <param name="routings">What was decided for each output.</param>
    /// <param name="pairs">Pairs that somebody else made: what they cover is not ordered while they are valid.</param>
    /// <param name="plan">The operator's settings.</param>
    /// <param name="now">The time of the look.</param>
    public static WantedResult Of(IEnumerable<(string Output, RoutingResult Routing)> routings, ImmutableArray<CertificatePair> pairs, AcmePlan plan, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(routings);
        ArgumentNullException.ThrowIfNull(plan);
        var hosts = routings
            // It obtains its own.
            .Where(static output => output.Routing.Proxy.Kind != ProxyKind.Centauri)
            .SelectMany(static output => output.Routing.VirtualHosts.Select(host => new ServedHost(output.Output, output.Routing.Proxy.Kind, host)))
            .OrderBy(static served => served.Host.Name, StringComparer.Ordinal).ThenBy(static served => served.Output, StringComparer.Ordinal)
            .ToArray();
        var asked = plan.Certificates.SelectMany(choice => CertificateGroups.Of(choice, [], plan.Policy).Select(group => (Choice: choice, Group: group))).ToArray();
        var drafts = new SortedDictionary<string, Draft>(StringComparer.Ordinal);
        foreach (var (choice, group) in asked)
            Add(drafts, group.Name, group, choice, group.Names, null);
        var rules = new NameRules(hosts, [.. asked.SelectMany(static one => one.Group.Names)], pairs, plan.Policy, now);
        foreach (var host in hosts.Select(static served => served.Host))
            foreach (var group in CertificateGroups.Of(host, plan.Policy))
                // The certificate is called like its first name that is needed: what covers the others may be called like them.
                if (rules.Needed(group, host) is [var first, ..] names)
                    Add(drafts, first, group, host.Https.Acme!, names, host.Name);
        return new WantedResult([.. drafts.Values.Select(draft => draft.Finished(rules))], rules.Findings);
    }

    // Who comes first, by name of the host, says what holds for a certificate that several share.
    private static void Add(SortedDictionary<string, Draft> drafts, string name, CertificateGroup group, AcmeChoice choice, IEnumerable<string> names, string? host)
    {
        if (!drafts.TryGetValue(name, out var draft))
            drafts[name] = draft = new Draft(name, group, choice, host);
        draft.Names.UnionWith(names);
    }

    /// <summary>A certificate to which hosts add their names.</summary>
    private sealed class Draft(string name, CertificateGroup group, AcmeChoice choice, string? host)
    {
        public SortedSet<string> Names { get; } = new(StringComparer.Ordinal);

        public WantedCertificate Finished(NameRules rules) => new()
        {
            Name = name,
            Names = [.. Names],
            Authorities = choice.Authorities,
            Challenge = group.Challenge,
            Dns = group.Dns,
            Profile = choice.Profile,
            RequiresProfile = choice.RequiresProfile,
            KeyType = choice.KeyType,
            Host = host,
            Outputs = rules.OutputsOf(Names),
            WithoutIt = rules.WithoutPair(Names),
        };
    }
}
