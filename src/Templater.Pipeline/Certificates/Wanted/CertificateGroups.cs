using System.Collections.Immutable;
using Templater.Acme;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Certificates.Wanted;

/// <summary>Names that are to be in one certificate.</summary>
/// <param name="Name">The certificate's own name, the first of them.</param>
/// <param name="Names">The names, as asked for; not empty.</param>
internal sealed record CertificateGroup(string Name, ImmutableArray<string> Names)
{
    /// <summary>How control of the names is proven, one of <see cref="ChallengeType"/>.</summary>
    public required string Challenge { get; init; }

    /// <summary>The DNS provider; null where the challenge needs none.</summary>
    public string? Dns { get; init; }
}

/// <summary>
/// Which of the names that a virtual host wants come into which certificate: all of them into one, but for addresses, for names that
/// a wildcard stands for, and where each is to be by itself. Pure.
/// </summary>
internal static class CertificateGroups
{
    /// <summary>Most names of one certificate that public authorities allow.</summary>
    public const int MaxNames = 100;

    /// <summary>What a wildcard begins with.</summary>
    public const string Star = "*.";

    /// <summary>The certificates for the names that a choice makes of a virtual host.</summary>
    /// <param name="host">The host; its <see cref="HttpsPolicy.Acme"/> is the choice.</param>
    /// <param name="policy">The operator's wildcards.</param>
    public static ImmutableArray<CertificateGroup> Of(VirtualHost host, AcmePolicy policy) =>
        host.Https.Acme is { } choice ? Of(choice, [host.Pattern, .. host.Aliases, .. host.RedirectFrom], policy) : [];

    /// <summary>The certificates that a choice asks for.</summary>
    /// <param name="choice">The choice.</param>
    /// <param name="own">The names of the host, where the choice has none.</param>
    /// <param name="policy">The operator's wildcards.</param>
    public static ImmutableArray<CertificateGroup> Of(AcmeChoice choice, ImmutableArray<HostPattern> own, AcmePolicy policy)
    {
        var asked = choice.Names.IsEmpty ? Named(own) : choice.Names;
        var groups = ImmutableArray.CreateBuilder<CertificateGroup>();
        var together = new List<string>();
        foreach (var name in asked.Distinct(StringComparer.Ordinal))
        {
            if (Substitute(name, choice, policy) is { } wildcard)
                Add(groups, wildcard);
            else if (choice.IsSplit || IsAddress(name))
                Add(groups, Group([name], choice));
            else
                together.Add(name);
        }

        foreach (var chunk in together.Chunk(MaxNames))
            Add(groups, Group([.. chunk], choice));
        return groups.ToImmutable();
    }

    /// <summary>True for an address.</summary>
    /// <param name="name">A name of a certificate.</param>
    public static bool IsAddress(string name) => System.Net.IPAddress.TryParse(name, out _);

    // What is no name has no certificate.
    private static IEnumerable<string> Named(ImmutableArray<HostPattern> patterns) => patterns
        .Where(static pattern => pattern.Match is HostMatch.Exact or HostMatch.Ip or HostMatch.Wildcard)
        .Select(static pattern => Plain(pattern.Text));

    private static void Add(ImmutableArray<CertificateGroup>.Builder groups, CertificateGroup group)
    {
        if (!groups.Any(known => known.Name == group.Name))
            groups.Add(group);
    }

    private static CertificateGroup Group(ImmutableArray<string> names, AcmeChoice choice) =>
        new(names[0], names) { Challenge = choice.Challenge, Dns = choice.Dns };

    // The wildcard needs a proof by DNS, whatever the names themselves are proven by.
    private static CertificateGroup? Substitute(string name, AcmeChoice choice, AcmePolicy policy)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || IsAddress(name))
            return null;
        // One that is a host itself stands for itself.
        var wildcard = name.StartsWith(Star, StringComparison.Ordinal) ? name : "*" + name[dot..];
        if (!policy.Wildcards.Contains(wildcard))
            return null;
        if (AcmePolicy.ProvesWildcards(choice.Challenge))
            return Group([wildcard], choice);
        return policy.DefaultDns is { } dns ? new CertificateGroup(wildcard, [wildcard]) { Challenge = ChallengeType.Dns01, Dns = dns } : null;
    }

    private static string Plain(string text) => text is ['[', .. var inner, ']'] ? inner : text;
}
